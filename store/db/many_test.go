package db_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

// Many rows go in with few statements, and each value where it belongs.
func TestInsertMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		for _, c := range []struct{ rows, size, statements int }{
			{0, 1, 0}, {1, 1, 1}, {3000, 1, 1}, {3001, 1, 2}, {40_000, 1, 14}, {3, 3 << 20, 3}, {30, 60_000, 1},
		} {
			statements := 0
			ctx := db.InjectFaults(context.Background(), func(s string) error {
				if strings.HasPrefix(s, "INSERT") {
					statements++
				}
				return nil
			})
			storetest.Exec(t, d, "DELETE FROM settings")
			storetest.Exec(t, d, "DROP TABLE IF EXISTS wide")
			storetest.Exec(t, d, "CREATE TABLE wide (id INT PRIMARY KEY, text LONGTEXT NOT NULL)")
			rows := make([][]any, c.rows)
			for i := range rows {
				rows[i] = []any{i, fmt.Sprintf("%d%s", i, strings.Repeat("x", c.size-1))}
			}
			err := d.Tx(ctx, func(tx *db.Tx) error { return tx.InsertMany(ctx, "wide", []string{"id", "text"}, rows) })
			if err != nil {
				t.Fatal(err)
			}
			var n, right int
			if err := d.Get(ctx, &n, "SELECT COUNT(*) FROM wide"); err != nil {
				t.Fatal(err)
			}
			if err := d.Get(ctx, &right, "SELECT COUNT(*) FROM wide WHERE text LIKE CONCAT(id, '%')"); err != nil {
				t.Fatal(err)
			}
			if n != c.rows || right != c.rows || statements != c.statements {
				t.Errorf("%d rows of %d: %d rows, %d right, %d statements, want %d", c.rows, c.size, n, right, statements, c.statements)
			}
		}
		err := d.Tx(context.Background(), func(tx *db.Tx) error {
			return tx.InsertMany(context.Background(), "wide", []string{"id", "text"}, [][]any{{1, "a"}, {2}})
		})
		if err == nil {
			t.Error("a row that is too short is taken")
		}
	})
}

// Counters that are there are added to, others begin.
func TestAddMany(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		storetest.Exec(t, d, "CREATE TABLE counters (name INT PRIMARY KEY, n INT NOT NULL)")
		for _, rows := range [][][]any{{{1, 5}, {2, 7}}, {{2, -3}, {3, 1}}, {}} {
			if err := d.Tx(ctx, func(tx *db.Tx) error { return tx.AddMany(ctx, "counters", "name", "n", rows) }); err != nil {
				t.Fatal(err)
			}
		}
		var counts []int
		if err := d.Select(ctx, &counts, "SELECT n FROM counters ORDER BY name"); err != nil || fmt.Sprint(counts) != "[5 4 1]" {
			t.Errorf("%v, %v", counts, err)
		}
	})
}

// The latest time is kept for each key, whichever comes first and however often it comes.
func TestKeepLatest(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx, noon := context.Background(), time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
		storetest.Exec(t, d, "CREATE TABLE latest (a INT, b INT, at "+map[string]string{db.SQLite: "DATETIME", db.MySQL: "DATETIME(3)"}[d.Driver()]+
			" NOT NULL, PRIMARY KEY (a, b))")
		in := func(ms int) time.Time { return noon.Add(time.Duration(ms) * time.Millisecond) }
		for _, rows := range [][][]any{{{1, 1, in(50)}, {1, 2, in(0)}}, {{1, 1, in(7)}, {1, 2, in(100)}, {2, 1, in(3)}, {2, 1, in(2)}}, {}} {
			err := d.Tx(ctx, func(tx *db.Tx) error { return tx.KeepLatest(ctx, "latest", []string{"a", "b"}, "at", rows) })
			if err != nil {
				t.Fatal(err)
			}
		}
		var times []time.Time
		if err := d.Select(ctx, &times, "SELECT at FROM latest ORDER BY a, b"); err != nil || len(times) != 3 {
			t.Fatalf("%v, %v", times, err)
		}
		for i, ms := range []int{50, 100, 3} {
			if !times[i].Equal(in(ms)) {
				t.Errorf("row %d: %v, want %v", i, times[i], in(ms))
			}
		}
	})
}

func TestSetting(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		ctx := context.Background()
		for _, value := range []string{"1", "2", "2", ""} {
			if err := d.Tx(ctx, func(tx *db.Tx) error { return db.SetSetting(ctx, tx, "name", value) }); err != nil {
				t.Fatal(err)
			}
			if got, err := db.Setting(ctx, d, "name"); err != nil || got != value {
				t.Errorf("%q, %v, want %q", got, err, value)
			}
		}
		if _, err := db.Setting(ctx, d, "other"); err == nil {
			t.Error("a setting that was never set is there")
		}
	})
}
