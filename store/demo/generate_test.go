package demo_test

import (
	"context"
	"errors"
	"testing"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/search"
	"dashop/store/storetest"
)

// A large shop is made like a small one: its stock balances, its figures are those that the jobs would find, everything is
// found, and the same count makes the same shop.
func TestGenerate(t *testing.T) {
	var names []string
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		ctx := context.Background()
		if err := demo.Generate(ctx, d, 5000, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		count := func(query string, args ...any) (n int64) {
			if err := d.Get(ctx, &n, query, args...); err != nil {
				t.Fatal(err)
			}
			return n
		}
		if n := count("SELECT COUNT(*) FROM skus"); n < 4500 || n > 5500 {
			t.Errorf("%d SKUs", n)
		}
		if n := count("SELECT COUNT(*) FROM spus WHERE category3_id = (SELECT MIN(id) FROM categories WHERE level = 3)"); n != 800 {
			t.Errorf("%d products in the big category", n)
		}
		if n := count(`SELECT COUNT(*) FROM stocks s WHERE s.quantity <> (SELECT COALESCE(SUM(l.delta), 0) FROM stock_ledger l
			WHERE l.sku_id = s.sku_id)`); n != 0 {
			t.Errorf("the ledger does not balance for %d SKUs", n)
		}
		if n := count("SELECT COUNT(*) FROM spus p WHERE NOT EXISTS (SELECT 1 FROM search_docs d WHERE d.spu_id = p.id)"); n != 0 {
			t.Errorf("%d products are not found", n)
		}
		type card struct {
			ID                 int64
			Min, Max, Mk, Sold int64
			Stock              bool
		}
		cards := func() (list []card) {
			err := d.Select(ctx, &list,
				"SELECT id, min_price_fen AS min, max_price_fen AS max, market_fen AS mk, sales AS sold, in_stock AS stock FROM spus ORDER BY id")
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		before := cards()
		var ids []int64
		for _, c := range before {
			ids = append(ids, c.ID)
		}
		if err := catalog.New(d, clock.Now).RefreshCards(ctx, ids); err != nil {
			t.Fatal(err)
		}
		for i, c := range cards() {
			if c != before[i] {
				t.Fatalf("the card %+v becomes %+v", before[i], c)
			}
		}
		var made []string
		if err := d.Select(ctx, &made, "SELECT name FROM spus ORDER BY id"); err != nil {
			t.Fatal(err)
		}
		for i, name := range names {
			if name != made[i] {
				t.Fatalf("product %d is %q on one database and %q on the other", i, name, made[i])
			}
		}
		names = made
		terms := count("SELECT COUNT(*) FROM search_terms")
		if err := search.New(d, clock.Now).Reindex(ctx, nil); err != nil || count("SELECT COUNT(*) FROM search_terms") != terms {
			t.Errorf("Reindex finds something to mend: %v", err)
		}
		if n := count("SELECT COALESCE(SUM(products), 0) FROM search_counts"); n != terms {
			t.Errorf("terms are counted %d times and there %d", n, terms)
		}
		if err := demo.Generate(ctx, d, 10, clock.Now(), nil); !errors.Is(err, demo.ErrNotEmpty) {
			t.Errorf("into a shop with goods: %v", err)
		}
	})
}
