package db_test

import (
	"context"
	"errors"
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
				if text != "7" || number != 2 || row.Value != "8" || fmt.Sprint(numbers) != "[7 8]" || len(rows) != 2 ||
					rows[1].Value != "8" {
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
					if err := d.Get(ctx, &n, fmt.Sprintf("SELECT COUNT(*) + %d FROM settings WHERE name = ?", j%30), "a"); err != nil ||
						n != 1+j%30 {
						t.Errorf("%d: %d, %v", i, n, err)
						return
					}
				}
			})
		}
		crowd.Wait()
	})
}

// Reads that come again are kept prepared, whatever came before them, and lists of all lengths do not push them out.
func TestPreparedStatementsAreBounded(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	lists := func(round int) {
		for n := 1; n <= 220; n++ {
			ids := make([]int, n)
			for range 3 {
				query, args := db.In("SELECT name FROM settings WHERE value IN (?)", ids)
				var found []string
				if err := d.Select(ctx, &found, query, args...); err != nil {
					t.Fatal(round, err)
				}
			}
		}
	}
	hot := func(query string, times int) {
		for range times {
			var n int
			if err := d.Get(ctx, &n, query, "a"); err != nil {
				t.Fatal(err)
			}
		}
	}
	const query = "SELECT COUNT(*) FROM settings WHERE name = ?"
	lists(1)
	hot(query, 10)
	lists(2)
	if kept, _ := db.Prepared(d, query); !kept {
		t.Error("a query that comes again is not prepared after lists of many lengths")
	}
	for i := range 2 * db.MostStatements {
		hot(fmt.Sprintf("SELECT COUNT(*) + %d FROM settings WHERE name = ?", i), 4)
		hot(query, 1)
	}
	if kept, most := db.Prepared(d, query); !kept || most > db.MostStatements {
		t.Errorf("after many others: kept %t, %d statements", kept, most)
	}
	if kept, _ := db.Prepared(d, "SELECT COUNT(*) + 0 FROM settings WHERE name = ?"); kept {
		t.Error("one that came no more is still kept")
	}
}

// A statement whose rows are being read is not let go of, nor begun anew.
func TestStatementsInUseStay(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	storetest.Exec(t, d, "INSERT INTO settings (name, value) VALUES ('a', '1'), ('b', '2'), ('c', '3')")
	_, read := d.Pools()
	conn, err := read.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	const query = "SELECT name FROM settings ORDER BY name"
	for round := range 5 {
		rows, err := conn.QueryContext(ctx, query)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for rows.Next() {
			var name, again string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			got = append(got, name)
			if err := conn.QueryRowContext(ctx, query).Scan(&again); err != nil || again != "a" {
				t.Fatalf("the same query meanwhile: %q, %v", again, err)
			}
			for i := range 2 * db.MostStatements {
				for range 3 {
					var n int
					if err := conn.QueryRowContext(ctx, fmt.Sprintf("SELECT COUNT(*) + %d FROM settings", i)).Scan(&n); err != nil ||
						n != 3+i {
						t.Fatalf("another query meanwhile: %d, %v", n, err)
					}
				}
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || fmt.Sprint(got) != "[a b c]" {
			t.Fatalf("round %d: %v, %v", round, got, err)
		}
	}
}

// With all connections busy a read waits no longer than its deadline, whatever sort of read it is.
func TestReadsWaitNoLongerThanTheirDeadline(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	_, read := d.Pools()
	for range read.Stats().MaxOpenConnections {
		conn, err := read.Conn(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	for name, dress := range map[string]func(context.Context) context.Context{
		"plain": func(ctx context.Context) context.Context { return ctx }, "point": d.PointRead,
	} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		defer cancel()
		start, ended := time.Now(), make(chan error, 1)
		go func() {
			var n int
			ended <- d.Get(dress(ctx), &n, "SELECT COUNT(*) FROM settings")
		}()
		select {
		case err := <-ended:
			if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) < 150*time.Millisecond {
				t.Errorf("%s read: %v after %v", name, err, time.Since(start))
			}
		case <-time.After(5 * time.Second):
			t.Errorf("%s read still waits", name)
		}
	}
}

// BenchmarkReads shows what a read costs by its kind of context.
func BenchmarkReads(b *testing.B) {
	d := storetest.Open(b, storetest.Config(b, db.SQLite))
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for name, c := range map[string]context.Context{"deadline": ctx, "point": d.PointRead(ctx), "background": context.Background()} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				var n int
				if err := d.Get(c, &n, "SELECT COUNT(*) FROM settings WHERE name = ?", "a"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
