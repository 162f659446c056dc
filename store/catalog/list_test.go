package catalog_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/fault"
	"dashop/store/storetest"
)

var sorts = []catalog.Sort{catalog.SortNew, catalog.SortPrice, catalog.SortPriceDown, catalog.SortSales}

// pages asks for pages until there is no next one, by cursor or by number, and returns what they show.
func pages(t *testing.T, cursor bool, ask catalog.Ask, get func(catalog.Ask) (catalog.List, error)) (all []int64) {
	t.Helper()
	for ask.Page = 1; ; ask.Page++ {
		list, err := get(ask)
		if err != nil {
			t.Fatalf("%+v: %v", ask, err)
		}
		all = append(all, ids(list.Cards)...)
		if !list.HasNext {
			return all
		}
		if cursor {
			ask.After = list.Next
		}
	}
}

// Whatever the order and the filter, the pages of a list together are what a plain query finds, by cursor and by number.
func TestListsAreWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if err := demo.Generate(ctx, d, 2000, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		s := catalog.New(d, clock.Now)
		// Many have the same price and sales, so that pages begin among equals.
		storetest.Exec(t, d, "UPDATE spus SET min_price_fen = 1000 * (id % 7), sales = id % 5, in_stock = id % 3 <> 0")
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id % 11 = 0")
		var big int64
		if err := d.Get(ctx, &big, "SELECT MIN(id) FROM categories WHERE level = 3"); err != nil {
			t.Fatal(err)
		}
		order := map[catalog.Sort]string{catalog.SortNew: "created_at DESC, id DESC", catalog.SortPrice: "min_price_fen, id",
			catalog.SortPriceDown: "min_price_fen DESC, id DESC", catalog.SortSales: "sales DESC, id DESC"}
		spec := "EXISTS (SELECT 1 FROM skus k JOIN sku_specs c ON c.sku_id = k.id JOIN spec_options o ON o.id = c.option_id " +
			"WHERE k.spu_id = spus.id AND o.value IN ('黑色', '红色'))"
		black := []catalog.SpecValue{{Name: "颜色", Value: "黑色"}, {Name: "颜色", Value: "红色"}}
		for _, c := range []struct {
			f     catalog.Filter
			where string
		}{
			{catalog.Filter{}, "1 = 1"},
			{catalog.Filter{Brands: []int64{1, 2, 999}}, "brand_id IN (1, 2)"},
			{catalog.Filter{Min: 1000, Max: 3000}, "min_price_fen BETWEEN 1000 AND 3000"},
			{catalog.Filter{Min: 6000}, "min_price_fen >= 6000"},
			{catalog.Filter{InStock: true}, "in_stock = 1"},
			{catalog.Filter{Specs: black}, spec},
			{catalog.Filter{Specs: black, InStock: true, Max: 4000, Brands: []int64{1, 2, 3, 4, 5, 6}}, spec +
				" AND in_stock = 1 AND min_price_fen <= 4000 AND brand_id <= 6"},
			{catalog.Filter{Specs: append(black, catalog.SpecValue{Name: "尺码", Value: "XL"})}, "1 = 0"},
			{catalog.Filter{Min: 9000, Max: 100}, "1 = 0"},
		} {
			for _, sort := range sorts {
				var want []int64
				if err := d.Select(ctx, &want, "SELECT id FROM spus WHERE is_launched = 1 AND category3_id = ? AND "+c.where+" ORDER BY "+
					order[sort],
					big); err != nil {
					t.Fatal(err)
				}
				for _, cursor := range []bool{true, false} {
					got := pages(t, cursor, catalog.Ask{Sort: sort, Filter: c.f}, func(a catalog.Ask) (catalog.List, error) {
						p, err := s.Category(ctx, big, a)
						return p.List, err
					})
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s where %s, by cursor %v: %d of %d (-want +got):\n%.600s", sort, c.where, cursor, len(got), len(want),
							diff)
					}
				}
			}
		}
		// A search has the same filters and orders.
		for _, sort := range append(sorts, catalog.SortBest) {
			byNumber := sort != catalog.SortBest // whose numbers end early
			whole := pages(t, !byNumber, catalog.Ask{Sort: sort}, func(a catalog.Ask) (catalog.List, error) {
				r, err := s.Search(ctx, "智能", a)
				return r.List, err
			})
			again := pages(t, true, catalog.Ask{Sort: sort}, func(a catalog.Ask) (catalog.List, error) {
				r, err := s.Search(ctx, "智能", a)
				return r.List, err
			})
			if len(whole) < 21 || !cmp.Equal(whole, again) {
				t.Errorf("search by %s: %d by number, %d by cursor", sort, len(whole), len(again))
			}
			some := pages(t, true, catalog.Ask{Sort: sort, Filter: catalog.Filter{InStock: true}},
				func(a catalog.Ask) (catalog.List, error) {
					r, err := s.Search(ctx, "智能", a)
					return r.List, err
				})
			left := slices.DeleteFunc(whole, func(id int64) bool { return id%3 == 0 })
			if !cmp.Equal(left, some) {
				t.Errorf("search by %s, in stock: %d, want %d", sort, len(some), len(left))
			}
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 1")
		// A search in its own order goes on after a cursor where its numbers end; an address that names a later number shows the last.
		var name string
		if err := d.Get(ctx, &name, "SELECT name FROM categories WHERE id = ?", big); err != nil {
			t.Fatal(err)
		}
		search := func(a catalog.Ask) (catalog.List, error) {
			r, err := s.Search(ctx, name, a)
			return r.List, err
		}
		all := pages(t, true, catalog.Ask{Sort: catalog.SortBest}, search)
		for number, shown := range map[int]int{1: 1, 2: 2, catalog.MaxBestPage: catalog.MaxBestPage, 57: catalog.MaxBestPage} {
			list, err := search(catalog.Ask{Sort: catalog.SortBest, Page: number})
			if err != nil || len(all) < 120 || list.Page != shown || !slices.Equal(ids(list.Cards), all[20*(shown-1):20*shown]) {
				t.Errorf("page %d of %d hits is page %d with %v, %v", number, len(all), list.Page, ids(list.Cards), err)
			}
		}
	})
}

// A cursor is good for its own order, and for nothing that was not made here.
func TestCursors(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, _ *db.DB, _ *storetest.Clock) {
		first, err := s.Category(ctx, 5, catalog.Ask{Sort: catalog.SortPrice, Page: 1})
		if err != nil {
			t.Fatal(err)
		}
		made := func(text string) string { return base64.RawURLEncoding.EncodeToString([]byte(text)) }
		for _, after := range []string{"x", "=", "'", "%00", first.List.Next + "=", first.List.Next + "\n", made("price"), made("price 1"),
			made("price -1 5"), made("price 01 5"), made("price 1 5 6"),
			made("price 9999999999999999999 5"), made("price 1 5 "), made("price 1' 5"), made("new 1 5"), made("price x y"),
			strings.Repeat("A", 4000)} {
			if _, err := s.Category(ctx, 5, catalog.Ask{Sort: catalog.SortPrice, Page: 1, After: after}); !fault.Is(err, fault.NotFound) {
				t.Errorf("cursor %.60q: %v; want NotFound", after, err)
			}
		}
		for _, sort := range []catalog.Sort{catalog.SortNew, catalog.SortPriceDown, catalog.SortSales} {
			if _, err := s.Category(ctx, 5, catalog.Ask{Sort: sort, Page: 1, After: first.List.Next}); !fault.Is(err, fault.NotFound) {
				t.Errorf("a cursor by price in a list by %s: %v", sort, err)
			}
		}
		for _, after := range []string{made("best 1 1"), made("best 0 1 1"), made("best 4 1 1"), made("best 1 256 1"), first.List.Next} {
			if _, err := s.Search(ctx, "茶", catalog.Ask{Page: 1, After: after}); !fault.Is(err, fault.NotFound) {
				t.Errorf("search after %q: %v; want NotFound", after, err)
			}
		}
		if strings.ContainsAny(first.List.Next, "+/=&? ") {
			t.Errorf("the cursor %q does not go into an address", first.List.Next)
		}
	})
}

// What can be chosen is counted as it is, and again when the job runs.
func TestFacets(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		brands := func(id int64) map[string]int64 {
			c, err := s.Category(ctx, id, catalog.Ask{Page: 1})
			if err != nil {
				t.Fatal(err)
			}
			counts := map[string]int64{}
			for _, b := range c.Facets.Brands {
				counts[b.Name] = b.Count
			}
			for _, f := range c.Facets.Specs {
				for _, v := range f.Values {
					counts[f.Name+":"+v.Value] = v.Count
				}
			}
			return counts
		}
		// 手机数码 has Nova 7 and Lite 5 of 云梯; four of its products come in 曜石黑.
		if got := brands(1); got["云梯"] != 2 || got["拾光机"] != 2 || got["颜色:曜石黑"] != 4 {
			t.Errorf("facets of 1: %v", got)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 1001")
		if err := s.RefreshFacets(ctx); err != nil {
			t.Fatal(err)
		}
		if got := brands(1); got["云梯"] != 1 {
			t.Errorf("after 1001 is gone: %v", got)
		}
		r, err := s.Search(ctx, "耳机", catalog.Ask{Page: 1})
		if err != nil || len(r.Facets.Brands) < 3 || r.Facets.AtLeast {
			t.Errorf("facets of a search: %+v, %v", r.Facets, err)
		}
	})
}

// Every list is read along its index, from its beginning or its middle, and ids are looked up as ids.
func TestListsUseTheirIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if err := demo.Generate(ctx, d, 12_000, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		if d.Driver() == db.MySQL {
			storetest.Exec(t, d, "ANALYZE TABLE spus")
		}
		var big struct{ C1, C2, C3 int64 }
		if err := d.Get(ctx, &big,
			"SELECT category1_id AS c1, category2_id AS c2, category3_id AS c3 FROM spus ORDER BY id LIMIT 1"); err != nil {
			t.Fatal(err)
		}
		index := map[catalog.Sort]string{catalog.SortNew: "new", catalog.SortPrice: "price", catalog.SortPriceDown: "price",
			catalog.SortSales: "sales"}
		for level, id := range []int64{0, big.C1, big.C2, big.C3} {
			for _, sort := range sorts {
				for _, middle := range []bool{false, true} {
					query, args := catalog.KeysQuery(catalog.Category{ID: id, Level: level}, sort, middle, 21)
					plan := storetest.Explain(t, d, query, args...)
					want := fmt.Sprintf("spus_c%d_%s", level, index[sort])
					if level == 0 {
						want = "spus_" + index[sort]
					}
					if !strings.Contains(plan, want) || strings.Contains(plan, "filesort") || strings.Contains(plan, "TEMP B-TREE") ||
						strings.Contains(plan, "SCAN") {
						t.Errorf("level %d by %s, from the middle %v: %s", level, sort, middle, plan)
					}
				}
			}
		}
		var some []string
		for id := range 300 {
			some = append(some, fmt.Sprint(100_000+3*id))
		}
		plan := storetest.Explain(t, d, "SELECT p.name FROM spus p WHERE "+strings.Replace(catalog.LaunchedOf, "?",
			strings.Join(some, ","), 1))
		if !strings.Contains(plan, "PRIMARY 8") && !strings.Contains(plan, "INTEGER PRIMARY KEY") {
			t.Errorf("some ids: %s", plan)
		}
	})
}
