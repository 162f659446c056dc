package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dashop/store/credits"
	"dashop/store/money"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// rich gives xiaoming a coupon and credits, and says the id of the claimed coupon.
func rich(t *testing.T, s *webtest.Shop, off money.Fen) int64 {
	t.Helper()
	_, errClaim := s.Store.Coupon.Claim(t.Context(), xiaoming, storetest.Coupon(t, s.DB, off, 0))
	wantNone(t, errClaim)
	wantNone(t, s.Store.Credits.Adjust(t.Context(), ownerID, credits.Adjustment{
		UserID: xiaoming, Kind: credits.Granted, Amount: 820, Reason: "新会员礼包", Token: "browser"}))
	return s.Int("SELECT MAX(id) FROM user_coupons WHERE user_id = ?", xiaoming)
}

// comesTo waits until the confirmation says a payable amount. Without the script the basket is priced again by a button.
func (b tab) comesTo(fen int64, scripts bool) {
	b.Helper()
	if !scripts {
		b.click(".checkout__again")
	}
	b.until(fmt.Sprintf("the payable amount is %d", fen),
		fmt.Sprintf("document.readyState === 'complete' && document.querySelector('#payable')?.dataset.fen === '%d'", fen))
	b.fits()
}

// bothWays runs a test on a desktop with the script and on a phone without.
func bothWays(t *testing.T, test func(t *testing.T, width int64, scripts bool)) {
	t.Run("script", func(t *testing.T) { test(t, 1440, true) })
	t.Run("no script", func(t *testing.T) { test(t, 390, false) })
}

// The best coupon is chosen already; it can be left out and chosen again, credits come off too, and the order costs what was shown.
func TestBrowserCouponAndCredits(t *testing.T) {
	bothWays(t, func(t *testing.T, width int64, scripts bool) {
		s := webtest.Start(t, webtest.Config{})
		coupon := rich(t, s, 1000)
		b := chromium(t, s, width, scripts)
		b.open("/checkout?sku_id=100501&count=1")
		b.login("xiaoming")
		b.arrives("/checkout")
		full := s.Int("SELECT price_fen FROM skus WHERE id = 100501")
		if full < 30_000 {
			t.Fatalf("freight would count too: %d", full)
		}
		b.until("the best coupon is chosen", fmt.Sprintf("document.querySelector('#payable').dataset.fen === '%d' && document.querySelector('[name=coupon_id]:checked').value === '%d'",
			full-1000, coupon))
		b.click("label:has([name=coupon_id][value='0'])")
		b.comesTo(full, scripts)
		b.click(fmt.Sprintf("label:has([name=coupon_id][value='%d'])", coupon))
		b.comesTo(full-1000, scripts)
		b.typeInto("[name=credits]", "500")
		b.do(chromedp.KeyEvent(kb.Tab))
		b.comesTo(full-1500, scripts)
		b.shot("savings-" + fmt.Sprint(width))
		b.click(placeButton)
		b.until("the payment page", "location.pathname.match(/^\\/orders\\/\\d{20}\\/pay$/)")
		if got := b.eval("document.querySelector('#payable').dataset.fen"); got != fmt.Sprint(full-1500) {
			t.Errorf("to pay are %s fen, not %d", got, full-1500)
		}
		if s.Int("SELECT COUNT(*) FROM orders WHERE user_coupon_id = ? AND credits = 500", coupon) != 1 ||
			s.Int("SELECT balance FROM credits WHERE user_id = ?", xiaoming) != 320 {
			t.Error("the coupon and the credits are not taken")
		}
		b.open("/account/credits")
		b.until("the ledger says so", "document.querySelector('.ledger__line').innerText.includes('−500') && document.querySelector('[data-credits]').dataset.credits === '320'")
		storetest.CheckBooks(t, s.DB)
	})
}

// What costs nothing needs no gateway: the order leads to its result at once, and the course is there.
func TestBrowserFreeOrder(t *testing.T) {
	bothWays(t, func(t *testing.T, width int64, scripts bool) {
		s := webtest.Start(t, webtest.Config{})
		launchCourses(s)
		rich(t, s, money.Fen(s.Int("SELECT price_fen FROM skus WHERE id = ?", goFor90)))
		b := chromium(t, s, width, scripts)
		b.open(fmt.Sprintf("/checkout?sku_id=%d&count=1", goFor90))
		b.login("xiaoming")
		b.arrives("/checkout")
		b.until("the coupon pays all of it", "document.querySelector('#payable').dataset.fen === '0'")
		b.click(placeButton)
		b.until("the result is there", "location.pathname.match(/^\\/orders\\/\\d{20}\\/result$/) && document.querySelector('main').innerText.includes('无需支付')")
		b.shot("free-" + fmt.Sprint(width))
		b.fits()
		if s.Int("SELECT COUNT(*) FROM orders WHERE payable_fen = 0 AND status = 5") != 1 || s.Int("SELECT COUNT(*) FROM payments") != 0 {
			t.Error("the order is not completed, or somebody was asked for money")
		}
		storetest.CheckBooks(t, s.DB)
	})
}
