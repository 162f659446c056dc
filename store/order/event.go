package order

import "time"

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
