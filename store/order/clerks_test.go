package order_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/storetest"
)

// atOnce runs do so many times at once.
func atOnce(times int, do func(i int)) {
	var ready, done sync.WaitGroup
	ready.Add(1)
	for i := range times {
		done.Go(func() {
			ready.Wait()
			do(i)
		})
	}
	ready.Done()
	done.Wait()
}

// Of clerks who ship one order at once one does, and the others are told that it is shipped: not where it stood when they looked.
func TestClerksWhoShipAtOnce(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 100, 1000)
		for round := range 10 {
			no := s.place(s.form(user, address, sku, 1))
			s.pay(no)
			var shipped atomic.Int64
			atOnce(8, func(i int) {
				switch err := s.order.Ship(ctx, 1, no, "sf", fmt.Sprintf("SF%d-%d00", round, i)); {
				case err == nil:
					shipped.Add(1)
				case !fault.HasCode(err, fault.CodeWrongOrderState) || !strings.Contains(err.Error(), "已经发货"):
					s.Errorf("a slower clerk was told: %v", err)
				}
			})
			if n := shipped.Load(); n != 1 ||
				s.count("SELECT COUNT(*) FROM shipments s JOIN orders o ON o.id = s.order_id WHERE o.order_no = ?", no) != 1 {
				s.Errorf("%d clerks shipped one order", n)
			}
		}
	})
}

// On MariaDB one clerk can be held between looking and writing; on SQLite writers stand in line.
func TestClerkIsToldWhatHappenedMeanwhile(t *testing.T) {
	each(t, func(s shop) {
		if s.db.Driver() == db.SQLite {
			return
		}
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 100, 1000)
		no := s.place(s.form(user, address, sku, 1))
		s.pay(no)
		meanwhile := func(do func() error) func(string) error {
			once := false
			return func(statement string) error {
				if once || !strings.HasPrefix(statement, "UPDATE orders") {
					return nil
				}
				once = true
				return do()
			}
		}
		held := db.InjectFaults(ctx, meanwhile(func() error { return s.order.Ship(ctx, 1, no, "sf", "SF1234567890") }))
		if err := s.order.Remind(held, user, no); !fault.HasCode(err, fault.CodeWrongOrderState) || !strings.Contains(err.Error(), "已经发货") {
			s.Errorf("reminded of an order that was just shipped: %v", err)
		}
		held = db.InjectFaults(ctx, meanwhile(func() error { return s.order.Receive(ctx, user, no) }))
		if err := s.order.Ship(held, 2, no, "zto", "ZT1234567890"); !fault.HasCode(err, fault.CodeWrongOrderState) ||
			!strings.Contains(err.Error(), "已确认收货") {
			s.Errorf("shipped an order that was just received: %v", err)
		}
		s.must(s.order.Ship(ctx, 2, no, "sf", "SF1234567890")) // the parcel that is on record
	})
}

// A second click is never a fault, however close it follows the first.
func TestReceiptIsConfirmedOnce(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := storetest.SKU(s, s.db, 100, 1000)
		for range 5 {
			no := s.place(s.form(user, address, sku, 1))
			s.pay(no)
			s.must(s.order.Ship(ctx, 1, no, "sf", "SF1234567890"))
			atOnce(8, func(int) {
				if err := s.order.Receive(ctx, user, no); err != nil {
					s.Errorf("a second click: %v", err)
				}
			})
			o, err := s.order.Order(ctx, user, no)
			s.must(err)
			if o.Status != order.StatusPendingReview || len(o.Events) != 4 {
				s.Errorf("status %d, %d events", o.Status, len(o.Events))
			}
		}
	})
}
