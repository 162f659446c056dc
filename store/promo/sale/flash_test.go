package sale_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/storetest"
)

// quote is what a shopper is shown for some pieces.
func (s shop) quote(user, sku, count int64) promo.Quote {
	s.Helper()
	q, err := s.prices.Quote(ctx, s.db, promo.Ask{UserID: user, Items: []promo.Item{{SKUID: sku, Count: count}}})
	s.must(err)
	return q
}

// buy takes what was quoted as placing an order does: under the user's row, and after a look whether the quote still holds.
func (s shop) buy(order int64, q promo.Quote) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := tx.Hold(ctx, "users", q.Ask.UserID); err != nil {
			return err
		}
		if err := s.prices.Confirm(ctx, tx, q); err != nil {
			return err
		}
		return sale.TakeFlash(ctx, tx, order, q, s.clock.Now)
	})
}

func (s shop) giveBack(order int64) {
	s.Helper()
	s.must(s.db.Tx(ctx, func(tx *db.Tx) error { return sale.GiveBackFlash(ctx, tx, order, s.clock.Now) }))
}

// Of fifty who want one of five pieces at once, five get one at the price of the sale; the others are told that the price has changed.
func TestFlashRace(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 39900, 100)
		s.flash(sku, 5, 1, 9900)
		s.sweep()
		var quotes []promo.Quote
		for i := range 50 {
			quotes = append(quotes, s.quote(storetest.User(s, s.db, fmt.Sprintf("buyer%d", i)), sku, 1))
		}
		var got, refused atomic.Int64
		var wg sync.WaitGroup
		for i, q := range quotes {
			wg.Go(func() {
				switch err := s.buy(int64(i+1), q); {
				case err == nil:
					got.Add(1)
				case fault.HasCode(err, fault.CodePriceChanged):
					refused.Add(1)
				default:
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if got.Load() != 5 || refused.Load() != 45 {
			s.Errorf("%d got a piece, %d were refused", got.Load(), refused.Load())
		}
		s.want(sku, 39900) // the taker of the last piece has closed the sale
		if n := s.count("SELECT quantity * 100 + sold FROM promotion_skus WHERE sku_id = ?", sku); n != 5 {
			s.Errorf("left and sold: %d", n)
		}
	})
}

// One person who orders five times at once gets as many pieces as one may have.
func TestFlashLimitRace(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 39900, 100)
		s.flash(sku, 50, 2, 9900)
		s.sweep()
		q := s.quote(storetest.User(s, s.db, "greedy"), sku, 1)
		var got atomic.Int64
		var wg sync.WaitGroup
		for i := range 5 {
			wg.Go(func() {
				err := s.buy(int64(i+1), q)
				if err == nil {
					got.Add(1)
				} else if !fault.HasCode(err, fault.CodePriceChanged) {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if got.Load() != 2 {
			s.Errorf("%d orders got a piece", got.Load())
		}
		if l := s.quote(q.Ask.UserID, sku, 3).Lines[0]; l.AtSale != 0 || l.Payable != 3*39900 {
			s.Errorf("beyond the limit: %d at the price of the sale, %s", l.AtSale, l.Payable)
		}
	})
}

// Pieces above what is left, or above the limit, have the ordinary price.
func TestFlashPieces(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 10000, 100)
		s.flash(sku, 3, 2, 4000)
		s.sweep()
		user := storetest.User(s, s.db, "xiaoming")
		for _, c := range []struct{ user, count, atSale int64 }{{0, 1, 1}, {0, 5, 2}, {user, 5, 2}, {user, 1, 1}} {
			if l := s.quote(c.user, sku, c.count).Lines[0]; l.AtSale != c.atSale {
				s.Errorf("%d pieces for %d: %d at the price of the sale", c.count, c.user, l.AtSale)
			}
		}
		s.must(s.buy(1, s.quote(user, sku, 2)))
		other := s.quote(storetest.User(s, s.db, "other"), sku, 2)
		if l := other.Lines[0]; l.AtSale != 1 || l.Payable != 14000 {
			s.Errorf("the last piece: %d at the price of the sale, %s", l.AtSale, l.Payable)
		}
		s.must(s.buy(2, other))
		s.want(sku, 10000)
	})
}

// What is given back is given back once, and opens a sale again that was sold out, as long as its window lasts.
func TestFlashGiveBack(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 10000, 100)
		s.flash(sku, 2, 2, 4000)
		s.sweep()
		user := storetest.User(s, s.db, "xiaoming")
		s.must(s.buy(1, s.quote(user, sku, 2)))
		s.want(sku, 10000)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if err := s.db.Tx(ctx, func(tx *db.Tx) error { return sale.GiveBackFlash(ctx, tx, 1, s.clock.Now) }); err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		s.want(sku, 4000)
		if n := s.count("SELECT quantity * 100 + sold FROM promotion_skus WHERE sku_id = ?", sku); n != 200 {
			s.Errorf("left and sold: %d", n)
		}
		s.must(s.buy(2, s.quote(user, sku, 2))) // the limit has room again
		s.clock.Advance(2 * time.Hour)
		s.sweep()
		s.giveBack(2)
		s.want(sku, 10000)
		if n := s.count("SELECT quantity * 100 + sold FROM promotion_skus WHERE sku_id = ?", sku); n != 200 {
			s.Errorf("left and sold after the end: %d", n)
		}
	})
}

// A fault at any statement of taking or giving back leaves nothing half done.
func TestFlashFaults(t *testing.T) {
	each(t, func(s shop) {
		sku, other := storetest.SKU(s, s.db, 10000, 100), storetest.SKU(s, s.db, 20000, 100)
		s.promote(offer{kind: promo.KindFlash, perPerson: 2, own: map[int64]promo.OwnPrice{sku: {Price: 4000, Quantity: 1}, other: {Price: 5000, Quantity: 9}}})
		s.sweep()
		q, err := s.prices.Quote(ctx, s.db, promo.Ask{UserID: storetest.User(s, s.db, "xiaoming"),
			Items: []promo.Item{{SKUID: other, Count: 1}, {SKUID: sku, Count: 1}}})
		s.must(err)
		planted := errors.New("planted")
		failing := func(what string, least int, do func(ctx context.Context, tx *db.Tx) error) {
			for at := 1; ; at++ {
				n := 0
				broken := db.InjectFaults(ctx, func(statement string) error {
					if n++; n == at && statement != "COMMITTED" {
						return planted
					}
					return nil
				})
				err := s.db.Tx(broken, func(tx *db.Tx) error { return do(broken, tx) })
				storetest.CheckBooks(s, s.db)
				if err == nil {
					if at <= least {
						s.Errorf("%s: only %d statements", what, at-1)
					}
					return
				}
				if !errors.Is(err, planted) {
					s.Fatal(err)
				}
			}
		}
		failing("taking", 10, func(ctx context.Context, tx *db.Tx) error { return sale.TakeFlash(ctx, tx, 1, q, s.clock.Now) })
		s.want(sku, 10000)
		s.want(other, 5000)
		failing("giving back", 10, func(ctx context.Context, tx *db.Tx) error { return sale.GiveBackFlash(ctx, tx, 1, s.clock.Now) })
		s.want(sku, 4000)
	})
}
