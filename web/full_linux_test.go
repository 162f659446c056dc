package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// While the disk under SQLite is full everything can be read, what would be written is refused as something that the shop
// cannot do now, and nothing is lost or half done; when there is room again, it goes on.
func TestDiskIsFull(t *testing.T) {
	t.Run("as SQLite counts pages", func(t *testing.T) {
		t.Parallel()
		s := webtest.Start(t, webtest.Config{Log: io.Discard})
		write, _ := s.DB.Pools()
		limit := func(pages int64) {
			t.Helper()
			if _, err := write.Exec(fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
				t.Fatal(err)
			}
		}
		fullAndFree(t, s, func() { limit(s.Int("PRAGMA page_count")) }, func() { limit(1 << 30) })
	})
	t.Run("as the file system says", func(t *testing.T) {
		t.Parallel()
		disk := t.TempDir()
		if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=64m"); err != nil {
			if storetest.Full() && os.Getuid() == 0 {
				t.Fatalf("SHOP_TEST_FULL=1 needs a small disk: %v", err)
			}
			t.Skipf("only root may mount a small disk: %v", err)
		}
		t.Cleanup(func() { _ = syscall.Unmount(disk, 0) })
		s := webtest.Start(t, webtest.Config{Log: io.Discard, Reach: func(c db.Config) db.Config {
			moved := filepath.Join(disk, "shop.db")
			if err := copyTo(moved, c.DSN); err != nil {
				t.Fatal(err)
			}
			return db.Config{Driver: c.Driver, DSN: moved}
		}})
		ballast := filepath.Join(disk, "ballast")
		fullAndFree(t, s, func() { fillDisk(t, ballast) }, func() {
			if err := os.Remove(ballast); err != nil {
				t.Fatal(err)
			}
		})
	})
}

func copyTo(to, from string) error {
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, 0o600)
}

// fillDisk writes a file until nothing more fits.
func fillDisk(t *testing.T, name string) {
	t.Helper()
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for block := make([]byte, 1<<20); len(block) > 0; {
		if _, err = f.Write(block); errors.Is(err, syscall.ENOSPC) {
			block = block[:len(block)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
}

func fullAndFree(t *testing.T, s *webtest.Shop, fill, free func()) {
	t.Helper()
	b := s.Login("xiaoming")
	sku := storetest.SKU(t, s.DB, 9900, 100_000)
	placed := int64(0)
	buy := func() error {
		o, err := b.Confirm(sku)
		if err != nil {
			return fmt.Errorf("confirm: %w", err)
		}
		if _, err = b.Place(o); err == nil {
			placed++
		}
		return err
	}
	if err := buy(); err != nil {
		t.Fatal(err)
	}
	fill()
	var err error
	for range 2000 { // what is left in the pages that are there
		if err = buy(); err != nil {
			break
		}
	}
	var refused *webtest.Refused
	if !errors.As(err, &refused) || refused.Status != http.StatusServiceUnavailable || refused.RetryAfter == "" {
		t.Fatalf("with a full disk, after %d orders: %v", placed, err)
	}
	for _, path := range []string{"/", "/categories/1", "/products/1001", "/search?q=%E8%80%B3%E6%9C%BA", "/orders", "/account/addresses"} {
		if p, err := b.Send(http.MethodGet, path, nil); err != nil || p.Status != http.StatusOK {
			t.Errorf("GET %s with a full disk: %v, %v", path, p, err)
		}
	}
	whole := func(when string) {
		t.Helper()
		if verdict := s.Text("PRAGMA integrity_check"); verdict != "ok" {
			t.Errorf("%s: %s", when, verdict)
		}
		storetest.CheckBooks(t, s.DB)
		if orders := s.Int("SELECT COUNT(*) FROM orders"); orders != placed {
			t.Errorf("%s: %d orders, %d were placed", when, orders, placed)
		}
	}
	whole("full")
	free()
	for range 3 {
		if err := buy(); err != nil {
			t.Errorf("with room again: %v", err)
		}
	}
	if err := s.Store.RunJobs(context.Background()); err != nil {
		t.Error(err)
	}
	whole("free")
	write, _ := s.DB.Pools()
	var busy, log, done int
	if err := write.QueryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &log, &done); err != nil || busy != 0 {
		t.Errorf("checkpoint: busy %d, %v", busy, err)
	}
	whole("after a checkpoint")
}
