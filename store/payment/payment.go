// Package payment brings the news of money from the gateways to the orders, and has each piece of news take effect once.
package payment

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
)

// Times of the shop's dealings with a gateway.
const (
	grace      = 3 * time.Minute // after a link's deadline, before its order may be given up
	askEvery   = 5 * time.Second // between two queries about one attempt that pages cause
	pageWait   = 3 * time.Second // what a page waits for the gateway
	cancelWait = 5 * time.Second // what cancelling waits for query and close together
)

// URLs are the shop's own addresses that a gateway is told; absolute and without a query.
type URLs struct {
	Base   string // such as https://shop.example
	Notify string
	Return string
}

// Service keeps payments.
type Service struct {
	db       *db.DB
	orders   *order.Service
	provider Provider
	clock    db.Clock
	urls     URLs
	log      *slog.Logger
}

// New makes a Service.
func New(d *db.DB, o *order.Service, p Provider, clock db.Clock, u URLs, log *slog.Logger) *Service {
	return &Service{db: d, orders: o, provider: p, clock: clock, urls: u, log: log}
}

// columns are those of an Attempt, by name, so that a column added later disturbs no older program.
const columns = `id, order_id, order_no, user_id, method, out_trade_no, open_key, amount_fen, status, trade_no, paid_source,
	created_at, expires_at, next_query_at, queried_at, queries, paid_at, closed_at`

// Start opens an attempt to pay an order, or finds the open one, and returns the address of the gateway to send the
// browser to. It is safe to repeat: two clicks do not make two payable links.
func (s *Service) Start(ctx context.Context, userID int64, no, method string, mobile bool) (string, error) {
	if method != MethodAlipay {
		return "", fault.Field("method", "请选择支付方式")
	}
	o, err := s.orders.Order(ctx, userID, no)
	if err != nil {
		return "", err
	}
	a, err := s.open(ctx, o, method)
	if err != nil {
		return "", err
	}
	return s.provider.Link(s.clock(), Link{
		OutTradeNo: a.OutTradeNo, Amount: a.Amount, Subject: subject(o), ExpiresAt: a.ExpiresAt,
		NotifyURL: s.urls.Notify, ReturnURL: s.urls.Return, QuitURL: s.urls.Base + "/orders/" + no + "/pay", Mobile: mobile,
	})
}

func (s *Service) open(ctx context.Context, o order.Order, method string) (a Attempt, err error) {
	key := fmt.Sprintf("%d:%s", o.ID, method)
	now := s.clock()
	for try := 0; try < 3; try++ {
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			if err := payable(ctx, tx, o, now); err != nil {
				return err
			}
			err := tx.Get(ctx, &a, "SELECT "+columns+" FROM payments WHERE open_key = ?", key)
			if err == nil && a.Status == StatusFrozen {
				return fault.New(fault.Conflict, fault.CodeWrongOrderState, "这笔订单收到的金额不对，商家正在核对，请不要再次付款")
			}
			if !fault.Is(err, fault.NotFound) {
				return err
			}
			a, err = s.insert(ctx, tx, o, method, key, now)
			return err
		})
		if !db.IsDuplicate(err) { // a second click was faster: its attempt is the one
			return a, err
		}
	}
	return a, err
}

// payable refuses an order that waits for no money any more. It holds the order, so that one cancelled at this moment gets
// no new link.
func payable(ctx context.Context, tx *db.Tx, o order.Order, now time.Time) error {
	if err := tx.Hold(ctx, "orders", o.ID); err != nil {
		return err
	}
	var status order.Status
	if err := tx.Get(ctx, &status, "SELECT status FROM orders WHERE id = ?", o.ID); err != nil {
		return err
	}
	switch {
	case status == order.StatusCancelled:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已取消，不能再付款")
	case status != order.StatusPendingPayment:
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款")
	case !now.Truncate(time.Second).Before(o.PayDeadline.Truncate(time.Second)):
		return fault.New(fault.Conflict, fault.CodeWrongOrderState, "已超过付款时间，请重新下单")
	}
	return nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, o order.Order, method, key string, now time.Time) (Attempt, error) {
	var earlier int
	if err := tx.Get(ctx, &earlier, "SELECT COUNT(*) FROM payments WHERE order_id = ?", o.ID); err != nil {
		return Attempt{}, err
	}
	if earlier >= 99 {
		return Attempt{}, fault.New(fault.TooMany, 0, "付款尝试次数太多，请重新下单")
	}
	next := now.Add(plan[0])
	a := Attempt{
		OrderID: o.ID, OrderNo: o.No, UserID: o.UserID, Method: method, OutTradeNo: fmt.Sprintf("%s%02d", o.No, earlier+1), OpenKey: &key,
		Amount: o.Payable, Status: StatusOpen, CreatedAt: now, ExpiresAt: o.PayDeadline.Truncate(time.Second), NextQueryAt: &next,
	}
	var err error
	a.ID, err = tx.Insert(ctx, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, open_key, amount_fen, status, created_at, expires_at, next_query_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.OrderID, a.OrderNo, a.UserID, a.Method, a.OutTradeNo, a.OpenKey, a.Amount, a.Status, a.CreatedAt, a.ExpiresAt, a.NextQueryAt)
	return a, err
}

// subject names the order on the cashier.
func subject(o order.Order) string {
	var b strings.Builder
	for i, it := range o.Items {
		if i == 2 {
			b.WriteString(" 等")
			break
		}
		if i > 0 {
			b.WriteString("、")
		}
		b.WriteString(it.Name)
	}
	return b.String()
}

// Attempts are the attempts to pay an order, the newest first.
func (s *Service) Attempts(ctx context.Context, orderID int64) (list []Attempt, err error) {
	err = s.db.Select(ctx, &list, "SELECT "+columns+" FROM payments WHERE order_id = ? ORDER BY id DESC", orderID)
	return list, err
}

// Owed lists the money that the shop must send back, the newest first, at most 200.
func (s *Service) Owed(ctx context.Context) (list []Refund, err error) {
	err = s.db.Select(ctx, &list, `SELECT id, payment_id, order_id, order_no, out_request_no, amount_fen, reason, status, created_at
		FROM refunds WHERE status = ? ORDER BY created_at DESC, id DESC LIMIT 200`, RefundOwed)
	return list, err
}
