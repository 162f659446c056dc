package store_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"dashop/store"
	"dashop/store/db"
	"dashop/store/job"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/gateway"
	"dashop/store/storetest"
)

// The furthest out that a due time may lie.
const (
	payTimeout  = 30 * time.Minute
	autoReceipt = 7 * 24 * time.Hour
	reviewTime  = 30 * 24 * time.Hour
	slack       = db.ClockSlack
)

// insertOrder makes an order in a state with its due times at now + ahead, whatever the rules say.
func insertOrder(t *testing.T, d *db.DB, no string, status order.Status, now time.Time, ahead time.Duration) (id int64) {
	t.Helper()
	storetest.Exec(t, d, `INSERT INTO orders (order_no, user_id, status, checkout_token, digest, goods_fen, freight_fen, payable_fen, item_count, pay_method,
		receiver, mobile, area, place, created_at, pay_deadline, receipt_due, review_due) VALUES (?, 1, ?, ?, '', 0, 0, 0, 0, 'alipay', '', '', '', '', ?, ?, ?, ?)`,
		no, status, no, now, now.Add(ahead), now.Add(ahead), now.Add(ahead))
	must(t, d.Get(ctx, &id, "SELECT id FROM orders WHERE order_no = ?", no))
	return id
}

func insertAttempt(t *testing.T, d *db.DB, orderID int64, no string, status payment.Status, now time.Time, ahead time.Duration) {
	t.Helper()
	storetest.Exec(t, d, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, created_at, expires_at, next_query_at)
		VALUES (?, ?, 1, 'alipay', ?, 1, ?, ?, ?, ?)`, orderID, no[:20], no, status, now, now.Add(payTimeout), now.Add(ahead))
}

// What a node with a wrong clock has written is brought back to what the plan allows; what lies within the plan stays as it is.
func TestDueTimesAreCapped(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, _ *phone) {
		now := clock.Now()
		at := func(column, no string) time.Duration {
			var due time.Time
			must(t, s.DB.Get(ctx, &due, "SELECT "+column+" FROM orders WHERE order_no = ?", no))
			return due.Sub(now)
		}
		for i, c := range []struct {
			status order.Status
			column string
			most   time.Duration
		}{
			{order.StatusPendingPayment, "pay_deadline", payTimeout}, {order.StatusPendingReceipt, "receipt_due", autoReceipt},
			{order.StatusPendingReview, "review_due", reviewTime},
		} {
			far, near := fmt.Sprintf("2026030400000000000%d", 2*i), fmt.Sprintf("2026030400000000000%d", 2*i+1)
			insertOrder(t, s.DB, far, c.status, now.Add(time.Hour), c.most)
			insertOrder(t, s.DB, near, c.status, now, c.most-time.Minute)
			must(t, s.Order.CapDueTimes(ctx))
			if got, kept := at(c.column, far), at(c.column, near); got != c.most || kept != c.most-time.Minute {
				t.Errorf("%s: %v out instead of at most %v; %v was within the plan", c.column, got, c.most, kept)
			}
			for _, other := range []string{"pay_deadline", "receipt_due", "review_due"} {
				if got := at(other, far); other != c.column && got != c.most+time.Hour {
					t.Errorf("%s of an order that does not wait for it is changed to %v", other, got)
				}
			}
		}
		const earlier = "20260304000000000008" // placed when the shop gave more time to pay
		insertOrder(t, s.DB, earlier, order.StatusPendingPayment, now, payTimeout+time.Hour)
		must(t, s.Order.CapDueTimes(ctx))
		if got := at("pay_deadline", earlier); got != payTimeout+time.Hour {
			t.Errorf("less time to pay counts for orders that run: %v", got)
		}
		id := insertOrder(t, s.DB, "20260304000000000009", order.StatusPendingPayment, now, payTimeout)
		for i, c := range []struct {
			status      payment.Status
			ahead, want time.Duration
		}{
			{payment.StatusOpen, time.Hour, 0}, {payment.StatusOpen, 24 * time.Hour, 0},
			{payment.StatusOpen, 10 * time.Minute, 10 * time.Minute},
			{payment.StatusClosing, time.Hour, 0}, {payment.StatusClosing, 10 * time.Minute, 10 * time.Minute},
			{payment.StatusClosed, time.Hour, 0}, {payment.StatusClosed, 33 * time.Minute, 33 * time.Minute},
		} {
			no := fmt.Sprintf("202603040000000000090%d", i)
			insertAttempt(t, s.DB, id, no, c.status, now, c.ahead)
			must(t, s.Payment.CapDueTimes(ctx))
			var due time.Time
			must(t, s.DB.Get(ctx, &due, "SELECT next_query_at FROM payments WHERE out_trade_no = ?", no))
			if got := due.Sub(now); got != c.want {
				t.Errorf("attempt in state %d that was to be asked about in %v: in %v, want %v", c.status, c.ahead, got, c.want)
			}
		}
		for _, query := range []string{
			"SELECT id FROM orders WHERE status = 1 AND pay_deadline > ? ORDER BY pay_deadline LIMIT 100",
			"SELECT id FROM orders WHERE status = 3 AND receipt_due > ? ORDER BY receipt_due LIMIT 100",
			"SELECT id FROM orders WHERE status = 4 AND review_due > ? ORDER BY review_due LIMIT 100",
			"SELECT id FROM payments WHERE next_query_at > ? AND status = 1 ORDER BY next_query_at LIMIT 100",
		} {
			if plan := storetest.Explain(t, s.DB, query, now.Add(time.Hour)); !strings.Contains(plan, "_due") {
				t.Errorf("%s: %s", query, plan)
			}
		}
	})
}

// A node that ran for a while with a wrong clock leaves nothing further out than planned once the clock is right: recurring work
// included, within one round of sweeping and of jobs.
func TestWrongClockDelaysNothingForLong(t *testing.T) {
	for _, off := range []time.Duration{15 * time.Second, time.Hour, 24 * time.Hour, -time.Hour, -24 * time.Hour} {
		each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, _ *phone) {
			right := clock.Now()
			must(t, s.RunJobs(ctx))
			clock.Set(right.Add(off))
			must(t, s.RunJobs(ctx))
			insertOrder(t, s.DB, "20260304000000000001", order.StatusPendingPayment, clock.Now(), payTimeout)
			clock.Set(right)
			must(t, s.RunJobs(ctx))
			s.Sweep(ctx)
			var late []string
			must(t, s.DB.Select(ctx, &late,
				"SELECT kind FROM jobs WHERE job_key = 'every' AND status = ? AND (kind = 'refresh_cards' AND run_at > ? OR run_at > ?)",
				job.StatusReady, right.Add(2*time.Minute+slack), right.Add(time.Hour+slack)))
			if len(late) > 0 {
				t.Errorf("off by %v: %v come too late", off, late)
			}
			var deadline time.Time
			must(t, s.DB.Get(ctx, &deadline, "SELECT pay_deadline FROM orders"))
			if deadline.After(right.Add(payTimeout + slack)) {
				t.Errorf("off by %v: the order waits until %v", off, deadline)
			}
		})
	}
}

// However wrong the clock of a node is, it cancels no fresh order and pushes no work out: what is due goes by the database's clock. This
// holds even for the moments before it has noticed and stops.
func TestNodeWithAWrongClockDoesNoHarm(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.MySQL))
	insertOrder(t, d, "20260304000000000001", order.StatusPendingPayment, time.Now(), payTimeout)
	for _, off := range []time.Duration{15 * time.Second, time.Hour, -time.Hour, -24 * time.Hour} {
		start := time.Now()
		node := db.NodeClock{
			Wall:   func() time.Time { return time.Now().Round(0).Add(off) },
			Passed: func() time.Duration { return time.Since(start) },
		}
		clock, err := db.NewClock(ctx, d, node, slog.New(slog.DiscardHandler))
		must(t, err)
		s := store.New(store.Config{
			DB: d, Clock: clock.Now, Log: slog.New(slog.DiscardHandler), Providers: gateway.List{alipayName{}},
			Orders: order.Rules{PayTimeout: payTimeout, AutoReceipt: autoReceipt},
		})
		s.Sweep(ctx)
		must(t, s.RunJobs(ctx))
		var status order.Status
		must(t, d.Get(ctx, &status, "SELECT status FROM orders"))
		var late []string
		must(t, d.Select(ctx, &late, "SELECT kind FROM jobs WHERE job_key = 'every' AND run_at > ?", time.Now().Add(time.Hour+time.Minute)))
		if status != order.StatusPendingPayment || len(late) > 0 {
			t.Errorf("off by %v: the order is in state %d, and %v come too late", off, status, late)
		}
		if clock.Trouble() == nil {
			t.Errorf("off by %v: nobody notices", off)
		}
	}
}

// A store in trouble sweeps nothing and runs nothing, and goes on when that is over.
func TestStoreInTroubleDoesNothingThatIsDue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		trouble := errors.New("the clock is wrong")
		s := newStore(d, clock, &phone{}, func() error { return trouble })
		insertOrder(t, d, "20260304000000000001", order.StatusPendingReceipt, clock.Now(), -time.Minute)
		state := func() string {
			var status, jobs int
			must(t, d.Get(ctx, &status, "SELECT status FROM orders"))
			must(t, d.Get(ctx, &jobs, "SELECT COUNT(*) FROM jobs"))
			return fmt.Sprint(status, jobs > 0)
		}
		s.Sweep(context.Background())
		must(t, s.RunJobs(ctx))
		if got := state(); got != "3 false" {
			t.Errorf("in trouble: %s", got)
		}
		trouble = nil
		s.Sweep(context.Background())
		must(t, s.RunJobs(ctx))
		if got := state(); got != "4 true" {
			t.Errorf("afterwards: %s", got)
		}
	})
}
