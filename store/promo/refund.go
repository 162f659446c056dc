package promo

import (
	"fmt"

	"dashop/store/fault"
	"dashop/store/money"
)

// Part is what the next n pieces of an ordered line were paid with, after before of them have been given back already: goods at ordinary
// prices, shares and payable, without freight. In whatever parts all pieces are given back, those add up to the line exactly, coupons and
// credits as well, and no amount of any part is negative. Pieces that are not there are an Invalid count.
//
// Each piece in turn gets its share of all that the pieces before it have left over, so what a part comes to depends on nothing but the two
// counts.
func (l Line) Part(before, n int64) (Line, error) {
	if before < 0 || n < 1 || before > l.Count || n > l.Count-before {
		return Line{}, fault.Field("count", "最多还有 %d 件", max(l.Count-max(before, 0), 0))
	}
	left := make([]money.Fen, 0, len(l.Shares)+1) // of the payable amount and of each share
	left = append(left, l.Payable)
	for _, s := range l.Shares {
		left = append(left, s.Amount)
	}
	sums := make([]money.Fen, len(left)) // of the part
	for piece := range before + n {
		amounts, err := money.Share(l.Unit, left)
		if err != nil {
			return Line{}, fmt.Errorf("a line of SKU %d that does not add up: %w", l.SKU.ID, err)
		}
		for i, amount := range amounts {
			left[i] -= amount
			if piece >= before {
				sums[i] += amount
			}
		}
	}
	part := l
	part.Count, part.Goods, part.Payable, part.Freight, part.Shares = n, l.Unit*money.Fen(n), sums[0], 0, nil
	for i, s := range l.Shares {
		if s.Amount = sums[i+1]; s.Amount > 0 {
			part.Shares = append(part.Shares, s)
		}
	}
	return part, nil
}
