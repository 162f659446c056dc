// Package payment brings the news of money from the gateways to the orders, and has each piece of news take effect once.
package payment

import (
	"context"
	"log/slog"
	"time"

	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/payment/gateway"
)

// Times of the shop's dealings with a gateway.
const (
	grace      = 3 * time.Minute // after an attempt's deadline, before its order may be given up
	askEvery   = 5 * time.Second // between two queries about one attempt that pages cause
	pageWait   = 3 * time.Second // what a page waits for the gateway
	cancelWait = 5 * time.Second // what cancelling waits for query and close together
)

// Config is what a Service is made of.
type Config struct {
	DB        *db.DB
	Orders    *order.Service
	Providers gateway.List
	Clock     db.Clock
	BaseURL   string // how browsers and gateways reach the shop, such as https://shop.example
	Log       *slog.Logger
}

// Service keeps payments.
type Service struct {
	db        *db.DB
	orders    *order.Service
	providers gateway.List
	gateways  []*swept // of the providers, for the sweeper
	clock     db.Clock
	baseURL   string
	log       *slog.Logger
}

// New makes a Service.
func New(c Config) *Service {
	s := &Service{db: c.DB, orders: c.Orders, providers: c.Providers, clock: c.Clock, baseURL: c.BaseURL, log: c.Log}
	for _, m := range c.Providers.About() {
		s.gateways = append(s.gateways, &swept{id: m.ID})
	}
	return s
}

// Methods are the ways to pay that the shop offers, in the order in which it offers them.
func (s *Service) Methods() []gateway.About { return s.providers.About() }

// Offered says whether one can pay by this method.
func (s *Service) Offered(method string) bool { return s.providers.Offered(method) }

// Method describes a payment method on pages.
func (s *Service) Method(id string) (gateway.About, bool) {
	p, ok := s.providers.Find(id)
	if !ok {
		return gateway.About{}, false
	}
	return p.About(), true
}

// LastMethod is the way by which an order was last tried to be paid, or else the one chosen with it.
func (s *Service) LastMethod(ctx context.Context, o order.Order) (string, error) {
	if len(s.providers) < 2 {
		return o.PayMethod, nil
	}
	attempts, err := s.Attempts(ctx, o.ID)
	if err != nil || len(attempts) == 0 {
		return o.PayMethod, err
	}
	return attempts[0].Method, nil
}

// columns are those of an Attempt, by name, so that a column added later disturbs no older program.
const columns = `id, order_id, order_no, user_id, method, out_trade_no, open_key, amount_fen, status, trade_no, paid_source,
	created_at, expires_at, next_query_at, queried_at, queries, paid_at, closed_at, code, code_until`

// Attempts are the attempts to pay an order, the newest first.
func (s *Service) Attempts(ctx context.Context, orderID int64) ([]Attempt, error) {
	return attempts(s.db.PointRead(ctx), s.db, orderID)
}

func attempts(ctx context.Context, q db.Queryer, orderID int64) (list []Attempt, err error) {
	err = q.Select(ctx, &list, "SELECT "+columns+" FROM payments WHERE order_id = ? ORDER BY id DESC", orderID)
	return list, err
}

// Owed lists the money that the shop must send back, the newest first, at most 200.
func (s *Service) Owed(ctx context.Context) (list []Refund, err error) {
	err = s.db.Select(ctx, &list, `SELECT id, payment_id, order_id, order_no, out_request_no, amount_fen, reason, status, created_at
		FROM refunds WHERE status = ? ORDER BY created_at DESC, id DESC LIMIT 200`, RefundOwed)
	return list, err
}
