package payment_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
	"dashop/store/storetest"
	"dashop/web/sandbox"
)

// TestBadNotifyChangesNothing has the gateway send each sort of wrong notify while the buyer pays.
func TestBadNotifyChangesNothing(t *testing.T) {
	for _, kind := range []sandbox.Kind{sandbox.Unsigned, sandbox.BadSign, sandbox.Tampered, sandbox.ForeignApp, sandbox.ForeignSeller,
		sandbox.UnknownNumber} {
		t.Run(string(kind), func(t *testing.T) {
			each(t, func(s shop) {
				s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: kind})
				no := s.order()
				s.buy(s.link(no))
				if _, answer := s.mail.last(); answer != "fail" {
					s.Fatalf("answered %q", answer)
				}
				if s.status(no) != order.StatusPendingPayment || s.count("SELECT COUNT(*) FROM payments WHERE status <> 1") != 0 {
					s.Fatal("it changed something")
				}
			})
		})
	}
}

// TestBadReturnChangesNothing sends the buyer back with each sort of wrong query.
func TestBadReturnChangesNothing(t *testing.T) {
	for _, kind := range []sandbox.Kind{sandbox.Unsigned, sandbox.BadSign, sandbox.Tampered, sandbox.ForeignApp, sandbox.ForeignSeller,
		sandbox.UnknownNumber, sandbox.WrongAmount} {
		t.Run(string(kind), func(t *testing.T) {
			each(t, func(s shop) {
				s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
				s.inject(sandbox.Fault{On: sandbox.OnReturn, Kind: kind})
				no := s.order()
				query := s.buy(s.link(no))
				if _, err := s.pay.Return(ctx, alipay.ID, query); !fault.Is(err, fault.Invalid) {
					s.Fatalf("got %v", err)
				}
				if s.status(no) != order.StatusPendingPayment {
					s.Fatal("it changed something")
				}
			})
		})
	}
}

// TestOnlyTheTextThatWasSignedCounts alters a genuine notify in each field, adds fields, repeats fields.
func TestOnlyTheTextThatWasSignedCounts(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		body, _ := s.buyHeld(s.link(no))
		form, err := url.ParseQuery(string(body))
		s.must(err)
		for name := range form {
			altered := url.Values{}
			for k, v := range form {
				altered[k] = append([]string(nil), v...)
			}
			if name == "sign_type" {
				continue // not part of the signed text, and the signature is checked as RSA2 whatever it says
			}
			altered.Set(name, altered.Get(name)+"1")
			if a := s.notify(ctx, []byte(altered.Encode())); a != "fail" {
				s.Errorf("%s altered: answered %q", name, a)
			}
			if a := s.notify(ctx, []byte(string(body)+"&"+name+"=x")); a != "fail" {
				s.Errorf("%s twice: answered %q", name, a)
			}
		}
		for _, forged := range []string{"", "x", "out_trade_no=" + no + "01&trade_status=TRADE_SUCCESS", strings.Repeat("a=b&", 50_000)} {
			if a := s.notify(ctx, []byte(forged)); a != "fail" {
				s.Errorf("%.20q: answered %q", forged, a)
			}
		}
		if s.status(no) != order.StatusPendingPayment || s.count("SELECT COUNT(*) FROM notices") != 0 {
			s.Fatal("it changed something")
		}
		if a := s.notify(ctx, body); a != "success" {
			s.Fatalf("the genuine one: %q", a)
		}
		for range 100 { // replayed byte for byte
			if a := s.notify(ctx, bytes.Clone(body)); a != "success" {
				s.Fatalf("a replay: %q", a)
			}
		}
		s.wantPaid(no, "notify")
	})
}

// TestWrongAmountIsNeverPaid reports one fen less with a valid signature: the attempt is frozen, the money is owed.
func TestWrongAmountIsNeverPaid(t *testing.T) {
	for _, on := range []sandbox.Place{sandbox.OnNotify, sandbox.OnQuery} {
		t.Run(string(on), func(t *testing.T) {
			each(t, func(s shop) {
				s.inject(sandbox.Fault{On: on, Kind: sandbox.WrongAmount})
				if on == sandbox.OnQuery {
					s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
				}
				no := s.order()
				query := s.buy(s.link(no))
				told, err := s.pay.Result(ctx, s.user, no)
				s.must(err)
				if !told.Frozen || told.Confirming {
					s.Fatalf("the buyer is told %+v", told)
				}
				if back, err := s.pay.Return(ctx, alipay.ID, query); err != nil || back != no {
					s.Fatalf("who comes back from paying is led to %q: %v", back, err)
				}
				if _, answer := s.mail.last(); on == sandbox.OnNotify && answer != "fail" {
					s.Fatalf("answered %q", answer)
				}
				if s.status(no) != order.StatusPendingPayment || s.count("SELECT status FROM payments") != int64(payment.StatusFrozen) {
					s.Fatalf("order %s", s.status(no).Name())
				}
				owed, err := s.pay.Owed(ctx)
				s.must(err)
				if len(owed) != 1 || owed[0].Amount != 10979 || owed[0].Reason != payment.RefundWrongAmount {
					s.Fatalf("owed %+v", owed)
				}
				if _, err := s.start(s.user, no, alipay.ID); !fault.HasCode(err, fault.CodeWrongOrderState) {
					s.Fatalf("one could pay again: %v", err)
				}
				s.clock.Advance(time.Hour)
				s.must(s.pay.Sweep(ctx))
				if s.status(no) != order.StatusCancelled {
					s.Fatal("the order lives for ever")
				}
			})
		})
	}
}

func TestLateMoneyIsOwedAndRevivesNothing(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		link := s.link(no)
		s.must(s.pay.Cancel(ctx, s.user, no))
		s.must(s.pay.Cancel(ctx, s.user, no)) // a second click
		s.buy(link)                           // nothing can revoke a link that was not opened
		if _, answer := s.mail.last(); answer != "success" {
			s.Fatalf("answered %q", answer)
		}
		body, _ := s.mail.last()
		s.notify(ctx, body)
		owed, err := s.pay.Owed(ctx)
		s.must(err)
		if s.status(no) != order.StatusCancelled || len(owed) != 1 || owed[0].Reason != payment.RefundLate || owed[0].Amount != 10980 {
			s.Fatalf("order %s, owed %+v", s.status(no).Name(), owed)
		}
		r, err := s.pay.Result(ctx, s.user, no)
		s.must(err)
		if !r.Late || r.Confirming {
			s.Fatalf("the shopper is not told: %+v", r)
		}
	})
}

// TestLateMoneyIsFoundWithoutNotify pays after the shopper has cancelled, and no message ever comes.
func TestLateMoneyIsFoundWithoutNotify(t *testing.T) {
	each(t, func(s shop) {
		s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		no := s.order()
		link := s.link(no)
		s.must(s.pay.Cancel(ctx, s.user, no))
		s.buy(link)
		s.clock.Advance(34 * time.Minute)
		s.must(s.pay.Sweep(ctx))
		if owed, err := s.pay.Owed(ctx); err != nil || len(owed) != 1 {
			s.Fatalf("owed %+v, %v", owed, err)
		}
	})
}

func TestDoubleMoneyIsOwed(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		first := s.link(no)
		s.must(s.gateway.Alipay.Login(first))
		// The gateway closes the first attempt, so that the shop opens a second, and then takes money for both.
		_, err := s.db.Exec(ctx, "UPDATE payments SET status = 3, open_key = NULL")
		s.must(err)
		second := s.link(no)
		if first == second {
			s.Fatal("the number of a closed attempt was used again")
		}
		s.buy(second)
		s.must(s.gateway.Alipay.Pay(no + "01"))
		s.wait(func() bool { return s.count("SELECT COUNT(*) FROM payments WHERE status = 2") == 2 })
		owed, err := s.pay.Owed(ctx)
		s.must(err)
		if s.status(no) != order.StatusPendingShipment || len(owed) != 1 || owed[0].Reason != payment.RefundDouble {
			s.Fatalf("order %s, owed %+v", s.status(no).Name(), owed)
		}
	})
}

// TestEachStatementOfANotifyMayFail breaks the n-th statement for n = 1, 2, 3 …: success is answered only after the
// commit, and a repeat then pays once.
func TestEachStatementOfANotifyMayFail(t *testing.T) {
	each(t, func(s shop) {
		boom := errors.New("boom")
		for n := 1; ; n++ {
			no := s.order()
			body, _ := s.buyHeld(s.link(no))
			seen, hit := 0, ""
			answer := s.notify(db.InjectFaults(ctx, func(statement string) error {
				if seen++; seen == n {
					hit = statement
					return boom
				}
				return nil
			}), body)
			if paid := s.status(no) == order.StatusPendingShipment; hit != "" && hit != "COMMITTED" && (paid || answer != "fail") {
				s.Fatalf("after %q failed: paid %v, answered %q", hit, paid, answer)
			}
			if again := s.notify(ctx, body); again != "success" {
				s.Fatalf("after %q, a repeat is answered %q", hit, again)
			}
			s.wantPaid(no, "notify")
			if hit == "" {
				if n < 6 {
					s.Fatalf("only %d statements were broken", n)
				}
				return
			}
		}
	})
}

// TestFrozenOrderIsPaidByNoOtherMethod freezes an attempt that is open, and one that the gateway had closed: until a person has
// looked, the order takes no other attempt, by whatever method.
func TestFrozenOrderIsPaidByNoOtherMethod(t *testing.T) {
	for _, before := range []string{"open", "closed"} {
		t.Run(before, func(t *testing.T) {
			each(t, func(s shop) {
				no := s.order()
				s.code(no)
				if before == "closed" {
					storetest.Exec(s, s.db, "UPDATE payments SET status = ?, open_key = NULL, next_query_at = NULL", payment.StatusClosed)
				}
				body := gatewaytest.PaidNote(no+"01", 10979)
				_, err := s.pay.Notify(ctx, gatewaytest.ID, gateway.Message{Header: gatewaytest.Header(body), Body: body})
				s.must(err)
				if a := s.attempt(no + "01"); a.Status != payment.StatusFrozen {
					s.Fatalf("the attempt is %d", a.Status)
				}
				for _, method := range []string{alipay.ID, gatewaytest.ID} {
					if _, err := s.pay.Start(ctx, s.user, no, method, gateway.Payer{IP: "192.0.2.1"}); !fault.Is(err, fault.Conflict) {
						s.Errorf("by %s one may pay again: %v", method, err)
					}
				}
			})
		})
	}
}
