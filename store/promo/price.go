package promo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/fault"
)

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
	b, err := promoted(facts, ask)
	if err != nil {
		return Quote{}, err
	}
	for _, step := range []func() error{b.useCoupon, b.addFreight, b.spendCredits} {
		if err := step(); err != nil {
			return Quote{}, err
		}
	}
	q := b.quote
	shares := make([]Share, 0, 4*len(b.lines))
	for _, l := range b.lines {
		shares = append(shares, l.Shares...)
	}
	q.Discounts = Sum(shares)
	for _, s := range q.Discounts {
		q.Discount += s.Amount
	}
	if q.Payable, err = (q.Goods - q.Discount).Add(q.Freight); err != nil {
		return Quote{}, tooMuch()
	}
	q.Digest = digest(q)
	return q, nil
}

// basket is a quote on its way.
type basket struct {
	facts Facts
	quote Quote
	lines []*Line // those of the quote, in the order of SKUs, so that remainders of a fen do not depend on that of the items
}

// promoted is the basket with all that is taken off by itself: sales, then reductions, then percentages.
func promoted(facts Facts, ask Ask) (*basket, error) {
	var err error
	if ask.Items, err = merge(ask.Items); err != nil {
		return nil, err
	}
	b := &basket{facts: facts, quote: Quote{Ask: ask}}
	b.quote.Lines = make([]Line, 0, len(ask.Items))
	for _, it := range ask.Items {
		if err := CheckLimit(facts.SKUs[it.SKUID], it.Count); err != nil {
			return nil, err
		}
	}
	for _, it := range ask.Items {
		if err := b.add(it); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(b.lines, func(x, y *Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) })
	for _, l := range b.lines {
		b.sell(l)
	}
	for _, c := range b.claims(KindReduction) {
		b.reduce(c)
	}
	for _, c := range b.claims(KindPercent) {
		b.percent(c)
	}
	return b, nil
}

// add adds an item at its ordinary price.
func (b *basket) add(it Item) error {
	sku, ok := b.facts.SKUs[it.SKUID]
	if !ok {
		return fault.Missing()
	}
	if !sku.Launched {
		return OffSale(sku.Name)
	}
	if sku.Price < 0 {
		return fmt.Errorf("SKU %d has the price %s", sku.ID, sku.Price)
	}
	goods, err := sku.Price.Times(it.Count)
	if err != nil {
		return tooMuch()
	}
	q := &b.quote
	if q.Goods, err = q.Goods.Add(goods); err != nil {
		return tooMuch()
	}
	q.Count += it.Count
	q.Lines = append(q.Lines, Line{SKU: sku, Count: it.Count, Unit: sku.Price, Goods: goods, Payable: goods})
	b.lines = append(b.lines, &q.Lines[len(q.Lines)-1]) // which stays where it is, since Lines has room for all
	return nil
}

// merge checks counts and puts items of one SKU together, in the order of their first mention.
func merge(items []Item) ([]Item, error) {
	var list []Item
	at := make(map[int64]int, len(items))
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
