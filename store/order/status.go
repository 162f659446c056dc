package order

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
