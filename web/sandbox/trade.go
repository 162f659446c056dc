package sandbox

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"

	"dashop/store/money"
	"dashop/store/payment/alipay"
)

// Trade statuses, as Alipay writes them.
const (
	statusWaiting = "WAIT_BUYER_PAY"
	statusPaid    = "TRADE_SUCCESS"
	statusClosed  = "TRADE_CLOSED"
)

// Trade is one trade with what became of its notifies. It comes into being when a buyer logs in on the cashier.
type Trade struct {
	Order
	TradeNo   string
	Status    string // WAIT_BUYER_PAY, TRADE_SUCCESS or TRADE_CLOSED
	CreatedAt time.Time
	PaidAt    time.Time // zero while unpaid
	ClosedAt  time.Time // zero while not closed
	Notices   []Notice
}

// Order is what a link to the cashier asks for.
type Order struct {
	Method     string // alipay.trade.page.pay or alipay.trade.wap.pay
	OutTradeNo string
	Subject    string
	Passback   string
	Amount     money.Fen
	ExpiresAt  time.Time
	NotifyURL  string
	ReturnURL  string
	QuitURL    string
}

// visit is one arrival of a buyer at the cashier.
type visit struct {
	id string
	Order
	loggedIn bool
}

// refusal is what the gateway says against a request.
type refusal struct{ code, msg, sub, text string }

// business is a refusal that depends on the state of a trade.
func business(sub, text string) *refusal { return &refusal{"40004", "Business Failed", sub, text} }

// invalid is a refusal of the request itself.
func invalid(sub, text string) *refusal { return &refusal{"40002", "Invalid Arguments", sub, text} }

// The refusals that the cashier shows too.
var (
	refusedPaid     = business("ACQ.TRADE_HAS_SUCCESS", "交易已经付款")
	refusedClosed   = business("ACQ.TRADE_HAS_CLOSE", "交易已经关闭")
	refusedExpired  = business("ACQ.TRADE_HAS_CLOSE", "这个付款链接已经过期")
	refusedChanged  = business("ACQ.CONTEXT_INCONSISTENT", "交易信息与之前提交的不一致")
	refusedAbsent   = business("ACQ.TRADE_NOT_EXIST", "交易不存在")
	refusedState    = business("ACQ.TRADE_STATUS_ERROR", "交易状态不合法")
	refusedArgument = business("ACQ.INVALID_PARAMETER", "参数无效")
)

// find is the trade with this number, closed if its time is over. mu must be held.
func (s *Sandbox) find(outTradeNo string) (*Trade, bool) {
	t, ok := s.trades.get(outTradeNo)
	if ok && t.Status == statusWaiting && !s.now().Before(t.ExpiresAt) {
		t.Status, t.ClosedAt = statusClosed, t.ExpiresAt
		s.keep(t)
	}
	return t, ok
}

// payable says why o cannot be paid now, or nil. mu must be held.
func (s *Sandbox) payable(o Order) *refusal {
	t, ok := s.find(o.OutTradeNo)
	switch {
	case ok && (t.Amount != o.Amount || t.Subject != o.Subject):
		return refusedChanged
	case ok && t.Status == statusPaid:
		return refusedPaid
	case ok && t.Status == statusClosed:
		return refusedClosed
	case !s.now().Before(o.ExpiresAt):
		return refusedExpired
	}
	return nil
}

// open notes a buyer's arrival with a verified order.
func (s *Sandbox) open(o Order) *visit {
	s.mu.Lock()
	defer s.mu.Unlock()
	v := &visit{id: randomHex(16), Order: o}
	s.visits.put(v.id, v)
	return v
}

// login lets the buyer of a visit in: now the trade exists.
func (s *Sandbox) login(v *visit) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.payable(v.Order); r != nil {
		return r
	}
	v.loggedIn = true
	if _, ok := s.find(v.OutTradeNo); !ok {
		s.create(v.Order)
	}
	return nil
}

// create makes the trade of an order. mu must be held.
func (s *Sandbox) create(o Order) *Trade {
	now := s.now()
	s.serial++
	t := &Trade{Order: o, Status: statusWaiting, CreatedAt: now}
	t.TradeNo = fmt.Sprintf("%s22001%06d%s", now.In(alipay.Beijing).Format("20060102"), s.serial%1_000_000, digits(9))
	s.trades.put(o.OutTradeNo, t)
	s.keep(t)
	return t
}

// pay takes the money for a visit whose buyer has logged in, once, and sends the notify. then are faults that this payment meets.
func (s *Sandbox) pay(v *visit, then ...Fault) *refusal {
	s.mu.Lock()
	if r := s.payable(v.Order); r != nil {
		s.mu.Unlock()
		return r
	}
	t, ok := s.find(v.OutTradeNo)
	if !ok || !v.loggedIn {
		s.mu.Unlock()
		return refusedAbsent
	}
	s.faults = append(s.faults, then...)
	first := s.take(t)
	s.mu.Unlock()
	s.await(first)
	return nil
}

// take marks t paid and sends the notify; the channel is closed after its first delivery. mu must be held.
func (s *Sandbox) take(t *Trade) <-chan struct{} {
	t.Status, t.PaidAt, t.ClosedAt = statusPaid, s.now(), time.Time{}
	s.keep(t)
	return s.announce(t)
}

// Pay takes the money for a trade whatever its state, as when a buyer pays after the shop has closed it, and sends the notify. Paying a
// paid trade does nothing.
func (s *Sandbox) Pay(outTradeNo string) error {
	s.mu.Lock()
	t, ok := s.find(outTradeNo)
	if !ok {
		s.mu.Unlock()
		return fmt.Errorf("sandbox: no trade %s", outTradeNo)
	}
	if t.Status == statusPaid {
		s.mu.Unlock()
		return nil
	}
	first := s.take(t)
	s.mu.Unlock()
	s.await(first)
	return nil
}

// Buy does what a buyer does with a link: opens it, logs in, pays. It returns the address that the buyer is then sent back to, or "" when
// he does not come back.
func (s *Sandbox) Buy(link string) (string, error) { return s.walk(link, true) }

// Login opens a link and logs in, so that the trade exists, and goes no further.
func (s *Sandbox) Login(link string) error {
	_, err := s.walk(link, false)
	return err
}

func (s *Sandbox) walk(link string, pay bool) (string, error) {
	_, query, _ := strings.Cut(link, "?")
	params, err := alipay.ParseParams(query)
	if err != nil {
		return "", err
	}
	o, r := s.order(params)
	var v *visit
	if r == nil {
		v = s.open(o)
		r = s.login(v)
	}
	if r == nil && pay {
		r = s.pay(v)
	}
	if r != nil {
		return "", fmt.Errorf("sandbox: %s: %s", r.sub, r.text)
	}
	if !pay {
		return "", nil
	}
	return s.back(v)
}

// Trade tells of a trade; false when no buyer has logged in for it yet.
func (s *Sandbox) Trade(outTradeNo string) (Trade, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.find(outTradeNo)
	if !ok {
		return Trade{}, false
	}
	return t.copy(), true
}

// Trades lists at most n trades, the newest first.
func (s *Sandbox) Trades(n int) []Trade {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []Trade
	for _, t := range s.trades.newest(n) {
		s.find(t.OutTradeNo)
		list = append(list, t.copy())
	}
	return list
}

// copy is t apart from what changes later.
func (t *Trade) copy() Trade {
	c := *t
	c.Notices = make([]Notice, len(t.Notices))
	for i, n := range t.Notices {
		n.Attempts = append([]Attempt(nil), n.Attempts...)
		c.Notices[i] = n
	}
	return c
}

// keep writes t to the journal. mu must be held.
func (s *Sandbox) keep(t *Trade) {
	if err := s.journal.add(t); err != nil {
		s.opt.Log.Error("sandbox: a trade was not written down", "out_trade_no", t.OutTradeNo, "err", err)
	}
}

// back is the signed address to which the buyer of a paid visit returns; "" when there is none.
func (s *Sandbox) back(v *visit) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.find(v.OutTradeNo)
	if v.ReturnURL == "" || !ok || t.Status != statusPaid {
		return "", nil
	}
	params := url.Values{
		"app_id": {AppID}, "auth_app_id": {AppID}, "charset": {"utf-8"}, "method": {v.Method + ".return"}, "out_trade_no": {t.OutTradeNo},
		"seller_id": {SellerID}, "sign_type": {"RSA2"}, "timestamp": {alipay.FormatTime(s.now())}, "total_amount": {t.Amount.String()},
		"trade_no": {t.TradeNo}, "version": {"1.0"},
	}
	query, err := s.sign(params, s.strike(OnReturn, t.OutTradeNo))
	if err != nil || query == "" {
		return "", err
	}
	return v.ReturnURL + "?" + query, nil
}

func randomHex(n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

// digits are n random decimal digits.
func digits(n int) string {
	b := make([]byte, n)
	rand.Read(b)
	for i := range b {
		b[i] = '0' + b[i]%10
	}
	return string(b)
}
