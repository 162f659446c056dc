package promo

import "dashop/store/money"

// Rules are the merchant's figures.
type Rules struct {
	Freight  money.Fen // of an order with physical goods
	FreeFrom money.Fen // from this sum of physical goods on there is no freight
}

// freight is what an order pays whose physical goods come to a sum, and how much more of them would make that nothing.
func (r Rules) freight(sum money.Fen, any bool) (freight, short money.Fen) {
	if !any || sum >= r.FreeFrom {
		return 0, 0
	}
	return r.Freight, r.FreeFrom - sum
}

// physical is what the goods that are sent come to, and whether there are any.
func (b *basket) physical() (sum money.Fen, any bool) {
	for _, l := range b.lines {
		if !l.SKU.Virtual {
			sum, any = sum+l.Payable, true
		}
	}
	return sum, any
}

// physicalAfter is physical once an amount is taken off parts.
func (b *basket) physicalAfter(amount money.Fen, parts []part) (sum money.Fen, any bool) {
	sum, any = b.physical()
	for i, portion := range portions(amount, parts) {
		if !parts[i].line.SKU.Virtual {
			sum -= portion
		}
	}
	return sum, any
}

// addFreight adds what the order pays for parcels, shared out by what the physical goods come to. It goes by what is left of them before
// credits, which are a way to pay.
func (b *basket) addFreight() error {
	q := &b.quote
	q.Freight, q.FreightShort = b.facts.Rules.freight(b.physical())
	if q.Freight == 0 {
		return nil
	}
	lines, weights := make([]*Line, 0, len(b.lines)), make([]money.Fen, 0, len(b.lines))
	for _, l := range b.lines {
		if !l.SKU.Virtual {
			lines, weights = append(lines, l), append(weights, l.Payable)
		}
	}
	shares, err := money.Weigh(q.Freight, weights)
	if err != nil {
		return tooMuch()
	}
	for i, l := range lines {
		l.Freight = shares[i]
	}
	return nil
}
