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
	Lines        []Line
	Count        int64 // pieces
	Goods        money.Fen
	Discount     money.Fen
	Freight      money.Fen
	FreightShort money.Fen // how much more goods make freight free; 0 when it is, or when nothing has freight
	Payable      money.Fen
	Digest       string // fixes SKUs, counts, unit prices, discounts, freight and payable
}
