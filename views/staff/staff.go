// Package staff holds one component for each page of the merchant's office.
package staff

import (
	"strings"

	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/views/ui"
)

// Shipping is a filled-in ship form of one order, with what was wrong with it.
type Shipping struct {
	No, Carrier, TrackingNo string
	Fault                   *fault.Error
}

// of is the form for an order: as it was filled in, or empty for any other order.
func (s Shipping) of(no string) Shipping {
	if s.No == no {
		return s
	}
	return Shipping{No: no}
}

// tabs are the states with a tab of their own in the merchant's list.
var tabs = []order.Status{
	order.StatusPendingPayment, order.StatusPendingShipment, order.StatusPendingReceipt, order.StatusPendingReview,
	order.StatusCompleted, order.StatusCancelled,
}

func orderTabs(v ui.View, l ui.OrderList) []ui.Tab {
	out := []ui.Tab{{Label: v.T("全部"), Href: l.Tab(0), Current: l.Status == 0}}
	for _, s := range tabs {
		out = append(out, ui.Tab{Label: v.T(s.Name()), Href: l.Tab(int(s)), Count: l.Counts[s], Current: int(s) == l.Status})
	}
	return out
}

func orderHref(no string) string { return "/admin/orders/" + no }

// goodsWords names what an order holds in one line.
func goodsWords(v ui.View, o order.Order) string {
	if len(o.Items) == 0 {
		return ""
	}
	first := v.Pick(o.Items[0].Name, o.Items[0].NameEN)
	if len(o.Items) == 1 {
		return first
	}
	return v.T("%s 等 %d 种", first, len(o.Items))
}

func carriers(v ui.View) []ui.Choice {
	out := []ui.Choice{{Value: "", Label: v.T("请选择")}}
	for _, c := range order.Carriers {
		out = append(out, ui.Choice{Value: c.Key, Label: v.T(c.Name)})
	}
	return out
}

// actorName is the Chinese word for who caused an event.
func actorName(a order.Actor) string {
	switch a {
	case order.ByShopper:
		return "顾客"
	case order.ByMerchant:
		return "商家"
	case order.ByGateway:
		return "支付平台"
	}
	return "系统"
}

// eventDetail says an event's detail in words where it is a word of the shop, and as it is where it is not.
func eventDetail(v ui.View, e order.Event) string {
	switch e.Kind {
	case order.EventCancelled:
		if why := order.CancelReason(e.Detail); why != order.CancelledByShopper {
			return v.T(why.Name())
		}
		return v.T("顾客取消")
	case order.EventShipped:
		carrier, number, _ := strings.Cut(e.Detail, " ")
		return v.T(order.CarrierName(carrier)) + " " + number
	}
	if n := e.Earned(); n > 0 {
		return v.T("顾客获得 %d 积分", n)
	}
	return e.Detail
}

func history(v ui.View, o order.Order) []ui.TimelineEntry {
	out := make([]ui.TimelineEntry, len(o.Events))
	for i, e := range o.Events {
		text := v.T(e.Kind.Name()) + " · " + v.T(actorName(e.Actor))
		if d := eventDetail(v, e); d != "" {
			text += " · " + d
		}
		out[i] = ui.TimelineEntry{Text: text, Time: v.Time(e.CreatedAt)}
	}
	return out
}

// payableName is the Chinese word for what an order's sum is: still to pay, or paid.
func payableName(o order.Order) string {
	if o.PaidAt == nil {
		return "应付"
	}
	return "实付"
}

// attemptName is the Chinese word for where an attempt to pay stands.
func attemptName(s payment.Status) string {
	switch s {
	case payment.StatusOpen:
		return "可付款"
	case payment.StatusPaid:
		return "已到账"
	case payment.StatusClosed:
		return "已关闭"
	case payment.StatusClosing:
		return "正在关闭"
	case payment.StatusFrozen:
		return "金额不符，待核对"
	}
	return "未知状态"
}

func attemptTone(s payment.Status) string {
	switch s {
	case payment.StatusOpen:
		return "wait"
	case payment.StatusPaid:
		return "ok"
	case payment.StatusFrozen:
		return "err"
	}
	return "mute"
}

// sourceName is the Chinese word for what brought the news of money.
func sourceName(source string) string {
	switch source {
	case "notify":
		return "平台通知"
	case "return":
		return "顾客返回"
	case "query":
		return "主动查询"
	}
	return source
}

// reasonName is the Chinese sentence for why money is owed back.
func reasonName(r payment.RefundReason) string {
	switch r {
	case payment.RefundLate:
		return "订单取消后才到账"
	case payment.RefundDouble:
		return "订单已经付过一次"
	case payment.RefundWrongAmount:
		return "到账金额与订单不符"
	}
	return string(r)
}
