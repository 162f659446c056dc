package payment

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment/gateway"
)

// Start opens an attempt to pay an order, or finds the open one, and returns what the browser is given to pay by. It is
// safe to repeat: two clicks do not make two payable attempts.
func (s *Service) Start(ctx context.Context, userID int64, no, method string, payer gateway.Payer) (gateway.Way, error) {
	provider, ok := s.providers.Find(method)
	if !ok {
		return gateway.Way{}, fault.Field("method", "请选择支付方式")
	}
	o, err := s.orders.WithItems(ctx, userID, no)
	if err != nil {
		return gateway.Way{}, err
	}
	a, err := s.open(ctx, o, method)
	if err != nil {
		return gateway.Way{}, err
	}
	if way, ok := s.earlierCode(a, payer); ok {
		return way, nil
	}
	return s.begin(ctx, provider, a, subject(o), payer)
}

// earlierCode is the code that an attempt has already, while it works. A phone cannot scan its own screen: its browser is
// asked for anew.
func (s *Service) earlierCode(a Attempt, payer gateway.Payer) (gateway.Way, bool) {
	if a.Code == "" || payer.Mobile || a.CodeUntil == nil || !s.clock().Before(*a.CodeUntil) {
		return gateway.Way{}, false
	}
	return gateway.Way{Code: a.Code, ExpiresAt: *a.CodeUntil}, true
}

// open finds the open attempt to pay an order by a method, or makes one. What reading refuses or finds needs no transaction: an
// attempt that is open belongs to an order that waits for its money.
func (s *Service) open(ctx context.Context, o order.Order, method string) (a Attempt, err error) {
	key, now := openKey(o, method), s.clock()
	if err := o.Waiting(now); err != nil {
		return a, err
	}
	list, err := s.Attempts(ctx, o.ID)
	if err != nil {
		return a, err
	}
	if a, ok, err := payable(list, key); ok || err != nil {
		return a, err
	}
	for try := 0; try < 3; try++ {
		err = s.db.Tx(ctx, func(tx *db.Tx) error {
			if err := order.Waiting(ctx, tx, o.ID, now); err != nil {
				return err
			}
			list, err := attempts(ctx, tx, o.ID)
			if err != nil {
				return err
			}
			var ok bool
			if a, ok, err = payable(list, key); ok || err != nil {
				return err
			}
			a, err = s.insert(ctx, tx, o, method, key, len(list), now)
			return err
		})
		if !db.IsDuplicate(err) { // a second click was faster: its attempt is the one
			return a, err
		}
	}
	return a, err
}

// payable finds the open attempt of a key among those of an order, and refuses an order of which one is frozen, by whatever
// method, open or closed when the money came.
func payable(list []Attempt, key string) (a Attempt, ok bool, err error) {
	for _, l := range list {
		if l.Status == StatusFrozen {
			return a, false, fault.New(fault.Conflict, fault.CodeWrongOrderState, "这笔订单收到的金额不对，商家正在核对，请不要再次付款")
		}
		if l.OpenKey != nil && *l.OpenKey == key {
			a, ok = l, true
		}
	}
	return a, ok, nil
}

func (s *Service) insert(ctx context.Context, tx *db.Tx, o order.Order, method, key string, earlier int, now time.Time) (Attempt, error) {
	if earlier >= 99 {
		return Attempt{}, fault.New(fault.TooMany, 0, "付款尝试次数太多，请重新下单")
	}
	next := now.Add(plan[0])
	a := Attempt{
		OrderID: o.ID, OrderNo: o.No, UserID: o.UserID, Method: method, OutTradeNo: fmt.Sprintf("%s%02d", o.No, earlier+1), OpenKey: &key,
		Amount: o.Payable, Status: StatusOpen, CreatedAt: now, ExpiresAt: o.PayDeadline.Truncate(time.Second), NextQueryAt: &next,
	}
	var err error
	a.ID, err = tx.Insert(ctx, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, open_key, amount_fen,
		status, created_at, expires_at, next_query_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.OrderID, a.OrderNo, a.UserID, a.Method, a.OutTradeNo, a.OpenKey, a.Amount, a.Status, a.CreatedAt, a.ExpiresAt, a.NextQueryAt)
	return a, err
}

// begin asks the provider how to pay. No transaction is open, since this may call the gateway.
func (s *Service) begin(ctx context.Context, p gateway.Provider, a Attempt, subject string, payer gateway.Payer) (gateway.Way, error) {
	asking, cancel := context.WithTimeout(ctx, pageWait)
	defer cancel()
	way, err := p.Begin(asking, gateway.Charge{
		OutTradeNo: a.OutTradeNo, Amount: a.Amount, Subject: subject, ExpiresAt: a.ExpiresAt,
		NotifyURL: s.baseURL + "/payments/" + a.Method + "/notify", ReturnURL: s.returnURL(p, a),
		QuitURL: s.baseURL + "/orders/" + a.OrderNo + "/pay", Payer: payer,
	})
	if err != nil {
		s.log.ErrorContext(ctx, "payment could not begin", "method", a.Method, "out_trade_no", a.OutTradeNo, "error", err)
		return gateway.Way{}, fault.New(fault.Unavailable, 0, "暂时无法打开付款页面，请稍后再试")
	}
	if way.Code == "" {
		return way, nil
	}
	if way.ExpiresAt.IsZero() || way.ExpiresAt.After(a.ExpiresAt) {
		way.ExpiresAt = a.ExpiresAt
	}
	_, err = s.db.Exec(ctx, "UPDATE payments SET code = ?, code_until = ? WHERE id = ?", way.Code, db.Cut(way.ExpiresAt), a.ID)
	return way, err
}

// Code is the text of the code by which a user may pay an order now by a method; NotFound where there is none.
func (s *Service) Code(ctx context.Context, userID int64, no, method string) (code string, err error) {
	o, err := s.orders.Head(ctx, userID, no)
	if err != nil {
		return "", err
	}
	err = s.db.Get(s.db.PointRead(ctx), &code, "SELECT code FROM payments WHERE open_key = ? AND status = ? AND code <> ''",
		openKey(o, method), StatusOpen)
	return code, err
}

// openKey is UNIQUE among the attempts: an order has one open attempt by each method.
func openKey(o order.Order, method string) string {
	return fmt.Sprintf("%d:%s", o.ID, method)
}

// returnURL is where the buyer is led after paying: to be verified first if the provider signs its returns.
func (s *Service) returnURL(p gateway.Provider, a Attempt) string {
	if _, signs := p.(gateway.Returner); signs {
		return s.baseURL + "/payments/" + a.Method + "/return"
	}
	return s.baseURL + "/orders/" + a.OrderNo + "/result"
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
