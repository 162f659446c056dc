package promo

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"

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
	Rules Rules
	SKUs  map[int64]catalog.SKU // at least those asked for, as far as there are such
}

// Price prices what was asked for by the facts and nothing else. Items of one SKU are put together. An unknown SKU is
// NotFound, one that is not on sale 50103, a senseless count Invalid, a coupon 50107, credits 50108.
func Price(facts Facts, ask Ask) (Quote, error) {
	items, err := merge(ask.Items)
	if err != nil {
		return Quote{}, err
	}
	ask.Items = items
	if err := spendable(ask); err != nil {
		return Quote{}, err
	}
	quote := Quote{Ask: ask}
	for _, it := range items {
		line, err := priceLine(facts.SKUs, it)
		if err != nil {
			return Quote{}, err
		}
		quote.Lines = append(quote.Lines, line)
		quote.Count += line.Count
		if quote.Goods, err = quote.Goods.Add(line.Goods); err != nil {
			return Quote{}, tooMuch()
		}
	}
	quote.Freight, quote.FreightShort = facts.Rules.freight(quote.Lines)
	if quote.Payable, err = (quote.Goods - quote.Discount).Add(quote.Freight); err != nil {
		return Quote{}, tooMuch()
	}
	quote.Digest = digest(quote)
	return quote, nil
}

// spendable refuses coupons and credits: the shop has given none to anybody.
func spendable(ask Ask) error {
	if ask.CouponID != 0 {
		return BadCoupon()
	}
	if ask.Credits != 0 {
		return ShortCredits()
	}
	return nil
}

func priceLine(skus map[int64]catalog.SKU, it Item) (Line, error) {
	sku, ok := skus[it.SKUID]
	if !ok {
		return Line{}, fault.Missing()
	}
	if !sku.Launched {
		return Line{}, OffSale(sku.Name)
	}
	goods, err := sku.Price.Times(it.Count)
	if err != nil {
		return Line{}, tooMuch()
	}
	return Line{SKU: sku, Count: it.Count, Unit: sku.Price, Goods: goods, Payable: goods}, nil
}

// freight is what the order pays for parcels and how much more goods would make that nothing.
func (r Rules) freight(lines []Line) (freight, short money.Fen) {
	sum, physical := money.Fen(0), false
	for _, l := range lines {
		if !l.SKU.Virtual {
			sum += l.Payable
			physical = true
		}
	}
	if !physical || sum >= r.FreeFrom {
		return 0, 0
	}
	return r.Freight, r.FreeFrom - sum
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

// digest changes whenever anything changes that the shopper agrees to by sending the form.
func digest(q Quote) string {
	h := sha256.New()
	for _, l := range q.Lines {
		fmt.Fprintf(h, "sku %d, %d pieces at %d, payable %d;", l.SKU.ID, l.Count, l.Unit, l.Payable)
	}
	fmt.Fprintf(h, "goods %d, discount %d, freight %d, payable %d, coupon %d, credits %d",
		q.Goods, q.Discount, q.Freight, q.Payable, q.Ask.CouponID, q.Ask.Credits)
	return hex.EncodeToString(h.Sum(nil))
}
