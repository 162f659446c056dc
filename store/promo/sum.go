package promo

import (
	"cmp"
	"slices"
)

// applied are the kinds in the order in which they are taken off.
var applied = []Kind{KindPrice, KindFlash, KindReduction, KindPercent, KindCoupon, KindCredits}

// Sum adds up what was taken off the lines of a basket or an order: one share for each promotion, the coupon and the credits, in the
// order of application.
func Sum(shares []Share) (sums []Share) {
	type source struct {
		kind Kind
		id   int64
	}
	at := map[source]int{}
	for _, s := range shares {
		i, seen := at[source{s.Kind, s.ID}]
		if !seen {
			at[source{s.Kind, s.ID}] = len(sums)
			sums = append(sums, s)
			continue
		}
		sums[i].Amount += s.Amount
	}
	slices.SortStableFunc(sums, func(a, b Share) int {
		return cmp.Compare(slices.Index(applied, a.Kind), slices.Index(applied, b.Kind))
	})
	return sums
}
