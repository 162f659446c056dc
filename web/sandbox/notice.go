package sandbox

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
)

// What is remembered: notices of a trade, and deliveries of a notice.
const (
	maxNotices  = 20
	maxAttempts = 30
)

// Notice is one notify: an event that is delivered until the shop answers success.
type Notice struct {
	ID       string
	Body     string // the signed form, the same at each delivery
	Faults   []Kind // what was scripted for it
	Dropped  bool   // never sent by itself
	Done     bool   // the shop answered success
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
func (s *Sandbox) announce(t *Trade) <-chan struct{} {
	first := make(chan struct{})
	n, late, copies, err := s.compose(t)
	if err != nil {
		s.opt.Log.Error("sandbox: no notify", "out_trade_no", t.OutTradeNo, "err", err)
		close(first)
		return first
	}
	t.Notices = append(t.Notices, n)
	if extra := len(t.Notices) - maxNotices; extra > 0 {
		t.Notices = t.Notices[extra:]
	}
	s.keep(t)
	if n.Dropped || t.NotifyURL == "" {
		close(first)
		return first
	}
	if late > 0 {
		close(first) // nobody waits for it
		s.start(t.OutTradeNo, n.ID, late, copies, nil)
		return first
	}
	s.start(t.OutTradeNo, n.ID, 0, copies, first)
	return first
}

// compose writes the notify that tells of t as it is now, with the faults that hit it.
func (s *Sandbox) compose(t *Trade) (n Notice, late time.Duration, copies int, err error) {
	now := alipay.FormatTime(s.now())
	n.ID = s.now().In(alipay.Beijing).Format("20060102") + digits(26)
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
	hit := s.strike(OnNotify, t.OutTradeNo)
	copies = 1
	for _, f := range hit {
		n.Faults = append(n.Faults, f.Kind)
		switch f.Kind {
		case Late:
			late = f.Delay
		case Copies:
			copies = f.Copies
		case Drop:
			n.Dropped = true
		}
	}
	// A dropped notify is a genuine one all the same, so that it can be sent by hand later.
	n.Body, err = s.sign(params, withoutDrop(hit))
	return n, late, copies, err
}

func withoutDrop(hit []Fault) []Fault {
	var rest []Fault
	for _, f := range hit {
		if f.Kind != Drop {
			rest = append(rest, f)
		}
	}
	return rest
}

// start delivers a notice in the background until it is done or Alipay would give up. mu must be held.
func (s *Sandbox) start(outTradeNo, id string, wait time.Duration, copies int, first chan struct{}) {
	if s.ctx.Err() != nil {
		if first != nil {
			close(first)
		}
		return // Shutdown waits for what began before it
	}
	if n := s.notice(outTradeNo, id); n != nil {
		n.Next = s.now().Add(wait)
	}
	s.wg.Go(func() {
		for {
			if !s.sleep(wait) {
				if first != nil {
					close(first)
				}
				return
			}
			again, next := s.deliverAll(outTradeNo, id, copies)
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
}

// deliverAll makes one planned delivery, in copies at once, and says whether and when another is due.
func (s *Sandbox) deliverAll(outTradeNo, id string, copies int) (again bool, wait time.Duration) {
	var wg sync.WaitGroup
	for range copies {
		wg.Go(func() { s.deliver(outTradeNo, id) })
	}
	wg.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	n := s.notice(outTradeNo, id)
	if n == nil || s.ctx.Err() != nil {
		return false, 0
	}
	n.Next = time.Time{}
	gap := n.Planned
	n.Planned++
	if !n.Done && gap < len(s.opt.Gaps) {
		again, wait = true, s.opt.Gaps[gap]/time.Duration(s.opt.Speed)
		n.Next = s.now().Add(wait)
	}
	if t, ok := s.trades.get(outTradeNo); ok {
		s.keep(t)
	}
	return again, wait
}

// deliver posts a notice once and writes down what came of it.
func (s *Sandbox) deliver(outTradeNo, id string) {
	s.mu.Lock()
	t, ok := s.trades.get(outTradeNo)
	n := s.notice(outTradeNo, id)
	if !ok || n == nil {
		s.mu.Unlock()
		return
	}
	address, body, at := t.NotifyURL, n.Body, s.now()
	s.mu.Unlock()

	status, answer := s.post(address, body)

	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil && status == 0 {
		return // broken off by Shutdown, which says nothing of the shop
	}
	if n = s.notice(outTradeNo, id); n == nil {
		return
	}
	n.Done = n.Done || status == http.StatusOK && answer == alipay.Success
	n.Attempts = append(n.Attempts, Attempt{at, status, answer})
	if extra := len(n.Attempts) - maxAttempts; extra > 0 {
		n.Attempts = n.Attempts[extra:]
	}
	s.keep(t)
}

// post sends a notify and reads the first characters of the answer.
func (s *Sandbox) post(address, body string) (status int, answer string) {
	ctx, cancel := context.WithTimeout(s.ctx, 10*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return 0, err.Error()
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	resp, err := s.poster.Do(req)
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
func (s *Sandbox) Notify(outTradeNo string) error {
	s.mu.Lock()
	t, ok := s.find(outTradeNo)
	if !ok || t.Status != statusPaid {
		s.mu.Unlock()
		return fmt.Errorf("sandbox: %s is not paid", outTradeNo)
	}
	first := s.announce(t)
	s.mu.Unlock()
	s.await(first)
	return nil
}

// Resend delivers a notice once more, byte for byte as it was, also one that was dropped.
func (s *Sandbox) Resend(outTradeNo, id string) error {
	s.mu.Lock()
	known := s.notice(outTradeNo, id) != nil
	s.mu.Unlock()
	if !known {
		return fmt.Errorf("sandbox: no notice %s of %s", id, outTradeNo)
	}
	s.deliver(outTradeNo, id)
	return nil
}

// notice finds a notice. mu must be held, and the pointer is good only so long.
func (s *Sandbox) notice(outTradeNo, id string) *Notice {
	t, ok := s.trades.get(outTradeNo)
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
func (s *Sandbox) owe() {
	for _, t := range s.trades.newest(maxTrades) {
		for _, n := range t.Notices {
			if !n.Done && !n.Next.IsZero() {
				s.owed = append(s.owed, debt{t.OutTradeNo, n.ID, max(0, n.Next.Sub(s.now()))})
			}
		}
	}
}

// resume goes on with the notices that are owed.
func (s *Sandbox) resume() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.owed {
		s.start(d.outTradeNo, d.id, d.wait, 1, nil)
	}
	s.owed = nil
}

// await gives a first delivery a moment, so that the shop usually hears of the money before its buyer is back.
func (s *Sandbox) await(first <-chan struct{}) {
	select {
	case <-first:
	case <-time.After(2 * time.Second):
	case <-s.ctx.Done():
	}
}

// sleep waits and says false when Shutdown came first.
func (s *Sandbox) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return s.ctx.Err() == nil
	case <-s.ctx.Done():
		return false
	}
}

// loopbackClient posts to this machine only: a notify_url must not make the sandbox knock on other doors.
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
