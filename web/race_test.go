package web_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/store/storetest"
	"dashop/web/sandbox"
	"dashop/web/webtest"
)

// atOnce runs do n times at the same moment and waits for all.
func atOnce(n int, do func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Go(func() {
			ready.Done()
			<-start
			do(i)
		})
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// place posts a confirmation form and tries again while the shop is too busy to look at it, as people do.
func place(b *webtest.Browser, form url.Values) (*webtest.Page, error) {
	for {
		p, err := b.Send(http.MethodPost, "/orders", form)
		if err != nil || p.Status != http.StatusServiceUnavailable {
			return p, err
		}
	}
}

// confirmation reads the form of the page that the browser shows.
func confirmation(p *webtest.Page) url.Values {
	form := url.Values{"pay_method": {"alipay"}, "address_id": {p.Attr("[name=address_id][checked]", "value")}}
	for _, name := range []string{"checkout_token", "digest", "sku_id", "count"} {
		form.Set(name, p.Attr("#place [name="+name+"]", "value"))
	}
	return form
}

// Two hundred people who want one each of ten pieces: ten get one, and everybody else is told why not.
func TestTwoHundredBuyersForTenPieces(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		const buyers, pieces = 200, 10
		sku := storetest.SKU(t, s.DB, 9900, pieces)
		browsers, forms := make([]*webtest.Browser, buyers), make([]url.Values, buyers)
		for i := range browsers {
			name := fmt.Sprintf("buyer-%d", i)
			storetest.Address(t, s.DB, s.User(name, account.Shopper))
			browsers[i] = s.Login(name)
		}
		atOnce(20, func(part int) { // getting ready is no race, but takes time
			for i := part; i < buyers; i += 20 {
				forms[i] = readyToPlace(browsers[i], sku)
			}
		})
		var placed, refused atomic.Int64
		atOnce(buyers, func(i int) {
			p, err := place(browsers[i], forms[i])
			switch {
			case err != nil:
				t.Error(err)
			case p.Status == http.StatusSeeOther && strings.HasSuffix(p.Header.Get("Location"), "/pay"):
				placed.Add(1)
			case p.Status == http.StatusConflict && (p.Code() == 50103 || p.Code() == 50104):
				refused.Add(1)
			default:
				t.Errorf("%d %d: %s", p.Status, p.Code(), brief(p))
			}
		})
		left, orders := s.Int("SELECT quantity FROM stocks WHERE sku_id = ?", sku), s.Int("SELECT COUNT(*) FROM orders")
		if placed.Load() != pieces || orders != pieces || left != 0 || refused.Load() != buyers-pieces {
			t.Errorf("%d were told they got one, %d orders, %d pieces left, %d were refused", placed.Load(), orders, left, refused.Load())
		}
	})
}

func readyToPlace(b *webtest.Browser, sku int64) url.Values {
	for {
		p, err := b.Send(http.MethodGet, "/checkout?count=1&sku_id="+itoa(sku), nil)
		if err != nil || p.Status == http.StatusServiceUnavailable {
			continue
		}
		return confirmation(p)
	}
}

// Fifty clicks on the same button, from any number of tabs, make one order and lead to it.
func TestFiftyClicksMakeOneOrder(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for what, path := range map[string]string{"at once": "/checkout?sku_id=100102&count=1", "cart": "/checkout"} {
			b := s.Login("xiaoming")
			b.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"2"}})
			b.Get(path)
			form := confirmation(b.Page)
			before := s.Int("SELECT COUNT(*) FROM orders")
			var mu sync.Mutex
			led := map[string]int{}
			atOnce(50, func(int) {
				p, err := place(b, form)
				if err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				defer mu.Unlock()
				led[fmt.Sprint(p.Status, " ", p.Header.Get("Location"))]++
			})
			no := s.Text("SELECT order_no FROM orders ORDER BY id DESC LIMIT 1")
			if orders := s.Int("SELECT COUNT(*) FROM orders") - before; orders != 1 || len(led) != 1 ||
				led["303 /orders/"+no+"/pay"] != 50 {
				t.Errorf("%s: %d orders, and the answers were %v", what, orders, led)
			}
			// Another basket under the same token is not taken for the same.
			form.Set("digest", strings.Repeat("0", 64))
			if p, err := place(b, form); err != nil || p.Status != http.StatusConflict {
				t.Errorf("%s: the token with another digest: %d, %v", what, p.Status, err)
			}
		}
	})
}

// Eight copies of a notify at once are each answered with success, and pay once. Copies that were changed on the way do nothing.
func TestEightNotifiesAtOnce(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		s.Inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		body := notifyOf(t, s, no)
		forged := bytes.Replace(body, []byte("total_amount=2999.00"), []byte("total_amount=0.01"), 1)
		if bytes.Equal(forged, body) {
			t.Fatalf("no amount in %s", body)
		}
		if answer := postNotify(t, s, forged); answer != "fail" || s.Status(no) != order.StatusPendingPayment {
			t.Fatalf("a forged notify is answered with %q, and the order is %s", answer, s.Status(no).Name())
		}
		atOnce(8, func(int) {
			if answer := postNotify(t, s, body); answer != "success" {
				t.Errorf("answered with %q", answer)
			}
		})
		paid := s.Int("SELECT COUNT(*) FROM order_events WHERE kind = 'paid'")
		if s.Status(no) != order.StatusPendingShipment || paid != 1 || s.Int("SELECT COUNT(*) FROM payments WHERE status = 2") != 1 ||
			s.Int("SELECT COUNT(*) FROM refunds") != 0 {
			t.Errorf("the order is %s and was paid %d times", s.Status(no).Name(), paid)
		}
		if answer := postNotify(t, s, body); answer != "success" || s.Int("SELECT COUNT(*) FROM order_events WHERE kind = 'paid'") != 1 {
			t.Errorf("a replayed notify is answered with %q", answer)
		}
	})
}

// Notify, return, result page, poll and sweeper at the same moment: whichever is first, the order is paid once.
func TestNewsFromAllSidesAtOnce(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		ctx := context.Background()
		no := s.Order(xiaoming, 100102, 1)
		s.Inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
		way, err := s.Store.Payment.Start(ctx, xiaoming, no, "alipay", gateway.Payer{})
		if err != nil {
			t.Fatal(err)
		}
		back, err := s.Sandbox.Alipay.Buy(way.URL)
		if err != nil {
			t.Fatal(err)
		}
		trade, _ := s.Sandbox.Alipay.Trade(no + "01")
		body, b := []byte(trade.Notices[0].Body), s.Login("xiaoming")
		s.Clock.Advance(time.Minute)
		atOnce(40, func(i int) {
			var p *webtest.Page
			var err error
			switch i % 5 {
			case 0:
				if answer := postNotify(t, s, body); answer != "success" {
					t.Errorf("the notify is answered with %q", answer)
				}
				return
			case 1:
				p, err = b.Send(http.MethodGet, strings.TrimPrefix(back, s.URL), nil)
			case 2:
				p, err = b.Send(http.MethodGet, "/orders/"+no+"/result", nil)
			case 3:
				p, err = b.Send(http.MethodGet, "/orders/"+no+"/status", nil, "HX-Request", "true")
			case 4:
				s.Store.Sweep(ctx)
				return
			}
			if err != nil || p.Status >= 400 {
				t.Errorf("asked as %d: %v, %v", i%5, p, err)
			}
		})
		if paid := s.Int("SELECT COUNT(*) FROM order_events WHERE kind = 'paid'"); s.Status(no) != order.StatusPendingShipment ||
			paid != 1 {
			t.Errorf("the order is %s and was paid %d times", s.Status(no).Name(), paid)
		}
	})
}

// notifyOf pays an order at the gateway, which tells the shop nothing, and gives the notify that it would have sent.
func notifyOf(t *testing.T, s *webtest.Shop, no string) []byte {
	t.Helper()
	s.Pay(xiaoming, no)
	trade, ok := s.Sandbox.Alipay.Trade(no + "01")
	if !ok || len(trade.Notices) == 0 || s.Status(no) != order.StatusPendingPayment {
		t.Fatalf("the trade is %+v, the order is %s", trade, s.Status(no).Name())
	}
	return []byte(trade.Notices[0].Body)
}

// postNotify brings a notify as the gateway does: no browser, no cookie, no origin.
func postNotify(t *testing.T, s *webtest.Shop, body []byte) string {
	t.Helper()
	answer, err := http.Post(s.URL+"/payments/alipay/notify", "application/x-www-form-urlencoded; charset=utf-8", bytes.NewReader(body))
	if err != nil {
		t.Error(err)
		return ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	if answer.StatusCode != http.StatusOK {
		t.Errorf("the notify is answered with %d", answer.StatusCode)
	}
	return string(text)
}
