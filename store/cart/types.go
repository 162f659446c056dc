package cart

import (
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/store/promo"
)

// Owner says whose cart it is: a user's or a visitor's.
type Owner string

// Line is one SKU in a cart as it stands now.
type Line struct {
	SKU      catalog.SKU
	Count    int64
	Selected bool
	Added    money.Fen   // what a piece cost when the line was added; 0: unknown
	Sum      money.Fen   // of its pieces at the price of the moment, before anything is taken off the basket
	Priced   *promo.Line // as Quote prices it; nil unless it is ticked or in a sale
	at       time.Time
}

func (l Line) state() *state {
	return &state{Count: l.Count, Selected: l.Selected, At: l.at, Added: l.Added}
}

// Gone says that the line cannot be bought at all: not on sale any more, or sold out.
func (l Line) Gone() bool { return !l.SKU.Launched || l.SKU.Stock <= 0 }

func (l Line) ticked() bool { return l.Selected && !l.Gone() }

// Short says that the line asks for more pieces than an order can get.
func (l Line) Short() bool { return !l.Gone() && l.Count > l.SKU.Most() }

// Refusal is why the line cannot be bought as it is.
func (l Line) Refusal() error {
	if err := promo.CheckLimit(l.SKU, l.Count); err != nil && !l.Gone() {
		return err
	}
	return promo.Short(l.SKU.Name, l.SKU.Stock)
}

// Moved is how much more a piece costs now than when the line was added; below 0, how much less.
func (l Line) Moved() money.Fen {
	if l.Added == 0 || l.Gone() {
		return 0
	}
	return l.SKU.Now() - l.Added
}

// Cart is what the cart page shows. Quote prices the selected lines that can be bought.
type Cart struct {
	Lines []Line // that can be bought, newest first
	Gone  []Line // that cannot
	Quote promo.Quote
}

// Line is the line of a SKU, which may be gone.
func (c Cart) Line(sku int64) (Line, bool) {
	for _, l := range slices.Concat(c.Lines, c.Gone) {
		if l.SKU.ID == sku {
			return l, true
		}
	}
	return Line{}, false
}

// AllSelected says whether each line that can be bought is ticked.
func (c Cart) AllSelected() bool { return len(c.Lines) > 0 && c.selected() == len(c.Lines) }

// SomeSelected says whether at least one line that can be bought is ticked.
func (c Cart) SomeSelected() bool { return c.selected() > 0 }

// price has the lines bear what a quote says of them.
func (c *Cart) price(q promo.Quote) {
	of := make(map[int64]*promo.Line, len(q.Lines))
	for i := range q.Lines {
		of[q.Lines[i].SKU.ID] = &q.Lines[i]
	}
	for i := range c.Lines {
		if l := of[c.Lines[i].SKU.ID]; l != nil {
			c.Lines[i].Priced, c.Lines[i].Sum = l, l.Current()
		}
	}
}

func (c Cart) selected() int {
	n := 0
	for _, l := range c.Lines {
		if l.Selected {
			n++
		}
	}
	return n
}
