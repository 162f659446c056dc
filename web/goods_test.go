package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"dashop/store/storetest"
	"dashop/web/webtest"
)

// The merchant finds a product, changes its words and prices, takes it off the shelf and puts it back, and books its
// stock; shoppers see it at once, and nothing typed is lost when something is wrong.
func TestMerchantKeepsProducts(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Visitor()
		owner.Get("/admin/products?q=" + url.QueryEscape("降噪耳机"))
		owner.Click("a[href='/admin/products/1005']")
		wantPage(t, owner, 200, "/admin/products/1005")
		owner.Press("保存商品", "name", "", "price_100501", "不要钱")
		if owner.Page.Status != http.StatusUnprocessableEntity || owner.Page.Attr("[name=price_100501]", "aria-invalid") != "true" ||
			owner.Page.Attr("[name=price_100501]", "value") != "不要钱" {
			t.Fatalf("a price that is none: %d, %s", owner.Page.Status, brief(owner.Page))
		}
		owner.Press("保存商品", "name", "", "price_100501", "0")
		if owner.Page.Status != http.StatusUnprocessableEntity || owner.Page.Attr("[name=name]", "aria-invalid") != "true" ||
			owner.Page.Attr("[name=price_100501]", "aria-invalid") != "true" {
			t.Fatalf("no name, no price: %d, %s", owner.Page.Status, brief(owner.Page))
		}
		owner.Press("保存商品", "name", "澄音 H9 <b>改</b>", "price_100501", "450.50", "market_100501", "")
		wantPage(t, owner, 200, "/admin/products/1005")
		shopper.Get("/products/1005?sku=100501")
		if !strings.Contains(shopper.Page.Text("h1"), "澄音 H9 <b>改</b>") || !strings.Contains(shopper.Page.Body, `data-fen="45050"`) {
			t.Errorf("the shopper sees %q", shopper.Page.Text("h1"))
		}
		if s.Int("SELECT min_price_fen FROM spus WHERE id = 1005") != 45050 ||
			s.Int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_saved'") != 1 {
			t.Error("the card's price, or who changed it, is not kept")
		}
		owner.Press("保存商品", "launched", "")
		if p := shopper.Get("/products/1005"); p.Status != http.StatusNotFound {
			t.Errorf("off the shelf: %d", p.Status)
		}
		owner.Press("保存商品", "launched", "true")
		if p := shopper.Get("/products/1005"); p.Status != http.StatusOK {
			t.Errorf("on the shelf again: %d", p.Status)
		}
		keepStock(t, s, owner)
		storetest.CheckBooks(t, s.DB)
		virtual := s.Int("SELECT MIN(p.id) FROM spus p WHERE p.is_virtual = 1 AND NOT EXISTS (SELECT 1 FROM skus k WHERE k.spu_id = p.id AND k.price_fen = 0)")
		owner.Get("/admin/products/" + itoa(virtual))
		owner.Press("保存商品", "launched", "true")
		if owner.Page.Status != http.StatusUnprocessableEntity || !strings.Contains(owner.Page.Text("#f-launched-wrong"), "还不能出售") {
			t.Errorf("a course goes on sale: %d", owner.Page.Status)
		}
	})
}

func keepStock(t *testing.T, s *webtest.Shop, owner *webtest.Browser) {
	t.Helper()
	owner.Get("/admin/products/1005")
	row := ".goods__stock[data-sku='100501']"
	before := s.Int("SELECT quantity FROM stocks WHERE sku_id = 100501")
	owner.Press(row+" [value=receive]", "pieces", "1.5")
	if owner.Page.Status != http.StatusUnprocessableEntity || owner.Page.Attr(row+" [name=pieces]", "value") != "1.5" ||
		owner.Page.Attr(".goods__stock[data-sku='100502'] [name=pieces]", "value") != "" {
		t.Errorf("one and a half pieces: %d", owner.Page.Status)
	}
	form := owner.Page // the same one twice: a double click
	for range 2 {
		owner.Page = form
		owner.Press(row+" [value=receive]", "pieces", "20")
		wantPage(t, owner, 200, "/admin/products/1005")
	}
	if got := owner.Page.Attr(row, "data-count"); got != itoa(before+20) {
		t.Errorf("after 20 came in: %s", got)
	}
	stale := s.Login("staff")
	stale.Get("/admin/products/1005")
	owner.Press(row+" [value=correct]", "counted", "7", "reason", "盘点少了")
	if got := s.Int("SELECT quantity FROM stocks WHERE sku_id = 100501"); got != 7 {
		t.Errorf("after a count of 7: %d", got)
	}
	stale.Press(row+" [value=correct]", "counted", "9", "reason", "按旧的数量")
	if stale.Page.Status != http.StatusConflict || stale.Page.Code() != 50104 || stale.Page.Attr(row, "data-count") != "7" {
		t.Errorf("a count from an old page: %d, code %d", stale.Page.Status, stale.Page.Code())
	}
	if p := owner.Post("/admin/products/1001/stock", url.Values{"sku_id": {"100501"}, "do": {"receive"},
		"pieces": {"1"}}); p.Status != http.StatusNotFound {
		t.Errorf("another product's SKU: %d", p.Status)
	}
}
