package web_test

import (
	"fmt"
	"testing"

	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
	"dashop/web/webtest"
)

// In a browser of each width: choose the second way, look at its code, pay on the phone, and be led to the result.
func TestBrowserPaysByCode(t *testing.T) {
	var scan *gatewaytest.Provider
	s := webtest.Start(t, webtest.Config{Also: func(s *webtest.Shop) gateway.Provider {
		scan = gatewaytest.New(t, s.Clock.Now)
		return scan
	}})
	for _, width := range []int64{390, 820, 1440} {
		no := s.Order(xiaoming, 100102, 1)
		b := chromium(t, s, width, true)
		b.open("/orders/" + no + "/pay")
		b.login("xiaoming")
		b.arrives("/orders/" + no + "/pay")
		b.fits()
		b.shot(fmt.Sprintf("pay-two-%d", width))
		b.click("input[name=method][value=scanpay]")
		b.click(".pay__go button")
		b.arrives("/orders/" + no + "/pay/scanpay")
		b.until("the code is drawn", "document.querySelector('img.pay__code').naturalWidth > 100")
		b.fits()
		b.shot(fmt.Sprintf("pay-code-%d", width))
		must(t, scan.Pay(no+"01"))
		b.arrives("/orders/" + no + "/result")
		if s.Status(no) != order.StatusPendingShipment {
			t.Errorf("the order is %s", s.Status(no).Name())
		}
	}
}
