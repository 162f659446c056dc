package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/web/webtest"
)

// promotions makes two reductions of the merchant's: one that is on now, from more on than any order of a test comes to, and a draft.
func promotions(s *webtest.Shop) (running, draft int64) {
	s.T.Helper()
	now := s.Clock.Now()
	in := desk.Input{Kind: promo.KindReduction, Name: "全场满减", NameEN: "Off everything", StartsAt: now.Add(-time.Hour), EndsAt: now.Add(24 * time.Hour),
		Scope: promo.Scope{Kind: promo.ScopeAll}, Steps: []promo.Step{{From: 99_000_000, Off: 1000}}}
	running, err := s.Store.PromoDesk.Save(s.T.Context(), ownerID, 0, in, true)
	if err != nil {
		s.T.Fatal(err)
	}
	in.Name = "以后的满减"
	if draft, err = s.Store.PromoDesk.Save(s.T.Context(), ownerID, 0, in, false); err != nil {
		s.T.Fatal(err)
	}
	return running, draft
}

// local writes a moment from now as a form's field for it has it.
func local(s *webtest.Shop, in time.Duration) string {
	return s.Clock.Now().Add(in).In(time.FixedZone("CST", 8*3600)).Format("2006-01-02T15:04")
}

// A merchant makes a promotion of each kind. What is refused says why beside its field, with all that was typed; the buttons that look
// something up or make room lose nothing either.
func TestMerchantMakesPromotions(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner := s.Login("owner")
		owner.Get("/admin/promotions")
		owner.Click("新建满减")
		owner.Press("保存并发布", "name", "春季满减", "starts_at", local(s, -time.Hour), "ends_at", local(s, -2*time.Hour), "from_1", "499", "off_1", "600",
			"from_2", "x", "priority", "一")
		refusedForm(t, owner.Page, map[string]string{"name": "春季满减", "from_1": "499", "off_1": "600", "from_2": "x", "priority": "一"},
			"ends_at", "off_1", "from_2", "off_2", "priority")
		owner.Press("保存并发布", "ends_at", local(s, 48*time.Hour), "off_1", "60", "from_2", "999", "off_2", "138", "priority", "")
		wantForm(t, owner)
		if s.Int("SELECT COUNT(*) FROM promotions p JOIN promotion_steps s ON s.promotion_id = p.id WHERE p.name = '春季满减' AND p.is_published = 1") != 2 {
			t.Error("not published with its steps")
		}
		changed := owner.Page.Form("form.promotion")
		changed.Set("name", "春季大满减")
		changed.Set("from_1", "500")
		owner.Post(owner.Page.URL.Path, changed)
		refusedForm(t, owner.Page, map[string]string{"name": "春季大满减", "from_1": "500"})
		if owner.Page.Text("#f-steps-wrong") == "" {
			t.Error("nothing is said beside the steps")
		}
		owner.Press("结束活动")
		if owner.Page.Has("button[name=do]") || !strings.Contains(owner.Page.Text("main"), "已结束") {
			t.Errorf("it goes on: %s", brief(owner.Page))
		}

		owner.Get("/admin/promotions/new?kind=percent")
		owner.Press("查找", "name", "数码 95 折", "percent", "95", "starts_at", local(s, time.Hour), "ends_at", local(s, 48*time.Hour), "scope", "category",
			"find", "手机通讯")
		if owner.Page.Status != http.StatusOK || owner.Page.Attr("[name=percent]", "value") != "95" {
			t.Errorf("the search lost something: %d", owner.Page.Status)
		}
		owner.Press("[name=add][value='101']")
		if owner.Page.Attr("[name=targets]", "value") != "101" || !strings.Contains(owner.Page.Text("#f-targets-hint"), "手机通讯") {
			t.Errorf("not added: %q", owner.Page.Attr("[name=targets]", "value"))
		}
		owner.Press("存为草稿", "targets", "101, 99999, 一")
		refusedForm(t, owner.Page, map[string]string{"targets": "101, 99999, 一"}, "targets")
		owner.Press("存为草稿", "targets", "101，101")
		id := strings.TrimPrefix(owner.Page.URL.Path, "/admin/promotions/")
		if s.Int("SELECT COUNT(*) FROM promotion_targets WHERE promotion_id = ? AND target_id = 101", id) != 1 {
			t.Errorf("no target: %d %s", owner.Page.Status, brief(owner.Page))
		}
		owner.Get("/admin/promotions?state=draft&kind=percent")
		owner.Click("数码 95 折")
		owner.Press("删除活动")
		wantPage(t, owner, 200, "/admin/promotions")

		owner.Get("/admin/promotions/new?kind=price")
		owner.Press("存为草稿", "name", "限时", "starts_at", local(s, time.Hour), "ends_at", local(s, 48*time.Hour), "own_prices", "true", "sku_2", "100101",
			"price_2", "9999999")
		refusedForm(t, owner.Page, map[string]string{"sku_1": "100101", "price_1": "9999999"}, "price_1") // the empty row is gone
		owner.Press("存为草稿", "own_prices", "false", "percent", "90", "scope", "brand", "targets", "1")
		wantForm(t, owner)
	})
}

// wantForm wants the form of a promotion that was saved.
func wantForm(t *testing.T, b *webtest.Browser) {
	t.Helper()
	if at := b.Page.URL.Path; b.Page.Status != http.StatusOK || !strings.HasPrefix(at, "/admin/promotions/") || b.Page.Has(".field__wrong") {
		t.Fatalf("the browser is at %s with %d: %s", at, b.Page.Status, b.Page.Text(".field__wrong"))
	}
}

// Rows of a flash sale are filled in by hand and by search; while it runs only pieces can be added.
func TestMerchantMakesAFlashSale(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner := s.Login("owner")
		name := s.Text("SELECT name FROM spus WHERE id = 1001")
		owner.Get("/admin/promotions/new?kind=flash")
		owner.Press("再加一行", "name", "整点秒杀", "per_person", "2", "starts_at", local(s, time.Hour), "ends_at", local(s, 3*time.Hour), "sku_1", "100201",
			"price_1", "1.50", "quantity_1", "3")
		if n := owner.Page.Count("[name^=sku_]"); n != 4 || owner.Page.Attr("[name=price_1]", "value") != "1.50" ||
			owner.Page.Attr("[name=name]", "value") != "整点秒杀" {
			t.Errorf("%d rows, %q", n, owner.Page.Attr("[name=price_1]", "value"))
		}
		owner.Press("[name=do][value=find_sku]", "find_sku", name)
		owner.Press("[name=add_sku][value='100102']")
		if owner.Page.Attr("[name=sku_2]", "value") != "100102" || !strings.Contains(owner.Page.Text("[data-label='商品']"), name) {
			t.Errorf("not added: %s", brief(owner.Page))
		}
		stock := s.Int("SELECT quantity FROM stocks WHERE sku_id = 100102")
		owner.Press("保存并发布", "price_2", "2", "quantity_2", itoa(stock+1), "sku_4", "1")
		refusedForm(t, owner.Page, map[string]string{"sku_1": "100201", "sku_2": "100102", "sku_3": "1"}, "quantity_2", "sku_3")
		owner.Press("保存并发布", "quantity_2", itoa(stock), "sku_3", "")
		wantForm(t, owner)
		path := owner.Page.URL.Path
		id := strings.TrimPrefix(path, "/admin/promotions/")
		if s.Int("SELECT COUNT(*) FROM promotion_skus WHERE promotion_id = ? AND quantity IN (3, ?)", id, stock) != 2 {
			t.Error("its pieces are not kept")
		}
		s.Clock.Advance(time.Hour)
		owner = s.Login("owner")
		owner.Get(path)
		if !owner.Page.Has("[name=sku_1][readonly]") || owner.Page.Has("[name=quantity_1][readonly]") || owner.Page.Has("[value=row]") {
			t.Error("what may change is not what can be typed")
		}
		first := owner.Page.Attr("[name=sku_1]", "value")
		owner.Press("保存", "quantity_1", "0")
		refusedForm(t, owner.Page, map[string]string{"sku_1": first, "quantity_1": "0"}, "quantity_1")
	})
}

// Who is told that another was faster still has what was typed, and sees what stands there now.
func TestTwoMerchantsAtOnePromotion(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	_, draft := promotions(s)
	one, two := s.Login("owner"), s.Login("staff")
	path := "/admin/promotions/" + itoa(draft)
	one.Get(path)
	two.Get(path)
	one.Press("存为草稿", "name", "甲的名字")
	two.Press("存为草稿", "name", "乙的名字", "off_1", "20")
	if two.Page.Status != http.StatusConflict || two.Page.Attr("[name=name]", "value") != "乙的名字" || two.Page.Attr("[name=off_1]", "value") != "20" ||
		!strings.Contains(two.Page.Text("#f-name-hint"), "甲的名字") {
		t.Errorf("%d: %s", two.Page.Status, brief(two.Page))
	}
	two.Press("存为草稿")
	if s.Text("SELECT name FROM promotions WHERE id = ?", draft) != "乙的名字" {
		t.Error("the second try is not kept")
	}
	if p := s.Login("xiaoming").Post(path, url.Values{"name": {"x"}}); p.Status != http.StatusForbidden {
		t.Errorf("a shopper: %d", p.Status)
	}
}

// Shoppers read what a promotion takes off and see its goods, as long as it is on; with a gap those that fill it.
func TestPromotionPage(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		running, draft := promotions(s)
		b := s.Visitor()
		path := "/promotions/" + itoa(running)
		p := b.Get(path + "?sort=price")
		if p.Text("h1") != "全场满减" || !strings.Contains(p.Text("main"), "满 990000 减 10") || p.Count(".pcard") != 20 {
			t.Errorf("%d, %d cards: %s", p.Status, p.Count(".pcard"), brief(p))
		}
		first := p.Attr(".pcard a", "href")
		b.Click("下一页")
		if b.Page.Count(".pcard") == 0 || b.Page.Attr(".pcard a", "href") == first {
			t.Error("there is no second page")
		}
		if p := b.Get(path + "?gap=2300"); !strings.Contains(p.Text("main"), "还差 ¥23") || p.Count(".pcard") == 0 {
			t.Errorf("a gap: %s", brief(p))
		}
		for _, bad := range []string{"/promotions/" + itoa(draft), "/promotions/999999", "/promotions/x", path + "?after=x"} {
			if p := b.Get(bad); p.Status != http.StatusNotFound {
				t.Errorf("%s: %d", bad, p.Status)
			}
		}
		if p := b.Get("/products/1001"); p.Attr(".product__row a.tag", "href") != path {
			t.Error("the product's page does not name it")
		}
		if err := s.Store.PromoDesk.Withdraw(t.Context(), ownerID, running, 0); err != nil {
			t.Fatal(err)
		}
		if p := b.Get(path); p.Status != http.StatusNotFound {
			t.Errorf("it has ended: %d", p.Status)
		}
		if b.Get("/products/1001").Has(".product__row a.tag") {
			t.Error("the product's page goes on naming it")
		}
	})
}
