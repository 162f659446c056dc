package promo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
)

// digest changes whenever anything changes that the shopper agrees to by sending the form. The order of the lines is no such thing.
func digest(q Quote) string {
	lines := make([]*Line, len(q.Lines))
	for i := range q.Lines {
		lines[i] = &q.Lines[i]
	}
	slices.SortFunc(lines, func(x, y *Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) })
	text := make([]byte, 0, 100*(1+len(lines)))
	number := func(name string, n int64) {
		text = strconv.AppendInt(append(append(text, name...), ' '), n, 10)
		text = append(text, ';')
	}
	for _, l := range lines {
		number("sku", l.SKU.ID)
		number("count", l.Count)
		if l.SKU.Virtual {
			number("days", int64(l.SKU.Days))
		}
		number("unit", int64(l.Unit))
		for _, s := range l.Shares {
			number(string(s.Kind), s.ID)
			number("off", int64(s.Amount))
		}
		number("payable", int64(l.Payable))
	}
	number("goods", int64(q.Goods))
	number("discount", int64(q.Discount))
	number("freight", int64(q.Freight))
	number("payable", int64(q.Payable))
	number("coupon", q.Ask.CouponID)
	number("credits", q.Ask.Credits)
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
