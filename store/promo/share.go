package promo

import "dashop/store/money"

// part is what of a line counts for something.
type part struct {
	line    *Line
	current money.Fen // at the price of the moment: thresholds go by this, so that nothing that is taken off can undo one
	left    money.Fen // of that, what is still to pay
}

// part leaves out the pieces at the price of a sale that does not combine with this kind. All that they have had taken off by then is
// the sale, since whatever else they combine with is applied later.
func (l *Line) part(kind Kind) part {
	p := part{line: l, current: l.Current(), left: l.Payable}
	if l.Sale != nil && !Combines(l.Sale.Kind, kind) {
		apart := l.Sale.Price * money.Fen(l.AtSale)
		p.current, p.left = p.current-apart, p.left-apart
	}
	return p
}

// parts are what counts for something of this kind and scope.
func (b *basket) parts(kind Kind, scope Scope) (parts []part) {
	for _, l := range b.lines {
		if scope.contains(&l.SKU) {
			if p := l.part(kind); p.current > 0 {
				parts = append(parts, p)
			}
		}
	}
	return parts
}

func sums(parts []part) (current, left money.Fen) {
	for _, p := range parts {
		current, left = current+p.current, left+p.left
	}
	return current, left
}

// portions shares an amount out over parts, in proportion to what is left of them.
func portions(amount money.Fen, parts []part) []money.Fen {
	left := make([]money.Fen, len(parts))
	for i, p := range parts {
		left[i] = p.left
	}
	amounts, err := money.Share(amount, left)
	if err != nil {
		panic(err) // nobody takes off more than is left, and the goods of a basket are in the range of money
	}
	return amounts
}

// takeOff shares an amount out over parts, which must have as much left.
func takeOff(parts []part, s Share) {
	if s.Amount <= 0 {
		return
	}
	for i, amount := range portions(s.Amount, parts) {
		if amount > 0 {
			one, l := s, parts[i].line
			one.Amount = amount
			l.Shares = append(l.Shares, one)
			l.Payable -= amount
		}
	}
}
