package order_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/storetest"
)

func TestLifeOfAnOrder(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		stranger, _ := s.buyer("stranger")
		staff := storetest.User(s, s.db, "staff")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 2))
		s.wantCode(s.order.Receive(ctx, user, no), fault.Conflict, fault.CodeWrongOrderState)
		s.wantCode(s.order.Remind(ctx, user, no), fault.Conflict, fault.CodeWrongOrderState)
		s.wantCode(s.order.Ship(ctx, staff, no, "sf", "SF1234567890"), fault.Conflict, fault.CodeWrongOrderState)
		s.pay(no)
		s.must(s.order.Remind(ctx, user, no))
		s.wantCode(s.order.Remind(ctx, user, no), fault.Conflict, 0)
		for _, bad := range [][2]string{{"", "SF1234567890"}, {"pigeon", "SF1234567890"}, {"sf", ""}, {"sf", "<b>"}, {"sf", "1234"}} {
			s.wantCode(s.order.Ship(ctx, staff, no, bad[0], bad[1]), fault.Invalid, 0)
		}
		s.must(s.order.Ship(ctx, staff, no, "sf", " sf1234567890 "))
		s.must(s.order.Ship(ctx, staff, no, "sf", "SF1234567890")) // the same parcel again
		s.wantCode(s.order.Ship(ctx, staff, no, "zto", "ZT1234567890"), fault.Conflict, fault.CodeWrongOrderState)
		if n := s.count("SELECT COUNT(*) FROM audit_log WHERE action = 'order.ship'"); n != 1 {
			s.Fatalf("%d audit entries", n)
		}
		s.wantCode(s.order.Receive(ctx, stranger, no), fault.NotFound, 0)
		if _, err := s.order.Order(ctx, stranger, no); !fault.Is(err, fault.NotFound) {
			s.Fatal("another's order is visible")
		}
		s.must(s.order.Receive(ctx, user, no))
		s.must(s.order.Receive(ctx, user, no)) // a second click
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusPendingReview || len(o.Events) != 5 || o.Events[0].Kind != order.EventReceived ||
			o.Shipments[0].TrackingNo != "SF1234567890" {
			s.Fatalf("order %+v", o)
		}
		s.clock.Advance(30 * 24 * time.Hour)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 1 {
			s.Fatalf("swept %d, %v", n, err)
		}
		o, err = s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusCompleted {
			s.Fatalf("after 30 days: %s", o.Status.Name())
		}
	})
}

func TestReceiptConfirmsItself(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		no := s.place(s.form(user, address, storetest.SKU(s, s.db, 12400, 5), 1))
		s.pay(no)
		s.must(s.order.Ship(ctx, user, no, "sf", "SF1234567890"))
		s.clock.Advance(7*24*time.Hour - time.Millisecond)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 0 {
			s.Fatalf("too early: %d, %v", n, err)
		}
		s.clock.Advance(time.Millisecond)
		if n, err := s.order.Sweep(ctx, 10); err != nil || n != 1 {
			s.Fatalf("swept %d, %v", n, err)
		}
	})
}

// TestCancelAndPayAtOnce lets one order be cancelled and paid by many at once: it ends as one of the two, and stock agrees.
func TestCancelAndPayAtOnce(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 2))
		id, now := s.id(no), s.clock.Now()
		var wg sync.WaitGroup
		var mu sync.Mutex
		moves := 0
		for i := range 16 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				err := s.db.Tx(ctx, func(tx *db.Tx) (err error) {
					var moved bool
					if i%2 == 0 {
						moved, err = order.Cancel(ctx, tx, id, order.CancelledByShopper, order.ByShopper, user, s.clock.Now)
					} else {
						moved, err = order.MarkPaid(ctx, tx, id, order.Paid{Method: "alipay", At: now}, now)
					}
					if err == nil && moved {
						mu.Lock()
						moves++
						mu.Unlock()
					}
					return err
				})
				if err != nil {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if moves != 1 {
			s.Fatalf("%d moves", moves)
		}
		if s.count("SELECT status FROM orders WHERE id = ?", id) == int64(order.StatusPendingShipment) {
			storetest.Exec(s, s.db, `INSERT INTO payments (order_id, order_no, user_id, method, out_trade_no, amount_fen, status, created_at, expires_at)
				SELECT id, order_no, user_id, 'alipay', 'x', payable_fen, 2, created_at, pay_deadline FROM orders`)
		}
	})
}

func TestTabsCountAndList(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, money.Fen(100), 1000)
		var newest string
		for i := range 12 {
			s.clock.Advance(time.Second)
			newest = s.place(s.form(user, address, sku, 1))
			if i < 2 {
				s.pay(newest)
			}
		}
		counts, err := s.order.Counts(ctx, user)
		s.must(err)
		if counts[order.StatusPendingPayment] != 10 || counts[order.StatusPendingShipment] != 2 {
			s.Fatalf("counts %v", counts)
		}
		p, err := s.order.List(ctx, user, order.Filter{}, 1)
		s.must(err)
		if len(p.Orders) != 10 || p.Next.IsZero() || p.Total != 12 || p.Orders[0].No != newest || len(p.Orders[0].Items) != 1 {
			s.Fatalf("first page: %d, %v", len(p.Orders), p.Next)
		}
		p, err = s.order.List(ctx, user, order.Filter{}, 2)
		s.must(err)
		if len(p.Orders) != 2 || !p.Next.IsZero() {
			s.Fatalf("second page: %d, %v", len(p.Orders), p.Next)
		}
		p, err = s.order.List(ctx, user, order.Filter{Statuses: order.Tab(2)}, 1)
		s.must(err)
		if len(p.Orders) != 2 {
			s.Fatalf("待发货: %d", len(p.Orders))
		}
	})
}

func TestReorderNamesWhatCannotBeBought(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 5)
		no := s.place(s.form(user, address, sku, 3))
		left, err := s.order.Reorder(ctx, user, no)
		s.must(err)
		if len(left) != 1 { // two are left, three were bought
			s.Fatalf("left over: %v", left)
		}
	})
}

func TestOnlyAllowedMoves(t *testing.T) {
	allowed := map[[2]order.Status]bool{{1, 2}: true, {1, 6}: true, {2, 3}: true, {2, 5}: true, {3, 4}: true, {4, 5}: true}
	for from := order.Status(0); from <= 7; from++ {
		for to := order.Status(0); to <= 7; to++ {
			if order.MayMove(from, to) != allowed[[2]order.Status{from, to}] {
				t.Errorf("from %d to %d: %v", from, to, !allowed[[2]order.Status{from, to}])
			}
		}
	}
}

// One order that fails stops no other that is due, of its own sort or of another.
func TestOneOrderThatFailsHoldsUpNoOther(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 12400, 9)
		received := func() string {
			no := s.place(s.form(user, address, sku, 1))
			s.pay(no)
			s.must(s.order.Ship(ctx, user, no, "sf", "SF1234567890"))
			return no
		}
		silent := received()
		s.must(s.order.Receive(ctx, user, silent))
		s.clock.Advance(30 * 24 * time.Hour)
		bad := received()
		s.clock.Advance(time.Second)
		next := received()
		s.clock.Advance(8 * 24 * time.Hour)
		broken, first := errors.New("broken"), true
		failing := db.InjectFaults(ctx, func(statement string) error {
			if first && strings.HasPrefix(statement, "INSERT INTO order_events") {
				first = false
				return broken
			}
			return nil
		})
		if n, err := s.order.Sweep(failing, 10); !errors.Is(err, broken) || n != 3 {
			s.Errorf("swept %d, %v", n, err)
		}
		for no, want := range map[string]order.Status{
			bad: order.StatusPendingReceipt, next: order.StatusPendingReview, silent: order.StatusCompleted,
		} {
			if got := order.Status(s.count("SELECT status FROM orders WHERE order_no = ?", no)); got != want {
				s.Errorf("order %s is %s, want %s", no, got.Name(), want.Name())
			}
		}
	})
}
