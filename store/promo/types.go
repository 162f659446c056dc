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
	CouponID int64 // 0: none
	Credits  int64 // to pay with; 100 of them are one yuan
}

// Line is one priced item of a quote.
type Line struct {
	SKU     catalog.SKU
	Count   int64
	Unit    money.Fen // price of one piece
	Goods   money.Fen // Unit × Count
	Payable money.Fen // Goods less this line's share of all discounts
}

// Quote is a priced basket. Payable = Goods − Discount + Freight.
type Quote struct {
	Ask          Ask // what was priced; items of one SKU are put together
	Lines        []Line
	Count        int64 // pieces
	Goods        money.Fen
	Discount     money.Fen
	Freight      money.Fen
	FreightShort money.Fen // how much more goods make freight free; 0 when it is, or when nothing has freight
	Payable      money.Fen
	Digest       string // fixes all that is agreed to: SKUs, counts, each amount, the coupon and the credits
}
