package money

import (
	"cmp"
	"math/bits"
	"slices"
)

// Share shares total out over parts in proportion to them, to the fen: the shares add up to total, and none is larger
// than its part. What whole fen cannot share goes one fen each to the parts with the largest remainders; of equal
// remainders to the larger part, and of equal parts to the first, so that the order of unequal parts does not matter.
// A negative amount, or a total above the sum of the parts, is ErrRange.
func Share(total Fen, parts []Fen) ([]Fen, error) {
	sum, err := sumOf(parts)
	if err != nil || total < 0 || total > sum {
		return nil, ErrRange
	}
	return split(total, parts, sum), nil
}

// Weigh shares total out as Share does, but by weights that need not come to as much; where all are zero, evenly.
func Weigh(total Fen, weights []Fen) ([]Fen, error) {
	sum, err := sumOf(weights)
	if err != nil || total < 0 || total > Max || len(weights) == 0 && total > 0 {
		return nil, ErrRange
	}
	if sum == 0 {
		weights, sum = slices.Repeat([]Fen{1}, len(weights)), Fen(len(weights))
	}
	return split(total, weights, sum), nil
}

func sumOf(parts []Fen) (sum Fen, err error) {
	for _, p := range parts {
		if sum, err = sum.Add(p); p < 0 || err != nil {
			return 0, ErrRange
		}
	}
	return sum, nil
}

// split is the sharing out, of sums that are in range.
func split(total Fen, parts []Fen, sum Fen) []Fen {
	shares := make([]Fen, len(parts))
	if total == 0 {
		return shares
	}
	rests := make([]uint64, len(parts)) // of total × part ÷ sum
	order := make([]int, len(parts))
	left := total
	for i, p := range parts {
		// The product of two amounts has up to 67 bits. The quotient fits again, as no part is larger than sum.
		high, low := bits.Mul64(uint64(total), uint64(p))
		quotient, rest := bits.Div64(high, low, uint64(sum))
		shares[i], rests[i], order[i] = Fen(quotient), rest, i
		left -= shares[i]
	}
	slices.SortStableFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(rests[j], rests[i]), cmp.Compare(parts[j], parts[i]))
	})
	for _, i := range order[:left] {
		shares[i]++
	}
	return shares
}

// Percent is that many hundredths of an amount, rounded half up to the fen: 85 percent is what the shop calls 8.5 折.
// A negative amount, or a percentage that is not between 0 and 100, is ErrRange.
func (f Fen) Percent(percent int64) (Fen, error) {
	if f < 0 || f > Max || percent < 0 || percent > 100 {
		return 0, ErrRange
	}
	return (f*Fen(percent) + 50) / 100, nil
}
