package alipay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"

	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
)

// What is remembered: notices of a trade, and deliveries of a notice.
const (
	maxNotices  = 20
	maxAttempts = 30
)

// Notice is one notify: an event that is delivered until the shop answers success.
type Notice struct {
	ID       string
	Body     string      // the signed form, the same at each delivery
	Faults   []desk.Kind // what was scripted for it
	Dropped  bool        // never sent by itself
	Done     bool        // the shop answered success
	Next     time.Time
	Planned  int // deliveries made by itself so far
	Attempts []Attempt
}

// Attempt is one delivery.
type Attempt struct {
	At     time.Time
	Status int    // 0 when no answer came
	Answer string // its first characters, or what went wrong
}

// debt is a notice that an earlier run did not deliver.
type debt struct {
	outTradeNo, id string
	wait           time.Duration
}

// announce makes the notify of a trade and begins to deliver it; the channel is closed after the first delivery. mu must be held.
func (g *Gateway) announce(t *Trade) <-chan struct{} {
	first := make(chan struct{})
	n, late, copies, err := g.compose(t)
	if err != nil {
		g.desk.Log().Error("sandbox: no notify", "out_trade_no", t.OutTradeNo, "err", err)
		close(first)
		return first
	}
	t.Notices = append(t.Notices, n)
	if extra := len(t.Notices) - maxNotices; extra > 0 {
		t.Notices = t.Notices[extra:]
	}
	g.keep(t)
	if n.Dropped || t.NotifyURL == "" {
		close(first)
		return first
	}
	if late > 0 {
		close(first) // nobody waits for it
		g.start(t.OutTradeNo, n.ID, late, copies, nil)
		return first
	}
	g.start(t.OutTradeNo, n.ID, 0, copies, first)
	return first
}

// compose writes the notify that tells of t as it is now, with the faults that hit it.
func (g *Gateway) compose(t *Trade) (n Notice, late time.Duration, copies int, err error) {
	now := alipay.FormatTime(g.desk.Now())
	n.ID = g.desk.Now().In(alipay.Beijing).Format("20060102") + desk.RandomDigits(26)
	amount := t.Amount.String()
	params := url.Values{
		"app_id": {AppID}, "auth_app_id": {AppID}, "buyer_id": {BuyerID}, "buyer_logon_id": {maskedBuyer}, "buyer_pay_amount": {amount},
		"charset": {"utf-8"}, "fund_bill_list": {`[{"amount":"` + amount + `","fundChannel":"ALIPAYACCOUNT"}]`},
		"gmt_create": {alipay.FormatTime(t.CreatedAt)}, "gmt_payment": {alipay.FormatTime(t.PaidAt)}, "invoice_amount": {amount},
		"notify_id": {n.ID}, "notify_time": {now}, "notify_type": {"trade_status_sync"}, "out_trade_no": {t.OutTradeNo},
		"point_amount": {"0.00"}, "receipt_amount": {amount}, "refund_fee": {"0.00"}, "seller_id": {SellerID}, "sign_type": {"RSA2"},
		"subject": {t.Subject}, "total_amount": {amount}, "trade_no": {t.TradeNo}, "trade_status": {t.Status}, "version": {"1.0"},
	}
	if t.Passback != "" {
		params.Set("passback_params", t.Passback)
	}
	hit := g.desk.StrikeAll(OnNotify, t.OutTradeNo)
	copies = 1
	for _, f := range hit {
		n.Faults = append(n.Faults, f.Kind)
		switch f.Kind {
		case desk.Late:
			late = f.Delay
		case desk.Copies:
			copies = f.Copies
		case desk.Drop:
			n.Dropped = true
		}
	}
	// A dropped notify is a genuine one all the same, so that it can be sent by hand later.
	n.Body, err = g.sign(params, withoutDrop(hit))
	return n, late, copies, err
}

func withoutDrop(hit []desk.Fault) []desk.Fault {
	var rest []desk.Fault
	for _, f := range hit {
		if f.Kind != desk.Drop {
			rest = append(rest, f)
		}
	}
	return rest
}

// start delivers a notice in the background until it is done or Alipay would give up. mu must be held.
func (g *Gateway) start(outTradeNo, id string, wait time.Duration, copies int, first chan struct{}) {
	begun := g.desk.Go(func() {
		for {
			if !g.desk.Sleep(wait) {
				if first != nil {
					close(first)
				}
				return
			}
			again, next := g.deliverAll(outTradeNo, id, copies)
			if first != nil {
				close(first)
				first = nil
			}
			if !again {
				return
			}
			wait, copies = next, 1
		}
	})
	switch n := g.notice(outTradeNo, id); {
	case begun && n != nil:
		n.Next = g.desk.Now().Add(wait)
	case !begun && first != nil:
		close(first) // the sandbox is stopping
	}
}

// deliverAll makes one planned delivery, in copies at once, and says whether and when another is due.
func (g *Gateway) deliverAll(outTradeNo, id string, copies int) (again bool, wait time.Duration) {
	var wg sync.WaitGroup
	for range copies {
		wg.Go(func() { g.deliver(outTradeNo, id) })
	}
	wg.Wait()
	g.mu.Lock()
	defer g.mu.Unlock()
	n := g.notice(outTradeNo, id)
	if n == nil || g.desk.Context().Err() != nil {
		return false, 0
	}
	n.Next = time.Time{}
	gap := n.Planned
	n.Planned++
	if !n.Done && gap < len(g.gaps) {
		again, wait = true, g.gaps[gap]
		n.Next = g.desk.Now().Add(wait)
	}
	if t, ok := g.trades.Get(outTradeNo); ok {
		g.keep(t)
	}
	return again, wait
}

// deliver posts a notice once and writes down what came of it.
func (g *Gateway) deliver(outTradeNo, id string) {
	g.mu.Lock()
	t, ok := g.trades.Get(outTradeNo)
	n := g.notice(outTradeNo, id)
	if !ok || n == nil {
		g.mu.Unlock()
		return
	}
	address, body, at := t.NotifyURL, n.Body, g.desk.Now()
	g.mu.Unlock()

	status, answer := post(g.desk.Context(), g.poster, address, body)

	g.mu.Lock()
	defer g.mu.Unlock()
	if g.desk.Context().Err() != nil && status == 0 {
		return // broken off by Shutdown, which says nothing of the shop
	}
	if n = g.notice(outTradeNo, id); n == nil {
		return
	}
	n.Done = n.Done || status == http.StatusOK && answer == alipay.Success
	n.Attempts = append(n.Attempts, Attempt{at, status, answer})
	if extra := len(n.Attempts) - maxAttempts; extra > 0 {
		n.Attempts = n.Attempts[extra:]
	}
	g.keep(t)
}

// post sends a notify and reads the first characters of the answer.
func post(ctx context.Context, client *http.Client, address, body string) (status int, answer string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	resp, err := client.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, 200))
	if err != nil {
		return 0, err.Error()
	}
	if !utf8.Valid(text) {
		return resp.StatusCode, fmt.Sprintf("%q", text)
	}
	return resp.StatusCode, string(text)
}

// Notify sends a new, genuine notify of a paid trade, with another notify_id, and waits for its first delivery. Faults strike it as any.
func (g *Gateway) Notify(outTradeNo string) error {
	g.mu.Lock()
	t, ok := g.find(outTradeNo)
	if !ok || t.Status != statusPaid {
		g.mu.Unlock()
		return fmt.Errorf("sandbox: %s is not paid", outTradeNo)
	}
	first := g.announce(t)
	g.mu.Unlock()
	g.await(first)
	return nil
}

// Resend delivers a notice once more, byte for byte as it was, also one that was dropped.
func (g *Gateway) Resend(outTradeNo, id string) error {
	g.mu.Lock()
	known := g.notice(outTradeNo, id) != nil
	g.mu.Unlock()
	if !known {
		return fmt.Errorf("sandbox: no notice %s of %s", id, outTradeNo)
	}
	g.deliver(outTradeNo, id)
	return nil
}

// notice finds a notice. mu must be held, and the pointer is good only so long.
func (g *Gateway) notice(outTradeNo, id string) *Notice {
	t, ok := g.trades.Get(outTradeNo)
	if !ok {
		return nil
	}
	for i := range t.Notices {
		if t.Notices[i].ID == id {
			return &t.Notices[i]
		}
	}
	return nil
}

// owe notes the notices that an earlier run did not deliver, before any new one is made.
func (g *Gateway) owe() {
	for _, t := range g.trades.Newest(desk.MaxRemembered) {
		for _, n := range t.Notices {
			if !n.Done && !n.Next.IsZero() {
				g.owed = append(g.owed, debt{t.OutTradeNo, n.ID, max(0, n.Next.Sub(g.desk.Now()))})
			}
		}
	}
}

// Resume goes on with the notices that an earlier run left undelivered.
func (g *Gateway) Resume() {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, d := range g.owed {
		g.start(d.outTradeNo, d.id, d.wait, 1, nil)
	}
	g.owed = nil
}

// await gives a first delivery a moment, so that the shop usually hears of the money before its buyer is back.
func (g *Gateway) await(first <-chan struct{}) {
	select {
	case <-first:
	case <-time.After(2 * time.Second):
	case <-g.desk.Context().Done():
	}
}

// loopbackClient posts to this machine only: a notify_url must not make the sandbox call other machines.
func loopbackClient() *http.Client {
	dialer := &net.Dialer{Timeout: 3 * time.Second, Control: func(_, address string, _ syscall.RawConn) error {
		host, _, err := net.SplitHostPort(address)
		if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
			return errors.New("the sandbox notifies loopback addresses only")
		}
		return nil
	}}
	return &http.Client{
		Transport:     &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 16, IdleConnTimeout: 30 * time.Second},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}
