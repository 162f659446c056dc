package alipay

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"dashop/store/payment/gateway"
)

// ID is the provider's id in addresses and in the database.
const ID = "alipay"

// Provider is Alipay as the shop's payments see it. It also implements gateway.Returner.
type Provider struct {
	client *Client
	about  gateway.About
}

// NewProvider makes a Provider over a signed client.
func NewProvider(c *Client) Provider {
	return Provider{client: c, about: gateway.About{
		ID:          ID,
		Name:        gateway.Words{ZH: "支付宝", EN: "Alipay"},
		Hint:        gateway.Words{ZH: "跳转到支付宝付款", EN: "Pay on Alipay's page"},
		FormTargets: formTargets(c.cfg.GatewayURL),
	}}
}

// About names Alipay.
func (p Provider) About() gateway.About { return p.about }

// formTargets are the gateway's own origin and, for the real one, Ant's domains: its cashier takes several hops, and
// browsers hold each of them to the list.
func formTargets(gatewayURL string) []string {
	u, err := url.Parse(gatewayURL)
	if err != nil {
		return nil // New has refused such an address
	}
	targets := []string{u.Scheme + "://" + u.Host}
	if underDomain(u.Hostname(), "alipay.com") || underDomain(u.Hostname(), "alipaydev.com") {
		targets = append(targets, "https://*.alipay.com", "https://*.alipaydev.com")
	}
	return targets
}

func underDomain(host, domain string) bool {
	return host == domain || strings.HasSuffix(host, "."+domain)
}

// Begin gives the address of the cashier for a desktop or a phone. It calls nobody: the browser brings the signed request.
func (p Provider) Begin(_ context.Context, c gateway.Charge) (gateway.Way, error) {
	pay := Pay{
		OutTradeNo: c.OutTradeNo, Amount: c.Amount, Subject: c.Subject, ExpiresAt: c.ExpiresAt,
		NotifyURL: c.NotifyURL, ReturnURL: c.ReturnURL, QuitURL: c.QuitURL,
	}
	link := p.client.PagePayURL
	if c.Payer.Mobile {
		link = p.client.WapPayURL
	}
	to, err := link(p.client.Now(), pay)
	return gateway.Way{URL: to}, err
}

// Query asks Alipay what became of an attempt.
func (p Provider) Query(ctx context.Context, outTradeNo string) (gateway.News, error) {
	t, err := p.client.Query(ctx, p.client.Now(), outTradeNo)
	if err != nil {
		return gateway.News{}, err
	}
	return gateway.News{OutTradeNo: outTradeNo, TradeNo: t.TradeNo, State: tradeStates[t.State], Amount: t.Amount, PaidAt: t.PaidAt}, nil
}

// Close asks Alipay to close an attempt.
func (p Provider) Close(ctx context.Context, outTradeNo string) (sure bool, err error) {
	end, err := p.client.Close(ctx, p.client.Now(), outTradeNo)
	return end == CloseDone || end == CloseAbsent, err
}

// ReadNotify verifies a notify and that it is for this app and seller. Alipay signs the body alone.
func (p Provider) ReadNotify(_ context.Context, m gateway.Message) (gateway.Notice, error) {
	n, err := p.client.ParseNotify(m.Body)
	if err != nil {
		return gateway.Notice{}, fmt.Errorf("%w: %w", gateway.ErrForged, err)
	}
	if err := p.mine(n.AppID, n.SellerID); err != nil {
		return gateway.Notice{}, err
	}
	if n.Refund != nil { // it tells the sum of all refunds so far, and only that one was begun
		return gateway.Notice{Refund: &gateway.RefundNews{OutTradeNo: n.OutTradeNo, OutRequestNo: n.Refund.OutRequestNo,
			Digest: n.Digest}}, nil
	}
	return gateway.Notice{Payment: &gateway.News{
		OutTradeNo: n.OutTradeNo, TradeNo: n.TradeNo, State: tradeStates[n.State], Amount: n.Amount, PaidAt: n.PaidAt, Digest: n.Digest,
	}}, nil
}

// ReadReturn verifies the query of a buyer who comes back, and that it is for this app and seller.
func (p Provider) ReadReturn(_ context.Context, rawQuery string) (gateway.News, error) {
	r, err := p.client.ParseReturn(rawQuery)
	if err != nil {
		return gateway.News{}, fmt.Errorf("%w: %w", gateway.ErrForged, err)
	}
	return gateway.News{OutTradeNo: r.OutTradeNo, TradeNo: r.TradeNo, Amount: r.Amount, Digest: r.Digest}, p.mine(r.AppID, r.SellerID)
}

// Answer is the word that Alipay looks for; anything but success makes it send the notify again.
func (p Provider) Answer(v gateway.Verdict) gateway.Answer {
	word := Fail
	if v == gateway.Accepted {
		word = Success
	}
	return gateway.Answer{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8", Body: word}
}

func (p Provider) mine(appID, sellerID string) error {
	if appID != p.client.AppID() || sellerID != p.client.SellerID() {
		return gateway.ErrForeign
	}
	return nil
}

var tradeStates = map[State]gateway.TradeState{
	Absent: gateway.TradeAbsent, Waiting: gateway.TradeWaiting, Paid: gateway.TradePaid,
	ClosedUnpaid: gateway.TradeClosed, Refunded: gateway.TradeRefunded,
}
