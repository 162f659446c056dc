package payment_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"pgregory.net/rapid"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/storetest"
	"dashop/web/sandbox"
)

func TestTwoClicksMakeOneLink(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		var wg sync.WaitGroup
		for range 10 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if _, err := s.start(s.user, no, alipay.ID); err != nil {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		if n := s.count("SELECT COUNT(*) FROM payments"); n != 1 {
			s.Fatalf("%d attempts", n)
		}
	})
}

func TestStartRefuses(t *testing.T) {
	each(t, func(s shop) {
		start := func(user int64, no, method string) error {
			_, err := s.start(user, no, method)
			return err
		}
		no := s.order()
		stranger := storetest.User(s, s.db, "stranger")
		if err := start(stranger, no, alipay.ID); !fault.Is(err, fault.NotFound) {
			s.Errorf("another's order: %v", err)
		}
		if err := s.pay.Cancel(ctx, stranger, no); !fault.Is(err, fault.NotFound) {
			s.Errorf("cancel another's order: %v", err)
		}
		if _, err := s.pay.Result(ctx, stranger, no); !fault.Is(err, fault.NotFound) {
			s.Errorf("see another's result: %v", err)
		}
		if err := start(s.user, no, "cash"); !fault.Is(err, fault.Invalid) {
			s.Errorf("unknown method: %v", err)
		}
		s.clock.Advance(30 * time.Minute)
		if err := start(s.user, no, alipay.ID); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("after the deadline: %v", err)
		}
		s.must(s.pay.Sweep(ctx))
		if err := start(s.user, no, alipay.ID); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("cancelled: %v", err)
		}
		paid := s.order()
		s.buy(s.link(paid))
		if err := start(s.user, paid, alipay.ID); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("paid: %v", err)
		}
		if err := s.pay.Cancel(ctx, s.user, paid); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Errorf("cancel a paid order: %v", err)
		}
	})
}

// TestCancelOfAPaidOrder cancels when the money is at the gateway and no notify has come: the order is paid.
func TestCancelOfAPaidOrder(t *testing.T) {
	each(t, func(s shop) {
		s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		no := s.order()
		s.buy(s.link(no))
		if err := s.pay.Cancel(ctx, s.user, no); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Fatalf("got %v", err)
		}
		s.wantPaid(no, "query")
	})
}

// TestCancelOfAPaidOrderAgain has the transaction run again: the answer stays what it is.
func TestCancelOfAPaidOrderAgain(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.buy(s.link(no))
		failed := false
		ctx := db.InjectFaults(ctx, func(statement string) error {
			if !failed && strings.HasSuffix(statement, "FROM orders o WHERE o.id = ?") {
				failed = true
				return &mysql.MySQLError{Number: 1213} // a deadlock
			}
			return nil
		})
		if err := s.pay.Cancel(ctx, s.user, no); !failed || !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Fatalf("failed %v, got %v", failed, err)
		}
	})
}

// TestCancelDoesNotWaitForADeadGateway cancels while the gateway hangs.
func TestCancelDoesNotWaitForADeadGateway(t *testing.T) {
	each(t, func(s shop) {
		s.inject(sandbox.Fault{On: sandbox.OnQuery, Kind: sandbox.Hang})
		s.inject(sandbox.Fault{On: sandbox.OnClose, Kind: sandbox.Hang})
		no := s.order()
		s.link(no)
		begin := time.Now()
		s.must(s.pay.Cancel(ctx, s.user, no))
		if took := time.Since(begin); took > 8*time.Second {
			s.Fatalf("it took %v", took)
		}
		if s.status(no) != order.StatusCancelled || s.count("SELECT quantity FROM stocks") != 1000 {
			s.Fatal("not cancelled")
		}
	})
}

func TestUnpaidOrdersCloseInTheirTime(t *testing.T) {
	for name, visit := range map[string]func(s shop, no string){
		"without an attempt": func(shop, string) {},
		"link never opened":  func(s shop, no string) { s.link(no) },
		"buyer logged in":    func(s shop, no string) { s.must(s.gateway.Alipay.Login(s.link(no))) },
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(s shop) {
				no := s.order()
				visit(s, no)
				attempts := s.count("SELECT COUNT(*) FROM payments")
				s.clock.Advance(30*time.Minute - time.Second)
				s.must(s.pay.Sweep(ctx))
				if s.status(no) != order.StatusPendingPayment {
					s.Fatal("closed too early")
				}
				s.clock.Advance(time.Second)
				s.must(s.pay.Sweep(ctx))
				if attempts > 0 && s.status(no) != order.StatusPendingPayment {
					s.Fatal("closed although the link may just have been paid")
				}
				s.clock.Advance(3 * time.Minute)
				s.must(s.pay.Sweep(ctx))
				o, err := s.orders.Order(ctx, s.user, no)
				s.must(err)
				if o.Status != order.StatusCancelled || o.CancelReason != order.CancelledByTimeout || o.Events[0].Detail != "timeout" {
					s.Fatalf("order %+v", o)
				}
				if s.count("SELECT quantity FROM stocks") != 1000 ||
					s.count("SELECT COUNT(*) FROM payments WHERE status = 1 OR next_query_at IS NOT NULL") != 0 {
					s.Fatal("stock or attempt is left over")
				}
				if trade, ok := s.gateway.Alipay.Trade(no + "01"); ok && trade.Status != "TRADE_CLOSED" {
					s.Fatalf("the trade is %s at the gateway", trade.Status)
				}
			})
		})
	}
}

// TestTimeOutWaitsForTheGateway keeps an order while nobody can tell whether it is paid.
func TestTimeOutWaitsForTheGateway(t *testing.T) {
	for _, kind := range []sandbox.Kind{sandbox.Broken, sandbox.Busy, sandbox.ErrorAfter, sandbox.BadSign, sandbox.Unsigned,
		sandbox.OtherNumber, sandbox.ResetAfter} {
		t.Run(string(kind), func(t *testing.T) {
			each(t, func(s shop) {
				s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
				s.inject(sandbox.Fault{On: sandbox.OnQuery, Kind: kind})
				no := s.order()
				s.buy(s.link(no))
				for range 5 {
					s.clock.Advance(20 * time.Minute)
					s.must(s.pay.Sweep(ctx))
				}
				if s.status(no) != order.StatusPendingPayment {
					s.Fatal("guessed")
				}
				s.gateway.Clear()
				s.clock.Advance(20 * time.Minute)
				s.must(s.pay.Sweep(ctx))
				s.wantPaid(no, "query")
			})
		})
	}
}

// TestPaidBetweenQueryAndClose pays at the last moment, after the query said no and before the close: the order is paid.
func TestPaidBetweenQueryAndClose(t *testing.T) {
	each(t, func(s shop) {
		s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		s.inject(sandbox.Fault{On: sandbox.OnClose, Kind: sandbox.PayFirst})
		no := s.order()
		s.must(s.gateway.Alipay.Login(s.link(no)))
		if err := s.pay.Cancel(ctx, s.user, no); !fault.HasCode(err, fault.CodeWrongOrderState) {
			s.Fatalf("got %v", err)
		}
		s.wantPaid(no, "query")
	})
}

func TestSweepersOfTwoNodesDoNoHarm(t *testing.T) {
	each(t, func(s shop) {
		var numbers []string
		for range 10 {
			no := s.order()
			s.link(no)
			numbers = append(numbers, no)
		}
		s.clock.Advance(33 * time.Minute)
		var wg sync.WaitGroup
		for range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := s.pay.Sweep(ctx); err != nil {
					s.Error(err)
				}
			}()
		}
		wg.Wait()
		s.must(s.pay.Sweep(ctx))
		for _, no := range numbers {
			if s.status(no) != order.StatusCancelled {
				s.Fatalf("order is %s", s.status(no).Name())
			}
		}
	})
}

// TestMoneyIsConserved plays random histories of orders, payments, lost notifies, cancellations and time, and checks all
// books after each step.
func TestMoneyIsConserved(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	s := newShop(t, d, storetest.NewClock())
	histories := 0
	rapid.Check(t, func(r *rapid.T) {
		if histories++; histories > 25 && !storetest.Long() {
			return
		}
		s.gateway.Clear()
		links := map[string]string{}
		var numbers []string
		pick := func() string { return rapid.SampledFrom(numbers).Draw(r, "order") }
		for range rapid.IntRange(3, 15).Draw(r, "steps") {
			step := "order"
			if len(numbers) > 0 {
				step = rapid.SampledFrom([]string{"order", "link", "pay", "pay", "lose", "cancel", "wait", "long wait", "look"}).Draw(r,
					"step")
			}
			switch step {
			case "order":
				numbers = append(numbers, s.order())
			case "link":
				no := pick()
				if link, err := s.start(s.user, no, alipay.ID); err == nil {
					links[no] = link
				}
			case "lose":
				s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop, Times: 1})
			case "pay":
				if link := links[pick()]; link != "" {
					_, _ = s.gateway.Alipay.Buy(link) // refused when expired or paid
				}
			case "cancel":
				if err := s.pay.Cancel(ctx, s.user, pick()); err != nil && !fault.Is(err, fault.Conflict) {
					r.Fatal(err)
				}
			case "look":
				if _, err := s.pay.Result(ctx, s.user, pick()); err != nil {
					r.Fatal(err)
				}
			case "wait", "long wait":
				s.clock.Advance(map[string]time.Duration{"wait": time.Minute, "long wait": 34 * time.Minute}[step])
				if err := s.pay.Sweep(ctx); err != nil {
					r.Fatal(err)
				}
			}
			storetest.CheckBooks(t, d)
			if t.Failed() {
				r.FailNow()
			}
		}
		// In the end every order is settled: paid, or cancelled, and no money is left in the air.
		for range 2 {
			s.clock.Advance(40 * time.Minute)
			if err := s.pay.Sweep(ctx); err != nil {
				r.Fatal(err)
			}
		}
		for _, no := range numbers {
			trade, known := s.gateway.Alipay.Trade(no + "01")
			paid := known && trade.Status == "TRADE_SUCCESS"
			booked := s.count("SELECT COUNT(*) FROM payments WHERE order_no = ? AND status = 2", no) == 1
			if st := s.status(no); paid != booked || (st != order.StatusCancelled && st != order.StatusPendingShipment) {
				r.Fatalf("order %s is %s; paid at the gateway: %v, in the books: %v", no, st.Name(), paid, booked)
			}
		}
	})
}

// TestPageAsksAllGatewaysAtOnce has the gateway of the newest attempt answer only when the other has been asked too: a page with
// several open attempts waits for the slowest gateway, not for all of them one after another.
func TestPageAsksAllGatewaysAtOnce(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.link(no)
		s.code(no)
		s.scan.OnQuery(func(ctx context.Context, outTradeNo string, _ int) (gateway.News, error) {
			for s.count("SELECT COUNT(*) FROM payments WHERE queried_at IS NOT NULL") < 2 {
				select {
				case <-ctx.Done():
					s.Error("the other gateway has to wait")
					return gateway.News{}, ctx.Err()
				case <-time.After(10 * time.Millisecond):
				}
			}
			return s.scan.Truth(outTradeNo), nil
		})
		if r, err := s.pay.Result(ctx, s.user, no); err != nil || !r.Confirming {
			s.Errorf("%+v, %v", r, err)
		}
	})
}

// TestPageOutlivesAProviderThatPanics shows the order all the same.
func TestPageOutlivesAProviderThatPanics(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		s.code(no)
		s.scan.OnQuery(func(context.Context, string, int) (gateway.News, error) { panic("a bug") })
		if r, err := s.pay.Result(ctx, s.user, no); err != nil || !r.Confirming {
			s.Errorf("%+v, %v", r, err)
		}
	})
}
