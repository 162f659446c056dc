package order_test

import (
	"slices"
	"testing"

	"dashop/store/storetest"
)

// An order knows why each of its lines costs what it costs, to the fen and with its part of the freight, and keeps that.
func TestAnOrderExplainsItsPrices(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		beans, pot := storetest.SKU(s, s.db, 9000, 5), storetest.SKU(s, s.db, 3000, 3)
		held := s.claim(user, storetest.Coupon(s, s.db, 1000, 0))
		s.grant(user, 800)
		in, q := s.with(s.cartForm(user, address, beans, pot), held, 500)
		no := s.place(in)
		storetest.Exec(s, s.db, "UPDATE coupons SET name = 'x', off_fen = 1")
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.CouponID != held || o.Credits != 500 || o.Discount != 1500 || o.Payable != 11500 || !slices.Equal(o.Discounts(), q.Discounts) {
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
