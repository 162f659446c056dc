package web_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"dashop/store/storetest"
	"dashop/web/webtest"
)

// The owner makes a whole product with forms alone: two specs, all their combinations, pictures and stock. A shopper finds it by
// search and by category and buys it; then the owner takes a variant away that lies in a cart.
func TestMerchantMakesAProduct(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Login("xiaoming")
		spu := makeProduct(t, s, owner)
		sku := stockAndLaunch(t, s, owner, spu)
		buyIt(t, s, shopper, spu, sku)
		retire(t, s, owner, shopper, spu, sku)
		storetest.CheckBooks(t, s.DB)
	})
}

func makeProduct(t *testing.T, s *webtest.Shop, owner *webtest.Browser) string {
	t.Helper()
	owner.Get("/admin/products")
	owner.Click("新建商品")
	wantPage(t, owner, 200, "/admin/products/new")
	owner.Press("下一步：款式、图片和库存", "name", "", "caption", "手织的 <b>一条</b>", "brand_id", "1", "new_spec", "颜色", "new_options", "",
		"description", "第一段\n\n第二段")
	wrong := owner.Page
	if wrong.Status != 422 || wrong.Attr("[name=name]", "aria-invalid") != "true" ||
		wrong.Attr("[name=category_id]", "aria-invalid") != "true" || wrong.Attr("[name=new_options]", "aria-invalid") != "true" ||
		wrong.Attr("[name=caption]", "value") != "手织的 <b>一条</b>" || wrong.Attr("[name=brand_id] [selected]", "value") != "1" ||
		!strings.Contains(wrong.Text("[name=description]"), "第二段") {
		t.Fatalf("a form without a name, category and options: %d %s", wrong.Status, wrong.Body)
	}
	for _, w := range unsound(wrong) {
		t.Error(w)
	}
	owner.Press("下一步：款式、图片和库存", "name", "雪线羊绒围巾", "name_en", "Snowline scarf", "category_id", "10101", "new_options", "雾蓝，炭灰",
		"new_spec_2", "长度", "new_options_2", "180cm, 200cm")
	path := owner.Page.URL.Path
	spu := strings.TrimPrefix(path, "/admin/products/")
	owner.Press("删除商品") // it was a mistake, and is made again
	if wantPage(t, owner, 200, "/admin/products"); s.Int("SELECT COUNT(*) FROM spus WHERE id = ?", spu) != 0 {
		t.Error("the product is still there")
	}
	owner.Get("/admin/products/new")
	owner.Press("下一步：款式、图片和库存", "name", "雪线羊绒围巾", "name_en", "Snowline scarf", "category_id", "10101", "caption", "手织", "new_spec", "颜色",
		"new_options", "雾蓝，炭灰", "new_spec_2", "长度", "new_options_2", "180cm, 200cm")
	path = owner.Page.URL.Path
	spu = strings.TrimPrefix(path, "/admin/products/")
	if owner.Page.Status != 200 || s.Int("SELECT COUNT(*) FROM specs WHERE spu_id = ?", spu) != 2 ||
		s.Int("SELECT is_launched FROM spus WHERE id = ?", spu) != 0 {
		t.Fatalf("made: %d at %s: %s", owner.Page.Status, path, brief(owner.Page))
	}
	if p := s.Visitor().Get("/products/" + spu); p.Status != 404 {
		t.Errorf("everybody sees it: %d", p.Status)
	}
	owner.Press("生成全部 4 种组合", "price", "一百")
	if owner.Page.Status != 422 || owner.Page.Attr("#f-price", "aria-invalid") != "true" || owner.Page.Attr("#f-price", "value") != "一百" {
		t.Errorf("a price that is none: %d", owner.Page.Status)
	}
	owner.Press("加这一款", "price", "259.00", "market", "399")
	owner.Press("生成全部 3 种组合", "price", "259.00", "market", "399")
	if owner.Page.Count("tr[data-sku]") != 4 ||
		s.Int("SELECT COUNT(*) FROM skus WHERE spu_id = ? AND price_fen = 25900 AND market_fen = 39900 AND is_launched = 1", spu) != 4 {
		t.Fatalf("%d variants: %s", owner.Page.Count("tr[data-sku]"), brief(owner.Page))
	}
	for _, w := range unsound(owner.Page) {
		t.Error(w)
	}
	return spu
}

// stockAndLaunch gives the product pictures and stock, puts it on sale, and returns one of its variants.
func stockAndLaunch(t *testing.T, s *webtest.Shop, owner *webtest.Browser, spu string) string {
	t.Helper()
	path := "/admin/products/" + spu
	owner.Press("保存商品", "launched", "true")
	if owner.Page.Status != 422 || !strings.Contains(owner.Page.Text("#f-launched-wrong"), "图片") ||
		owner.Page.Attr("[name=launched]", "checked") == "" && !owner.Page.Has("#facts [name=launched][checked]") {
		t.Errorf("on sale without a picture: %d %s", owner.Page.Status, owner.Page.Text("#f-launched-wrong"))
	}
	if status, page := sendFiles(t, owner, path+"/pictures", map[string]string{"target": "all"}, square(t, 300),
		square(t, 200)); status != 303 {
		t.Fatalf("pictures: %d %s", status, page.Find("main").Text())
	}
	owner.Get(path)
	if owner.Page.Count(".edit__picture") != 2 || !owner.Page.Has(".edit__main") {
		t.Fatalf("%d pictures: %s", owner.Page.Count(".edit__picture"), owner.Page.Text("#pictures"))
	}
	second := owner.Page.Attr(".edit__picture:nth-child(2)", "data-image")
	owner.Press(".edit__picture:nth-child(2) [value=earlier]")
	owner.Press(".edit__picture:nth-child(1) [value=main]")
	if s.Text("SELECT image FROM spus WHERE id = ?", spu) != second ||
		s.Text("SELECT MIN(image) FROM skus WHERE spu_id = ?", spu) != second {
		t.Error("the picture chosen is not the first")
	}
	sku := owner.Page.Attr(".goods__stock", "data-sku")
	owner.Press(".goods__stock[data-sku='"+sku+"'] [value=receive]", "pieces", "8")
	last := owner.Page.Find(".goods__stock").Last().AttrOr("data-sku", "")
	owner.Press("[value=receive_all]", "pieces_"+sku, "2", "pieces_"+last, "x")
	if owner.Page.Status != 422 || owner.Page.Attr("[name=pieces_"+sku+"]", "value") != "2" ||
		owner.Page.Attr("[name=pieces_"+last+"]", "aria-invalid") != "true" {
		t.Errorf("x pieces: %d", owner.Page.Status)
	}
	owner.Press("[value=receive_all]", "pieces_"+sku, "", "pieces_"+last, "1")
	if s.Int("SELECT quantity FROM stocks WHERE sku_id = ?", last) != 1 {
		t.Errorf("one piece of the last: %d %s", owner.Page.Status, brief(owner.Page))
	}
	if s.Int("SELECT SUM(delta) FROM stock_ledger WHERE sku_id = ?", sku) != 8 ||
		s.Int("SELECT quantity FROM stocks WHERE sku_id = ?", sku) != 8 {
		t.Error("the first stock is not in the books")
	}
	owner.Press("保存商品", "launched", "true")
	wantPage(t, owner, 200, path)
	return sku
}

func buyIt(t *testing.T, s *webtest.Shop, b *webtest.Browser, spu, sku string) {
	t.Helper()
	for _, list := range []string{"/search?q=" + url.QueryEscape("羊绒围巾"), "/search?q=yangrong", "/categories/10101?sort=new"} {
		if b.Get(list).Count("a[href='/products/"+spu+"']") == 0 {
			t.Errorf("%s does not show it", list)
		}
	}
	b.Click("a[href='/products/" + spu + "']")
	if b.Page.Attr("#buy [name=sku_id]", "value") != sku || b.Page.Fen(".product__price .money") != 25900 {
		t.Errorf("the page offers %s at %d", b.Page.Attr("#buy [name=sku_id]", "value"), b.Page.Fen(".product__price .money"))
	}
	no := s.Order(xiaoming, atoi(t, sku), 2)
	s.Pay(xiaoming, no)
	if s.Int("SELECT quantity FROM stocks WHERE sku_id = ?", sku) != 6 ||
		s.Text("SELECT spec FROM order_items WHERE sku_id = ?", sku) != "雾蓝 / 180cm" {
		t.Errorf("the order holds %q", s.Text("SELECT spec FROM order_items WHERE sku_id = ?", sku))
	}
	b.Press("加入购物车")
	wantCount(t, b, 1)
}

// retire takes variants away: one that nobody could ever buy is gone, one that was sold is off sale, and carts say so.
func retire(t *testing.T, s *webtest.Shop, owner, b *webtest.Browser, spu, sku string) {
	t.Helper()
	owner.Get("/admin/products/" + spu)
	other := owner.Page.Attr("tr[data-sku]:nth-child(2)", "data-sku")
	owner.Press("[form=remove-" + other + "]")
	owner.Press("[form=remove-" + sku + "]")
	if s.Int("SELECT COUNT(*) FROM skus WHERE spu_id = ?", spu) != 3 || s.Int("SELECT is_launched FROM skus WHERE id = ?", sku) != 0 ||
		owner.Page.Status != 200 {
		t.Errorf("after removing two of four: %d, %s", owner.Page.Status, brief(owner.Page))
	}
	if p := b.Get("/cart"); p.Count(".cart__line--gone[data-sku='"+sku+"']") != 1 {
		t.Errorf("the cart does not say that it is gone: %s", p.Text("main"))
	}
	if p := b.Get("/orders/" + s.Text("SELECT order_no FROM orders")); !strings.Contains(p.Text("main"), "雾蓝") {
		t.Errorf("the order has forgotten what it holds: %s", p.Text("main"))
	}
	// The last ones on sale stay while the product is.
	for range 2 {
		owner.Get("/admin/products/" + spu)
		owner.Press("[form=remove-" + owner.Page.Attr("tr[data-sku]:has([checked])", "data-sku") + "]")
	}
	if owner.Page.Status != 422 || !strings.Contains(owner.Page.Alert(), "先把商品下架") {
		t.Errorf("the last variant: %d %s", owner.Page.Status, owner.Page.Alert())
	}
}

func atoi(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
