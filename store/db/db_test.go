package db_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/sql"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(asWriter); file != "" {
		writeUntilKilled(file)
	}
	storetest.Main(m)
}

func TestMigrateTwiceDoesNoHarm(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		storetest.User(t, d, "xiaoming")
		if err := d.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		var n int
		if err := d.Get(context.Background(), &n, "SELECT COUNT(*) FROM users"); err != nil || n != 1 {
			t.Fatalf("users after a second migration: %d, %v", n, err)
		}
	})
}

func TestBothDialectsHaveTheSameFiles(t *testing.T) {
	names := func(dir string) (list []string) {
		entries, err := fs.ReadDir(sql.Migrations, dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			list = append(list, e.Name())
		}
		return list
	}
	if diff := cmp.Diff(names("mysql"), names("sqlite")); diff != "" {
		t.Fatalf("migrations differ (-mysql +sqlite):\n%s", diff)
	}
}

// TestBothDialectsHaveTheSameColumns compares the tables of the two databases after all migrations.
func TestBothDialectsHaveTheSameColumns(t *testing.T) {
	columns := map[string][]string{}
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		query := `SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name <> 'goose_db_version' AND table_name NOT LIKE 'migration\_%'`
		if d.Driver() == db.SQLite {
			query = `SELECT m.name || '.' || c.name FROM sqlite_master m, pragma_table_info(m.name) c
				WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%' AND m.name <> 'goose_db_version' AND m.name NOT LIKE 'migration!_%' ESCAPE '!'`
		}
		var list []string
		if err := d.Select(context.Background(), &list, query); err != nil {
			t.Fatal(err)
		}
		slices.Sort(list)
		columns[d.Driver()] = list
	})
	if len(columns) < 2 {
		t.Skip("only one database here")
	}
	if diff := cmp.Diff(columns[db.MySQL], columns[db.SQLite]); diff != "" {
		t.Fatalf("columns differ (-mysql +sqlite):\n%s", diff)
	}
}

func TestTimesComeBackAsWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		for i, ms := range []int{0, 1, 10, 120, 999} {
			at := db.Cut(time.Date(2026, 11, 22, 23, 59, 59, ms*1e6, time.FixedZone("CST", 8*3600)))
			storetest.Exec(t, d, "INSERT INTO audit_log (actor_id, action, subject, created_at) VALUES (?, 'x', 'x', ?)", i, at)
			var got time.Time
			if err := d.Get(ctx, &got, "SELECT created_at FROM audit_log WHERE created_at = ?", at); err != nil {
				t.Fatal(err)
			}
			if !got.Equal(at) {
				t.Fatalf("wrote %v, read %v", at, got)
			}
		}
		var order []int
		if err := d.Select(ctx, &order, "SELECT actor_id FROM audit_log ORDER BY created_at"); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]int{0, 1, 2, 3, 4}, order); diff != "" {
			t.Fatalf("times sort wrongly:\n%s", diff)
		}
	})
}

func TestUpdateOfEqualValuesCountsItsRow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		id := storetest.User(t, d, "xiaoming")
		n, err := d.Exec(context.Background(), "UPDATE users SET nickname = 'xiaoming' WHERE id = ?", id)
		if err != nil || n != 1 {
			t.Fatalf("rows matched: %d, %v", n, err)
		}
	})
}

func TestNoRowIsMissing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		var n int
		if err := d.Get(context.Background(), &n, "SELECT id FROM users WHERE id = 7"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("got %v", err)
		}
	})
}

func TestDuplicateIsKnown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		storetest.Exec(t, d, "INSERT INTO settings (name, value) VALUES ('a', '1')")
		_, err := d.Exec(context.Background(), "INSERT INTO settings (name, value) VALUES ('a', '2')")
		if !db.IsDuplicate(err) {
			t.Fatalf("got %v", err)
		}
	})
}

// TestCrossedLocksAreRetried makes pairs of transactions take two rows in opposite order; each must end well.
func TestCrossedLocksAreRetried(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		storetest.Exec(t, d, "INSERT INTO stocks (sku_id, quantity) VALUES (1, 0), (2, 0)")
		const writers, rounds = 8, 10
		var wg sync.WaitGroup
		for w := range writers {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range rounds {
					err := d.Tx(ctx, func(tx *db.Tx) error {
						for i := range 2 {
							tx.Changed(recent.NameOf("stock", int64(1+(w+i)%2)))
							if _, err := tx.Exec(ctx, "UPDATE stocks SET quantity = quantity + 1 WHERE sku_id = ?", 1+(w+i)%2); err != nil {
								return err
							}
						}
						return nil
					})
					if err != nil {
						t.Error(err)
					}
				}
			}()
		}
		wg.Wait()
		var sum int
		if err := d.Get(ctx, &sum, "SELECT SUM(quantity) FROM stocks"); err != nil || sum != 2*writers*rounds {
			t.Fatalf("sum %d, %v", sum, err)
		}
	})
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		boom := errors.New("boom")
		ctx := db.InjectFaults(context.Background(), func(s string) error {
			if s == "COMMIT" {
				return boom
			}
			return nil
		})
		if _, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('a', '1')"); !errors.Is(err, boom) {
			t.Fatalf("got %v", err)
		}
		var n int
		if err := d.Get(context.Background(), &n, "SELECT COUNT(*) FROM settings"); err != nil || n != 0 {
			t.Fatalf("rows: %d, %v", n, err)
		}
	})
}

// What is asked for by BeforeCommit is done once, after all else, and counted only when the transaction was not undone.
func TestBeforeCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		var did []string
		run := func(then error) error {
			did = nil
			return d.Tx(ctx, func(tx *db.Tx) error {
				for range 2 {
					tx.BeforeCommit("a", func() error { did = append(did, "a"); return nil })
				}
				tx.BeforeCommit("b", func() error { did = append(did, "b"); return nil })
				did = append(did, "work")
				return then
			})
		}
		if err := run(nil); err != nil || fmt.Sprint(did) != "[work a b]" || d.Committed("a") != 1 || d.Committed("b") != 1 ||
			d.Committed("c") != 0 {
			t.Fatalf("%v, %v, %d", err, did, d.Committed("a"))
		}
		wrong := errors.New("wrong")
		if err := run(wrong); !errors.Is(err, wrong) || fmt.Sprint(did) != "[work]" || d.Committed("a") != 1 {
			t.Fatalf("undone: %v, %v, %d", err, did, d.Committed("a"))
		}
		err := d.Tx(ctx, func(tx *db.Tx) error {
			tx.BeforeCommit("a", func() error { return wrong })
			_, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('before', '1')")
			return err
		})
		var rows int
		if e := d.Get(ctx, &rows, "SELECT COUNT(*) FROM settings WHERE name = 'before'"); e != nil || !errors.Is(err, wrong) ||
			rows != 0 || d.Committed("a") != 1 {
			t.Fatalf("failed before the commit: %v, %d rows, %v", err, rows, e)
		}
	})
}
