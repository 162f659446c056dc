package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

var (
	sessions = db.Expired{Table: "sessions", Key: []string{"id_hash"}, At: "expires_at"}
	carts    = db.Expired{
		Table: "cart_lines", Key: []string{"owner", "sku_id"}, At: "created_at", Keep: 24 * time.Hour, Where: "owner LIKE 'v:%'",
	}
)

// fillExpired makes n sessions that have run out and n cart lines of visitors that are old, and of each some that are not.
func fillExpired(t *testing.T, d *db.DB, now time.Time, n int) {
	t.Helper()
	const batch = 10_000
	old := now.Add(-48 * time.Hour)
	for from := 0; from < n; from += batch {
		var s, c [][]any
		for i := from; i < min(from+batch, n); i++ {
			at := old.Add(time.Duration(i) * time.Millisecond)
			s = append(s, []any{fmt.Sprintf("%064d", i), "", old, old, at})
			c = append(c, []any{fmt.Sprintf("v:%026d", i/2), i, 1, at})
		}
		if from == 0 {
			for i := range 100 {
				s = append(s, []any{fmt.Sprintf("live%060d", i), "", old, old, now.Add(time.Hour)})
				c = append(c, []any{fmt.Sprintf("u:%d", i), 1, 1, old}, []any{fmt.Sprintf("v:live%d", i), 1, 1, now})
			}
		}
		err := d.Tx(context.Background(), func(tx *db.Tx) error {
			return errors.Join(
				tx.InsertMany(context.Background(), "sessions", []string{"id_hash", "data", "created_at", "last_seen_at", "expires_at"}, s),
				tx.InsertMany(context.Background(), "cart_lines", []string{"owner", "sku_id", "count", "created_at"}, c))
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// left is how many sessions and cart lines there are.
func left(t *testing.T, d *db.DB) string {
	t.Helper()
	var n struct{ Sessions, Carts int }
	if err := d.Get(context.Background(), &n,
		"SELECT (SELECT COUNT(*) FROM sessions) AS sessions, (SELECT COUNT(*) FROM cart_lines) AS carts"); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(n.Sessions, " ", n.Carts)
}

// What has run out goes to the last row in transactions of few rows, the tables by turns, and nothing else goes.
func TestExpiredGoInPieces(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		const rows = 20_000
		fillExpired(t, d, clock.Now(), rows)
		var turns []string
		open := false
		ctx := db.InjectFaults(context.Background(), func(statement string) error {
			switch {
			case strings.HasPrefix(statement, "DELETE FROM sessions"), strings.HasPrefix(statement, "DELETE FROM cart_lines"):
				if places := strings.Count(statement, "?"); open || places == 1 || places > 1001 {
					t.Errorf("a transaction removes much: %d places, another statement before it: %v", places, open)
				}
				turns, open = append(turns, strings.Fields(statement)[2]), true
			case statement == "COMMIT":
				open = false
			}
			return nil
		})
		more, err := d.DeleteExpired(ctx, clock.Now(), sessions, carts)
		if err != nil || more || left(t, d) != "100 200" {
			t.Fatalf("more %v, %v; left %s", more, err, left(t, d))
		}
		if len(turns) < 2*rows/500 || turns[0] == turns[1] || turns[1] == turns[2] {
			t.Errorf("%d pieces, which began with %v", len(turns), turns[:min(len(turns), 4)])
		}
		if more, err := d.DeleteExpired(context.Background(), clock.Now(), sessions, carts); err != nil || more || left(t, d) != "100 200" {
			t.Errorf("again: more %v, %v; left %s", more, err, left(t, d))
		}
	})
}

// A table that cannot be cleaned stops no other, and is told.
func TestFailedCleanUpStopsNoOther(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		fillExpired(t, d, clock.Now(), 1500)
		wrong := errors.New("wrong")
		ctx := db.InjectFaults(context.Background(), func(statement string) error {
			if strings.HasPrefix(statement, "DELETE FROM sessions") {
				return wrong
			}
			return nil
		})
		broken := db.Expired{Table: "nowhere", Key: []string{"id"}, At: "at"}
		more, err := d.DeleteExpired(ctx, clock.Now(), broken, sessions, carts)
		if more || !errors.Is(err, wrong) || !strings.Contains(err.Error(), "nowhere") || left(t, d) != "1600 200" {
			t.Errorf("more %v, %v; left %s", more, err, left(t, d))
		}
	})
}

// A clean-up that has not the time for another piece stops, says so, and goes on the next time.
func TestCleanUpHeedsItsDeadline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		fillExpired(t, d, clock.Now(), 1500)
		short, cancel := context.WithTimeout(context.Background(), 9*time.Second)
		defer cancel()
		if more, err := d.DeleteExpired(short, clock.Now(), sessions, carts); !more || err != nil || left(t, d) != "1600 1700" {
			t.Errorf("more %v, %v; left %s", more, err, left(t, d))
		}
		stopped, stop := context.WithCancel(context.Background())
		pieces := 0
		counting := db.InjectFaults(stopped, func(statement string) error {
			if statement == "COMMITTED" {
				if pieces++; pieces == 2 {
					stop()
				}
			}
			return nil
		})
		if more, err := d.DeleteExpired(counting, clock.Now(), sessions, carts); !more || !errors.Is(err, context.Canceled) ||
			left(t, d) != "1100 1200" {
			t.Errorf("stopped: more %v, %v; left %s", more, err, left(t, d))
		}
		if more, err := d.DeleteExpired(context.Background(), clock.Now(), sessions, carts); more || err != nil || left(t, d) != "100 200" {
			t.Errorf("then: more %v, %v; left %s", more, err, left(t, d))
		}
	})
}

// A row that got a later time after it was found stays.
func TestRenewedRowStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		fillExpired(t, d, clock.Now(), 2)
		for _, e := range []db.Expired{sessions, carts} {
			remove, args := db.FindThenRemove(t, d, e, clock.Now())
			storetest.Exec(t, d, "UPDATE "+e.Table+" SET "+e.At+" = ?", clock.Now().Add(time.Hour))
			storetest.Exec(t, d, remove, args...)
		}
		if got := left(t, d); got != "102 202" {
			t.Errorf("left %s", got)
		}
	})
}

// Both statements of a piece go by an index, however many rows there are.
func TestCleanUpGoesByIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		fillExpired(t, d, clock.Now(), 20_000)
		for _, e := range []db.Expired{sessions, carts} {
			storetest.Exec(t, d, map[string]string{db.SQLite: "ANALYZE ", db.MySQL: "ANALYZE TABLE "}[d.Driver()]+e.Table)
			for _, from := range []time.Time{{}, clock.Now().Add(-47 * time.Hour)} {
				find, args := db.FindExpired(e, clock.Now(), from)
				plan := storetest.Explain(t, d, find, args...)
				if !strings.Contains(plan, e.Table+"_"+strings.TrimSuffix(e.At, "_at")) || strings.Contains(plan, "filesort") ||
					strings.Contains(plan, "TEMP B-TREE") {
					t.Errorf("%s: %s", find, plan)
				}
			}
			remove, args := db.FindThenRemove(t, d, e, clock.Now())
			plan := storetest.Explain(t, d, remove, args...)
			if !strings.Contains(plan, map[string]string{db.SQLite: "sqlite_autoindex_" + e.Table, db.MySQL: "range PRIMARY"}[d.Driver()]) {
				t.Errorf("%.80s: %s", remove, plan)
			}
		}
	})
}

// With two million rows of each sort everything goes in the end, and others write meanwhile. How fast is for whoever reads the log.
func TestMillionsExpire(t *testing.T) {
	if !storetest.Long() {
		t.Skip("takes minutes: set SHOP_TEST_LONG=1")
	}
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		const rows = 2_000_000
		fillExpired(t, d, clock.Now(), rows)
		ctx, stop := context.WithCancel(context.Background())
		var took []time.Duration
		var writers sync.WaitGroup
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				began := time.Now()
				_, err := d.Exec(context.Background(),
					"INSERT INTO sessions (id_hash, data, created_at, last_seen_at, expires_at) VALUES (?, '', ?, ?, ?)",
					fmt.Sprintf("new%d", i), clock.Now(), clock.Now(), clock.Now().Add(time.Hour))
				if err != nil {
					t.Error(err)
				}
				took = append(took, time.Since(began))
				time.Sleep(5 * time.Millisecond)
			}
		})
		began := time.Now()
		more, err := d.DeleteExpired(context.Background(), clock.Now(), sessions, carts)
		all := time.Since(began)
		stop()
		writers.Wait()
		if more || err != nil {
			t.Errorf("more %v, %v", more, err)
		}
		if got, want := left(t, d), fmt.Sprint(100+len(took), " 200"); got != want {
			t.Errorf("left %s, want %s", got, want)
		}
		slices.Sort(took)
		t.Logf("%d rows in %v, %d a second; %d writes meanwhile: median %v, 99 %% under %v, longest %v", 2*rows, all.Round(time.Second),
			int(2*rows/all.Seconds()), len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1])
	})
}
