package promo

import (
	"cmp"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/money"
)

// Step is 满 From 减 Off.
type Step struct {
	From money.Fen `db:"from_fen"`
	Off  money.Fen `db:"off_fen"`
}

// Promotion is what the merchant takes off baskets (KindReduction, KindPercent) while its window lasts, or off single SKUs
// (KindPrice, KindFlash) while it is open.
type Promotion struct {
	ID        int64     `db:"id"`
	Kind      Kind      `db:"kind"`
	Name      string    `db:"name"`
	NameEN    string    `db:"name_en"`
	Scope     Scope     `db:"-"`
	Steps     []Step    `db:"-"`       // of a reduction, From ascending
	Percent   int64     `db:"percent"` // of a percentage, and of a sale without prices of its own: what is still paid
	Priority  int       `db:"priority"`
	PerPerson int64     `db:"per_person"` // of a flash sale; 0: no limit
	StartsAt  time.Time `db:"starts_at"`
	EndsAt    time.Time `db:"ends_at"` // the first moment at which it is over
	Published bool      `db:"is_published"`
	Open      bool      `db:"is_open"` // of a sale: the rows of its SKUs say so
}

// On says whether the window contains this moment.
func (p Promotion) On(now time.Time) bool {
	return p.Published && !now.Before(p.StartsAt) && now.Before(p.EndsAt)
}

// At is the step that a sum of goods reaches, and the one above it, which takes more off; either is zero where there is none.
func (p Promotion) At(sum money.Fen) (reached, next Step) {
	for _, s := range p.Steps {
		switch {
		case s.Off <= reached.Off: // nothing is gained by it
		case s.From <= sum:
			reached = s
		case next == Step{} || s.From < next.From:
			next = s
		}
	}
	return reached, next
}

// running are the promotions of a kind whose window contains this moment: the highest priority first, of the same priority the one that
// was made last.
func running(list []Promotion, kind Kind, now time.Time) (found []*Promotion) {
	for i := range list {
		if p := &list[i]; p.Kind == kind && p.On(now) {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(x, y *Promotion) int {
		return cmp.Or(cmp.Compare(y.Priority, x.Priority), cmp.Compare(y.ID, x.ID))
	})
	return found
}

// first is the place of the promotion that a SKU is in, or -1. It depends on nothing else in the basket, so that another item never moves
// a line to a worse promotion.
func first(running []*Promotion, k *catalog.SKU) int {
	return slices.IndexFunc(running, func(p *Promotion) bool { return p.Scope.contains(k) })
}

// For are the promotions of baskets that a SKU is in at a moment: of those in the list at most one reduction and one percentage.
func For(list []Promotion, now time.Time, k catalog.SKU) (found []Promotion) {
	for _, kind := range []Kind{KindReduction, KindPercent} {
		running := running(list, kind, now)
		if i := first(running, &k); i >= 0 {
			found = append(found, *running[i])
		}
	}
	return found
}

// claim is a promotion with what counts for it.
type claim struct {
	promotion *Promotion
	parts     []part
}

// claims are the promotions of a kind that lines are in, in their order.
func (b *basket) claims(kind Kind) []claim {
	running := running(b.facts.Promotions, kind, b.facts.Now)
	if len(running) == 0 {
		return nil
	}
	claims := make([]claim, len(running))
	for _, l := range b.lines {
		if p := l.part(kind); p.current > 0 {
			if i := first(running, &l.SKU); i >= 0 {
				claims[i].promotion, claims[i].parts = running[i], append(claims[i].parts, p)
			}
		}
	}
	return slices.DeleteFunc(claims, func(c claim) bool { return c.promotion == nil })
}

func (c claim) share(amount money.Fen) Share {
	p := c.promotion
	return Share{Kind: p.Kind, ID: p.ID, Name: p.Name, NameEN: p.NameEN, Amount: amount}
}

// reduce takes off what the highest step that is reached says.
func (b *basket) reduce(c claim) {
	sum, left := sums(c.parts)
	progress := Progress{Promotion: *c.promotion, Sum: sum, SKUIDs: make([]int64, len(c.parts))}
	for i, p := range c.parts {
		progress.SKUIDs[i] = p.line.SKU.ID
	}
	progress.Reached, progress.Next = c.promotion.At(sum)
	if progress.Next != (Step{}) {
		progress.Short = progress.Next.From - sum
	}
	b.quote.Steps = append(b.quote.Steps, progress)
	takeOff(c.parts, c.share(min(progress.Reached.Off, left)))
}

// percent leaves a percentage of what is left, rounded half up.
func (b *basket) percent(c claim) {
	_, left := sums(c.parts)
	takeOff(c.parts, c.share(left-percentOf(left, c.promotion.Percent)))
}

// percentOf is what is paid of a sum; by a percentage that is none, all of it.
func percentOf(sum money.Fen, percent int64) money.Fen {
	paid, err := sum.Percent(percent)
	if err != nil {
		return sum
	}
	return paid
}
