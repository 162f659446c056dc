package cart

import (
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
	Sum      money.Fen // unit price × count
}

// Gone says that the line cannot be bought at all: not on sale any more, or sold out.
func (l Line) Gone() bool { return !l.SKU.Launched || l.SKU.Stock <= 0 }

// Short says that fewer pieces are left than the line asks for.
func (l Line) Short() bool { return !l.Gone() && l.Count > l.SKU.Stock }

// Cart is what the cart page shows. Quote prices the selected lines that can be bought.
type Cart struct {
	Lines []Line // that can be bought, newest first
	Gone  []Line // that cannot
	Quote promo.Quote
}

// AllSelected says whether each line that can be bought is ticked.
func (c Cart) AllSelected() bool { return len(c.Lines) > 0 && c.selected() == len(c.Lines) }

// SomeSelected says whether at least one line that can be bought is ticked.
func (c Cart) SomeSelected() bool { return c.selected() > 0 }

func (c Cart) selected() int {
	n := 0
	for _, l := range c.Lines {
		if l.Selected {
			n++
		}
	}
	return n
}
