package web_test

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"

	"dashop/web/webtest"
)

// TestBrowserNarrows filters, sorts, pages and goes back in Chromium: with scripts only the list changes, without them the
// whole page, and either way the address says what is seen.
func TestBrowserNarrows(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{})
			b := chromium(t, s, 1440, scripts)
			b.open("/categories/5")
			if scripts {
				b.do(chromedp.Evaluate("window.stayed = true", nil))
			}
			first := b.eval("document.querySelector('.pcard__name').innerText")
			b.click(".sort:nth-child(2)")
			b.until("the list is by sales",
				"location.search === '?sort=sales' && document.querySelector('.sort[aria-current]').innerText.includes('销量')")
			b.click(".filter__tick:has(#filter-stock)")
			if !scripts {
				b.click(".filter__apply")
			}
			b.until("only what is in stock is left",
				"location.search.includes('stock=1') && document.querySelector('.list__chips .chip') && document.querySelector('#filter-stock').checked")
			b.click(".pager [aria-label='下一页']")
			b.until("the second page is there",
				"location.search.includes('page=2') && location.search.includes('after=') && document.querySelector('.pager [aria-current]').innerText === '2'")
			b.fits()
			b.do(chromedp.Evaluate("history.back()", nil)) // NavigateBack waits for a load that a page kept in memory never tells of
			b.until("Back leads to the first page",
				"!location.search.includes('page=') && document.querySelector('.pager [aria-current]').innerText === '1' && document.querySelector('#filter-stock').checked")
			b.click(".list__chips .chip")
			b.until("the filter is off",
				"!location.search.includes('stock=1') && !document.querySelector('.list__chips') && !document.querySelector('#filter-stock').checked")
			if scripts && b.eval("window.stayed") != "true" {
				t.Error("the page was loaded anew")
			}
			b.open("/categories/5")
			b.until("the list is as it was", fmt.Sprintf("document.querySelector('.pcard__name').innerText === %q", first))
		})
	}
}

// On a phone the filter is a sheet: one chooses first and sends then.
func TestBrowserFiltersOnAPhone(t *testing.T) {
	for _, scripts := range []bool{true, false} {
		t.Run(fmt.Sprintf("scripts %v", scripts), func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{})
			b := chromium(t, s, 390, scripts)
			b.open("/search?q=erji")
			b.until("the filter is not seen", "getComputedStyle(document.querySelector('#filter')).display === 'none'")
			b.click(".list__open")
			b.until("the sheet is open", "document.querySelector('#filter').matches(':popover-open')")
			b.click(".filter__tick:has([name=brand])")
			b.until("the sheet stays", "document.querySelector('#filter').matches(':popover-open') && document.querySelector('#filter [name=brand]').checked")
			b.click(".filter__apply")
			b.until("one is left", "location.search.includes('brand=') && document.querySelectorAll('.pcard').length === 1")
			b.fits()
		})
	}
}
