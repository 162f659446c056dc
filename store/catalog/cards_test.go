package catalog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/storetest"
)

type card struct {
	Min     money.Fen `db:"min_price_fen"`
	Max     money.Fen `db:"max_price_fen"`
	Market  money.Fen `db:"market_fen"`
	Sales   int64     `db:"sales"`
	InStock bool      `db:"in_stock"`
}

func cardOf(t *testing.T, d *db.DB, spu int64) card {
	t.Helper()
	var c card
	if err := d.Get(ctx, &c, "SELECT min_price_fen, max_price_fen, market_fen, sales, in_stock FROM spus WHERE id = ?", spu); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestRefreshCards(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, _ *storetest.Clock) {
		// Of 1048, SKU 104804 is not launched and 104803 sold out.
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 700, market_fen = 0 WHERE spu_id = 1048")
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 500, market_fen = 900 WHERE id = 104802")
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 100 WHERE id = 104804")
		storetest.Exec(t, d, "UPDATE skus SET price_fen = 99900 WHERE id = 104803")
		storetest.Exec(t, d, "UPDATE stocks SET sold = 10 WHERE sku_id > 104800 AND sku_id < 104900")
		for range 2 { // to run it again changes nothing
			if err := s.RefreshCards(ctx, []int64{1048, 1049, 424242}); err != nil {
				t.Fatal(err)
			}
			want := card{Min: 500, Max: 99900, Market: 900, Sales: 40, InStock: true}
			if diff := cmp.Diff(want, cardOf(t, d, 1048)); diff != "" {
				t.Error(diff)
			}
		}
		storetest.Exec(t, d, "UPDATE skus SET is_launched = 0 WHERE spu_id = 1048")
		if err := s.RefreshCards(ctx, []int64{1048}); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(card{Sales: 40}, cardOf(t, d, 1048)); diff != "" {
			t.Error(diff)
		}
	})
}

// Cards follow the stock ledger: what moved since the last time is counted again, and only that.
func TestRefreshChanged(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, clock *storetest.Clock) {
		clock.Advance(5 * time.Minute)
		if _, err := s.RefreshChanged(ctx); err != nil { // the goods received by the loader
			t.Fatal(err)
		}
		run := func(want int) {
			t.Helper()
			if got, err := s.RefreshChanged(ctx); err != nil || got != want {
				t.Errorf("RefreshChanged = %d, %v; want %d", got, err, want)
			}
		}
		clock.Advance(5 * time.Minute)
		run(0)
		sell := func(sku int64, at time.Time) {
			storetest.Exec(t, d, "UPDATE stocks SET quantity = quantity - 1, sold = sold + 1 WHERE sku_id = ?", sku)
			storetest.Exec(t, d, "INSERT INTO stock_ledger (sku_id, kind, delta, order_id, created_at) VALUES (?, 'placed', -1, ?, ?)",
				sku, sku, at)
		}
		before := cardOf(t, d, 1206)
		clock.Advance(time.Second)
		sell(120601, clock.Now()) // the last piece of the fish tank's first SKU
		sell(100103, clock.Now())
		clock.Advance(time.Second)
		run(2)
		after := cardOf(t, d, 1206)
		if after.Sales != before.Sales+1 || !before.InStock || after.InStock {
			t.Errorf("the card went from %+v to %+v", before, after)
		}
		// A transaction that began before the last look and committed after it is found on the next.
		sell(101702, clock.Now().Add(-30*time.Second))
		clock.Advance(time.Second)
		run(3)
		clock.Advance(5 * time.Minute)
		run(3)
		clock.Advance(5 * time.Minute)
		run(0)
	})
}

// Another node that lags behind does not move the cursor back.
func TestCursorNeverGoesBack(t *testing.T) {
	eachDemo(t, func(t *testing.T, s *catalog.Service, d *db.DB, clock *storetest.Clock) {
		run := func() (text string) {
			_, err := s.RefreshChanged(ctx)
			if err == nil {
				err = d.Get(ctx, &text, "SELECT value FROM settings WHERE name = 'cards_refreshed_until'")
			}
			if err != nil {
				t.Fatal(err)
			}
			return text
		}
		clock.Advance(time.Hour)
		later := run()
		clock.Advance(-time.Minute)
		if got := run(); got != later {
			t.Errorf("the cursor went from %s back to %s", later, got)
		}
	})
}
