package cart_test

import (
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/storetest"
)

// TestCartsFollowAModel draws what people do to two carts, one thing after the other, and compares both with maps of counts after each. Of
// the last merge and the last other change the model knows what was before, and what an undo brings back.
func TestCartsFollowAModel(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	c := newCart(d, storetest.NewClock())
	skus := []int64{storetest.SKU(t, d, 1, 3), storetest.SKU(t, d, 1, 99), storetest.SKU(t, d, 1, 500), storetest.SKU(t, d, 1, 500)}
	most := map[int64]int64{skus[0]: 3, skus[1]: 99, skus[2]: 99, skus[3]: 5}
	storetest.Exec(t, d, "UPDATE skus SET max_per_order = 5 WHERE id = ?", skus[3])
	storetest.Exec(t, d, "UPDATE skus SET spu_id = 1")
	rapid.Check(t, func(r *rapid.T) {
		storetest.Exec(t, d, "DELETE FROM cart_lines")
		storetest.Exec(t, d, "DELETE FROM cart_undos")
		carts := map[cart.Owner]map[int64]int64{owner: {}, visitor: {}}
		type done struct {
			token         string
			before, after map[int64]int64
			visitor       map[int64]int64
		}
		last := map[string]done{}
		drawOwner, drawSKU := rapid.SampledFrom([]cart.Owner{owner, visitor}), rapid.SampledFrom(skus)
		edit := func(kind string, o cart.Owner, token string, before map[int64]int64) {
			if token != "" && o == owner {
				last[kind] = done{token: token, before: before, after: maps.Clone(carts[o])}
			}
		}
		r.Repeat(map[string]func(*rapid.T){
			"add": func(r *rapid.T) {
				o, sku, n := drawOwner.Draw(r, "owner"), drawSKU.Draw(r, "sku"), rapid.Int64Range(1, 120).Draw(r, "count")
				err := c.Add(ctx, o, sku, n)
				if fits := carts[o][sku]+n <= most[sku]; fits != (err == nil) {
					r.Fatalf("%d more on %d, of which %d fit: %v", n, carts[o][sku], most[sku], err)
				}
				if err == nil {
					carts[o][sku] += n
				}
			},
			"change": func(r *rapid.T) {
				o, sku, n := drawOwner.Draw(r, "owner"), drawSKU.Draw(r, "sku"), rapid.Int64Range(1, 120).Draw(r, "count")
				err := c.Change(ctx, o, sku, &n, nil)
				if can := carts[o][sku] > 0 && n <= most[sku]; can != (err == nil) {
					r.Fatalf("%d to %d: %v", carts[o][sku], n, err)
				}
				if err == nil {
					carts[o][sku] = n
				}
			},
			"remove": func(r *rapid.T) {
				o, sku := drawOwner.Draw(r, "owner"), drawSKU.Draw(r, "sku")
				before := maps.Clone(carts[o])
				e := did(t)(c.Remove(ctx, o, sku))
				delete(carts[o], sku)
				edit("edit", o, e.Undo, before)
			},
			"remove ticked": func(r *rapid.T) {
				before := maps.Clone(carts[owner])
				e := did(t)(c.RemoveTicked(ctx, owner)) // all are
				clear(carts[owner])
				edit("edit", owner, e.Undo, before)
			},
			"another spec": func(r *rapid.T) {
				from, to := drawSKU.Draw(r, "from"), drawSKU.Draw(r, "to")
				before := maps.Clone(carts[owner])
				result, err := c.Respecify(ctx, owner, from, to)
				if (err == nil) != (carts[owner][from] > 0) {
					r.Fatal(err)
				}
				if err == nil && from != to {
					carts[owner][to] = min(carts[owner][to]+carts[owner][from], most[to])
					delete(carts[owner], from)
					edit("edit", owner, result.Undo, before)
				}
			},
			"merge": func(r *rapid.T) {
				m, err := c.Merge(ctx, visitor, owner)
				must(t, err)
				before, theirs := maps.Clone(carts[owner]), maps.Clone(carts[visitor])
				for sku, n := range theirs {
					carts[owner][sku] = min(carts[owner][sku]+n, most[sku])
				}
				clear(carts[visitor])
				if m.Undo != "" {
					last["merge"] = done{token: m.Undo, before: before, after: maps.Clone(carts[owner]), visitor: theirs}
				}
			},
			"undo": func(r *rapid.T) {
				kind := rapid.SampledFrom([]string{"merge", "edit"}).Draw(r, "kind")
				x, known := last[kind]
				if !known {
					return
				}
				delete(last, kind)
				undo(t, c, owner, x.token)
				touched := map[int64]bool{}
				for _, sku := range skus {
					touched[sku] = x.visitor[sku] > 0 || x.visitor == nil && x.before[sku] != x.after[sku]
				}
				for sku := range touched {
					if !touched[sku] || carts[owner][sku] != x.after[sku] {
						continue // not part of it, or changed since
					}
					if n := x.before[sku]; n > 0 {
						carts[owner][sku] = n
					} else {
						delete(carts[owner], sku)
					}
					if n := x.visitor[sku]; n > 0 && carts[visitor][sku] == 0 {
						carts[visitor][sku] = n
					}
				}
			},
			"": func(r *rapid.T) {
				for o, want := range carts {
					got := map[int64]int64{}
					for _, l := range read(t, c, o).Lines {
						got[l.SKU.ID] = l.Count
					}
					if fmt.Sprint(got) != fmt.Sprint(want) {
						r.Fatalf("the cart of %s is %v, want %v", o, got, want)
					}
				}
			},
		})
	})
}
