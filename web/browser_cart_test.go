package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/web/webtest"
)

// lateAnswers holds each answer back for 400 to 900 ms, as a bad line does.
const lateAnswers = `(() => { const soon = window.fetch; window.fetch = async (...args) => { const answer = await soon(...args);
	await new Promise((go) => setTimeout(go, 400 + Math.random() * 500)); return answer; } })()`

// quiet says that no form is on its way and the page shows count pieces of a SKU, everywhere.
func quiet(sku, count int) string {
	return fmt.Sprintf(`!document.querySelector('.htmx-request') && document.querySelector('#cart [data-sku="%[1]d"]')?.dataset.count === '%[2]d' &&
		document.querySelector('#count-%[1]d').value === '%[2]d' && document.querySelector('.cart-count .count')?.firstChild.textContent.trim() === '%[2]d'`,
		sku, count)
}

// However late answers come, and whatever is pressed meanwhile, the cart's page ends with what the shop keeps.
func TestBrowserCartUnderLateAnswers(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	b := chromium(t, s, 1440, true)
	b.open("/products/1001?sku=100104")
	b.click(addButton)
	b.until("it is in the cart", `document.querySelector('#toasts').innerText.includes('已加入购物车')`)
	b.open("/cart")
	b.do(chromedp.Evaluate(lateAnswers, nil))
	kept := func(want int64) {
		t.Helper()
		if got := s.Int("SELECT count FROM cart_lines WHERE sku_id = 100104"); got != want {
			t.Errorf("the shop keeps %d, want %d", got, want)
		}
	}
	b.click("#count-100104-more")
	b.click("#count-100104-more")
	b.until("+ pressed twice makes three", quiet(100104, 3))
	kept(3)
	b.click("#count-100104-more")
	b.click("#count-100104")
	b.do(chromedp.Evaluate("document.querySelector('#count-100104').select()", nil), chromedp.KeyEvent("7"), chromedp.KeyEvent(kb.Tab))
	b.until("what was typed after a press counts", quiet(100104, 7))
	kept(7)
	b.click("#count-100104-less")
	b.click("#tick-100104")
	b.until("a press and a tick are both kept", quiet(100104, 6)+` && document.querySelector('#tick-100104').ariaChecked === 'false'`)
	kept(6)
	b.click("#count-100104-less")
	b.click("#line-100104 .cart__bin")
	b.until("the line is out", `!document.querySelector('.htmx-request') && !document.querySelector('#cart [data-sku]') && document.querySelector('#toasts form')`)
	b.click("#toasts form button")
	b.until("the undo brings it back as it was", quiet(100104, 5))
	kept(5)
}

// Whoever logs in finds the visitor's cart in their own, and takes that back by one click; with and without scripts, also on a phone.
func TestBrowserMergeAndUndo(t *testing.T) {
	for name, x := range map[string]struct {
		width   int64
		scripts bool
	}{"desktop": {1440, true}, "phone": {390, true}, "plain": {1440, false}} {
		t.Run(name, func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
			user := s.User("lihua", account.Shopper)
			s.Exec("INSERT INTO cart_lines (owner, sku_id, count, selected, created_at) VALUES (?, 100202, 1, 1, '2026-03-01 00:00:00')", fmt.Sprintf("u:%d", user))
			b := chromium(t, s, x.width, x.scripts)
			b.open("/products/1001?sku=100104")
			b.click(addButton)
			if x.scripts {
				b.until("it is in the cart", `document.querySelector('#toasts').innerText.includes('已加入购物车')`)
			} else {
				b.arrives("/cart")
			}
			b.open("/login?next=/cart")
			b.login("lihua")
			b.arrives("/cart")
			b.until("both are there", `document.querySelectorAll('#cart [data-sku]').length === 2 && document.querySelector('#notices').innerText.includes('已经带过来')`)
			b.click("#notices form[action='/cart/undo'] button")
			b.until("the user's cart is as it was", `document.querySelectorAll('#cart [data-sku]').length === 1 && document.querySelector('#cart [data-sku="100202"]')`)
			b.fits()
			b.click("form[action='/cart/merge'] button")
			b.until("both are there again", `document.querySelectorAll('#cart [data-sku]').length === 2`)
			b.click("#remove-ticked")
			b.until("the cart is empty", `!document.querySelector('#cart [data-sku]') && document.querySelector('#toasts form')`)
			b.click("#toasts form button")
			b.until("both are there once more", `document.querySelectorAll('#cart [data-sku]').length === 2`)
			b.click("#spec-100104")
			b.until("specs are offered", `document.querySelector('.cart__choices input[value="100101"]')`)
			b.fits()
			b.click(".cart__choices label:has(input[value='100101'])")
			b.click(".cart__choices button")
			b.until("the line is about another SKU", `document.querySelector('#cart [data-sku="100101"]') && !document.querySelector('#cart [data-sku="100104"]')`)
		})
	}
}
