// Package order takes an order from the confirmation page to the received parcel.
package order

import (
	"context"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/promo"
)

// Rules are the merchant's figures.
type Rules struct {
	PayTimeout  time.Duration // from placing to the pay deadline
	AutoReceipt time.Duration // from the last parcel to the receipt that confirms itself
}

// Addresses is what this package needs from accounts.
type Addresses interface {
	// Addresses lists a user's addresses, the default first.
	Addresses(ctx context.Context, userID int64) ([]account.Address, error)
	// Address is one of a user's addresses; any other id is NotFound.
	Address(ctx context.Context, q db.Queryer, userID, id int64) (account.Address, error)
}

// Methods are the ways to pay that the shop offers, by their ids.
type Methods interface {
	Offered(id string) bool
}

// Service takes orders and moves them on.
type Service struct {
	db        *db.DB
	addresses Addresses
	promo     *promo.Service
	cart      *cart.Service
	products  Products
	methods   Methods
	clock     db.Clock
	rules     Rules
}

// New makes a Service.
func New(d *db.DB, a Addresses, p *promo.Service, c *cart.Service, f Products, m Methods, clock db.Clock, r Rules) *Service {
	return &Service{db: d, addresses: a, promo: p, cart: c, products: f, methods: m, clock: clock, rules: r}
}

// Order is an order with its items as they were when it was placed.
type Order struct {
	ID            int64        `db:"id"`
	No            string       `db:"order_no"`
	UserID        int64        `db:"user_id"`
	Status        Status       `db:"status"`
	CancelReason  CancelReason `db:"cancel_reason"`
	CheckoutToken string       `db:"checkout_token"`
	Digest        string       `db:"digest"`
	Goods         money.Fen    `db:"goods_fen"`
	Freight       money.Fen    `db:"freight_fen"`
	Discount      money.Fen    `db:"discount_fen"`
	Payable       money.Fen    `db:"payable_fen"`
	ItemCount     int64        `db:"item_count"` // pieces
	PayMethod     string       `db:"pay_method"`
	Receiver      string       `db:"receiver"`
	Mobile        string       `db:"mobile"`
	Area          string       `db:"area"`
	Place         string       `db:"place"`
	AddressTitle  string       `db:"address_title"`
	PostalCode    string       `db:"postal_code"`
	Note          string       `db:"note"`
	CouponID      int64        `db:"user_coupon_id"` // the claimed coupon it was placed with; 0: none
	Credits       int64        `db:"credits"`        // that it was paid with
	CreatedAt     time.Time    `db:"created_at"`
	PayDeadline   time.Time    `db:"pay_deadline"`
	PaidAt        *time.Time   `db:"paid_at"`
	TradeNo       *string      `db:"trade_no"` // the gateway's number of the payment
	ShippedAt     *time.Time   `db:"shipped_at"`
	ReceiptDue    *time.Time   `db:"receipt_due"`
	ReceivedAt    *time.Time   `db:"received_at"`
	ReviewDue     *time.Time   `db:"review_due"`
	EndedAt       *time.Time   `db:"ended_at"` // completed or cancelled
	RemindedAt    *time.Time   `db:"reminded_at"`
	ReviewedCount int          `db:"reviewed_count"` // of its items

	Items     []Item
	Shipments []Shipment
	Events    []Event // newest first; only in a detail
	Username  string  `db:"username"` // only in the merchant's lists
}

// Item is one line of an order, a copy of what was bought.
type Item struct {
	OrderID    int64      `db:"order_id"`
	Line       int        `db:"line"`
	SKUID      int64      `db:"sku_id"`
	SPUID      int64      `db:"spu_id"`
	Name       string     `db:"name"`
	NameEN     string     `db:"name_en"`
	Spec       string     `db:"spec"`
	SpecEN     string     `db:"spec_en"`
	Image      string     `db:"image"`
	Unit       money.Fen  `db:"unit_fen"`
	Count      int64      `db:"count"`
	Sale       money.Fen  `db:"sale_fen"`   // of one piece in a sale; 0: it was in none
	AtSale     int64      `db:"sale_count"` // how many pieces had the price of the sale
	Payable    money.Fen  `db:"payable_fen"`
	Freight    money.Fen  `db:"freight_fen"`   // its share of the freight; not in Payable
	Virtual    bool       `db:"is_virtual"`    // a course or a download: nothing is sent
	Days       int        `db:"validity_days"` // of a virtual one: how long it is valid; 0: for ever
	ReviewedAt *time.Time `db:"reviewed_at"`   // nil: not yet

	Shares []promo.Share // what was taken off, in the order of application; only in a detail, and of orders since there are shares
}

// Discounts are what the shares of the items add up to; none of an order that was placed before there were shares, or in a list.
func (o Order) Discounts() []promo.Share {
	var shares []promo.Share
	for _, it := range o.Items {
		shares = append(shares, it.Shares...)
	}
	return promo.Sum(shares)
}

// Counts are the numbers on the tabs of my orders, by status; a status without orders has no entry.
type Counts map[Status]int64
