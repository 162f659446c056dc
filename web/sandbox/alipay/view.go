package alipay

import (
	"time"

	"dashop/store/payment/alipay"
	views "dashop/views/sandbox"
)

// TradeViews are at most n trades as the state page shows them, the newest first.
func (g *Gateway) TradeViews(n int) []views.Trade {
	var list []views.Trade
	for _, t := range g.Trades(n) {
		list = append(list, g.tradeView(t))
	}
	return list
}

func (g *Gateway) tradeView(t Trade) views.Trade {
	v := views.Trade{
		Order: g.orderView(t.Order), TradeNo: t.TradeNo, Status: t.Status,
		CreatedAt: alipay.FormatTime(t.CreatedAt), PaidAt: shownTime(t.PaidAt),
	}
	for _, n := range t.Notices {
		notice := views.Notice{ID: n.ID, Done: n.Done, Dropped: n.Dropped, Next: shownTime(n.Next)}
		for _, k := range n.Faults {
			notice.Faults = append(notice.Faults, string(k))
		}
		for _, a := range n.Attempts {
			notice.Attempts = append(notice.Attempts, views.Attempt{At: shownTime(a.At), Status: a.Status, Answer: a.Answer})
		}
		v.Notices = append(v.Notices, notice)
	}
	return v
}

// orderView is an order as the pages want it.
func (g *Gateway) orderView(o Order) views.Order {
	return views.Order{
		Method: o.Method, OutTradeNo: o.OutTradeNo, Subject: o.Subject, Amount: o.Amount, ExpiresAt: alipay.FormatTime(o.ExpiresAt),
		NotifyURL: o.NotifyURL, ReturnURL: o.ReturnURL, Payee: g.desk.Payee(), SellerID: SellerID, AppID: AppID,
	}
}

// shownTime is t for people, or "" for no time.
func shownTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return alipay.FormatTime(t)
}
