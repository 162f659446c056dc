package page

import (
	"dashop/store/order"
	"dashop/views/ui"
)

// AccountPage is what a shopper's own page shows.
type AccountPage struct {
	Username, Mobile string
	Counts           order.Counts
}

type accountLink struct {
	icon, label, href string
	count             int64
}

// waiting are the states of orders in which something is still to be done.
func (a AccountPage) waiting(v ui.View) []accountLink {
	entry := func(icon, label string, status order.Status) accountLink {
		return accountLink{icon, label, "/orders?status=" + ui.ID(int64(status)), a.Counts[status]}
	}
	return []accountLink{
		entry("wallet", v.T("待付款"), order.StatusPendingPayment),
		entry("package", v.T("待发货"), order.StatusPendingShipment),
		entry("truck", v.T("待收货"), order.StatusPendingReceipt),
		entry("star", v.T("待评价"), order.StatusPendingReview),
	}
}
