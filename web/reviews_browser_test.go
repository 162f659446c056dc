package web_test

import (
	"fmt"
	"testing"

	"dashop/web/webtest"
)

// Chromium keeps a product, filters its reviews in place and writes one, on a desktop, on a phone and without scripts. Its
// console has nothing to say of it, the product's data for machines among that.
func TestBrowserReviews(t *testing.T) {
	for _, c := range []struct {
		width   int64
		scripts bool
	}{{1440, true}, {390, true}, {820, false}} {
		t.Run(fmt.Sprintf("%d scripts %v", c.width, c.scripts), func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{})
			no := twoItems(s, s.Login("xiaoming"))
			b := chromium(t, s, c.width, c.scripts)
			b.open("/products/1001?sku=100103")
			b.click("#favourite-button")
			b.login("xiaoming")
			b.until("the product is shown again", "location.pathname === '/products/1001' && document.readyState === 'complete'")
			b.click("#favourite-button")
			b.until("the product is kept", "document.querySelector('.heart__button--kept')")
			b.open("/products/1001")
			all := b.eval("document.querySelectorAll('.review').length")
			b.click("#rate-medium")
			b.until("only some reviews are left", "document.querySelectorAll('.review').length < "+all)
			if at := b.eval("location.pathname"); c.scripts != (at == "/products/1001") {
				t.Errorf("the filter leads to %s", at)
			}
			b.fits()
			b.open("/orders/" + no + "/review")
			b.click(".score__star:nth-child(4)")
			b.until("four stars are chosen", "document.querySelector('[name=score]:checked').value === '4'")
			b.typeInto("textarea[name=comment]", "很好用")
			b.click(".review-form__send")
			b.until("the review is kept", "document.querySelectorAll('.review-form .badge--ok').length === 1")
			b.click(".score__star:nth-child(2)")
			b.click(".review-form__send")
			b.until("the order is shown", "location.pathname === '/orders/"+no+"' && document.readyState === 'complete'")
			if s.Int("SELECT COUNT(*) FROM reviews WHERE order_id IS NOT NULL AND score IN (4, 2)") != 2 ||
				s.Int("SELECT COUNT(*) FROM favourites") != 1 {
				t.Error("what was clicked is not kept")
			}
		})
	}
}
