package promo

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// digest changes whenever anything changes that the shopper agrees to by sending the form. The order of the lines is no such thing.
func digest(q Quote) string {
	lines := slices.Clone(q.Lines)
	slices.SortFunc(lines, func(x, y Line) int { return cmp.Compare(x.SKU.ID, y.SKU.ID) })
	h := sha256.New()
	for _, l := range lines {
		fmt.Fprintf(h, "sku %d, %d pieces at %d", l.SKU.ID, l.Count, l.Unit)
		for _, s := range l.Shares {
			fmt.Fprintf(h, ", %s %d takes %d off", s.Kind, s.ID, s.Amount)
		}
		fmt.Fprintf(h, ", payable %d;", l.Payable)
	}
	fmt.Fprintf(h, "goods %d, discount %d, freight %d, payable %d, coupon %d, credits %d",
		q.Goods, q.Discount, q.Freight, q.Payable, q.Ask.CouponID, q.Ask.Credits)
	return hex.EncodeToString(h.Sum(nil))
}
