package web_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"dashop/store/account"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// stops waits until the page is back with the first bad field in sight and in focus.
func (b tab) stops(field string) {
	b.Helper()
	b.until("the page opens at "+field, fmt.Sprintf(`document.readyState === 'complete' && document.activeElement.id === 'f-%s' &&
		document.querySelector('#f-%s-wrong') && (r => r.top >= 0 && r.bottom <= innerHeight)(document.activeElement.getBoundingClientRect())`, field, field))
	b.fits()
	b.shot("checkout-" + field)
}

// shot keeps a picture of the page where SHOP_TEST_SHOTS names a folder.
func (b tab) shot(name string) {
	dir := os.Getenv("SHOP_TEST_SHOTS")
	if dir == "" {
		return
	}
	var png []byte
	b.do(chromedp.FullScreenshot(&png, 100))
	if err := os.WriteFile(dir+"/"+name+".png", png, 0o600); err != nil {
		b.Fatal(err)
	}
}

// On a phone: an address that is half typed stops the order at its first bad field and stays as it was typed; filled in, it is
// where the order goes. Closed again, it is not.
func TestBrowserTypedAddress(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	s.User("newcomer", account.Shopper)
	for _, name := range []string{"xiaoming", "newcomer"} {
		b := chromium(t, s, 390, true)
		b.open("/checkout?sku_id=100501&count=1")
		b.login(name)
		b.arrives("/checkout")
		if name == "xiaoming" {
			b.click(".checkout__new summary")
		}
		b.typeInto("#f-note", "下午送")
		b.typeInto("#f-receiver", "王阿姨")
		b.shot("checkout-open-" + name)
		b.click(placeButton)
		b.stops("mobile")
		b.typeInto("#f-mobile", "13900130087")
		b.choose("province_id", "四川省")
		b.choose("city_id", "成都市")
		b.choose("district_id", "武侯区")
		b.click(placeButton)
		b.stops("place")
		for field, want := range map[string]string{"receiver": "王阿姨", "mobile": "13900130087", "note": "下午送"} {
			if got := b.eval("document.querySelector('#f-" + field + "').value"); got != want {
				t.Errorf("%s: %s became %q", name, field, got)
			}
		}
		if got := b.eval("document.querySelector('#f-district_id').selectedOptions[0].text"); got != "武侯区" ||
			s.Int("SELECT COUNT(*) FROM orders WHERE receiver = '王阿姨'") > 0 {
			t.Errorf("%s: the district became %q", name, got)
		}
		b.typeInto("#f-place", "玉林西路 21 号 1 栋 502")
		b.click(placeButton)
		b.until("the payment page", "location.pathname.match(/^\\/orders\\/\\d{20}\\/pay$/)")
		if s.Int("SELECT COUNT(*) FROM orders WHERE receiver = '王阿姨' AND note = '下午送'") != 1 {
			t.Errorf("%s: the order goes elsewhere", name)
		}
		storetest.CheckBooks(t, s.DB)
		s.Exec("UPDATE orders SET receiver = '', note = '' WHERE receiver = '王阿姨'")
		if name == "xiaoming" {
			b.open("/checkout?sku_id=100501&count=1")
			b.click(".checkout__new summary")
			b.typeInto("#f-receiver", "别人")
			b.click(".checkout__address label")
			b.until("another address is chosen and the form is closed",
				"!document.querySelector('.checkout__new').open && document.querySelector('#place').innerText.includes('寄送至')")
			b.click(placeButton)
			b.until("the payment page", "location.pathname.match(/^\\/orders\\/\\d{20}\\/pay$/)")
			if s.Int("SELECT COUNT(*) FROM orders WHERE receiver NOT IN ('', '别人')") != 1 {
				t.Error("the order did not go to the address that was chosen")
			}
			s.Exec("UPDATE orders SET receiver = '', note = ''")
		}
	}
}
