package order

import (
	"time"

	"dashop/store/money"
)

// Status says where an order stands, and so who acts next.
type Status int

// The states of an order (design.md 3).
const (
	StatusPendingPayment  Status = 1 // 待付款: the shopper pays or cancels
	StatusPendingShipment Status = 2 // 待发货: the merchant ships
	StatusPendingReceipt  Status = 3 // 待收货: the shopper confirms, or time does
	StatusPendingReview   Status = 4 // 待评价: the shopper reviews
	StatusCompleted       Status = 5 // 已完成
	StatusCancelled       Status = 6 // 已取消, with a CancelReason
)

// Name is the Chinese word for the status, which is also its key in the language function.
func (s Status) Name() string {
	switch s {
	case StatusPendingPayment:
		return "待付款"
	case StatusPendingShipment:
		return "待发货"
	case StatusPendingReceipt:
		return "待收货"
	case StatusPendingReview:
		return "待评价"
	case StatusCompleted:
		return "已完成"
	case StatusCancelled:
		return "已取消"
	}
	return "未知状态"
}

// CancelReason says why an order was cancelled.
type CancelReason string

// The reasons.
const (
	CancelledByShopper  CancelReason = "shopper"
	CancelledByTimeout  CancelReason = "timeout"
	CancelledByMerchant CancelReason = "merchant"
	CancelledByRefund   CancelReason = "refund"
)

// Name is the Chinese word for the reason.
func (r CancelReason) Name() string {
	switch r {
	case CancelledByShopper:
		return "您已取消"
	case CancelledByTimeout:
		return "超时取消"
	case CancelledByMerchant:
		return "商家取消"
	case CancelledByRefund:
		return "已退款"
	}
	return ""
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
	CreatedAt     time.Time    `db:"created_at"`
	PayDeadline   time.Time    `db:"pay_deadline"`
	PaidAt        *time.Time   `db:"paid_at"`
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
	Payable    money.Fen  `db:"payable_fen"`
	ReviewedAt *time.Time `db:"reviewed_at"` // nil: not yet
}

// Shipment is one parcel.
type Shipment struct {
	OrderID    int64     `db:"order_id"`
	Carrier    string    `db:"carrier"` // a key of Carriers
	TrackingNo string    `db:"tracking_no"`
	CreatedAt  time.Time `db:"created_at"`
}

// Carriers are the parcel services to choose from: key and Chinese name, in the order shown.
var Carriers = []struct{ Key, Name string }{
	{"sf", "顺丰速运"}, {"zto", "中通快递"}, {"yto", "圆通速递"}, {"sto", "申通快递"},
	{"yunda", "韵达快递"}, {"jd", "京东物流"}, {"ems", "中国邮政 EMS"}, {"deppon", "德邦快递"}, {"other", "其他快递"},
}

// CarrierName is the Chinese name of a carrier's key.
func CarrierName(key string) string {
	for _, c := range Carriers {
		if c.Key == key {
			return c.Name
		}
	}
	return key
}

// EventKind names what happened to an order.
type EventKind string

// The kinds of events.
const (
	EventPlaced    EventKind = "placed"
	EventPaid      EventKind = "paid"
	EventCancelled EventKind = "cancelled"
	EventShipped   EventKind = "shipped"
	EventReceived  EventKind = "received"
	EventCompleted EventKind = "completed"
	EventReminded  EventKind = "reminded"
	EventLateMoney EventKind = "late_money" // paid after it was cancelled, or twice; the money is owed back
)

// Name is the Chinese sentence for the kind.
func (k EventKind) Name() string {
	switch k {
	case EventPlaced:
		return "订单已提交"
	case EventPaid:
		return "付款成功"
	case EventCancelled:
		return "订单已取消"
	case EventShipped:
		return "商家已发货"
	case EventReceived:
		return "已确认收货"
	case EventCompleted:
		return "订单已完成"
	case EventReminded:
		return "已提醒商家发货"
	case EventLateMoney:
		return "收到迟到的款项，将原路退回"
	}
	return string(k)
}

// Actor says who caused an event.
type Actor string

// The actors.
const (
	ByShopper  Actor = "shopper"
	ByMerchant Actor = "merchant"
	BySystem   Actor = "system"
	ByGateway  Actor = "gateway"
)

// Event is one entry of an order's timeline.
type Event struct {
	OrderID   int64     `db:"order_id"`
	Kind      EventKind `db:"kind"`
	From      Status    `db:"from_status"`
	To        Status    `db:"to_status"`
	Actor     Actor     `db:"actor"`
	ActorID   int64     `db:"actor_id"`
	Detail    string    `db:"detail"`
	CreatedAt time.Time `db:"created_at"`
}

// Counts are the numbers on the tabs of my orders, by status; a status without orders has no entry.
type Counts map[Status]int64

// Page is one page of orders, newest first.
type Page struct {
	Orders  []Order
	Number  int
	HasNext bool
}
