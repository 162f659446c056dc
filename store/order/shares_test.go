package order_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// rich are holdings of somebody with one coupon and many credits.
type rich struct{ promo.NoHoldings }

func (rich) Coupon(_ context.Context, _ db.Queryer, _, id int64) (promo.Coupon, error) {
	return promo.Coupon{ID: id, Name: "新人券", NameEN: "Welcome", Scope: promo.Scope{Kind: promo.ScopeAll}, Off: 1000,
		EndsAt: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}, nil
}

func (rich) Credits(context.Context, db.Queryer, int64) (int64, error) { return 1_000_000, nil }

// An order knows why each of its lines costs what it costs, to the fen and with its part of the freight.
func TestAnOrderExplainsItsPrices(t *testing.T) {
	each(t, func(s shop) {
		goods := catalog.New(s.db, s.clock.Now)
		prices := promo.New(s.db, goods, rich{}, s.clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
		s.cart = cart.New(s.db, goods, prices, s.clock.Now)
		s.order = order.New(s.db, account.New(s.db, s.clock.Now, account.Options{}), prices, s.cart, goods.Finder(), alipayAlone{},
			s.clock.Now, order.Rules{PayTimeout: 30 * time.Minute})
		user, address := s.buyer("xiaoming")
		beans, pot := storetest.SKU(s, s.db, 9000, 5), storetest.SKU(s, s.db, 3000, 3)
		in := s.cartForm(user, address, beans, pot)
		in.CouponID, in.Credits = 7, 500
		q, err := prices.Quote(ctx, s.db, promo.Ask{UserID: user, Items: in.Lines, CouponID: 7, Credits: 500})
		s.must(err)
		in.Digest = q.Digest
		o, err := s.order.Order(ctx, user, s.place(in))
		s.must(err)
		if o.CouponID != 7 || o.Credits != 500 || o.Discount != 1500 || o.Payable != 11500 || !slices.Equal(o.Discounts(), q.Discounts) {
			s.Errorf("order: %+v, %+v", o, o.Discounts())
		}
		for i, it := range o.Items {
			l := q.Lines[i]
			if it.Freight != l.Freight || it.Freight == 0 || it.Payable != l.Payable || len(it.Shares) != 2 || !slices.Equal(it.Shares, l.Shares) {
				s.Errorf("item %+v of line %+v", it, l)
			}
		}
	})
}
