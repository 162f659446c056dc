package desk_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// crowd makes products in random categories and of random brands, at few prices, some of them not on sale or sold out, and returns their SKUs as
// the catalogue has them.
func (o *office) crowd(n int) map[int64]catalog.SKU {
	o.Helper()
	storetest.Exec(o, o.db, "INSERT INTO categories (id, parent_id, level, name, icon, sequence) VALUES (1, 0, 1, '甲', '', 1), (2, 0, 1, '乙', '', 2), "+
		"(101, 1, 2, '丙', '', 1), (10102, 101, 3, '丁', '', 2)")
	ids := []int64{o.coffee, o.tea}
	for i := range n {
		sku := storetest.SKU(o, o.db, money.Fen(100*(1+rand.IntN(12))), int64(rand.IntN(2)))
		ids = append(ids, sku)
		storetest.Exec(o, o.db, "UPDATE spus SET category1_id = ?, category2_id = 101, category3_id = ?, brand_id = ?, is_launched = ?, sales = ? WHERE id = "+
			"(SELECT spu_id FROM skus WHERE id = ?)", 1+rand.IntN(2), 10101+rand.IntN(2), rand.IntN(4), i%5 > 0, rand.IntN(9), sku)
	}
	skus, err := catalog.New(o.db, o.clock.Now).SKUs(ctx, o.db, ids)
	o.must(err)
	return skus
}

// A promotion's page lists exactly the launched products of its scope, each once, in the order that was asked for.
func TestGoodsOfAScope(t *testing.T) {
	each(t, func(o *office) {
		skus := o.crowd(90)
		goods := catalog.New(o.db, o.clock.Now)
		pick := func(from []int64) (ids []int64) {
			for _, id := range from {
				if rand.IntN(2) == 0 {
					ids = append(ids, id)
				}
			}
			return append(ids, from[0])
		}
		var all, products []int64
		for _, k := range skus {
			all, products = append(all, k.ID), append(products, k.SPUID)
		}
		longest := 0
		for _, scope := range []promo.Scope{
			promo.NewScope(promo.ScopeAll), promo.NewScope(promo.ScopeCategory, pick([]int64{1, 2, 101, 10101, 10102, 999})...),
			promo.NewScope(promo.ScopeCategory, 10101), promo.NewScope(promo.ScopeCategory, 999), promo.NewScope(promo.ScopeBrand, pick([]int64{1, 2, 3})...),
			promo.NewScope(promo.ScopeSPU, pick(products)...), promo.NewScope(promo.ScopeSKU, pick(all)...),
		} {
			want := map[int64]catalog.SKU{}
			for _, k := range skus {
				if k.Launched && scope.Contains(k) {
					want[k.SPUID] = k
				}
			}
			for _, sort := range []catalog.Sort{catalog.SortNew, catalog.SortPrice, catalog.SortPriceDown, catalog.SortSales} {
				what, seen, last := fmt.Sprintf("%s %v by %s", scope.Kind, scope.IDs, sort), map[int64]bool{}, catalog.Card{}
				for after, pages := "", 0; pages < 20; pages++ {
					list, err := goods.ListWithin(ctx, scope.Goods(), sort, after)
					o.must(err)
					for _, c := range list.Cards {
						if _, in := want[c.SPUID]; !in || seen[c.SPUID] {
							o.Errorf("%s: %d is not in it, or for the second time", what, c.SPUID)
						}
						if last.SPUID > 0 && (sort == catalog.SortPrice && c.MinPrice < last.MinPrice || sort == catalog.SortPriceDown && c.MinPrice > last.MinPrice ||
							sort == catalog.SortSales && c.Sales > last.Sales) {
							o.Errorf("%s: %d after %d", what, c.SPUID, last.SPUID)
						}
						seen[c.SPUID], last = true, c
					}
					longest = max(longest, pages)
					if after = list.Next; after == "" {
						break
					}
				}
				for spu := range want {
					if !seen[spu] {
						o.Errorf("%s lacks %d", what, spu)
					}
				}
			}
		}
		if longest < 2 {
			o.Errorf("no list was longer than %d pages", longest+1)
		}
	})
}

// A gap is filled by what costs as much or more, the cheapest first, and then by what comes closest; nothing of it is sold out.
func TestFill(t *testing.T) {
	each(t, func(o *office) {
		o.crowd(40)
		goods := catalog.New(o.db, o.clock.Now)
		for _, gap := range []money.Fen{1, 500, 550, 1200, 1300} {
			cards, err := goods.Fill(ctx, catalog.Within{Brands: []int64{1, 2, 3}}, gap)
			o.must(err)
			if len(cards) == 0 || !slices.IsSortedFunc(cards, func(a, b catalog.Card) int {
				rank := func(c catalog.Card) money.Fen { // below the gap after all above it
					if c.MinPrice >= gap {
						return c.MinPrice
					}
					return 1_000_000 - c.MinPrice
				}
				return int(rank(a) - rank(b))
			}) {
				o.Errorf("for a gap of %s: %+v", gap, cards)
			}
			for _, c := range cards {
				if !c.InStock {
					o.Errorf("%d is sold out", c.SPUID)
				}
			}
		}
	})
}
