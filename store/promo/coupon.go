package promo

import (
	"cmp"
	"slices"
	"time"

	"dashop/store/fault"
	"dashop/store/money"
)

// Coupon is a coupon that a user holds.
type Coupon struct {
	ID        int64 // of the claimed one
	Name      string
	NameEN    string
	Scope     Scope
	Threshold money.Fen // its goods must come to this much, at the prices of the moment; 0: nothing
	Off       money.Fen // of a fixed one
	Percent   int64     // of the others: what is still paid; 0: it is a fixed one
	Cap       money.Fen // of the others: what it takes off at most; 0: no bound
	StartsAt  time.Time
	EndsAt    time.Time // the first moment at which it cannot be used any more
	Used      bool
}

// Unusable is why a coupon does not fit a basket.
type Unusable string

const (
	Usable        Unusable = ""
	UnusableShort Unusable = "short"     // too little of what it is for
	UnusableEarly Unusable = "early"     // its time has not come
	UnusableScope Unusable = "scope"     // the basket has nothing that it is for
	UnusableEmpty Unusable = "worthless" // nothing would be taken off
	UnusableLate  Unusable = "expired"   // its time is over
	UnusableUsed  Unusable = "used"
)

// Offer is what a coupon would do for a basket.
type Offer struct {
	Coupon  Coupon
	Saving  money.Fen // what it takes off the goods
	Freight money.Fen // what the order has more of freight with it, when the goods then no longer reach the sum that makes freight free
	Why     Unusable  // Usable when it can be used
	Short   money.Fen // with UnusableShort: how much is missing
}

// Worth is how much less the shopper pays with the coupon. It is negative where the coupon costs more freight than it takes off.
func (o Offer) Worth() money.Fen { return o.Saving - o.Freight }

// Reason says in words why the coupon cannot be used, and nothing when it can.
func (o Offer) Reason() fault.Text {
	switch o.Why {
	case UnusableShort:
		return fault.Text{Msg: "还差 ¥%s", Args: []any{o.Short}}
	case UnusableEarly:
		return fault.Text{Msg: "尚未开始"}
	case UnusableScope:
		return fault.Text{Msg: "没有适用的商品"}
	case UnusableEmpty:
		return fault.Text{Msg: "没有可以优惠的金额"}
	case UnusableLate:
		return fault.Text{Msg: "已过期"}
	case UnusableUsed:
		return fault.Text{Msg: "已使用"}
	}
	return fault.Text{}
}

// Offers are what each of a user's coupons would do for the basket that is asked for, whatever coupon and credits it is asked for with:
// first those that can be used, the best first, of equal ones that which ends earlier; then the others with the reason. Its faults
// are those of Price.
func Offers(facts Facts, ask Ask, coupons []Coupon) ([]Offer, error) {
	b, err := promoted(facts, ask)
	if err != nil {
		return nil, err
	}
	freight, _ := facts.Rules.freight(b.physical())
	offers := make([]Offer, len(coupons))
	for i, c := range coupons {
		o, parts := b.offer(c)
		if o.Why == Usable {
			with, _ := facts.Rules.freight(b.physicalAfter(o.Saving, parts))
			o.Freight = with - freight
		}
		offers[i] = o
	}
	slices.SortFunc(offers, better)
	return offers, nil
}

// better is the order of Offers.
func better(x, y Offer) int {
	return cmp.Or(
		cmp.Compare(slices.Index(byReason, x.Why), slices.Index(byReason, y.Why)),
		cmp.Compare(y.Worth(), x.Worth()),
		cmp.Compare(x.Short, y.Short),
		x.Coupon.EndsAt.Compare(y.Coupon.EndsAt),
		cmp.Compare(x.Coupon.ID, y.Coupon.ID),
	)
}

// byReason has what the shopper can do something about first.
var byReason = []Unusable{Usable, UnusableShort, UnusableEarly, UnusableScope, UnusableEmpty, UnusableLate, UnusableUsed}

// Best is the coupon with which the shopper pays least, or 0 if with each it would be no less than with none.
func Best(offers []Offer) (couponID int64) {
	if len(offers) > 0 && offers[0].Why == Usable && offers[0].Worth() > 0 {
		return offers[0].Coupon.ID
	}
	return 0
}

// useCoupon takes off what the chosen coupon says.
func (b *basket) useCoupon() error {
	if b.quote.Ask.CouponID == 0 {
		return nil
	}
	c := b.facts.Coupon
	if c == nil || c.ID != b.quote.Ask.CouponID {
		return BadCoupon()
	}
	offer, parts := b.offer(*c)
	if offer.Why != Usable {
		return BadCoupon()
	}
	takeOff(parts, Share{Kind: KindCoupon, ID: c.ID, Name: c.Name, NameEN: c.NameEN, Amount: offer.Saving})
	return nil
}

// offer is what a coupon would take off what is left now, but for its freight.
func (b *basket) offer(c Coupon) (Offer, []part) {
	parts := b.parts(KindCoupon, c.Scope)
	sum, left := sums(parts)
	o := Offer{Coupon: c}
	switch {
	case c.Used:
		o.Why = UnusableUsed
	case b.facts.Now.Before(c.StartsAt):
		o.Why = UnusableEarly
	case !b.facts.Now.Before(c.EndsAt):
		o.Why = UnusableLate
	case len(parts) == 0:
		o.Why = UnusableScope
	case sum < c.Threshold:
		o.Why, o.Short = UnusableShort, c.Threshold-sum
	default:
		if o.Saving = c.takes(left); o.Saving == 0 {
			o.Why = UnusableEmpty
		}
	}
	return o, parts
}

// takes is what the coupon takes off goods of which so much is left to pay.
func (c Coupon) takes(left money.Fen) money.Fen {
	off := c.Off
	if c.Percent != 0 {
		off = left - percentOf(left, c.Percent)
		if c.Cap > 0 {
			off = min(off, c.Cap)
		}
	}
	return min(max(off, 0), left)
}
