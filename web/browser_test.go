package web_test

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dashop/store/storetest"
	"dashop/web/webtest"
)

// tab is a tab of a real browser with a profile of its own.
type tab struct {
	testing.TB
	ctx  context.Context
	base string
}

// chromium opens a tab, width pixels wide. Whatever the page's console complains of fails the test: a script that broke,
// or something that the content policy refused.
func chromium(t testing.TB, s *webtest.Shop, width int64, scripts bool) tab {
	t.Helper()
	program, err := exec.LookPath("chromium")
	if err != nil {
		if storetest.Full() {
			t.Fatal("SHOP_TEST_FULL=1 needs Chromium")
		}
		t.Skip("no Chromium here")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(program), chromedp.NoSandbox,
		chromedp.Flag("disable-quic", true), chromedp.Flag("lang", "zh-CN"), chromedp.Flag("accept-lang", "zh-CN,zh"))
	allocated, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	silent := func(string, ...any) {} // this version of chromedp does not know all that a newer Chromium tells
	ctx, closeTab := chromedp.NewContext(allocated, chromedp.WithErrorf(silent), chromedp.WithLogf(silent))
	t.Cleanup(closeTab)
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	t.Cleanup(cancel)
	b := tab{TB: t, ctx: ctx, base: s.URL}
	chromedp.ListenTarget(ctx, func(event any) {
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			t.Errorf("a script broke: %s", e.ExceptionDetails.Error())
		case *cdplog.EventEntryAdded:
			if e.Entry.Level == cdplog.LevelError && !strings.Contains(e.Entry.Text, "the server responded with a status of 4") {
				t.Errorf("the console says: %s (%s)", e.Entry.Text, e.Entry.URL)
			}
		}
	})
	b.do(emulation.SetDeviceMetricsOverride(width, 900, 1, width < 700), emulation.SetScriptExecutionDisabled(!scripts))
	return b
}

func (b tab) do(actions ...chromedp.Action) {
	b.Helper()
	if err := chromedp.Run(b.ctx, actions...); err != nil {
		b.Fatalf("at %s: %v", b.at(), err)
	}
}

func (b tab) at() (url string) {
	_ = chromedp.Run(b.ctx, chromedp.Location(&url))
	return strings.TrimPrefix(url, b.base)
}

// open goes to a page and sees that nothing sticks out to the side.
func (b tab) open(path string) {
	b.Helper()
	b.do(chromedp.Navigate(b.base + path))
	b.fits()
}

func (b tab) fits() {
	b.Helper()
	var wide bool
	// A phone's window grows with a page that is too wide; what the page was laid out for does not.
	b.do(chromedp.Evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth", &wide))
	if wide {
		b.Errorf("%s is wider than the window", b.at())
	}
}

// eval asks the page for a text.
func (b tab) eval(js string) (text string) {
	b.Helper()
	b.do(chromedp.Evaluate("String("+js+")", &text))
	return text
}

// until waits for something to become true on the page that is then shown.
func (b tab) until(what, js string) {
	b.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var ok bool
		if err := chromedp.Run(b.ctx, chromedp.Evaluate("Boolean("+js+")", &ok)); err == nil && ok {
			return
		}
	}
	b.Fatalf("at %s it never came true that %s: %.200s", b.at(), what, b.eval("document.querySelector('main')?.innerText"))
}

// arrives waits for a page whose address begins so, and sees that it fits.
func (b tab) arrives(path string) {
	b.Helper()
	b.until("the page is "+path, fmt.Sprintf("location.pathname.startsWith(%q) && document.readyState === 'complete'", path))
	b.fits()
}

// click clicks with the mouse on the first element in sight that matches.
func (b tab) click(selector string) {
	b.Helper()
	var at []float64
	js := fmt.Sprintf(`(() => {
		for (const e of document.querySelectorAll(%q)) {
			e.scrollIntoView({ block: "center", behavior: "instant" });
			const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
			const top = r.width && document.elementFromPoint(x, y);
			if (top && (e.contains(top) || top.contains(e))) return [x, y];
		}
		return [];
	})()`, selector)
	for end := time.Now().Add(10 * time.Second); len(at) == 0; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b.Fatalf("at %s nothing to click matches %s", b.at(), selector)
		}
		b.do(chromedp.Evaluate(js, &at))
	}
	b.do(chromedp.MouseClickXY(at[0], at[1]))
}

// typeInto clicks into a field and types.
func (b tab) typeInto(selector, text string) {
	b.Helper()
	b.click(selector)
	b.do(chromedp.KeyEvent(text))
}

// choose picks an option of a select by its words, as far as a page can tell as a person does.
func (b tab) choose(name, option string) {
	b.Helper()
	b.until(name+" offers "+option, fmt.Sprintf("[...document.querySelectorAll('select[name=%s] option')].some(o => o.text === %q)", name,
		option))
	b.do(chromedp.Evaluate(fmt.Sprintf(`(() => { const s = document.querySelector('select[name=%s]');
		s.value = [...s.options].find(o => o.text === %q).value; s.dispatchEvent(new Event('change', { bubbles: true })) })()`, name,
		option), nil))
}

func (b tab) login(name string) {
	b.Helper()
	b.arrives("/login")
	b.typeInto("input[name=username]", name)
	b.do(chromedp.KeyEvent(kb.Tab))
	b.do(chromedp.KeyEvent("dashop-demo"))
	b.do(chromedp.KeyEvent(kb.Enter))
}

// What is clicked on, by selector.
const (
	addButton   = `button[type=submit][hx-post="/cart/items"], form[action="/cart/items"] button[type=submit]:not([formaction])`
	placeButton = `form[action="/orders"] button[type=submit]`
	payButton   = `form[action$="/pay"] button[type=submit]`
)

// TestBrowserBuys goes the whole way in Chromium, on a desktop and on a phone.
func TestBrowserBuys(t *testing.T) {
	for _, width := range []int64{1440, 390} {
		t.Run(fmt.Sprint(width), func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{})
			b := chromium(t, s, width, true)
			b.open("/")
			b.open("/categories/1")
			b.open("/products/1005")

			before := b.eval("document.querySelector('h1').innerText + location.search")
			b.click(`a[href*="?sku="]:not([aria-current])`)
			b.until("the choice has changed the page and its address",
				fmt.Sprintf("document.querySelector('h1').innerText + location.search !== %q && location.search.includes('sku=')", before))
			chosen := b.eval("new URLSearchParams(location.search).get('sku')")
			b.do(chromedp.NavigateBack())
			b.until("Back undoes the choice", fmt.Sprintf("document.querySelector('h1').innerText + location.search === %q", before))
			b.do(chromedp.NavigateForward())
			b.until("Forward chooses again", fmt.Sprintf("document.querySelector('[name=sku_id]').value === %q", chosen))

			b.click(addButton)
			b.until("the badge says 1 and the page stays",
				"location.pathname === '/products/1005' && document.querySelector('.cart-count .count')?.firstChild.textContent.trim() === '1' && document.querySelector('#toasts').innerText.includes('已加入购物车')")
			b.until("the cart is one step away, from the head and from the notice",
				`document.querySelector('.cartlink').offsetWidth > 0 && document.querySelector('#toasts a[href="/cart"]')`)
			b.open("/cart")
			b.until("the chosen SKU is in the cart", fmt.Sprintf("document.querySelector('[data-sku=\"%s\"]')?.dataset.count === '1'",
				chosen))
			b.click(`[data-sku] [data-step="1"], [data-sku] button[name=count][value="2"]`)
			b.until("the count is 2", "document.querySelector('[data-sku]').dataset.count === '2'")
			b.click(`[data-sku] input[type=checkbox], [data-sku] button[role=checkbox], [data-sku] button[name=selected]`)
			b.until("nothing is ticked", "document.querySelector('main').innerText.includes('0.00')")
			b.click(`[data-sku] input[type=checkbox], [data-sku] button[role=checkbox], [data-sku] button[name=selected]`)
			b.until("it is ticked again", "!document.querySelector('main').innerText.match(/合计\\s*¥\\s*0/)")
			b.click(`a[href="/checkout"], form[action="/checkout"] button`)
			b.login("xiaoming")
			b.arrives("/checkout")
			b.addAddress()
			no := b.placeAndPay()
			b.orders(s, no, width)
		})
	}
}

// addAddress adds an address in place and sees it chosen.
func (b tab) addAddress() {
	b.Helper()
	b.click(".checkout__new summary")
	b.typeInto("input[name=receiver]", "李雷")
	b.typeInto("input[name=mobile]", "13900001234")
	b.choose("province_id", "四川省")
	b.choose("city_id", "成都市")
	b.choose("district_id", "武侯区")
	b.typeInto("[name=place]", "玉林西路 21 号 1 栋 502")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until("the new address is chosen",
		"document.querySelector('input[name=address_id]:checked')?.closest('label, .choice, .checkout__address')?.innerText.includes('玉林西路')")
	b.arrives("/checkout")
}

// placeAndPay places the order and pays it at the cashier, and returns its number.
func (b tab) placeAndPay() (no string) {
	b.Helper()
	fen := b.eval("document.querySelector('#payable').dataset.fen")
	b.click(placeButton)
	b.until("the payment page", "location.pathname.match(/^\\/orders\\/\\d{20}\\/pay$/)")
	no = b.eval("location.pathname.split('/')[2]")
	if got := b.eval("document.querySelector('#payable').dataset.fen"); got != fen {
		b.Errorf("the confirmation said %s fen, the payment page says %s", fen, got)
	}
	b.fits()
	b.click(payButton)
	b.until("the cashier", "document.querySelector('#login') && document.readyState === 'complete'")
	b.click("#login")
	b.until("the cashier asks for the money", "document.querySelector('#pay') && document.readyState === 'complete'")
	b.click("#pay")
	b.arrives("/orders/" + no + "/result")
	b.until("it says paid", "document.querySelector('main').innerText.includes('付款成功')")
	if got := b.eval("document.querySelector('#payable').dataset.fen"); got != fen {
		b.Errorf("the result says %s fen, the order %s", got, fen)
	}
	return no
}

// orders follows the order: tabs, Back, the merchant ships, the shopper receives.
func (b tab) orders(s *webtest.Shop, no string, width int64) {
	b.Helper()
	state := func(want string) {
		b.Helper()
		b.until("the order is "+want, fmt.Sprintf("document.querySelector('[data-order=\"%s\"]')?.dataset.status === '%s'", no, want))
	}
	b.open("/orders")
	state("2")
	b.click(`a[href*="status=3"]`)
	b.until("the tab has changed and the address follows",
		"location.search.includes('status=3') && !document.querySelector('[data-order]')")
	b.do(chromedp.NavigateBack())
	b.until("Back shows all orders", "location.search === '' && document.querySelector('[data-order]')")

	owner := chromium(b.TB, s, width, true)
	owner.open("/admin")
	owner.login("owner")
	owner.arrives("/admin/orders")
	owner.open("/admin/orders/" + no)
	owner.until("the form to ship", "document.querySelector('[name=tracking_no]')")
	owner.do(chromedp.Evaluate("document.querySelector('[name=tracking_no]').closest('details')?.setAttribute('open', '')", nil))
	owner.do(chromedp.Evaluate("(() => { const s = document.querySelector('select[name=carrier]'); s.value = 'sf' })()", nil))
	owner.typeInto("[name=tracking_no]", "SF1234567890")
	owner.do(chromedp.KeyEvent(kb.Enter))
	owner.until("it is shipped", fmt.Sprintf("document.querySelector('[data-order=\"%s\"]')?.dataset.status === '3' || document.querySelector('main').innerText.includes('SF1234567890')", no))

	b.open("/orders/" + no)
	state("3")
	b.until("the parcel is told", "document.querySelector('main').innerText.includes('SF1234567890')")
	b.do(chromedp.Evaluate("window.confirm = () => true", nil))
	b.click(`form[action$="/receipt"] button`)
	state("4")
}

// TestBrowserBuysWithoutScripts goes the same way with JavaScript switched off.
func TestBrowserBuysWithoutScripts(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := chromium(t, s, 1440, false)
	b.open("/products/1005")
	b.click(`a[href*="?sku="]:not([aria-current])`)
	b.until("the choice is in the address", "location.search.includes('sku=')")
	b.click(addButton)
	b.arrives("/cart")
	b.until("one piece", "document.querySelector('[data-sku]').dataset.count === '1'")
	b.click(`a[href="/checkout"], form[action="/checkout"] button`)
	b.login("xiaoming")
	b.arrives("/checkout")
	no := b.placeAndPay()
	b.open("/orders/" + no)
	b.until("待发货", fmt.Sprintf("document.querySelector('[data-order=\"%s\"]').dataset.status === '2'", no))
	storetest.CheckBooks(t, s.DB)
}
