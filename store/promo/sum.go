package promo

import (
	"slices"
	"sort"
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
	sort.SliceStable(sums, func(i, j int) bool {
		return slices.Index(applied, sums[i].Kind) < slices.Index(applied, sums[j].Kind)
	})
	return sums
}
