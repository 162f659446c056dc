package cart_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

const owner = cart.Owner("u:1")

func each(t *testing.T, test func(t *testing.T, d *db.DB, c *cart.Service)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		goods := catalog.New(d, clock.Now)
		test(t, d, cart.New(d, goods, promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900}), clock.Now))
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// did fails the test with an error, and else gives what was done.
func did(t testing.TB) func(cart.Edited, error) cart.Edited {
	return func(e cart.Edited, err error) cart.Edited {
		t.Helper()
		must(t, err)
		return e
	}
}

func read(t testing.TB, c *cart.Service, o cart.Owner) cart.Cart {
	t.Helper()
	got, err := c.Cart(ctx, o)
	must(t, err)
	return got
}

func TestAddChangeTickRemove(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b := storetest.SKU(t, d, 10000, 10), storetest.SKU(t, d, 5000, 10)
		must(t, c.Add(ctx, owner, a, 1))
		must(t, c.Add(ctx, owner, a, 2))
		must(t, c.Add(ctx, owner, b, 1))
		got := read(t, c, owner)
		if len(got.Lines) != 2 || got.Quote.Goods != 35000 || got.Quote.Freight != 0 || !got.AllSelected() {
			t.Fatalf("cart %+v", got)
		}
		one, off := int64(1), false
		must(t, c.Change(ctx, owner, a, &one, nil))
		must(t, c.Change(ctx, owner, b, nil, &off))
		got = read(t, c, owner)
		if got.Quote.Goods != 10000 || got.Quote.Freight != 1000 || got.Quote.FreightShort != 9900 || got.AllSelected() ||
			!got.SomeSelected() {
			t.Fatalf("cart %+v", got)
		}
		if n, err := c.Count(ctx, owner); err != nil || n != 2 {
			t.Fatalf("badge %d, %v", n, err)
		}
		did(t)(c.SelectAll(ctx, owner, false))
		if got = read(t, c, owner); got.SomeSelected() || got.Quote.Payable != 0 {
			t.Fatalf("cart %+v", got)
		}
		did(t)(c.Remove(ctx, owner, a))
		if e := did(t)(c.Remove(ctx, owner, a)); e.Lines != 0 || e.Undo != "" { // a second click
			t.Fatalf("removed again: %+v", e)
		}
		if got = read(t, c, owner); len(got.Lines) != 1 {
			t.Fatalf("cart %+v", got)
		}
		if len(read(t, c, "u:2").Lines) != 0 {
			t.Fatal("another's cart is not empty")
		}
	})
}

func TestBadInput(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		sku := storetest.SKU(t, d, 10000, 5)
		for _, n := range []int64{0, -1, 100, 1e12} {
			if err := c.Add(ctx, owner, sku, n); !fault.Is(err, fault.Invalid) {
				t.Errorf("add %d: %v", n, err)
			}
			if err := c.Change(ctx, owner, sku, &n, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("change to %d: %v", n, err)
			}
		}
		if err := c.Add(ctx, owner, 424242, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such SKU: %v", err)
		}
		on := true
		if err := c.Change(ctx, owner, sku, nil, &on); !fault.Is(err, fault.NotFound) {
			t.Errorf("no such line: %v", err)
		}
		if err := c.Add(ctx, owner, sku, 6); !fault.HasCode(err, fault.CodeShortStock) || !strings.Contains(err.Error(), "5") {
			t.Errorf("more than in stock: %v", err)
		}
		must(t, c.Add(ctx, owner, sku, 3))
		if err := c.Add(ctx, owner, sku, 3); !fault.HasCode(err, fault.CodeShortStock) {
			t.Errorf("more than in stock on top of what is there: %v", err)
		}
		six := int64(6)
		if err := c.Change(ctx, owner, sku, &six, nil); !fault.HasCode(err, fault.CodeShortStock) {
			t.Errorf("change to more than in stock: %v", err)
		}
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0")
		if err := c.Add(ctx, owner, sku, 1); !fault.Is(err, fault.NotFound) {
			t.Errorf("not on sale: %v", err)
		}
	})
}

func TestGoneLinesAreSetApart(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b, short := storetest.SKU(t, d, 10000, 5), storetest.SKU(t, d, 5000, 5), storetest.SKU(t, d, 700, 5)
		for _, sku := range []int64{a, b, short} {
			must(t, c.Add(ctx, owner, sku, 2))
		}
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0 WHERE id = ?", a)
		storetest.Exec(t, d, "UPDATE stocks SET quantity = 0 WHERE sku_id = ?", b)
		storetest.Exec(t, d, "UPDATE stocks SET quantity = 1 WHERE sku_id = ?", short)
		got := read(t, c, owner)
		if len(got.Gone) != 2 || len(got.Lines) != 1 || !got.Lines[0].Short() || got.Quote.Payable != 0 {
			t.Fatalf("cart %+v", got)
		}
		lost := errors.New("lost at the commit")
		broken := db.InjectFaults(ctx, func(statement string) error {
			if statement == "COMMIT" {
				return lost
			}
			return nil
		})
		if _, err := c.RemoveGone(broken, owner); !errors.Is(err, lost) || len(read(t, c, owner).Gone) != 2 {
			t.Fatalf("half removed: %v", err)
		}
		did(t)(c.RemoveGone(ctx, owner))
		if got = read(t, c, owner); len(got.Gone) != 0 || len(got.Lines) != 1 {
			t.Fatalf("cart %+v", got)
		}
	})
}

func TestConcurrentAddsStayWithinStock(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		sku := storetest.SKU(t, d, 10000, 7)
		var wg sync.WaitGroup
		for range 20 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := c.Add(ctx, owner, sku, 1); err != nil && !fault.HasCode(err, fault.CodeShortStock) {
					t.Error(err)
				}
			}()
		}
		wg.Wait()
		if n, err := c.Count(ctx, owner); err != nil || n != 7 {
			t.Fatalf("cart holds %d, %v", n, err)
		}
	})
}

func TestMergeAddsUpAndSaysWhatItCapped(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		a, b, gone := storetest.SKU(t, d, 10000, 5), storetest.SKU(t, d, 5000, 99), storetest.SKU(t, d, 700, 5)
		visitor := cart.VisitorOwner("token")
		must(t, c.Add(ctx, owner, a, 3))
		must(t, c.Add(ctx, visitor, a, 4))
		must(t, c.Add(ctx, visitor, b, 2))
		must(t, c.Add(ctx, visitor, gone, 2))
		storetest.Exec(t, d, "UPDATE stocks SET quantity = 0 WHERE sku_id = ?", gone)
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		if m.Moved != 3 || len(m.Capped) != 2 {
			t.Fatalf("merged %+v", m)
		}
		again, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		if again.Moved != 0 {
			t.Fatalf("merged again %+v", again)
		}
		counts := map[int64]int64{}
		got := read(t, c, owner)
		for _, l := range append(got.Lines, got.Gone...) {
			counts[l.SKU.ID] = l.Count
		}
		if counts[a] != 5 || counts[b] != 2 || counts[gone] != 1 || len(read(t, c, visitor).Lines) != 0 {
			t.Fatalf("counts %v", counts)
		}
	})
}

// A cart does not grow with each login: where there is no room, the oldest of the visitor's lines are left out, and named.
func TestMergeEndsWhereOneOrderDoes(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		known, old, young := storetest.SKU(t, d, 100, 9), storetest.SKU(t, d, 200, 9), storetest.SKU(t, d, 300, 9)
		storetest.Exec(t, d, "UPDATE skus SET name = CONCAT('SKU ', price_fen)")
		now := storetest.NewClock().Now()
		lines := [][]any{{string(owner), known, 1, true, now}}
		for i := range cart.MaxMerged - 2 {
			lines = append(lines, []any{string(owner), 900_000 + i, 1, true, now})
		}
		visitor := cart.VisitorOwner("token")
		for i, sku := range []int64{old, young, known} {
			lines = append(lines, []any{string(visitor), sku, 2, true, now.Add(time.Duration(i) * time.Second)})
		}
		must(t, d.Tx(ctx, func(tx *db.Tx) error {
			return tx.InsertMany(ctx, "cart_lines", []string{"owner", "sku_id", "count", "selected", "created_at"}, lines)
		}))
		m, err := c.Merge(ctx, visitor, owner)
		must(t, err)
		if m.Moved != 2 || len(m.Left) != 1 || m.Left[0].SKU.Name != "SKU 200" {
			t.Errorf("merged %+v", m)
		}
		counts := map[int64]int64{}
		for _, l := range read(t, c, owner).Lines {
			counts[l.SKU.ID] = l.Count
		}
		var kept int
		must(t, d.Get(ctx, &kept, "SELECT COUNT(*) FROM cart_lines"))
		if counts[known] != 3 || counts[old] != 0 || counts[young] != 2 || kept != cart.MaxMerged {
			t.Errorf("%d lines, %v", kept, counts)
		}
	})
}

// TestMergeNeverExceedsAndForgetsNothing draws two carts: each SKU of either is in the merged cart, no line holds more
// than stock or its own old count, and a repeat changes nothing.
func TestMergeNeverExceedsAndForgetsNothing(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	clock := storetest.NewClock()
	goods := catalog.New(d, clock.Now)
	c := cart.New(d, goods, promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{}), clock.Now)
	skus := []int64{storetest.SKU(t, d, 1, 3), storetest.SKU(t, d, 1, 99), storetest.SKU(t, d, 1, 500)}
	limit := []int64{3, 99, 99}
	rapid.Check(t, func(r *rapid.T) {
		storetest.Exec(t, d, "DELETE FROM cart_lines")
		visitor := cart.VisitorOwner("token")
		want := map[int64]int64{}
		for i, sku := range skus {
			for _, o := range []cart.Owner{owner, visitor} {
				n := rapid.Int64Range(0, limit[i]).Draw(r, "count")
				if n > 0 {
					must(t, c.Add(ctx, o, sku, n))
					want[sku] = min(want[sku]+n, limit[i])
				}
			}
		}
		for range 2 {
			if _, err := c.Merge(ctx, visitor, owner); err != nil {
				r.Fatal(err)
			}
			got := map[int64]int64{}
			for _, l := range read(t, c, owner).Lines {
				got[l.SKU.ID] = l.Count
			}
			for _, sku := range skus {
				if got[sku] != want[sku] {
					r.Fatalf("SKU %d: %d, want %d", sku, got[sku], want[sku])
				}
			}
		}
	})
}

func TestOldVisitorsCartsAreCleanedUp(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		goods := catalog.New(d, clock.Now)
		c := cart.New(d, goods, promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{}), clock.Now)
		sku := storetest.SKU(t, d, 1, 9)
		must(t, c.Add(ctx, "v:old", sku, 1))
		must(t, c.Add(ctx, owner, sku, 1))
		clock.Advance(31 * 24 * time.Hour)
		must(t, c.Add(ctx, "v:new", sku, 1))
		more, err := d.DeleteExpired(ctx, clock.Now(), cart.Expired)
		if must(t, err); more {
			t.Error("there is more")
		}
		for o, want := range map[cart.Owner]int{"v:old": 0, "v:new": 1, owner: 1} {
			if n, err := c.Count(ctx, o); err != nil || n != want {
				t.Errorf("%s holds %d, %v; want %d", o, n, err, want)
			}
		}
	})
}

func TestForget(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		sku := storetest.SKU(t, d, 10000, 10)
		must(t, c.Add(ctx, owner, sku, 1))
		must(t, c.Add(ctx, cart.UserOwner(11), sku, 2))
		must(t, d.Tx(ctx, func(tx *db.Tx) error { return c.Forget(ctx, tx, owner) }))
		if mine, other := read(t, c, owner), read(t, c, cart.UserOwner(11)); len(mine.Lines) != 0 || len(other.Lines) != 1 {
			t.Errorf("forgotten cart %+v, another %+v", mine, other)
		}
	})
}

// What is too much is refused by reading, without a transaction; a line that is there grows by one statement.
func TestAddReadsFirst(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB, c *cart.Service) {
		var ran []string
		watched := db.InjectFaults(ctx, func(statement string) error {
			ran = append(ran, statement)
			return nil
		})
		none, some := storetest.SKU(t, d, 10000, 0), storetest.SKU(t, d, 10000, 3)
		must(t, c.Add(ctx, owner, some, 1))
		for sku, count := range map[int64]int64{none: 1, some: 3} {
			if err := c.Add(watched, owner, sku, count); !fault.HasCode(err, fault.CodeShortStock) || len(ran) > 0 {
				t.Errorf("%d of SKU %d: %v, by %q", count, sku, err, ran)
			}
		}
		must(t, c.Add(watched, owner, some, 2))
		if len(ran) != 3 || !strings.HasPrefix(ran[0], "UPDATE cart_lines") || ran[2] != "COMMITTED" {
			t.Errorf("a line grew by %q", ran)
		}
	})
}
