package web_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"

	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// twoMethods runs a test on a shop with a second way to pay, on each database.
func twoMethods(t *testing.T, test func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider)) {
	t.Helper()
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			var scan *gatewaytest.Provider
			s := webtest.Start(t, webtest.Config{Driver: driver, Also: func(s *webtest.Shop) gateway.Provider {
				scan = gatewaytest.New(t, s.Clock.Now)
				return scan
			}})
			test(t, s, scan)
			storetest.CheckBooks(t, s.DB)
		})
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// chosen is the first way that is offered and the one that is ticked.
func chosen(b *webtest.Browser, field string) string {
	return b.Page.Find("input[name="+field+"]").First().AttrOr("value", "") + "/" + b.Page.Attr("input[name="+field+"][checked]", "value")
}

// The second way is chosen at checkout and paid by its code; from then on it stands first.
func TestPayByCode(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		b := s.Login("xiaoming")
		b.HX = true
		b.Get("/checkout?sku_id=100102&count=1")
		if got := chosen(b, "pay_method"); got != "alipay/alipay" || b.Page.Count("input[name=pay_method]") != 2 {
			t.Fatalf("at first %s is offered", got)
		}
		b.Press("提交订单", "pay_method", gatewaytest.ID)
		no := s.Text("SELECT order_no FROM orders")
		wantPage(t, b, 200, "/orders/"+no+"/pay")
		if got := chosen(b, "method"); got != "scanpay/scanpay" || b.Page.Count("input[name=method]") != 2 {
			t.Fatalf("the payment page offers %s", got)
		}
		b.Press("确认支付")
		wantPage(t, b, 200, "/orders/"+no+"/pay/scanpay")
		if got := b.Page.Text("h1"); got != "用扫码付扫码付款" || !b.Page.Has("[data-countdown='600']") {
			t.Errorf("the page with the code says %q, %s", got, b.Page.Text("main"))
		}
		picture := b.Get(b.Page.Attr("img.pay__code", "src"))
		want, err := qr.Encode("scanpay://pay?no="+no+"01", qr.M)
		if err != nil || picture.Header.Get("Content-Type") != "image/png" || !bytes.Equal([]byte(picture.Body), want.PNG()) {
			t.Errorf("the picture is no code: %d %s, %v", picture.Status, picture.Header, err)
		}
		if other := s.Login("owner").Get("/orders/" + no + "/pay/scanpay/code.png"); other.Status != http.StatusNotFound {
			t.Errorf("another sees the code: %d", other.Status)
		}
		b.Get("/orders/" + no + "/pay/scanpay")
		b.Click("刷新二维码")
		if calls := scan.Calls(no + "01"); len(calls) != 1 || s.Int("SELECT COUNT(*) FROM payments") != 1 {
			t.Errorf("the provider was asked %v", calls)
		}
		if p := b.Poll(); p.Status != http.StatusNoContent || p.Header.Get("HX-Redirect") != "" {
			t.Fatalf("before paying the poll answers %d %v", p.Status, p.Header)
		}
		must(t, scan.Pay(no+"01"))
		if p := b.Poll(); p.At() != "/orders/"+no+"/result" || !strings.Contains(p.Text("h1"), "付款成功") ||
			!strings.Contains(p.Text(".facts"), "扫码付") {
			t.Errorf("after paying the poll leads to %s: %s", p.At(), p.Text("main"))
		}
		b.HX = false
		b.Get("/orders/" + no + "/pay/scanpay") // back
		wantPage(t, b, 200, "/orders/"+no+"/result")
		b.Get("/checkout?sku_id=100102&count=1")
		if got := chosen(b, "pay_method"); got != "scanpay/scanpay" {
			t.Errorf("next time %s is offered", got)
		}
	})
}

// A code that has stopped working is replaced when the page is loaded again.
func TestCodeIsRenewed(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		no := s.Order(xiaoming, 100102, 1)
		b := s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay/scanpay")
		s.Clock.Advance(10 * time.Minute)
		b.Get("/orders/" + no + "/pay/scanpay")
		if calls := scan.Calls(no + "01"); len(calls) != 2 || !b.Page.Has("[data-countdown='600']") {
			t.Errorf("the provider was asked %v: %s", calls, b.Page.Text("main"))
		}
	})
}

// A phone is led to the provider's own page, by the button and by the link, and comes back to the result.
func TestPayByLinkOnAPhone(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		phone := s.Login("xiaoming")
		phone.Header.Set("Sec-CH-UA-Mobile", "?1")
		for _, begin := range []func(){func() { phone.Press("确认支付", "method", "scanpay") }, func() { phone.Click("去扫码付") }} {
			no := s.Order(xiaoming, 100102, 1)
			phone.Get("/orders/" + no + "/pay")
			begin()
			phone.Press("#pay")
			wantPage(t, phone, 200, "/orders/"+no+"/result")
			if s.Status(no) != order.StatusPendingShipment || !strings.Contains(phone.Page.Text("h1"), "付款成功") {
				t.Errorf("after paying: %s", phone.Page.Text("main"))
			}
		}
	})
}

// Nobody hears of the payment but by asking.
func TestCodeWithLostNotify(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		scan.Mute()
		no := s.Order(xiaoming, 100102, 1)
		b := s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay/scanpay")
		must(t, scan.Pay(no+"01"))
		b.Get("/orders/" + no + "/result")
		if b.Page.Attr("#result", "data-status") != "2" || s.Text("SELECT paid_source FROM payments") != "query" {
			t.Errorf("the result shows %s", b.Page.Text("main"))
		}
	})
}

func TestCancelClosesTheCode(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		no := s.Order(xiaoming, 100102, 1)
		b := s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay/scanpay")
		b.Get("/orders/" + no)
		b.Press("确认取消")
		if s.Status(no) != order.StatusCancelled || scan.Truth(no+"01").State != gateway.TradeClosed || scan.Pay(no+"01") == nil {
			t.Errorf("order %s, trade %v", s.Status(no).Name(), scan.Truth(no+"01").State)
		}
	})
}

// Both ways are open at once. When one is paid the other is closed at its gateway, and what was paid there nevertheless
// is owed back as paid twice.
func TestPayingOneWayClosesTheOther(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		open := func() (no string, b *webtest.Browser) {
			no, b = s.Order(xiaoming, 100102, 1), s.Login("xiaoming")
			b.Get("/orders/" + no + "/pay/scanpay")
			b.Get("/orders/" + no + "/pay/alipay")
			b.Press("#login")
			return no, b
		}
		state := func(no, n string) payment.Status {
			return payment.Status(s.Int("SELECT status FROM payments WHERE out_trade_no = ?", no+n))
		}
		no, _ := open()
		must(t, scan.Pay(no+"01"))
		if state(no, "01") != payment.StatusPaid || state(no, "02") != payment.StatusClosing {
			t.Fatalf("after paying: %v, %v", state(no, "01"), state(no, "02"))
		}
		s.Store.Sweep(t.Context())
		if trade, _ := s.Sandbox.Alipay.Trade(no + "02"); trade.Status != "TRADE_CLOSED" || state(no, "02") != payment.StatusClosed {
			t.Errorf("Alipay's trade is %s, the attempt %v", trade.Status, state(no, "02"))
		}

		no, b := open()
		b.Press("#pay")
		s.Store.Sweep(t.Context())
		if scan.Truth(no+"01").State != gateway.TradeClosed || state(no, "01") != payment.StatusClosed ||
			s.Status(no) != order.StatusPendingShipment {
			t.Errorf("the code's trade is %v, the attempt %v", scan.Truth(no+"01").State, state(no, "01"))
		}

		scan.Mute()
		no, b = open()
		must(t, scan.Pay(no+"01")) // nobody is told
		b.Press("#pay")
		s.Store.Sweep(t.Context())
		if got := s.Text("SELECT reason FROM refunds WHERE order_no = ?", no); got != "double" || state(no, "01") != payment.StatusPaid {
			t.Errorf("paid twice: owed as %q, the attempt is %v", got, state(no, "01"))
		}
	})
}

// The provider words the answers; only what is signed counts, and a provider has no say about another's attempts.
func TestSecondProvidersNotifies(t *testing.T) {
	twoMethods(t, func(t *testing.T, s *webtest.Shop, scan *gatewaytest.Provider) {
		no, b := s.Order(xiaoming, 100102, 1), s.Login("xiaoming")
		b.Get("/orders/" + no + "/pay/scanpay")
		amount := scan.Truth(no + "01").Amount
		to, note := s.URL+"/payments/scanpay/notify", gatewaytest.PaidNote(no+"01", amount)
		for what, c := range map[string]struct {
			to     string
			signed bool
			want   gatewaytest.Reply
		}{
			"unsigned": {to, false, gatewaytest.Reply{Status: 400, Type: "application/json", Body: `{"code":"FAIL"}`}},
			"to another": {s.URL + "/payments/alipay/notify", true,
				gatewaytest.Reply{Status: 200, Type: "text/plain; charset=utf-8", Body: "fail"}},
			"to nobody's path": {s.URL + "/payments/nobody/notify", true, gatewaytest.Reply{Status: 403}},
		} {
			got, err := scan.Tell(c.to, note, c.signed)
			if err != nil || got.Status != c.want.Status || c.want.Type != "" && got != c.want {
				t.Errorf("%s: %+v, %v", what, got, err)
			}
		}
		if s.Status(no) != order.StatusPendingPayment {
			t.Fatal("a forged message paid")
		}
		if got, err := scan.Tell(to, note, true); err != nil || got != (gatewaytest.Reply{Status: 204}) ||
			s.Status(no) != order.StatusPendingShipment {
			t.Errorf("genuine: %+v, %v", got, err)
		}
		if got, err := scan.Refunded(no+"01", "R1", 1); err != nil || got.Status != 204 ||
			s.Text("SELECT outcome FROM notices ORDER BY id DESC LIMIT 1") != "ignored" {
			t.Errorf("a refund: %+v, %v", got, err)
		}
		if s.Status(no) != order.StatusPendingShipment || s.Int("SELECT COUNT(*) FROM payments WHERE status = 2") != 1 {
			t.Error("news of a refund changed something")
		}
	})
}
