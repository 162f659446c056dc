package order_test

import (
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/promo/sale"
	"dashop/store/storetest"
)

// flash opens a flash sale of some pieces of a SKU for an hour.
func (s shop) flash(sku, pieces, perPerson int64, price money.Fen) {
	s.Helper()
	now := s.clock.Now()
	s.must(s.db.Tx(ctx, func(tx *db.Tx) error {
		promo.Changed(ctx, tx)
		id, err := tx.Insert(ctx, `INSERT INTO promotions (kind, name, name_en, scope, percent, per_person, starts_at, ends_at, is_published, created_at)
			VALUES ('flash', '限时秒杀', 'Flash sale', 'sku', 100, ?, ?, ?, 1, ?)`, perPerson, now, now.Add(time.Hour), now)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "INSERT INTO promotion_skus (promotion_id, sku_id, price_fen, quantity) VALUES (?, ?, ?, ?)", id, sku, price, pieces)
		return err
	}))
	s.sweepSales()
}

func (s shop) sweepSales() {
	s.Helper()
	s.must(sale.New(s.db, s.clock.Now).Sweep(ctx))
}

// Of eight shoppers who want the last three pieces of a flash sale at once three get them, each with a coupon and credits; the others
// are told the new price, and have spent nothing. Cancelled, the pieces, the coupons and the credits are all there again.
func TestFlashSaleAtPlacing(t *testing.T) {
	each(t, func(s shop) {
		sku := storetest.SKU(s, s.db, 20000, 100)
		s.flash(sku, 3, 1, 9900)
		c := storetest.Coupon(s, s.db, 500, 0)
		forms, held := make([]order.Placing, 8), make([]int64, 8)
		for i := range forms {
			user, address := s.buyer(string(rune('a' + i)))
			held[i] = s.claim(user, c)
			s.grant(user, 100)
			var q promo.Quote
			if forms[i], q = s.with(s.form(user, address, sku, 1), held[i], 100); q.Payable != 9900-600+1000 {
				s.Fatalf("payable %s", q.Payable)
			}
		}
		numbers, outcomes := make([]string, len(forms)), make([]error, len(forms))
		var wg sync.WaitGroup
		for i, in := range forms {
			wg.Go(func() { numbers[i], outcomes[i] = s.order.Place(ctx, in) })
		}
		wg.Wait()
		placed := 0
		for i, err := range outcomes {
			switch {
			case err == nil:
				placed++
				if s.free(held[i]) || s.credits(forms[i].UserID) != 0 {
					s.Errorf("order %s has not taken its coupon and credits", numbers[i])
				}
			case !fault.HasCode(err, fault.CodePriceChanged):
				s.Error(err)
			case !s.free(held[i]) || s.credits(forms[i].UserID) != 100:
				s.Errorf("shopper %d was refused and has lost a coupon or credits", i)
			}
		}
		if placed != 3 || s.count("SELECT quantity * 100 + sold FROM promotion_skus") != 3 {
			s.Errorf("%d placed, %d left and sold", placed, s.count("SELECT quantity * 100 + sold FROM promotion_skus"))
		}
		for i, no := range numbers {
			if no == "" {
				continue
			}
			o, err := s.order.Order(ctx, forms[i].UserID, no)
			s.must(err)
			if it := o.Items[0]; it.Sale != 9900 || it.AtSale != 1 || it.Unit != 20000 || len(it.Shares) != 3 || it.Shares[0].Kind != promo.KindFlash {
				s.Errorf("item %+v", it)
			}
			s.cancel(no)
			if !s.free(held[i]) || s.credits(forms[i].UserID) != 100 {
				s.Errorf("order %s has not given back what it took", no)
			}
		}
		if n := s.count("SELECT quantity * 100 + sold FROM promotion_skus"); n != 300 {
			s.Errorf("left and sold after cancelling: %d", n)
		}
	})
}

// A sale that ends between the page and the order is 50106, by reading as by the transaction, and the page then shows the ordinary price.
func TestSaleEndsUnderThePage(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 20000, 100)
		s.flash(sku, 30, 0, 9900)
		in := s.form(user, address, sku, 2)
		p := s.plan(in)
		s.clock.Advance(time.Hour)
		s.sweepSales()
		_, early := s.order.Plan(ctx, in)
		if late := s.write(p); !fault.HasCode(early, fault.CodePriceChanged) || kind(early) != kind(late) {
			s.Fatalf("by reading %v, by the transaction %v", early, late)
		}
		c, err := s.order.Again(ctx, in)
		s.must(err)
		if c.Quote.Payable != 40000 || c.Quote.Discount != 0 {
			s.Errorf("shown then: %+v", c.Quote)
		}
	})
}
