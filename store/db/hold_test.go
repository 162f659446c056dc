package db_test

import (
	"context"
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// locks are what keeps rows from others without changing them: on a cluster they guard nothing.
var locks = regexp.MustCompile(`(?i)\bFOR\s+(UPDATE|SHARE)\b|\bLOCK\s+(IN\s+SHARE\s+MODE|TABLES?)\b`)

// Nothing that is shipped locks a row that it does not write.
func TestNoLockWithoutAWrite(t *testing.T) {
	looked := 0
	for _, dir := range []string{"cmd", "sql", "store", "views", "web"} {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, _ fs.DirEntry, err error) error {
			if err != nil || strings.HasSuffix(path, "_test.go") {
				return err
			}
			var text string
			switch filepath.Ext(path) {
			case ".go":
				text, err = stringsIn(path)
			case ".sql":
				var data []byte
				data, err = os.ReadFile(path)
				text = string(data)
			}
			if found := locks.FindString(text); found != "" {
				t.Errorf("%s: %s guards nothing on a cluster: use Tx.Hold, or a guarded UPDATE", path, found)
			}
			looked += len(text)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if looked < 100_000 {
		t.Errorf("looked at %d bytes only", looked)
	}
}

// stringsIn are the string literals of a Go file.
func stringsIn(path string) (string, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile(path, -1, len(src)), src, nil, 0)
	var all strings.Builder
	for {
		_, kind, text := s.Scan()
		if kind == token.EOF {
			return all.String(), nil
		}
		if kind == token.STRING {
			all.WriteString(text + "\n")
		}
	}
}

// Hold changes the row itself where nodes may stand beside each other, and one who changes it meanwhile comes afterwards.
func TestHold(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		id := storetest.User(t, d, "xiaoming")
		var seen string
		err, meanwhile := storetest.Meanwhile("INSERT INTO settings", func(ctx context.Context) error {
			return d.Tx(ctx, func(tx *db.Tx) error {
				if err := tx.Hold(ctx, "users", id); err != nil {
					return err
				}
				if err := put(ctx, tx, "a"); err != nil {
					return err
				}
				return tx.Get(ctx, &seen, "SELECT nickname FROM users WHERE id = ?", id)
			})
		}, func() error {
			_, err := d.Exec(ctx, "UPDATE users SET nickname = 'changed' WHERE id = ?", id)
			return err
		})
		if err != nil || meanwhile != nil || seen == "changed" {
			t.Errorf("%v, %v: the row that was held read %q", err, meanwhile, seen)
		}
		var held, want int
		if err := d.Get(ctx, &held, "SELECT held FROM users WHERE id = ?", id); err != nil {
			t.Fatal(err)
		}
		if d.Driver() == db.MySQL {
			want = 1
		}
		if held != want {
			t.Errorf("held %d times, want %d", held, want)
		}
		hold := func(table string, ids ...int64) error {
			return d.Tx(ctx, func(tx *db.Tx) error {
				if len(ids) == 1 {
					return tx.Hold(ctx, table, ids[0])
				}
				return tx.HoldAll(ctx, table, ids)
			})
		}
		for _, table := range []string{"brands", "categories", "orders", "payments", "skus", "spus", "users"} {
			if err := hold(table, 999_999); !fault.Is(err, fault.NotFound) {
				t.Errorf("no row of %s: %v", table, err)
			}
			if err := hold(table, 999_999, id); err != nil {
				t.Errorf("some rows of %s: %v", table, err)
			}
		}
		if err := hold("stocks", 1); err == nil || fault.Is(err, fault.NotFound) {
			t.Errorf("a row that cannot be held: %v", err)
		}
		if err := hold("users"); err != nil {
			t.Errorf("no rows at all: %v", err)
		}
	})
}
