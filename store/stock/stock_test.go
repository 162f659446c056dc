package stock_test

import (
	"context"
	"errors"
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

func giveBack(d *db.DB, clock *storetest.Clock, order int64) error {
	return d.Tx(ctx, func(tx *db.Tx) error { return stock.GiveBack(ctx, tx, order, clock.Now()) })
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
	if bad, err := stock.Unbalanced(ctx, d); err != nil || len(bad) > 0 {
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
		if err := take(d, clock, 1, stock.Piece{SKUID: a, Count: 2}, stock.Piece{SKUID: a, Count: 3}); err != nil || quantity(t, d, a) != 0 {
			t.Fatalf("got %v, %d left", err, quantity(t, d, a))
		}
		balanced(t, d)
	})
}

func TestGiveBackOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		sku := storetest.SKU(t, d, 1, 5)
		if err := take(d, clock, 1, stock.Piece{SKUID: sku, Count: 2}); err != nil {
			t.Fatal(err)
		}
		if err := giveBack(d, clock, 1); err != nil || quantity(t, d, sku) != 5 {
			t.Fatalf("got %v, %d left", err, quantity(t, d, sku))
		}
		if err := giveBack(d, clock, 1); !db.IsDuplicate(err) || quantity(t, d, sku) != 5 {
			t.Fatalf("a second time: %v, %d left", err, quantity(t, d, sku))
		}
		balanced(t, d)
	})
}

// TestLedgerAlwaysAddsUp plays random orders and cancellations against a model in memory.
func TestLedgerAlwaysAddsUp(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	clock := storetest.NewClock()
	next := int64(0)
	rapid.Check(t, func(r *rapid.T) {
		skus := []int64{storetest.SKU(t, d, 1, 6), storetest.SKU(t, d, 1, 6)}
		left := map[int64]int64{skus[0]: 6, skus[1]: 6}
		open := map[int64]map[int64]int64{}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			if len(open) > 0 && rapid.Bool().Draw(r, "cancel") {
				for id, taken := range open {
					if err := giveBack(d, clock, id); err != nil {
						r.Fatal(err)
					}
					for sku, n := range taken {
						left[sku] += n
					}
					delete(open, id)
					break
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
