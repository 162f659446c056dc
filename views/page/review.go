package page

import (
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/review"
	"dashop/views/ui"
)

// ReviewForm is the page on which a shopper reviews the items of an order, one after the other.
type ReviewForm struct {
	Order order.Order
	Line  int // the item whose form is open; 0 when all are reviewed
	Input review.Input
	Fault *fault.Error
}

// reviewHref leads to the form of one line of an order, or of the first that waits when line is 0.
func reviewHref(no string, line int) string {
	href := ui.OrderHref(no, "review")
	if line > 0 {
		href += "?item_id=" + ui.ID(line)
	}
	return href
}
