package db_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// A read says the same the first time and when it is kept prepared, into every kind of value, after the table has changed, and
// for many at once.
func TestReadsThatComeAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		storetest.Exec(t, d, "INSERT INTO settings (name, value) VALUES ('a', '7'), ('b', '8')")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for i := range 6 {
			if i == 4 {
				storetest.Exec(t, d, "ALTER TABLE settings ADD COLUMN more INT NULL")
			}
			for _, c := range []context.Context{ctx, d.PointRead(ctx)} {
				var text string
				var number int
				var row struct{ Name, Value string }
				var numbers []int64
				var rows []struct{ Name, Value string }
				for _, err := range []error{
					d.Get(c, &text, "SELECT value FROM settings WHERE name = ?", "a"),
					d.Get(c, &number, "SELECT COUNT(*) FROM settings WHERE name IN ('a', 'b')"),
					d.Get(c, &row, "SELECT name, value FROM settings WHERE name = ?", "b"),
					d.Select(c, &numbers, "SELECT value FROM settings WHERE name IN ('a', 'b') ORDER BY name"),
					d.Select(c, &rows, "SELECT name, value FROM settings WHERE name IN ('a', 'b') ORDER BY name"),
				} {
					if err != nil {
						t.Fatal(i, err)
					}
				}
				if text != "7" || number != 2 || row.Value != "8" || fmt.Sprint(numbers) != "[7 8]" || len(rows) != 2 || rows[1].Value != "8" {
					t.Fatalf("%d: %q %d %v %v %v", i, text, number, row, numbers, rows)
				}
				if err := d.Get(c, &text, "SELECT value FROM settings WHERE name = ?", "none"); !fault.Is(err, fault.NotFound) {
					t.Fatalf("%d: no row is %v", i, err)
				}
				if err := d.Select(c, &numbers, "SELECT nothing FROM settings"); err == nil {
					t.Fatal("a wrong query is no error")
				}
			}
		}
		gone, leave := context.WithCancel(ctx)
		leave()
		var n int
		if err := d.Get(gone, &n, "SELECT COUNT(*) FROM settings WHERE name IN ('a', 'b')"); err == nil {
			t.Error("a read with a context that has ended is made")
		}
		var crowd sync.WaitGroup
		for i := range 16 {
			crowd.Go(func() {
				for j := range 60 {
					var n int
					if err := d.Get(ctx, &n, fmt.Sprintf("SELECT COUNT(*) + %d FROM settings WHERE name = ?", j%30), "a"); err != nil || n != 1+j%30 {
						t.Errorf("%d: %d, %v", i, n, err)
						return
					}
				}
			})
		}
		crowd.Wait()
	})
}
