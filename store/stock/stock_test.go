package stock_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/db"
	"dashop/store/stock"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

func take(d *db.DB, clock *storetest.Clock, order int64, pieces ...stock.Piece) error {
	return d.Tx(ctx, func(tx *db.Tx) error { return stock.Take(ctx, tx, order, pieces, clock.Now()) })
}

func giveBack(d *db.DB, clock *storetest.Clock, order int64, ref string, pieces ...stock.Piece) error {
	return d.Tx(ctx, func(tx *db.Tx) error { return stock.GiveBack(ctx, tx, order, ref, pieces, clock.Now()) })
}

func quantity(t testing.TB, d *db.DB, sku int64) (n int64) {
	t.Helper()
	if err := d.Get(ctx, &n, "SELECT quantity FROM stocks WHERE sku_id = ?", sku); err != nil {
		t.Fatal(err)
	}
	return n
}

func balanced(t testing.TB, d *db.DB) {
	t.Helper()
	var bad []int64
	err := d.Select(ctx, &bad, `SELECT s.sku_id FROM stocks s LEFT JOIN stock_ledger l ON l.sku_id = s.sku_id
		GROUP BY s.sku_id, s.quantity, s.sold HAVING COALESCE(SUM(l.delta), 0) <> s.quantity OR s.quantity < 0
		OR s.sold <> -COALESCE(SUM(CASE WHEN l.order_id IS NOT NULL THEN l.delta ELSE 0 END), 0)`)
	if err != nil || len(bad) > 0 {
		t.Fatalf("unbalanced %v, %v", bad, err)
	}
}

func TestTakeAllOrNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		a, b := storetest.SKU(t, d, 1, 5), storetest.SKU(t, d, 1, 1)
		err := take(d, clock, 1, stock.Piece{SKUID: a, Count: 2}, stock.Piece{SKUID: b, Count: 2})
		var short *stock.ShortError
		if !errors.As(err, &short) || short.SKUID != b || quantity(t, d, a) != 5 {
			t.Fatalf("got %v, %d left", err, quantity(t, d, a))
		}
		// Two lines of one SKU are checked together.
		if err := take(d, clock, 1, stock.Piece{SKUID: a, Count: 3}, stock.Piece{SKUID: a, Count: 3}); !errors.As(err, &short) {
			t.Fatalf("got %v", err)
		}
		if err := take(d, clock, 1, stock.Piece{SKUID: a, Count: 2}, stock.Piece{SKUID: a, Count: 3}); err != nil ||
			quantity(t, d, a) != 0 {
			t.Fatalf("got %v, %d left", err, quantity(t, d, a))
		}
		balanced(t, d)
	})
}

func TestGiveBackOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		sku := storetest.SKU(t, d, 1, 5)
		two := stock.Piece{SKUID: sku, Count: 2}
		if err := take(d, clock, 1, two); err != nil {
			t.Fatal(err)
		}
		if err := giveBack(d, clock, 1, "", two); err != nil || quantity(t, d, sku) != 5 {
			t.Fatalf("got %v, %d left", err, quantity(t, d, sku))
		}
		if err := giveBack(d, clock, 1, "", two); !db.IsDuplicate(err) || quantity(t, d, sku) != 5 {
			t.Fatalf("a second time: %v, %d left", err, quantity(t, d, sku))
		}
		balanced(t, d)
	})
}

// An order gives back in parts, each under its ref and once, and never more than it holds.
func TestGiveBackInParts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		a, b := storetest.SKU(t, d, 1, 9), storetest.SKU(t, d, 1, 9)
		if err := take(d, clock, 1, stock.Piece{SKUID: a, Count: 3}, stock.Piece{SKUID: b, Count: 4}); err != nil {
			t.Fatal(err)
		}
		if err := giveBack(d, clock, 1, "as1", stock.Piece{SKUID: a, Count: 1}, stock.Piece{SKUID: a, Count: 1}); err != nil {
			t.Fatal(err)
		}
		if err := giveBack(d, clock, 1, "as1", stock.Piece{SKUID: a, Count: 1}); !db.IsDuplicate(err) {
			t.Errorf("the same part again: %v", err)
		}
		if err := giveBack(d, clock, 1, "as2", stock.Piece{SKUID: b, Count: 1}, stock.Piece{SKUID: a, Count: 2}); err == nil ||
			db.IsDuplicate(err) {
			t.Errorf("more than is held: %v", err)
		}
		if err := giveBack(d, clock, 2, "as3", stock.Piece{SKUID: a, Count: 1}); err == nil {
			t.Error("an order that took nothing gave back")
		}
		held, err := stock.Held(ctx, d, 1)
		if err != nil || !slices.Equal(held, []stock.Piece{{SKUID: a, Count: 1}, {SKUID: b, Count: 4}}) || quantity(t, d, a) != 8 ||
			quantity(t, d, b) != 5 {
			t.Fatalf("held %v, %v; left %d and %d", held, err, quantity(t, d, a), quantity(t, d, b))
		}
		if err := giveBack(d, clock, 1, "", held...); err != nil || quantity(t, d, a) != 9 || quantity(t, d, b) != 9 {
			t.Errorf("the rest: %v; left %d and %d", err, quantity(t, d, a), quantity(t, d, b))
		}
		if held, err := stock.Held(ctx, d, 1); err != nil || len(held) != 0 {
			t.Errorf("at the end %v, %v", held, err)
		}
		balanced(t, d)
	})
}

// TestLedgerAlwaysAddsUp plays random orders, and what they give back at once or in parts, against a model in memory.
func TestLedgerAlwaysAddsUp(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	clock := storetest.NewClock()
	next, ref := int64(0), 0
	rapid.Check(t, func(r *rapid.T) {
		skus := []int64{storetest.SKU(t, d, 1, 6), storetest.SKU(t, d, 1, 6)}
		left := map[int64]int64{skus[0]: 6, skus[1]: 6}
		open := map[int64]map[int64]int64{}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			if len(open) > 0 && rapid.Bool().Draw(r, "give back") {
				id := rapid.SampledFrom(slices.Sorted(maps.Keys(open))).Draw(r, "order")
				var pieces []stock.Piece
				fits := true
				for _, sku := range skus {
					n := rapid.Int64Range(0, 4).Draw(r, "pieces")
					if n > 0 {
						pieces = append(pieces, stock.Piece{SKUID: sku, Count: n})
						fits = fits && n <= open[id][sku]
					}
				}
				ref++
				if err := giveBack(d, clock, id, fmt.Sprint(ref), pieces...); fits != (err == nil) {
					r.Fatalf("give back %v of %v: %v", pieces, open[id], err)
				}
				for _, p := range pieces {
					if fits {
						left[p.SKUID] += p.Count
						open[id][p.SKUID] -= p.Count
					}
				}
			} else {
				next++
				x, y := rapid.Int64Range(1, 4).Draw(r, "x"), rapid.Int64Range(1, 4).Draw(r, "y")
				err := take(d, clock, next, stock.Piece{SKUID: skus[0], Count: x}, stock.Piece{SKUID: skus[1], Count: y})
				if fits := x <= left[skus[0]] && y <= left[skus[1]]; fits != (err == nil) {
					r.Fatalf("take %d and %d of %v: %v", x, y, left, err)
				} else if fits {
					left[skus[0]] -= x
					left[skus[1]] -= y
					open[next] = map[int64]int64{skus[0]: x, skus[1]: y}
				}
			}
			for sku, n := range left {
				if got := quantity(t, d, sku); got != n {
					r.Fatalf("SKU %d: %d, want %d", sku, got, n)
				}
			}
		}
		balanced(t, d)
	})
}
