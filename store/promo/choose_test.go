package promo_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// purse is what user 1 has; it counts how often it is asked.
type purse struct {
	coupons []promo.Coupon
	credits int64
	asked   *int
}

func (p purse) Coupon(_ context.Context, _ db.Queryer, userID, id int64) (promo.Coupon, error) {
	*p.asked++
	for _, c := range p.coupons {
		if userID == 1 && c.ID == id {
			return c, nil
		}
	}
	return promo.Coupon{}, fault.Missing()
}

func (p purse) Coupons(_ context.Context, _ db.Queryer, userID int64) ([]promo.Coupon, error) {
	*p.asked++
	if userID != 1 {
		return nil, nil
	}
	return p.coupons, nil
}

func (p purse) Credits(_ context.Context, _ db.Queryer, userID int64) (int64, error) {
	*p.asked++
	if userID != 1 {
		return 0, nil
	}
	return p.credits, nil
}

// A page that lets the shopper choose reads once what the user holds, chooses the best coupon for who has chosen none, and keeps to what was
// chosen otherwise. A coupon that costs more freight than it takes off is not chosen, nor is one of another user.
func TestChoose(t *testing.T) {
	d, clock := storetest.Open(t, storetest.Config(t, db.SQLite)), storetest.NewClock()
	now, all := clock.Now(), promo.NewScope(promo.ScopeAll)
	hour := now.Add(time.Hour)
	asked := 0
	goods := catalog.New(d, clock.Now)
	held := purse{credits: 5000, asked: &asked, coupons: []promo.Coupon{
		{ID: 1, Name: "减 5", Scope: all, Off: 500, EndsAt: hour},
		{ID: 2, Name: "满 500 减 60", Scope: all, Threshold: 50000, Off: 6000, EndsAt: hour},
		{ID: 3, Name: "减 30", Scope: all, Off: 3000, EndsAt: hour.Add(time.Hour)},
		{ID: 4, Name: "减 30", Scope: all, Off: 3000, EndsAt: hour},
		{ID: 5, Name: "明天", Scope: all, Off: 9000, StartsAt: hour, EndsAt: hour.Add(time.Hour)},
		{ID: 6, Name: "别的", Scope: promo.NewScope(promo.ScopeSKU, 1<<40), Off: 9000, EndsAt: hour},
		{ID: 7, Name: "昨天", Scope: all, Off: 9000, EndsAt: now},
	}}
	s := promo.New(d, goods, held, clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
	sku := storetest.SKU(t, d, 20000, 5)
	ask := promo.Ask{UserID: 1, Items: []promo.Item{{SKUID: sku, Count: 1}}}
	skus, err := goods.SKUs(ctx, d, []int64{sku})
	if err != nil {
		t.Fatal(err)
	}
	choose := func(ask promo.Ask, best bool) promo.Choice {
		t.Helper()
		c, err := s.Choose(ctx, d, skus, ask, best)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := choose(ask, true)
	var got string
	for _, o := range c.Offers {
		reason := o.Reason()
		got += fmt.Sprintf("%d %s %s %s;", o.Coupon.ID, o.Saving, o.Freight, fmt.Sprintf(reason.Msg, reason.Args...))
	}
	const want = "4 30.00 10.00 ;3 30.00 10.00 ;1 5.00 10.00 ;2 0.00 0.00 还差 ¥300.00;5 0.00 0.00 尚未开始;6 0.00 0.00 没有适用的商品;7 0.00 0.00 已过期;"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Quote.Ask.CouponID != 4 || c.Quote.Payable != 18000 || c.Credits != 5000 || asked != 2 {
		t.Errorf("coupon %d, payable %d, %d credits, asked %d times", c.Quote.Ask.CouponID, c.Quote.Payable, c.Credits, asked)
	}
	if c := choose(ask, false); c.Quote.Ask.CouponID != 0 || c.Quote.Payable != 20000 {
		t.Errorf("none is chosen: coupon %d, payable %d", c.Quote.Ask.CouponID, c.Quote.Payable)
	}
	ask.CouponID, ask.Credits = 1, 500
	if c := choose(ask, true); c.Quote.Ask.CouponID != 1 || c.Quote.Payable != 20000-500+1000-500 || len(c.Offers) != 7 {
		t.Errorf("another is chosen: %+v", c.Quote)
	}
	held.coupons = held.coupons[:1]
	alone := promo.New(d, goods, held, clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
	if c, err := alone.Choose(ctx, d, skus, promo.Ask{UserID: 1, Items: ask.Items}, true); err != nil || c.Quote.Ask.CouponID != 0 {
		t.Errorf("a coupon that makes the order dearer is chosen: %+v, %v", c.Quote, err)
	}
	for name, bad := range map[string]promo.Ask{"of nobody": {UserID: 1, Items: ask.Items, CouponID: 99}, "of another": {UserID: 2, Items: ask.Items, CouponID: 1}} {
		if _, err := s.Choose(ctx, d, skus, bad, true); !fault.HasCode(err, fault.CodeBadCoupon) {
			t.Errorf("a coupon %s: %v", name, err)
		}
	}
	asked = 0
	if c := choose(promo.Ask{Items: ask.Items}, true); len(c.Offers) != 0 || c.Quote.Payable != 20000 || asked != 0 {
		t.Errorf("a visitor: %+v, asked %d times", c, asked)
	}
}

// many is a purse with more coupons than a page lists.
type many struct{ purse }

func (m many) Coupons(context.Context, db.Queryer, int64) ([]promo.Coupon, error) {
	return m.coupons[:1], nil
}

// A coupon that the shopper asks for is taken and shown also where one has so many that it is not among those listed.
func TestChooseUnlisted(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		all, asked, goods := promo.NewScope(promo.ScopeAll), 0, catalog.New(d, clock.Now)
		held := many{purse{asked: &asked, coupons: []promo.Coupon{
			{ID: 1, Scope: all, Off: 500, EndsAt: clock.Now().Add(time.Hour)}, {ID: 2, Scope: all, Off: 300, EndsAt: clock.Now().Add(time.Hour)}}}}
		ask := promo.Ask{UserID: 1, CouponID: 2, Items: []promo.Item{{SKUID: storetest.SKU(t, d, 20000, 5), Count: 1}}}
		c, err := promo.New(d, goods, held, clock.Now, promo.Rules{}).Choose(ctx, d, nil, ask, true)
		if err != nil || c.Quote.Ask.CouponID != 2 || c.Quote.Payable != 19700 || len(c.Offers) != 2 {
			t.Errorf("%+v, %v", c, err)
		}
	})
}

// A shopper who was shown another validity of a course agrees to it anew.
func TestConfirmValidity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s, sku := node(d, clock), storetest.SKU(t, d, 20000, 5)
		storetest.Exec(t, d, "UPDATE spus SET is_virtual = 1")
		storetest.Exec(t, d, "UPDATE skus SET validity_days = 365")
		q, err := s.Quote(ctx, d, promo.Ask{Items: []promo.Item{{SKUID: sku, Count: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Confirm(ctx, d, q); err != nil {
			t.Errorf("nothing has changed: %v", err)
		}
		storetest.Exec(t, d, "UPDATE skus SET validity_days = 30")
		if err := s.Confirm(ctx, d, q); !fault.HasCode(err, fault.CodePriceChanged) {
			t.Errorf("a shorter one: %v", err)
		}
	})
}
