package main

import (
	"context"
	"database/sql"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/go-sql-driver/mysql"

	"dashop/store/db"
	"dashop/store/storetest"
)

// A copy that was made by the README's words while orders were placed is a whole shop: the books hold, the program starts on
// it, and somebody buys something there.
func TestRestoredCopyIsAShop(t *testing.T) {
	for driver, backup := range map[string]func(t *testing.T, from, to db.Config){db.SQLite: vacuumInto, db.MySQL: dump} {
		t.Run(driver, func(t *testing.T) {
			dir := t.TempDir()
			c := storetest.Empty(t, driver)
			at := process(t, c, dir) // loads the demo
			d := storetest.Open(t, c)
			storetest.Exec(t, d, "UPDATE stocks SET sold = 0")

			stop := make(chan struct{})
			var group sync.WaitGroup
			enough, tell := context.WithCancel(context.Background())
			defer tell()
			group.Go(func() {
				s := newShopper(t, at, 100101)
				for n := 1; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					if err := s.buy(); err != nil {
						t.Error(err)
					}
					if n == 3 || t.Failed() {
						tell()
					}
				}
			})
			<-enough.Done()
			copied, again := storetest.Empty(t, driver), t.TempDir()
			backup(t, c, copied)
			close(stop)
			group.Wait()
			if err := os.CopyFS(filepath.Join(again, "media"), os.DirFS(filepath.Join(dir, "media"))); err != nil {
				t.Fatal(err)
			}
			checkCopy(t, d, copied, again)
		})
	}
}

func checkCopy(t *testing.T, d *db.DB, copied db.Config, dir string) {
	t.Helper()
	r := storetest.Open(t, copied)
	storetest.CheckBooks(t, r)
	before, whole := rowsIn(t, r, "orders"), rowsIn(t, d, "orders")
	if before < 3 || before > whole {
		t.Errorf("the copy has %d of %d orders", before, whole)
	}
	for _, table := range []string{"spus", "skus", "users", "areas"} {
		if got, want := rowsIn(t, r, table), rowsIn(t, d, table); got != want || want == 0 {
			t.Errorf("the copy has %d rows in %s, want %d", got, table, want)
		}
	}
	at := process(t, copied, dir)
	s := newShopper(t, at, 100102)
	if err := s.buy(); err != nil {
		t.Errorf("buy at the copy: %v", err)
	}
	if p, err := s.Send("GET", "/media/images/products/1001-1.webp", nil); err != nil || p.Status != 200 {
		t.Errorf("a picture at the copy: %v, %v", p, err)
	}
	if after := rowsIn(t, r, "orders"); after != before+1 {
		t.Errorf("%d orders in the copy before, %d after somebody bought", before, after)
	}
	storetest.CheckBooks(t, r)
}

func rowsIn(t *testing.T, d *db.DB, table string) (n int) {
	t.Helper()
	if err := d.Get(context.Background(), &n, "SELECT COUNT(*) FROM "+table); err != nil {
		t.Fatal(err)
	}
	return n
}

// vacuumInto is what the README says for SQLite, without the program sqlite3.
func vacuumInto(t *testing.T, from, to db.Config) {
	t.Helper()
	pool, err := sql.Open("sqlite", from.DSN)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec("VACUUM INTO ?", to.DSN); err != nil {
		t.Fatal(err)
	}
}

// dump is what the README says for MariaDB.
func dump(t *testing.T, from, to db.Config) {
	t.Helper()
	if _, err := exec.LookPath("mariadb-dump"); err != nil && !storetest.Full() {
		t.Skip(err)
	}
	file := filepath.Join(t.TempDir(), "shop.sql")
	sh(t, fmt.Sprintf("mariadb-dump --no-defaults %s --single-transaction --hex-blob > %s", client(t, from), file))
	sh(t, fmt.Sprintf("mariadb --no-defaults %s < %s", client(t, to), file))
}

// client gives the flags by which MariaDB's programs reach a database.
func client(t *testing.T, c db.Config) string {
	t.Helper()
	dsn, err := mysql.ParseDSN(c.DSN)
	if err != nil {
		t.Fatal(err)
	}
	host, port, err := net.SplitHostPort(dsn.Addr)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("--host=%s --port=%s --user=%s %s", host, port, dsn.User, dsn.DBName)
}

func sh(t *testing.T, command string) {
	t.Helper()
	if out, err := exec.Command("sh", "-c", command).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", command, err, out)
	}
}
