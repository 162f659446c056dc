package ui

import (
	"github.com/a-h/templ"

	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
)

// LinePrice is what a line of a basket or of an order costs, and why.
type LinePrice struct {
	Unit    money.Fen // the ordinary price of one piece
	Count   int64
	Sale    money.Fen // of one piece in a sale
	AtSale  int64     // how many pieces have the price of the sale; 0: the line is in none
	Shares  []promo.Share
	Freight money.Fen // the line's share
	Payable money.Fen // without it
}

// QuotedPrice is the price of a line of a basket.
func QuotedPrice(l promo.Line) LinePrice {
	p := LinePrice{Unit: l.Unit, Count: l.Count, AtSale: l.AtSale, Shares: l.Shares, Freight: l.Freight, Payable: l.Payable}
	if l.Sale != nil {
		p.Sale = l.Sale.Price
	}
	return p
}

// OrderedPrice is the price of a line of an order, as it was.
func OrderedPrice(it order.Item) LinePrice {
	return LinePrice{Unit: it.Unit, Count: it.Count, Sale: it.Sale, AtSale: it.AtSale, Shares: it.Shares, Freight: it.Freight,
		Payable: it.Payable}
}

// SaleWord is the tag of goods in a sale of a kind, or "".
func SaleWord(v View, kind string) string {
	switch promo.Kind(kind) {
	case promo.KindFlash:
		return v.T("秒杀")
	case promo.KindPrice:
		return v.T("限时")
	}
	return ""
}

// explained says whether there is more to a price than pieces and what one of them costs.
func (p LinePrice) explained() bool { return len(p.Shares) > 0 || p.Freight > 0 }

// shareName is what a share is called, and below that in small what it comes from.
func shareName(v View, s promo.Share) (name, reason string) {
	switch s.Kind {
	case promo.KindCoupon:
		return v.T("优惠券"), v.Pick(s.Name, s.NameEN)
	case promo.KindCredits:
		return v.T("积分"), v.T("使用 %d 积分", int64(s.Amount)) // a credit is a fen
	}
	return v.Pick(s.Name, s.NameEN), ""
}

// Discount is one line of a sum card: what one promotion, a coupon or credits take off.
func Discount(v View, s promo.Share) templ.Component {
	name, reason := shareName(v, s)
	return SumRow(name, reason, s.Amount, "off")
}

// off is what shares add up to.
func off(shares []promo.Share) (sum money.Fen) {
	for _, s := range shares {
		sum += s.Amount
	}
	return sum
}
