package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"dashop/web/webtest"
)

// TestBrowserEdits makes a product in Chromium, on a phone and on a desk, with scripts and without: its words, its variants, and
// pictures that the browser itself sends.
func TestBrowserEdits(t *testing.T) {
	for _, c := range []struct {
		width   int64
		scripts bool
	}{{390, false}, {1440, true}} {
		t.Run(fmt.Sprintf("%d scripts %v", c.width, c.scripts), func(t *testing.T) {
			s := webtest.Start(t, webtest.Config{})
			b := chromium(t, s, c.width, c.scripts)
			b.open("/admin/products/new")
			b.login("owner")
			b.arrives("/admin/products/new")
			b.typeInto("#f-name", "暖手宝")
			b.choose("category_id", "手机数码 / 手机通讯 / 智能手机")
			b.typeInto("#f-new_spec", "颜色")
			b.typeInto("#f-new_options", "白，粉")
			b.click("form[action='/admin/products'] button[type=submit]")
			b.until("the product is there", "document.querySelector('#variants')")
			b.fits()
			b.typeInto("#f-price", "49.9")
			b.click("#variants [value=all]")
			b.until("both variants are there", "document.querySelectorAll('tr[data-sku]').length === 2")
			file := filepath.Join(t.TempDir(), "hand.png")
			if err := os.WriteFile(file, square(t, 600), 0o600); err != nil {
				t.Fatal(err)
			}
			b.do(chromedp.SetUploadFiles("#f-pictures", []string{file}, chromedp.ByQuery))
			b.click("#pictures form[enctype] button[type=submit]")
			b.until("the picture is there",
				"document.querySelectorAll('.edit__picture img').length === 1 && document.querySelector('.edit__picture img').naturalWidth > 0")
			b.fits()
			b.click("#facts [name=launched]")
			b.click("#facts .btn--main")
			b.until("it is on sale", "document.querySelector('#facts [name=launched]').checked && !document.querySelector('.edit__step')")
			if s.Int("SELECT COUNT(*) FROM spus WHERE name = '暖手宝' AND is_launched = 1 AND image <> ''") != 1 {
				t.Error("it is not on sale")
			}
			for _, path := range []string{"/admin/categories", "/admin/categories/10101", "/admin/brands", "/admin/brands/1",
				"/admin/channels", "/admin/channels/1", "/admin/ads?place=home_banner", "/admin/ads/1", "/admin/products/1001"} {
				b.open(path)
			}
		})
	}
}
