package promo

import (
	"dashop/store/catalog"
	"dashop/store/money"
)

// Item is what a shopper asks for: a SKU and how many of it.
type Item struct {
	SKUID int64
	Count int64
}

// Ask is all that a shopper chooses and that a price depends on. It contains no amount.
type Ask struct {
	UserID   int64 // 0: a visitor
	Items    []Item
	CouponID int64 // the claimed coupon (Coupon.ID) to use; 0: none
	Credits  int64 // to pay with; 100 of them are one yuan
}

// Line is one priced item of a quote. Payable = Goods − all Shares.
type Line struct {
	SKU     catalog.SKU
	Count   int64
	Unit    money.Fen // ordinary price of one piece
	Goods   money.Fen // Unit × Count
	Sale    *Sale     // what its pieces cost less by, if it is in a sale now
	AtSale  int64     // how many of the pieces have the price of the sale; the others are above its limit
	Shares  []Share   // what is taken off this line, in the order of application
	Freight money.Fen // this line's share of the freight; not in Payable
	Payable money.Fen
}

// Off is what all shares of one kind take off the line.
func (l Line) Off(kind Kind) (sum money.Fen) {
	for _, s := range l.Shares {
		if s.Kind == kind {
			sum += s.Amount
		}
	}
	return sum
}

// Current is what the pieces cost at the price of the moment, before anything is taken off the basket.
func (l Line) Current() money.Fen { return l.Goods - l.Off(KindPrice) - l.Off(KindFlash) }

// Share is what one promotion, coupon or the credits take off one line, or off a whole basket.
type Share struct {
	Kind   Kind      `db:"kind"`
	ID     int64     `db:"ref_id"` // of the promotion, or of the claimed coupon; 0 for credits
	Name   string    `db:"name"`
	NameEN string    `db:"name_en"`
	Amount money.Fen `db:"amount_fen"`
}

// Quote is a priced basket. Payable = Goods − Discount + Freight; the Payable of the lines and Freight add up to it.
type Quote struct {
	Ask          Ask // what was priced; items of one SKU are put together
	Lines        []Line
	Count        int64     // pieces
	Goods        money.Fen // at ordinary prices
	Discounts    []Share   // what the lines' shares add up to, one for each promotion, coupon or the credits, in the order of application
	Discount     money.Fen // their sum
	Steps        []Progress
	CreditsMost  int64 // how many credits could be spent on this basket by someone who has enough
	Freight      money.Fen
	FreightShort money.Fen // how much more goods make freight free; 0 when it is, or when nothing has freight
	Payable      money.Fen
	Digest       string // fixes all that is agreed to: SKUs, counts, each amount, the coupon and the credits
}

// Progress is how far a basket has come in a promotion whose steps it has goods for.
type Progress struct {
	Promotion Promotion
	SKUIDs    []int64   // of the lines that count for it
	Sum       money.Fen // what they come to
	Reached   Step      // zero: none yet
	Next      Step      // zero: there is none above
	Short     money.Fen // what is missing to Next
}
