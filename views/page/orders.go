package page

import (
	"time"

	"dashop/store/order"
	"dashop/store/payment"
	"dashop/views/ui"
)

// tabs are the states with a tab of their own in my orders; the last one also lists those that wait for reviews.
var tabs = []order.Status{
	order.StatusPendingPayment, order.StatusPendingShipment, order.StatusPendingReceipt, order.StatusPendingReview, order.StatusCompleted,
}

func orderTabs(v ui.View, l ui.OrderList) []ui.Tab {
	out := []ui.Tab{{Label: v.T("全部"), Href: l.Tab(0), Current: l.Status == 0}}
	for _, s := range tabs {
		out = append(out, ui.Tab{Label: v.T(s.Name()), Href: l.Tab(int(s)), Count: l.Counts[s], Current: int(s) == l.Status})
	}
	return out
}

// addressName is where an order goes in a word or two: the address's title, or else who receives it.
func addressName(o order.Order) string {
	if o.AddressTitle != "" {
		return o.AddressTitle
	}
	return o.Receiver
}

// payableName is the Chinese word for what an order's sum is: still to pay, or paid.
func payableName(o order.Order) string {
	if o.PaidAt == nil {
		return "应付"
	}
	return "实付"
}

func machineTime(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// orderSteps are the stations of an order's way, with when it came by. A cancelled order has none.
func orderSteps(v ui.View, o order.Order) []ui.PathStep {
	steps := []ui.PathStep{
		{Label: v.T("提交订单"), Icon: "package", Time: v.ShortTime(o.CreatedAt)},
		{Label: v.T("付款"), Icon: "wallet", Time: orderedTime(v, o.PaidAt)},
		{Label: v.T("发货"), Icon: "package", Time: orderedTime(v, o.ShippedAt)},
		{Label: v.T("收货"), Icon: "truck", Time: orderedTime(v, o.ReceivedAt)},
		{Label: v.T("完成"), Icon: "star", Time: orderedTime(v, o.EndedAt)},
	}
	if !o.Ships() {
		steps = append(steps[:2], steps[4])
	}
	now := int(o.Status) // the first station is behind every order, so status 1 stands at index 1
	for i := range steps {
		switch {
		case i < now || o.Status == order.StatusCompleted:
			steps[i].State = "done"
		case i == now:
			steps[i].State = "now"
		default:
			steps[i].State = "next"
		}
	}
	return steps
}

// standing says in a sentence where an order stands and what comes next.
func standing(v ui.View, o order.Order) string {
	switch o.Status {
	case order.StatusPendingPayment:
		if !v.Now.Before(o.PayDeadline) {
			return v.T("付款时间已过，订单正在取消。")
		}
		return v.T("请在 %s 前付款，之后订单自动取消。", clockTime(v, o.PayDeadline))
	case order.StatusPendingShipment:
		return v.T("已付款，商家正在准备发货。")
	case order.StatusPendingReceipt:
		if o.ReceiptDue != nil {
			return v.T("收到后请确认，%s 将自动确认。", v.ShortTime(*o.ReceiptDue))
		}
		return v.T("收到后请确认。")
	case order.StatusPendingReview:
		if o.ReviewedCount > 0 {
			return v.T("已收货，还有 %d 件商品等您评价。", len(o.Items)-o.ReviewedCount)
		}
		return v.T("已收货，说说这些商品怎么样吧。")
	case order.StatusCompleted:
		return v.T("订单已完成，谢谢您。")
	}
	return v.T(o.CancelReason.Name())
}

// history is an order's timeline in the reader's words.
func history(v ui.View, o order.Order) []ui.TimelineEntry {
	out := make([]ui.TimelineEntry, len(o.Events))
	for i, e := range o.Events {
		text := v.T(e.Kind.Name())
		if e.Kind == order.EventPaid && o.PayMethod == order.MethodFree {
			text = v.T("无需支付")
		}
		if e.Kind == order.EventCancelled && o.CancelReason != "" {
			text += v.T("：%s", v.T(o.CancelReason.Name()))
		}
		if n := e.Earned(); n > 0 {
			text += v.T("，获得 %d 积分", n)
		}
		out[i] = ui.TimelineEntry{Text: text, Time: v.Time(e.CreatedAt)}
	}
	return out
}

// paidBy is the attempt that paid the order, or nil.
func paidBy(r payment.Result) *payment.Attempt {
	if r.Attempt != nil && r.Attempt.Status == payment.StatusPaid {
		return r.Attempt
	}
	return nil
}
