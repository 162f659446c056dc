// Package alipay plays Alipay's gateway: it takes signed calls of shops, lets buyers pay at a cashier, and notifies the shop.
package alipay

import (
	"net/http"
	"net/url"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/web/sandbox/desk"
)

// The one app, seller and buyer.
const (
	AppID         = "9021000100000001"
	SellerID      = "2088000000000001"
	BuyerID       = "2088000000000002"
	BuyerAccount  = "buyer@sandbox.test"
	BuyerPassword = "111111" // to log in and to pay
)

// Where faults strike.
const (
	OnNotify desk.Place = "notify" // a notify, when it is made
	OnReturn desk.Place = "return" // the buyer's way back
	OnQuery  desk.Place = "query"  // an answer to alipay.trade.query
	OnClose  desk.Place = "close"  // an answer to alipay.trade.close
)

// TradesFile is the journal of trades in the sandbox's folder.
const TradesFile = "trades.jsonl"

// gaps lie between the eight deliveries that Alipay makes within 25 hours.
var gaps = []time.Duration{
	4 * time.Minute, 10 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 15 * time.Hour,
}

// Gaps are the times between Alipay's deliveries of one notify, divided by speed.
func Gaps(speed int) []time.Duration {
	list := make([]time.Duration, len(gaps))
	for i, gap := range gaps {
		list[i] = gap / time.Duration(speed)
	}
	return list
}

// Gateway is Alipay with its trades. All its methods may be called by many goroutines.
type Gateway struct {
	desk    *desk.Desk
	gaps    []time.Duration
	methods map[string]Method
	poster  *http.Client

	mu      sync.Mutex
	trades  desk.Shelf[*Trade]
	visits  desk.Shelf[*visit]
	owed    []debt
	serial  int64
	journal *desk.Journal[*Trade]
}

// Method answers one method of the gateway; the call's signature is verified already.
type Method func(c *fiber.Ctx, params url.Values) error

// New opens the gateway with the trades of earlier runs. gaps lie between the deliveries of a notify.
func New(d *desk.Desk, gaps []time.Duration) (*Gateway, error) {
	g := &Gateway{desk: d, gaps: gaps, poster: loopbackClient()}
	g.methods = map[string]Method{methodQuery: g.about(OnQuery, g.query), methodClose: g.about(OnClose, g.close)}
	d.Allow(OnNotify, desk.Drop, desk.Late, desk.Copies, desk.WrongAmount, desk.ForeignApp, desk.ForeignSeller, desk.UnknownNumber,
		desk.Unsigned, desk.BadSign, desk.Tampered)
	d.Allow(OnReturn, desk.Drop, desk.WrongAmount, desk.ForeignApp, desk.ForeignSeller, desk.UnknownNumber,
		desk.Unsigned, desk.BadSign, desk.Tampered)
	d.Allow(OnQuery, desk.Hang, desk.Broken, desk.Busy, desk.ErrorAfter, desk.ResetAfter, desk.OtherNumber, desk.WrongAmount,
		desk.Unsigned, desk.BadSign, desk.Tampered)
	d.Allow(OnClose, desk.Hang, desk.Broken, desk.Busy, desk.ErrorAfter, desk.ResetAfter, desk.OtherNumber, desk.PayFirst,
		desk.Unsigned, desk.BadSign, desk.Tampered)
	g.trades, g.visits = desk.NewShelf[*Trade](desk.MaxRemembered), desk.NewShelf[*visit](desk.MaxRemembered)
	var err error
	g.journal, err = desk.OpenJournal(filepath.Join(d.Dir(), TradesFile), &g.trades, func(t *Trade) string {
		if t == nil {
			return ""
		}
		return t.OutTradeNo
	})
	if err != nil {
		return nil, err
	}
	g.owe()
	return g, nil
}

// Handle adds a method to the gateway, such as those of logins. Call it before the first request.
func (g *Gateway) Handle(name string, do Method) { g.methods[name] = do }

// Routes adds the gateway to app and the cashier to pages.
func (g *Gateway) Routes(app, pages fiber.Router) {
	app.All("/gateway.do", g.gateway)
	pages.Get("/cashier/:visit", g.cashier)
	pages.Post("/cashier/:visit/login", g.cashierLogin)
	pages.Post("/cashier/:visit/pay", g.cashierPay)
}

// URL is the gateway's address.
func (g *Gateway) URL() string { return g.desk.URL() + "/gateway.do" }

// Close closes the file of trades, after the desk's Wait.
func (g *Gateway) Close() error {
	g.poster.CloseIdleConnections()
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.journal.Close()
}
