package store_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dashop/store"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/recent"
	"dashop/store/storetest"
)

// What is kept for a moment counts at once on the node that changed it, and within a second on the other, or at once for who has
// just done it and comes to the other node.
func TestKeptOnTwoNodes(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c, clock := storetest.Config(t, driver), storetest.NewClock()
			d := storetest.Open(t, c)
			node := func(d *db.DB) *store.Store { return store.New(store.Config{DB: d, Clock: clock.Now}) }
			here, there := node(d), node(storetest.Open(t, c))
			user, sku := storetest.User(t, d, "somebody"), storetest.SKU(t, d, 1000, 50)
			var spu int64
			must(t, d.Get(ctx, &spu, "SELECT spu_id FROM skus WHERE id = ?", sku))
			owner := cart.UserOwner(user)
			told := func(ctx context.Context, s *store.Store) string {
				t.Helper()
				count, err := s.Cart.Count(ctx, owner)
				must(t, err)
				favourite, err := s.Interest.IsFavourite(ctx, user, spu)
				must(t, err)
				stock, err := s.Catalog.Stock(ctx, spu)
				must(t, err)
				return fmt.Sprint(count, favourite, stock)
			}
			before := told(ctx, here)
			began := time.Now()
			if got := told(ctx, there); got != before {
				t.Fatalf("%s here and %s there", before, got)
			}
			kept := time.Now() // the last of it, at the latest
			must(t, here.Cart.Add(ctx, owner, sku, 3))
			must(t, here.Interest.AddFavourite(ctx, user, spu))
			must(t, here.Stock.Receive(ctx, user, "", sku, 5))
			want := fmt.Sprintf("3 true [{%d 55 0 0 false}]", sku)
			if got := told(ctx, here); got != want {
				t.Errorf("here: %s, want %s", got, want)
			}
			if got := told(ctx, there); got != before && time.Since(began) < recent.Life/2 {
				t.Errorf("there at once: %s; nothing was kept, and this test shows nothing", got)
			}
			time.Sleep(time.Until(kept.Add(recent.Life)))
			if got := told(ctx, there); got != want {
				t.Errorf("there, a second later: %s, want %s", got, want)
			}
			_, err := here.Cart.Remove(ctx, owner, sku)
			must(t, err)
			must(t, here.Interest.RemoveFavourite(ctx, user, spu))
			must(t, here.Stock.Correct(ctx, user, sku, 55, 7, "counted"))
			want = fmt.Sprintf("0 false [{%d 7 0 0 false}]", sku)
			if got := told(ctx, here); got != want {
				t.Errorf("here: %s, want %s", got, want)
			}
			if got := told(recent.Anew(ctx), there); got != want {
				t.Errorf("there, for who has done it: %s, want %s", got, want)
			}
		})
	}
}
