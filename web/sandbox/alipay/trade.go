package alipay

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"dashop/store/money"
	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
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

// business is a refusal that depends on the state of a trade.
func business(sub, text string) *desk.Refusal {
	return &desk.Refusal{Code: "40004", Msg: "Business Failed", Sub: sub, Text: text}
}

// Invalid is a refusal of the request itself.
func Invalid(sub, text string) *desk.Refusal {
	return &desk.Refusal{Code: "40002", Msg: "Invalid Arguments", Sub: sub, Text: text}
}

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
func (g *Gateway) find(outTradeNo string) (*Trade, bool) {
	t, ok := g.trades.Get(outTradeNo)
	if ok && t.Status == statusWaiting && !g.desk.Now().Before(t.ExpiresAt) {
		t.Status, t.ClosedAt = statusClosed, t.ExpiresAt
		g.keep(t)
	}
	return t, ok
}

// payable says why o cannot be paid now, or nil. mu must be held.
func (g *Gateway) payable(o Order) *desk.Refusal {
	t, ok := g.find(o.OutTradeNo)
	switch {
	case ok && (t.Amount != o.Amount || t.Subject != o.Subject):
		return refusedChanged
	case ok && t.Status == statusPaid:
		return refusedPaid
	case ok && t.Status == statusClosed:
		return refusedClosed
	case !g.desk.Now().Before(o.ExpiresAt):
		return refusedExpired
	}
	return nil
}

// open notes a buyer's arrival with a verified order.
func (g *Gateway) open(o Order) *visit {
	g.mu.Lock()
	defer g.mu.Unlock()
	v := &visit{id: desk.RandomHex(16), Order: o}
	g.visits.Put(v.id, v)
	return v
}

// login lets the buyer of a visit in: now the trade exists.
func (g *Gateway) login(v *visit) *desk.Refusal {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r := g.payable(v.Order); r != nil {
		return r
	}
	v.loggedIn = true
	if _, ok := g.find(v.OutTradeNo); !ok {
		g.create(v.Order)
	}
	return nil
}

// create makes the trade of an order. mu must be held.
func (g *Gateway) create(o Order) *Trade {
	now := g.desk.Now()
	g.serial++
	t := &Trade{Order: o, Status: statusWaiting, CreatedAt: now}
	t.TradeNo = fmt.Sprintf("%s22001%06d%s", now.In(alipay.Beijing).Format("20060102"), g.serial%1_000_000, desk.RandomDigits(9))
	g.trades.Put(o.OutTradeNo, t)
	g.keep(t)
	return t
}

// pay takes the money for a visit whose buyer has logged in, once, and sends the notify. then are faults that this payment meets.
func (g *Gateway) pay(v *visit, then ...desk.Fault) *desk.Refusal {
	g.mu.Lock()
	if r := g.payable(v.Order); r != nil {
		g.mu.Unlock()
		return r
	}
	t, ok := g.find(v.OutTradeNo)
	if !ok || !v.loggedIn {
		g.mu.Unlock()
		return refusedAbsent
	}
	for _, f := range then {
		if err := g.desk.Inject(f); err != nil {
			g.desk.Log().Error("sandbox: a payment goes its usual way", "out_trade_no", t.OutTradeNo, "err", err)
		}
	}
	first := g.take(t)
	g.mu.Unlock()
	g.await(first)
	return nil
}

// take marks t paid and sends the notify; the channel is closed after its first delivery. mu must be held.
func (g *Gateway) take(t *Trade) <-chan struct{} {
	t.Status, t.PaidAt, t.ClosedAt = statusPaid, g.desk.Now(), time.Time{}
	g.keep(t)
	return g.announce(t)
}

// Pay takes the money for a trade whatever its state, as when a buyer pays after the shop has closed it, and sends the notify. Paying a
// paid trade does nothing.
func (g *Gateway) Pay(outTradeNo string) error {
	g.mu.Lock()
	t, ok := g.find(outTradeNo)
	if !ok {
		g.mu.Unlock()
		return fmt.Errorf("sandbox: no trade %s", outTradeNo)
	}
	if t.Status == statusPaid {
		g.mu.Unlock()
		return nil
	}
	first := g.take(t)
	g.mu.Unlock()
	g.await(first)
	return nil
}

// Buy does what a buyer does with a link: opens it, logs in, pays. It returns the address that the buyer is then sent back to, or "" when
// he does not come back.
func (g *Gateway) Buy(link string) (string, error) { return g.walk(link, true) }

// Login opens a link and logs in, so that the trade exists, and goes no further.
func (g *Gateway) Login(link string) error {
	_, err := g.walk(link, false)
	return err
}

func (g *Gateway) walk(link string, pay bool) (string, error) {
	_, query, _ := strings.Cut(link, "?")
	params, err := alipay.ParseParams(query)
	if err != nil {
		return "", err
	}
	o, r := g.order(params)
	var v *visit
	if r == nil {
		v = g.open(o)
		r = g.login(v)
	}
	if r == nil && pay {
		r = g.pay(v)
	}
	if r != nil {
		return "", r.Err()
	}
	if !pay {
		return "", nil
	}
	return g.back(v)
}

// Trade tells of a trade; false when no buyer has logged in for it yet.
func (g *Gateway) Trade(outTradeNo string) (Trade, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.find(outTradeNo)
	if !ok {
		return Trade{}, false
	}
	return t.copy(), true
}

// Trades lists at most n trades, the newest first.
func (g *Gateway) Trades(n int) []Trade {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []Trade
	for _, t := range g.trades.Newest(n) {
		g.find(t.OutTradeNo)
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
func (g *Gateway) keep(t *Trade) {
	if err := g.journal.Add(t); err != nil {
		g.desk.Log().Error("sandbox: a trade was not written down", "out_trade_no", t.OutTradeNo, "err", err)
	}
}

// back is the signed address to which the buyer of a paid visit returns; "" when there is none.
func (g *Gateway) back(v *visit) (string, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	t, ok := g.find(v.OutTradeNo)
	if v.ReturnURL == "" || !ok || t.Status != statusPaid {
		return "", nil
	}
	params := url.Values{
		"app_id": {AppID}, "auth_app_id": {AppID}, "charset": {"utf-8"}, "method": {v.Method + ".return"}, "out_trade_no": {t.OutTradeNo},
		"seller_id": {SellerID}, "sign_type": {"RSA2"}, "timestamp": {alipay.FormatTime(g.desk.Now())}, "total_amount": {t.Amount.String()},
		"trade_no": {t.TradeNo}, "version": {"1.0"},
	}
	query, err := g.sign(params, g.desk.StrikeAll(OnReturn, t.OutTradeNo))
	if err != nil || query == "" {
		return "", err
	}
	return v.ReturnURL + "?" + query, nil
}
