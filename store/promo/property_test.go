package promo_test

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

var noon = time.Date(2026, 11, 29, 4, 0, 0, 0, time.UTC)

// world draws goods, sales, promotions and figures that a merchant could make, with some goods that cost nothing or next to it.
func world(r *rapid.T) promo.Facts {
	f := promo.Facts{Now: noon, SKUs: map[int64]catalog.SKU{}, Sales: map[int64]promo.Sale{}, Credits: rapid.Int64Range(0, 200_000).Draw(r, "credits held"),
		Rules: promo.Rules{Freight: fen(r, "freight", 0, 2000), FreeFrom: fen(r, "free from", 0, 100_000)}}
	for id := range int64(6) {
		k := catalog.SKU{
			ID: id + 1, SPUID: id/2 + 1, Name: fmt.Sprint("SKU ", id+1), Launched: true, Virtual: rapid.IntRange(0, 3).Draw(r, "virtual") == 0,
			Price:     money.Fen(rapid.SampledFrom([]int64{0, 1, 2, 3, 7, 99, 100, 3333, 9990, 12_400, 100_000}).Draw(r, "price")),
			Category1: id%2 + 1, Category2: id%3 + 11, Category3: id + 21, BrandID: id%2 + 1,
		}
		if rapid.IntRange(0, 2).Draw(r, "in a sale") == 0 && k.Price > 0 {
			k.SaleID, k.SalePrice = 100+id/3, fen(r, "sale price", 0, int64(k.Price)-1)
			s := promo.Sale{ID: k.SaleID, Kind: promo.KindPrice, Price: k.SalePrice, Left: promo.NoLimit}
			if rapid.Bool().Draw(r, "flash") {
				s.ID, s.Kind, s.Left = 200+id/3, promo.KindFlash, rapid.Int64Range(0, 5).Draw(r, "left")
				k.SaleID = s.ID
			}
			f.Sales[k.ID] = s
		}
		f.SKUs[k.ID] = k
	}
	for i := range rapid.IntRange(0, 5).Draw(r, "promotions") {
		f.Promotions = append(f.Promotions, drawPromotion(r, int64(i+1)))
	}
	return f
}

func fen(r *rapid.T, name string, from, to int64) money.Fen {
	return money.Fen(rapid.Int64Range(from, to).Draw(r, name))
}

func drawPromotion(r *rapid.T, id int64) promo.Promotion {
	p := promo.Promotion{
		ID: id, Kind: rapid.SampledFrom([]promo.Kind{promo.KindReduction, promo.KindPercent}).Draw(r, "kind"), Scope: drawScope(r),
		Name: fmt.Sprint("promotion ", id), Percent: rapid.Int64Range(0, 100).Draw(r, "percent"), Priority: rapid.IntRange(0, 2).Draw(r, "priority"),
		StartsAt: noon.Add(-time.Hour), EndsAt: noon.Add(time.Hour), Published: rapid.IntRange(0, 9).Draw(r, "published") > 0,
	}
	if rapid.IntRange(0, 9).Draw(r, "over") == 0 {
		p.EndsAt = noon
	}
	for from, off := money.Fen(0), money.Fen(0); p.Kind == promo.KindReduction && len(p.Steps) < 3; {
		from, off = from+fen(r, "step", 1, 20_000), off+fen(r, "more off", 1, 8000)
		p.Steps = append(p.Steps, promo.Step{From: from, Off: off})
	}
	return p
}

func drawScope(r *rapid.T) promo.Scope {
	id := rapid.Int64Range
	switch rapid.IntRange(0, 4).Draw(r, "scope") {
	case 0:
		return promo.NewScope(promo.ScopeCategory, id(1, 26).Draw(r, "category"))
	case 1:
		return promo.NewScope(promo.ScopeBrand, id(1, 2).Draw(r, "brand"))
	case 2:
		return promo.NewScope(promo.ScopeSPU, id(1, 3).Draw(r, "product"), id(1, 3).Draw(r, "product"))
	case 3:
		return promo.NewScope(promo.ScopeSKU, rapid.SliceOfN(id(1, 6), 0, 4).Draw(r, "SKUs")...)
	}
	return promo.NewScope(promo.ScopeAll)
}

func drawCoupon(r *rapid.T, id int64) promo.Coupon {
	c := promo.Coupon{
		ID: id, Scope: drawScope(r), Threshold: fen(r, "threshold", 0, 30_000), StartsAt: noon.Add(-time.Hour),
		EndsAt: noon.Add(time.Duration(rapid.IntRange(0, 3).Draw(r, "hours")) * time.Hour), Used: rapid.IntRange(0, 9).Draw(r, "used") == 0,
	}
	if rapid.Bool().Draw(r, "fixed") {
		c.Off = fen(r, "coupon", 0, 30_000)
	} else {
		c.Percent, c.Cap = rapid.Int64Range(1, 100).Draw(r, "coupon's percent"), fen(r, "cap", 0, 5000)
	}
	return c
}

// basket draws some items of a world, each SKU once.
func basket(r *rapid.T) (items []promo.Item) {
	for id := range int64(6) {
		if n := rapid.Int64Range(-2, 7).Draw(r, "count"); n > 0 {
			items = append(items, promo.Item{SKUID: id + 1, Count: n})
		}
	}
	return items
}

// priced draws a world and a basket in it, often with a coupon and credits, and prices it.
func priced(r *rapid.T) (promo.Facts, promo.Quote) {
	f, ask := world(r), promo.Ask{UserID: 1, Items: basket(r)}
	if rapid.Bool().Draw(r, "with a coupon") {
		c := drawCoupon(r, 9)
		f.Coupon = &c
		ask.CouponID = 9
		if _, err := promo.Price(f, ask); err != nil {
			wantCode(r, err, fault.CodeBadCoupon)
			ask.CouponID = 0
		}
	}
	q := must(promo.Price(f, ask))(r)
	if most := min(q.CreditsMost, f.Credits); most > 0 && rapid.Bool().Draw(r, "with credits") {
		ask.Credits = rapid.Int64Range(1, most).Draw(r, "credits")
		q = must(promo.Price(f, ask))(r)
	}
	return f, q
}

func must[T any](value T, err error) func(r rapid.TB) T {
	return func(r rapid.TB) T {
		r.Helper()
		if err != nil {
			r.Fatal(err)
		}
		return value
	}
}

func wantCode(r rapid.TB, err error, code int) {
	r.Helper()
	if !fault.HasCode(err, code) {
		r.Fatalf("%v, want %d", err, code)
	}
}

// Whatever a basket holds: no amount is negative, each line is paid for in goods minus shares, the lines with the freight add up to the
// payable amount, their parts of the freight to the freight, and the shares to the discounts.
func TestAnyBasketAddsUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		_, q := priced(r)
		paid, freight, discounts := money.Fen(0), money.Fen(0), map[string]money.Fen{}
		for _, l := range q.Lines {
			left := l.Goods
			for _, s := range l.Shares {
				left -= s.Amount
				discounts[fmt.Sprint(s.Kind, s.ID)] += s.Amount
				if s.Amount <= 0 {
					r.Fatalf("share %+v", s)
				}
			}
			if l.Payable < 0 || l.Payable != left || l.Goods != l.Unit*money.Fen(l.Count) || l.Freight < 0 || l.SKU.Virtual && l.Freight != 0 {
				r.Fatalf("line %+v", l)
			}
			paid, freight = paid+l.Payable, freight+l.Freight
		}
		discount := money.Fen(0)
		for _, s := range q.Discounts {
			if discount += s.Amount; discounts[fmt.Sprint(s.Kind, s.ID)] != s.Amount {
				r.Fatalf("discount %+v of %v", s, discounts)
			}
		}
		if paid+q.Freight != q.Payable || freight != q.Freight || discount != q.Discount || q.Goods-q.Discount != paid || q.Payable < 0 ||
			len(q.Discounts) != len(discounts) {
			r.Fatalf("%+v", q)
		}
	})
}

// Nothing takes off more than it says: a step at most its amount and only what its goods reach, a coupon its value, its percentage and its
// cap, credits what was asked for and half of what was left; and all only of their own goods.
func TestNothingTakesMoreThanItSays(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, q := priced(r)
		beforeCredits, current := money.Fen(0), money.Fen(0)
		for _, l := range q.Lines {
			beforeCredits += l.Payable + l.Off(promo.KindCredits)
			if f.Coupon != nil && f.Coupon.Scope.Contains(l.SKU) {
				current += l.Current()
			}
			for _, s := range l.Shares {
				i := slices.IndexFunc(f.Promotions, func(p promo.Promotion) bool { return p.ID == s.ID && p.Kind == s.Kind })
				if i >= 0 && (!f.Promotions[i].Scope.Contains(l.SKU) || !f.Promotions[i].On(f.Now)) || s.Kind == promo.KindCoupon && !f.Coupon.Scope.Contains(l.SKU) {
					r.Fatalf("%+v is taken off %+v", s, l.SKU)
				}
			}
			if l.Sale != nil && l.Sale.Kind == promo.KindFlash && l.AtSale == l.Count && l.Off(promo.KindReduction)+l.Off(promo.KindPercent) > 0 {
				r.Fatalf("something is taken off pieces of a flash sale: %+v", l)
			}
		}
		for _, p := range q.Steps {
			if p.Sum <= 0 || len(p.SKUIDs) == 0 {
				r.Fatalf("nothing counts for %+v", p)
			}
		}
		for _, s := range q.Discounts {
			switch s.Kind {
			case promo.KindReduction:
				i := slices.IndexFunc(q.Steps, func(p promo.Progress) bool { return p.Promotion.ID == s.ID })
				if p := q.Steps[i]; s.Amount > p.Reached.Off || p.Sum < p.Reached.From || p.Short > 0 && p.Sum+p.Short != p.Next.From {
					r.Fatalf("%d off by %+v", s.Amount, p)
				}
			case promo.KindCoupon:
				c := f.Coupon
				if current < c.Threshold || c.Percent == 0 && s.Amount > c.Off || c.Cap > 0 && c.Percent > 0 && s.Amount > c.Cap {
					r.Fatalf("%d off of %d by %+v", s.Amount, current, c)
				}
			case promo.KindCredits:
				if int64(s.Amount) != q.Ask.Credits || 2*s.Amount > beforeCredits || int64(s.Amount) > f.Credits {
					r.Fatalf("%d credits of %d", s.Amount, beforeCredits)
				}
			}
		}
	})
}

// One more piece of anything never makes less of what a promotion takes off: of a sale and of a reduction exactly. A percentage and the coupon
// are of what those before them leave, so of the same goods they take less where a step takes more, but never by more than it takes: all
// together never take less than before, but for remainders. Where a percentage or the coupon is about some only of a promotion's lines,
// its shares of them can move by a fen each, as with every way to round shares that keeps them within a fen of what is exactly due
// (Balinski and Young), so that the sum can be some fen less: fewer than there are lines.
func TestMoreGoodsNeverTakeLessOff(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, q := priced(r)
		ask := q.Ask
		ask.Credits = 0
		less := must(promo.Price(f, ask))(r)
		more := slices.Clone(ask.Items)
		id, n := rapid.Int64Range(1, 6).Draw(r, "more of"), rapid.Int64Range(1, 3).Draw(r, "more")
		ask.Items = append(more, promo.Item{SKUID: id, Count: n})
		with, err := promo.Price(f, ask)
		if err != nil { // the coupon has nothing left to take off
			wantCode(r, err, fault.CodeBadCoupon)
			ask.CouponID = 0
			with = must(promo.Price(f, ask))(r)
		}
		allowed := money.Fen(0)
		if !whole(f, with) {
			allowed = money.Fen(len(with.Lines) - 1)
		}
		if with.Discount < less.Discount-allowed {
			r.Fatalf("%d more of %d take %d off instead of %d, allowed %d\n%+v\n%+v", n, id, with.Discount, less.Discount, allowed, less.Discounts, with.Discounts)
		}
		for _, was := range less.Discounts {
			if !was.Kind.IsSale() && was.Kind != promo.KindReduction {
				continue
			}
			i := slices.IndexFunc(with.Discounts, func(is promo.Share) bool { return is.Kind == was.Kind && is.ID == was.ID })
			if i < 0 || with.Discounts[i].Amount < was.Amount {
				r.Fatalf("%d more of %d: %+v became %+v", n, id, was, with.Discounts)
			}
		}
	})
}

// The fen by which more goods can take less off, see above: of the reduction's two fen another line moves one onto the line that the coupon
// pays the rest of.
func TestMoreGoodsCanMoveARemainder(t *testing.T) {
	sku := func(id int64, price money.Fen) catalog.SKU { return catalog.SKU{ID: id, Price: price, Launched: true} }
	f := promo.Facts{
		Now: noon, SKUs: map[int64]catalog.SKU{1: sku(1, 10), 2: sku(2, 31), 3: sku(3, 10)},
		Promotions: []promo.Promotion{{ID: 1, Kind: promo.KindReduction, Scope: promo.NewScope(promo.ScopeAll), Steps: []promo.Step{{From: 1, Off: 2}},
			EndsAt: noon.Add(time.Hour), Published: true}},
		Coupon: &promo.Coupon{ID: 1, Scope: promo.NewScope(promo.ScopeSKU, 1), Off: 100, EndsAt: noon.Add(time.Hour)},
	}
	ask := promo.Ask{CouponID: 1, Items: []promo.Item{{SKUID: 1, Count: 1}, {SKUID: 2, Count: 1}}}
	two := must(promo.Price(f, ask))(t)
	ask.Items = append(ask.Items, promo.Item{SKUID: 3, Count: 1})
	three := must(promo.Price(f, ask))(t)
	if two.Discount != 12 || three.Discount != 11 {
		t.Errorf("%d off two lines, %d off three", two.Discount, three.Discount)
	}
}

// whole says whether each percentage and the coupon is about all or none of the lines of each promotion before it.
func whole(f promo.Facts, q promo.Quote) bool {
	in := func(l promo.Line, kind promo.Kind, id int64) bool {
		if kind == promo.KindCoupon {
			return f.Coupon.Scope.Contains(l.SKU)
		}
		return slices.ContainsFunc(promo.For(f.Promotions, f.Now, l.SKU), func(p promo.Promotion) bool { return p.Kind == kind && p.ID == id })
	}
	type source struct {
		kind promo.Kind
		id   int64
	}
	var sources []source
	for _, p := range f.Promotions {
		sources = append(sources, source{p.Kind, p.ID})
	}
	slices.SortStableFunc(sources, func(x, y source) int { return cmp.Compare(y.kind, x.kind) }) // reduction before percent
	if q.Ask.CouponID != 0 {
		sources = append(sources, source{promo.KindCoupon, q.Ask.CouponID})
	}
	for i, before := range sources {
		for _, after := range sources[i+1:] {
			some, all := false, true
			for _, l := range q.Lines {
				if in(l, before.kind, before.id) {
					within := in(l, after.kind, after.id)
					some, all = some || within, all && within
				}
			}
			if before.kind != after.kind && some && !all {
				return false
			}
		}
	}
	return true
}

// The order of items and of promotions matters to nothing but the order in which the lines are shown.
func TestOrderDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, q := priced(r)
		ask := q.Ask
		ask.Items = rapid.Permutation(ask.Items).Draw(r, "items")
		f.Promotions = rapid.Permutation(f.Promotions).Draw(r, "order of promotions")
		other := must(promo.Price(f, ask))(r)
		byID := func(x, y promo.Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) }
		for _, one := range []*promo.Quote{&q, &other} {
			slices.SortFunc(one.Lines, byID)
			one.Ask.Items = nil
		}
		if !reflect.DeepEqual(q, other) {
			r.Fatalf("%+v\nin another order\n%+v", q, other)
		}
	})
}

// Items of one SKU that come apart are priced as together.
func TestItemsOfOneSKUArePutTogether(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, q := priced(r)
		ask := q.Ask
		ask.Items = nil
		for _, it := range q.Ask.Items {
			n := rapid.Int64Range(1, it.Count).Draw(r, "apart")
			ask.Items = append(ask.Items, promo.Item{SKUID: it.SKUID, Count: n})
			if n < it.Count {
				ask.Items = append(ask.Items, promo.Item{SKUID: it.SKUID, Count: it.Count - n})
			}
		}
		if apart := must(promo.Price(f, ask))(r); apart.Digest != q.Digest {
			r.Fatalf("%+v\napart\n%+v", q, apart)
		}
	})
}

// In whatever parts the pieces of a line are given back, the parts add up to what was paid for it, and to each of its shares; no part has
// a negative amount, and what one comes to depends on the counts alone.
func TestAnyPartialRefundsAddUp(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		_, q := priced(r)
		for _, l := range q.Lines {
			paid, shares := money.Fen(0), map[string]money.Fen{}
			for before := int64(0); before < l.Count; {
				n := rapid.Int64Range(1, l.Count-before).Draw(r, "pieces")
				part := must(l.Part(before, n))(r)
				sum := part.Payable
				for _, s := range part.Shares {
					shares[fmt.Sprint(s.Kind, s.ID)] += s.Amount
					sum += s.Amount
					if s.Amount <= 0 {
						r.Fatalf("part %+v", part)
					}
				}
				if part.Payable < 0 || part.Count != n || sum != part.Goods || part.Goods != l.Unit*money.Fen(n) {
					r.Fatalf("part %+v of %+v", part, l)
				}
				paid, before = paid+part.Payable, before+n
			}
			want := map[string]money.Fen{}
			for _, s := range l.Shares {
				want[fmt.Sprint(s.Kind, s.ID)] += s.Amount
			}
			if paid != l.Payable || !maps.Equal(shares, want) {
				r.Fatalf("%d and %v come back of %+v", paid, shares, l)
			}
			for _, bad := range [][2]int64{{0, l.Count + 1}, {l.Count, 1}, {0, 0}, {-1, 1}, {1, math.MaxInt64}, {math.MaxInt64, 1}} {
				if _, err := l.Part(bad[0], bad[1]); !fault.Is(err, fault.Invalid) {
					r.Fatalf("%d after %d of %d: %v", bad[1], bad[0], l.Count, err)
				}
			}
		}
	})
}

// What each coupon is said to save is what the shopper pays less with it; what is said not to fit is refused; the best comes first.
func TestOffersKeepTheirWord(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		f, ask := world(r), promo.Ask{UserID: 1, Items: basket(r)}
		coupons := make([]promo.Coupon, rapid.IntRange(0, 4).Draw(r, "coupons"))
		for i := range coupons {
			coupons[i] = drawCoupon(r, int64(i+1))
		}
		without := must(promo.Price(f, ask))(r)
		offers := must(promo.Offers(f, ask, coupons))(r)
		if len(offers) != len(coupons) {
			r.Fatalf("%d offers for %d coupons", len(offers), len(coupons))
		}
		least, best := without.Payable, promo.Best(offers)
		for i, o := range offers {
			f.Coupon, ask.CouponID = &o.Coupon, o.Coupon.ID
			q, err := promo.Price(f, ask)
			if o.Why != promo.Usable {
				wantCode(r, err, fault.CodeBadCoupon)
				if o.Reason().Msg == "" || o.Saving != 0 || (o.Short > 0) != (o.Why == promo.UnusableShort) {
					r.Fatalf("%+v", o)
				}
				continue
			}
			if err != nil || q.Payable != without.Payable-o.Worth() || q.Discount != without.Discount+o.Saving || o.Saving <= 0 {
				r.Fatalf("%+v: payable %d, without it %d: %v", o, q.Payable, without.Payable, err)
			}
			if i > 0 && (offers[i-1].Why != promo.Usable || offers[i-1].Worth() < o.Worth()) {
				r.Fatalf("%+v stands before %+v", offers[i-1], o)
			}
			least = min(least, q.Payable)
		}
		if f.Coupon, ask.CouponID = nil, best; best != 0 {
			f.Coupon = &offers[0].Coupon
		}
		if q := must(promo.Price(f, ask))(r); q.Payable != least {
			r.Fatalf("with the best coupon %d, with another %d", q.Payable, least)
		}
	})
}

// Two quotes have one digest exactly when they agree in all that is agreed to.
func TestDigestIsOfAllAgreedTo(t *testing.T) {
	agreed := func(q promo.Quote) string {
		s := fmt.Sprint(q.Goods, q.Discount, q.Freight, q.Payable, q.Ask.CouponID, q.Ask.Credits)
		lines := slices.Clone(q.Lines)
		slices.SortFunc(lines, func(x, y promo.Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) })
		for _, l := range lines {
			s += fmt.Sprint(";", l.SKU.ID, l.Count, l.Unit, l.Payable)
			for _, share := range l.Shares {
				s += fmt.Sprint(",", share.Kind, share.ID, share.Amount)
			}
		}
		return s
	}
	rapid.Check(t, func(r *rapid.T) {
		f, one := priced(r)
		ask := one.Ask
		switch rapid.IntRange(0, 8).Draw(r, "change") {
		case 1:
			f.Rules.Freight++
		case 2, 3:
			k := f.SKUs[1]
			if k.Name += "!"; rapid.Bool().Draw(r, "another price") {
				k.Price++
			}
			f.SKUs[1] = k
		case 4:
			ask.Credits = 0
		case 5:
			ask.CouponID = 0
		case 6:
			if len(f.Promotions) > 0 {
				f.Promotions = slices.Clone(f.Promotions)
				if f.Promotions[0].ID += 50; rapid.Bool().Draw(r, "unpublished") {
					f.Promotions[0].Published = false
				}
			}
		case 7:
			f.Sales = nil
		case 8:
			ask.Items = basket(r)
		}
		two, err := promo.Price(f, ask)
		if err == nil && (agreed(one) == agreed(two)) != (one.Digest == two.Digest) {
			r.Fatalf("%s has digest %s\n%s has digest %s", agreed(one), one.Digest, agreed(two), two.Digest)
		}
	})
}

// Facts that no merchant could make by the forms, such as negative prices and amounts beyond all money, are refused or priced, but neither
// panic nor give a negative amount.
func TestHostileFactsAreHarmless(t *testing.T) {
	number := func(r *rapid.T, name string) int64 {
		return rapid.OneOf(rapid.SampledFrom([]int64{math.MinInt64, -1, 0, 1, int64(money.Max) - 1, int64(money.Max), math.MaxInt64}),
			rapid.Int64(), rapid.Int64Range(-10, 20_000)).Draw(r, name)
	}
	amount := func(r *rapid.T, name string) money.Fen { return money.Fen(number(r, name)) }
	rapid.Check(t, func(r *rapid.T) {
		f, ask := world(r), promo.Ask{Items: basket(r)}
		for id, k := range f.SKUs {
			if rapid.Bool().Draw(r, "price") {
				k.Price = amount(r, "price")
			}
			sale := f.Sales[id]
			sale.ID, sale.Kind, sale.Price, sale.Left = k.SaleID, promo.KindFlash, amount(r, "sale price"), number(r, "left")
			f.SKUs[id], f.Sales[id] = k, sale
		}
		for i := range f.Promotions {
			p := &f.Promotions[i]
			p.Percent, p.Steps = number(r, "percent"), []promo.Step{{From: amount(r, "from"), Off: amount(r, "off")}, {From: amount(r, "from"), Off: amount(r, "off")}}
		}
		f.Rules = promo.Rules{Freight: amount(r, "freight"), FreeFrom: amount(r, "free from")}
		c := promo.Coupon{ID: 1, Scope: drawScope(r), Threshold: amount(r, "threshold"), Off: amount(r, "off"), Percent: number(r, "percent"), Cap: amount(r, "cap"),
			EndsAt: noon.Add(time.Hour)}
		f.Coupon, f.Credits = &c, number(r, "credits held")
		if offers, err := promo.Offers(f, ask, []promo.Coupon{c}); err == nil && (offers[0].Saving < 0 || offers[0].Short < 0) {
			r.Fatalf("%+v", offers)
		}
		for _, a := range []promo.Ask{ask, {Items: ask.Items, CouponID: 1, Credits: number(r, "credits")}} {
			q, err := promo.Price(f, a)
			if err != nil {
				continue
			}
			if q.Payable < 0 || q.Discount < 0 || q.Freight < 0 || q.Goods > money.Max || q.Payable > money.Max {
				r.Fatalf("%+v", q)
			}
			for _, l := range q.Lines {
				if l.Payable < 0 {
					r.Fatalf("%+v", l)
				}
			}
		}
	})
}
