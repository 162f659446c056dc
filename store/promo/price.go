package promo

import (
	"cmp"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
)

// Rules are the merchant's figures.
type Rules struct {
	Freight  money.Fen // of an order with physical goods
	FreeFrom money.Fen // from this sum of physical goods on there is no freight
}

// Facts are what a price depends on besides what was asked for.
type Facts struct {
	Now        time.Time
	Rules      Rules
	SKUs       map[int64]catalog.SKU // at least those asked for, as far as there are such
	Sales      map[int64]Sale        // by SKU, of those whose row names a sale; one that is not here has none
	Promotions []Promotion           // of baskets; those that are not on do nothing
	Coupon     *Coupon               // the one asked for, if the user holds it
	Credits    int64                 // that the user has
}

// Price prices what was asked for by the facts and nothing else. Items of one SKU are put together. An unknown SKU is
// NotFound, one that is not on sale 50103, a senseless count Invalid, a coupon 50107, credits 50108. Neither the order of items nor
// that of promotions matters to any amount.
func Price(facts Facts, ask Ask) (Quote, error) {
	items, err := merge(ask.Items)
	if err != nil {
		return Quote{}, err
	}
	ask.Items = items
	b := basket{facts: facts, quote: Quote{Ask: ask}}
	for _, it := range items {
		if err := b.add(it); err != nil {
			return Quote{}, err
		}
	}
	b.sort()
	for _, p := range b.promotions(KindReduction) {
		b.reduce(p)
	}
	for _, p := range b.promotions(KindPercent) {
		b.percent(p)
	}
	if err := b.coupon(); err != nil {
		return Quote{}, err
	}
	b.freight()
	if err := b.credits(); err != nil {
		return Quote{}, err
	}
	return b.total()
}

// basket is a quote on its way. What is taken off is taken in the order of the methods below.
type basket struct {
	facts Facts
	quote Quote
	lines []*Line // those of the quote, in the order of SKUs, so that remainders of a fen do not depend on that of the items
}

// add prices an item by itself: its ordinary price, and the sale that it is in.
func (b *basket) add(it Item) error {
	sku, ok := b.facts.SKUs[it.SKUID]
	if !ok {
		return fault.Missing()
	}
	if !sku.Launched {
		return OffSale(sku.Name)
	}
	goods, err := sku.Price.Times(it.Count)
	if err != nil {
		return tooMuch()
	}
	l := Line{SKU: sku, Count: it.Count, Unit: sku.Price, Goods: goods, Payable: goods}
	if sale, ok := b.facts.Sales[sku.ID]; ok && sku.SaleID == sale.ID && sale.Price < sku.Price {
		l.Sale, l.AtSale = &sale, min(it.Count, max(sale.Left, 0))
		if off := (sku.Price - sale.Price) * money.Fen(l.AtSale); off > 0 {
			l.take(Share{Kind: sale.Kind, ID: sale.ID, Name: sale.Name, NameEN: sale.NameEN, Amount: off})
		}
	}
	b.quote.Lines = append(b.quote.Lines, l)
	b.quote.Count += l.Count
	if b.quote.Goods, err = b.quote.Goods.Add(goods); err != nil {
		return tooMuch()
	}
	return nil
}

func (l *Line) take(s Share) {
	l.Shares = append(l.Shares, s)
	l.Payable -= s.Amount
}

func (b *basket) sort() {
	b.lines = make([]*Line, len(b.quote.Lines))
	for i := range b.quote.Lines {
		b.lines[i] = &b.quote.Lines[i]
	}
	slices.SortFunc(b.lines, func(x, y *Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) })
}

// part is what of a line counts for something.
type part struct {
	line    *Line
	current money.Fen // at the price of the moment: by this thresholds go, which nothing that is taken off can then undo
	left    money.Fen // of that, what is still to pay
}

// parts are what counts for something of this kind and scope.
func (b *basket) parts(kind Kind, scope Scope) (parts []part) {
	for _, l := range b.lines {
		if scope.Contains(l.SKU) {
			if p := l.part(kind); p.current > 0 {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

// part leaves the pieces of a sale out that do not combine with this kind. They have nothing taken off yet but the sale, unless
// by something they do combine with, which comes later.
func (l *Line) part(kind Kind) part {
	p := part{line: l, current: l.Current(), left: l.Payable}
	if l.Sale != nil && !Combines(l.Sale.Kind, kind) {
		apart := l.Sale.Price * money.Fen(l.AtSale)
		p.current, p.left = p.current-apart, p.left-apart
	}
	return p
}

func sums(parts []part) (current, left money.Fen) {
	for _, p := range parts {
		current, left = current+p.current, left+p.left
	}
	return current, left
}

// share takes an amount off parts, in proportion to what is left of them.
func (b *basket) share(parts []part, s Share) {
	left := make([]money.Fen, len(parts))
	for i, p := range parts {
		left[i] = p.left
	}
	amounts, err := money.Share(s.Amount, left)
	if err != nil {
		panic(err) // no caller takes off more than there is left, and sums are in range
	}
	for i, p := range parts {
		if amounts[i] > 0 {
			one := s
			one.Amount = amounts[i]
			p.line.take(one)
		}
	}
}

// promotions are those of a kind that are on, each with the lines that are in none before it: the highest priority first, of the same
// priority the one that was made last. Which promotion a line is in depends on nothing else in the basket, so that another
// item never moves it to a worse one.
func (b *basket) promotions(kind Kind) []claim {
	var on []Promotion
	for _, p := range b.facts.Promotions {
		if p.Kind == kind && p.On(b.facts.Now) {
			on = append(on, p)
		}
	}
	slices.SortFunc(on, func(x, y Promotion) int {
		return cmp.Or(cmp.Compare(y.Priority, x.Priority), cmp.Compare(y.ID, x.ID))
	})
	var claims []claim
	taken := make(map[*Line]bool, len(b.lines))
	for _, p := range on {
		c := claim{promotion: p}
		for _, part := range b.parts(kind, p.Scope) {
			if !taken[part.line] {
				taken[part.line] = true
				c.parts = append(c.parts, part)
			}
		}
		if len(c.parts) > 0 {
			claims = append(claims, c)
		}
	}
	return claims
}

// claim is a promotion with what counts for it.
type claim struct {
	promotion Promotion
	parts     []part
}

func (c claim) share(amount money.Fen) Share {
	p := c.promotion
	return Share{Kind: p.Kind, ID: p.ID, Name: p.Name, NameEN: p.NameEN, Amount: amount}
}

// reduce takes off what the highest step that is reached says.
func (b *basket) reduce(c claim) {
	sum, left := sums(c.parts)
	progress := Progress{Promotion: c.promotion, Sum: sum}
	for _, p := range c.parts {
		progress.SKUIDs = append(progress.SKUIDs, p.line.SKU.ID)
	}
	for _, s := range c.promotion.Steps {
		if sum < s.From {
			progress.Next, progress.Short = s, s.From-sum
			break
		}
		progress.Reached = s
	}
	b.quote.Steps = append(b.quote.Steps, progress)
	b.share(c.parts, c.share(min(progress.Reached.Off, left)))
}

// percent leaves a percentage of what is left, rounded half up.
func (b *basket) percent(c claim) {
	_, left := sums(c.parts)
	b.share(c.parts, c.share(left-percentOf(left, c.promotion.Percent)))
}

// percentOf is for sums and percentages that are in range.
func percentOf(sum money.Fen, percent int64) money.Fen {
	paid, err := sum.Percent(percent)
	if err != nil {
		return sum
	}
	return paid
}

// coupon takes off what the chosen coupon says.
func (b *basket) coupon() error {
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
	b.share(parts, Share{Kind: KindCoupon, ID: c.ID, Name: c.Name, NameEN: c.NameEN, Amount: offer.Saving})
	return nil
}

// offer is what a coupon would take off what is left now.
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
		o.Saving = min(c.Off, left)
		if c.Percent > 0 {
			o.Saving = left - percentOf(left, c.Percent)
			if c.Cap > 0 {
				o.Saving = min(o.Saving, c.Cap)
			}
		}
		if o.Saving == 0 {
			o.Why = UnusableEmpty
		}
	}
	return o, parts
}

// credits takes off what is paid with credits: a hundredth of a yuan each, at most half of what is left of the goods.
func (b *basket) credits() error {
	parts := b.parts(KindCredits, Scope{Kind: ScopeAll})
	_, left := sums(parts)
	b.quote.CreditsMost = int64(left / 2)
	n := b.quote.Ask.Credits
	if n == 0 {
		return nil
	}
	if n < 0 || n > b.facts.Credits {
		return ShortCredits()
	}
	if n > b.quote.CreditsMost {
		return TooManyCredits(b.quote.CreditsMost)
	}
	b.share(parts, Share{Kind: KindCredits, Name: "积分", NameEN: "Credits", Amount: money.Fen(n)})
	return nil
}

// freight is what the order pays for parcels and how much more goods would make that nothing. It goes by what physical goods come to
// before credits, which are a way to pay.
func (b *basket) freight() {
	sum, physical, left := money.Fen(0), []*Line(nil), []money.Fen(nil)
	for _, l := range b.lines {
		if !l.SKU.Virtual {
			sum += l.Payable
			physical, left = append(physical, l), append(left, l.Payable)
		}
	}
	rules := b.facts.Rules
	if len(physical) == 0 || sum >= rules.FreeFrom {
		return
	}
	b.quote.Freight, b.quote.FreightShort = rules.Freight, rules.FreeFrom-sum
	shares, err := money.Weigh(rules.Freight, left)
	if err != nil {
		panic(err) // there is a line, and all sums are in range
	}
	for i, l := range physical {
		l.Freight = shares[i]
	}
}

// total adds up.
func (b *basket) total() (Quote, error) {
	q := b.quote
	var shares []Share
	for _, l := range b.lines {
		shares = append(shares, l.Shares...)
		q.Discount += l.Goods - l.Payable
	}
	q.Discounts = Sum(shares)
	var err error
	if q.Payable, err = (q.Goods - q.Discount).Add(q.Freight); err != nil {
		return Quote{}, tooMuch()
	}
	q.Digest = digest(q)
	return q, nil
}

// merge checks counts and puts items of one SKU together, in the order of their first mention.
func merge(items []Item) ([]Item, error) {
	var list []Item
	at := map[int64]int{}
	for _, it := range items {
		if err := CheckCount(it.Count); err != nil {
			return nil, err
		}
		i, seen := at[it.SKUID]
		if !seen {
			at[it.SKUID] = len(list)
			list = append(list, it)
			continue
		}
		list[i].Count += it.Count
		if err := CheckCount(list[i].Count); err != nil {
			return nil, err
		}
	}
	return list, nil
}
