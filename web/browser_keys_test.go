package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dashop/web/webtest"
)

// What is suggested while somebody types is said aloud, walked through with the arrow keys and put away with Escape.
func TestBrowserSuggestionsByKeyboard(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := chromium(t, s, 1440, true)
	b.open("/categories/5")
	b.typeInto(".search__input", "erji")
	b.until("the suggestions are there", "document.querySelector('.suggest [role=status]')?.innerText.includes('2')")
	for _, step := range []struct{ key, want string }{
		{kb.ArrowDown, "A /products/"}, {kb.ArrowDown, "A /products/"}, {kb.ArrowDown, "A /search"}, {kb.ArrowDown, "INPUT "},
		{kb.ArrowUp, "A /search"}, {kb.ArrowUp, "A /products/"},
	} {
		b.do(chromedp.KeyEvent(step.key))
		if at := b.eval("document.activeElement.tagName + ' ' + (document.activeElement.pathname ?? '')"); len(at) < len(step.want) ||
			at[:len(step.want)] != step.want {
			t.Errorf("the keyboard is at %q, not %q", at, step.want)
		}
	}
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until("the list is closed and one is back in the box",
		"document.activeElement.matches('.search__input') && !document.querySelector('.suggest a')")
}

// A phone's strip of pictures is reached and moved with the keyboard, with or without scripts.
func TestBrowserGalleryByKeyboard(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	for _, scripts := range []bool{true, false} {
		b := chromium(t, s, 390, scripts)
		b.open("/products/1001")
		for range 12 {
			b.do(chromedp.KeyEvent(kb.Tab))
			if b.eval("document.activeElement.matches('.gallery__stage')") == "true" {
				break
			}
		}
		b.do(chromedp.KeyEvent(kb.ArrowRight))
		b.until("the strip moves", "document.activeElement.matches('.gallery__stage') && document.activeElement.scrollLeft > 0")
	}
}
