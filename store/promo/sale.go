package promo

import (
	"time"

	"dashop/store/catalog"
	"dashop/store/money"
)

// Sale is what a SKU's row says of the sale that it is in, with what is left of it for one shopper.
type Sale struct {
	ID        int64
	Kind      Kind
	Name      string
	NameEN    string
	Price     money.Fen // of one piece
	EndsAt    time.Time
	Left      int64 // pieces at this price that this shopper can still have; NoLimit for a sale without limits
	PerPerson int64 // 0: no limit
}

// NoLimit is more than any line can hold.
const NoLimit = catalog.MostPerOrder + 1

// sell gives the line's pieces the price of the sale that its SKU is in, as far as its limits go; the others keep the ordinary price.
func (b *basket) sell(l *Line) {
	sale, ok := b.facts.Sales[l.SKU.ID]
	if !ok || sale.ID != l.SKU.SaleID || sale.Price < 0 || sale.Price >= l.Unit {
		return
	}
	l.Sale, l.AtSale = &sale, min(l.Count, max(sale.Left, 0))
	takeOff([]part{{line: l, left: l.Payable}}, Share{
		Kind: sale.Kind, ID: sale.ID, Name: sale.Name, NameEN: sale.NameEN, Amount: (l.Unit - sale.Price) * money.Fen(l.AtSale),
	})
}
