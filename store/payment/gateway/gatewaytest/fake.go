// Package gatewaytest is a provider for tests: a gateway of its own that listens over HTTP, signs its messages in a header
// and gives an address to phones and a code to everybody else.
package gatewaytest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/money"
	"dashop/store/payment/gateway"
)

// ID is the provider's id.
const ID = "scanpay"

// ErrBroken is what a scripted call may fail with.
var ErrBroken = errors.New("gatewaytest: broken")

const (
	key       = "a key for tests"
	signature = "Scanpay-Signature"
	codeLife  = 10 * time.Minute
)

// Trade is an attempt as the gateway knows it.
type Trade struct {
	gateway.Charge
	State gateway.TradeState
}

// Reply is what the shop answered to a notify.
type Reply struct {
	Status int
	Type   string
	Body   string
}

// Provider is the gateway and the shop's client of it in one.
type Provider struct {
	server *httptest.Server
	clock  func() time.Time

	mu      sync.Mutex
	trades  map[string]*Trade
	calls   []string // such as "query 2026…01"
	onQuery func(ctx context.Context, outTradeNo string, nth int) (gateway.News, error)
	queries map[string]int
	mute    bool // no notifies are sent
}

// New starts the gateway for the time of a test.
func New(t testing.TB, clock func() time.Time) *Provider {
	p := &Provider{clock: clock, trades: map[string]*Trade{}, queries: map[string]int{}}
	p.server = httptest.NewServer(http.HandlerFunc(p.cashier))
	t.Cleanup(p.server.Close)
	return p
}

// About names the provider.
func (p *Provider) About() gateway.About {
	return gateway.About{
		ID: ID, Name: gateway.Words{ZH: "扫码付", EN: "Scanpay"},
		Hint:        gateway.Words{ZH: "用手机扫码付款", EN: "Scan a code with your phone"},
		FormTargets: []string{p.server.URL},
	}
}

// Begin makes the trade; a phone is sent to the cashier, any other browser gets a code. It insists on what a real gateway
// needs to know.
func (p *Provider) Begin(ctx context.Context, c gateway.Charge) (gateway.Way, error) {
	if c.Payer.IP == "" || c.NotifyURL == "" || c.Subject == "" || !c.ExpiresAt.After(p.clock()) {
		return gateway.Way{}, fmt.Errorf("gatewaytest: the charge is not complete: %+v", c)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, "begin "+c.OutTradeNo)
	if p.trades[c.OutTradeNo] == nil {
		p.trades[c.OutTradeNo] = &Trade{Charge: c, State: gateway.TradeWaiting}
	}
	if c.Payer.Mobile {
		return gateway.Way{URL: p.server.URL + "/cashier?no=" + url.QueryEscape(c.OutTradeNo)}, nil
	}
	return gateway.Way{Code: "scanpay://pay?no=" + c.OutTradeNo, ExpiresAt: p.clock().Add(codeLife)}, nil
}

// OnQuery scripts the answers about a trade; nth counts from 1. A nil script answers the truth.
func (p *Provider) OnQuery(script func(ctx context.Context, outTradeNo string, nth int) (gateway.News, error)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.onQuery, p.queries = script, map[string]int{}
}

// Query tells the truth, unless a script says otherwise.
func (p *Provider) Query(ctx context.Context, outTradeNo string) (gateway.News, error) {
	p.mu.Lock()
	p.calls = append(p.calls, "query "+outTradeNo)
	p.queries[outTradeNo]++
	script, nth := p.onQuery, p.queries[outTradeNo]
	p.mu.Unlock()
	if script != nil {
		return script(ctx, outTradeNo, nth)
	}
	return p.Truth(outTradeNo), nil
}

// Truth is what the gateway knows of a trade.
func (p *Provider) Truth(outTradeNo string) gateway.News {
	p.mu.Lock()
	defer p.mu.Unlock()
	t := p.trades[outTradeNo]
	if t == nil {
		return gateway.News{OutTradeNo: outTradeNo, State: gateway.TradeAbsent}
	}
	return gateway.News{OutTradeNo: outTradeNo, TradeNo: "SP" + outTradeNo, State: t.State, Amount: t.Amount}
}

// Close closes what is not paid.
func (p *Provider) Close(ctx context.Context, outTradeNo string) (sure bool, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, "close "+outTradeNo)
	t := p.trades[outTradeNo]
	if t != nil && t.State == gateway.TradePaid {
		return false, nil
	}
	if t != nil {
		t.State = gateway.TradeClosed
	}
	return true, ctx.Err()
}

// note is the body of a message.
type note struct {
	OutTradeNo string
	Amount     money.Fen
	Refund     string // the request number, in a message about a refund
}

// ReadNotify believes what is signed in the header.
func (p *Provider) ReadNotify(_ context.Context, m gateway.Message) (gateway.Notice, error) {
	if !hmac.Equal([]byte(m.Header.Get(signature)), []byte(sign(m.Body))) {
		return gateway.Notice{}, gateway.ErrForged
	}
	var n note
	if err := json.Unmarshal(m.Body, &n); err != nil {
		return gateway.Notice{}, fmt.Errorf("%w: %w", gateway.ErrForged, err)
	}
	if n.Refund != "" {
		return gateway.Notice{Refund: &gateway.RefundNews{
			OutTradeNo: n.OutTradeNo, OutRequestNo: n.Refund, Amount: n.Amount, Done: true, Digest: sign(m.Body),
		}}, nil
	}
	return gateway.Notice{Payment: &gateway.News{
		OutTradeNo: n.OutTradeNo, TradeNo: "SP" + n.OutTradeNo, State: gateway.TradePaid, Amount: n.Amount, Digest: sign(m.Body),
	}}, nil
}

// Answer is decided by the status, with JSON for what is refused.
func (p *Provider) Answer(v gateway.Verdict) gateway.Answer {
	switch v {
	case gateway.Accepted:
		return gateway.Answer{Status: http.StatusNoContent}
	case gateway.Refused:
		return gateway.Answer{Status: http.StatusBadRequest, ContentType: "application/json", Body: `{"code":"FAIL"}`}
	}
	return gateway.Answer{Status: http.StatusInternalServerError, ContentType: "application/json", Body: `{"code":"LATER"}`}
}

func sign(body []byte) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// Mute has no notify sent any more.
func (p *Provider) Mute() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mute = true
}

// Calls are the calls that the shop made about a trade, such as "query" and "close", in order.
func (p *Provider) Calls(outTradeNo string) (list []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.calls {
		if verb, ok := strings.CutSuffix(c, " "+outTradeNo); ok {
			list = append(list, verb)
		}
	}
	return list
}

// Pay pays a trade, as somebody does who scans its code, and tells the shop. It fails when the trade cannot be paid.
func (p *Provider) Pay(outTradeNo string) error {
	p.mu.Lock()
	t := p.trades[outTradeNo]
	if t == nil || t.State != gateway.TradeWaiting {
		p.mu.Unlock()
		return fmt.Errorf("gatewaytest: %s cannot be paid", outTradeNo)
	}
	t.State = gateway.TradePaid
	n, to, mute := note{OutTradeNo: outTradeNo, Amount: t.Amount}, t.NotifyURL, p.mute
	p.mu.Unlock()
	if mute {
		return nil
	}
	_, err := p.Tell(to, n.body(), true)
	return err
}

// Refunded tells the shop that a part of a trade went back.
func (p *Provider) Refunded(outTradeNo, requestNo string, amount money.Fen) (Reply, error) {
	p.mu.Lock()
	to := p.trades[outTradeNo].NotifyURL
	p.mu.Unlock()
	return p.Tell(to, note{OutTradeNo: outTradeNo, Refund: requestNo, Amount: amount}.body(), true)
}

// PaidNote is the body of a notify that says that a trade was paid.
func PaidNote(outTradeNo string, amount money.Fen) []byte {
	return note{OutTradeNo: outTradeNo, Amount: amount}.body()
}

func (n note) body() []byte {
	b, _ := json.Marshal(n)
	return b
}

// Header is what a genuine message comes with.
func Header(body []byte) http.Header {
	return http.Header{signature: {sign(body)}, "Content-Type": {"application/json"}}
}

// Tell posts a message to the shop, signed or not, and keeps the answer.
func (p *Provider) Tell(to string, body []byte, signed bool) (Reply, error) {
	r, err := http.NewRequest(http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return Reply{}, err
	}
	r.Header = Header(body)
	if !signed {
		r.Header.Del(signature)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return Reply{}, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	return Reply{answer.StatusCode, answer.Header.Get("Content-Type"), string(text)}, err
}

// cashier is the page that a phone is sent to.
func (p *Provider) cashier(w http.ResponseWriter, r *http.Request) {
	no := r.URL.Query().Get("no")
	p.mu.Lock()
	t := p.trades[no]
	p.mu.Unlock()
	if t == nil {
		http.NotFound(w, r)
		return
	}
	if r.Method == http.MethodPost {
		if err := p.Pay(no); err != nil {
			http.Error(w, err.Error(), http.StatusConflict)
			return
		}
		http.Redirect(w, r, t.ReturnURL, http.StatusSeeOther)
		return
	}
	fmt.Fprintf(w, `<!doctype html><title>Cashier</title><h1>%s</h1><form method="post"><button id="pay">Pay</button></form>`, t.Amount)
}
