package promo

import "dashop/store/money"

// spendCredits takes off what is paid with credits: a hundredth of a yuan each, at most half of what is left of the goods.
func (b *basket) spendCredits() error {
	parts := b.parts(KindCredits, Scope{Kind: ScopeAll})
	_, left := sums(parts)
	n, most := b.quote.Ask.Credits, int64(left/2)
	b.quote.CreditsMost = most
	if n < 0 || n > 0 && n > b.facts.Credits {
		return ShortCredits()
	}
	if n > most {
		return TooManyCredits(most)
	}
	takeOff(parts, Share{Kind: KindCredits, Name: "积分", NameEN: "Credits", Amount: money.Fen(n)})
	return nil
}
