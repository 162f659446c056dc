package payment

import (
	"context"
	"fmt"
	"time"

	"dashop/store/payment/alipay"
)

// Alipay is the Provider over Alipay's signed client.
type Alipay struct{ client *alipay.Client }

// NewAlipay makes the Provider.
func NewAlipay(c *alipay.Client) Alipay { return Alipay{client: c} }

// Link is the address of the cashier for a desktop or a phone.
func (a Alipay) Link(now time.Time, l Link) (string, error) {
	pay := alipay.Pay{
		OutTradeNo: l.OutTradeNo, Amount: l.Amount, Subject: l.Subject, ExpiresAt: l.ExpiresAt,
		NotifyURL: l.NotifyURL, ReturnURL: l.ReturnURL, QuitURL: l.QuitURL,
	}
	if l.Mobile {
		return a.client.WapPayURL(now, pay)
	}
	return a.client.PagePayURL(now, pay)
}

// Query asks Alipay what became of an attempt.
func (a Alipay) Query(ctx context.Context, now time.Time, outTradeNo string) (News, error) {
	t, err := a.client.Query(ctx, now, outTradeNo)
	if err != nil {
		return News{}, err
	}
	return News{OutTradeNo: outTradeNo, TradeNo: t.TradeNo, State: tradeState(t.State), Amount: t.Amount, PaidAt: t.PaidAt}, nil
}

// Close asks Alipay to close an attempt.
func (a Alipay) Close(ctx context.Context, now time.Time, outTradeNo string) (sure bool, err error) {
	end, err := a.client.Close(ctx, now, outTradeNo)
	return end == alipay.CloseDone || end == alipay.CloseAbsent, err
}

// ReadNotify verifies a notify and that it is for this app and seller.
func (a Alipay) ReadNotify(body []byte) (News, error) {
	n, err := a.client.ParseNotify(body)
	if err != nil {
		return News{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	news := News{
		OutTradeNo: n.OutTradeNo, TradeNo: n.TradeNo, State: tradeState(n.State), Amount: n.Amount, PaidAt: n.PaidAt,
		Refund: n.Refund != nil, Digest: n.Digest,
	}
	return news, a.mine(n.AppID, n.SellerID)
}

// ReadReturn verifies the query of a buyer who comes back, and that it is for this app and seller.
func (a Alipay) ReadReturn(rawQuery string) (News, error) {
	r, err := a.client.ParseReturn(rawQuery)
	if err != nil {
		return News{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	return News{OutTradeNo: r.OutTradeNo, TradeNo: r.TradeNo, Amount: r.Amount, Digest: r.Digest}, a.mine(r.AppID, r.SellerID)
}

func (a Alipay) mine(appID, sellerID string) error {
	if appID != a.client.AppID() || sellerID != a.client.SellerID() {
		return ErrForeign
	}
	return nil
}

func tradeState(s alipay.State) TradeState {
	return map[alipay.State]TradeState{
		alipay.Absent: TradeAbsent, alipay.Waiting: TradeWaiting, alipay.Paid: TradePaid,
		alipay.ClosedUnpaid: TradeClosed, alipay.Refunded: TradeRefunded,
	}[s]
}
