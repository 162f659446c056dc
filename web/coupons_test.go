package web_test

import (
	"net/url"
	"strings"
	"testing"

	"dashop/web/webtest"
)

// A visitor who claims a coupon logs in on the way and has it then; what one holds stands under its state, and the centre knows it.
func TestCouponCentre(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for _, hx := range []bool{false, true} {
			id := map[bool]string{false: "2", true: "3"}[hx] // two per person
			b := s.Visitor()
			b.HX = hx
			b.Get("/coupons")
			if n := b.Page.Count("[data-coupon]"); n != 15 { // all of the demo but the one that has ended
				t.Errorf("the centre shows %d coupons", n)
			}
			b.Get("/coupons?spu=1005")
			if b.Page.Count("[data-coupon='13']") != 1 || b.Page.Count("[data-coupon='9']") != 0 || b.Page.Count("[data-coupon='5']") != 1 {
				t.Error("the centre does not show what is good for the headphones")
			}
			b.Post("/coupons/"+id+"/claim", b.Page.Form("form[action='/coupons/"+id+"/claim']"))
			wantPage(t, b, 200, "/login?next="+url.QueryEscape("/coupons?spu=1005"))
			b.Press("登录", "username", "xiaoming", "password", "dashop-demo")
			wantPage(t, b, 200, "/coupons?spu=1005")
			held := "SELECT COUNT(*) FROM user_coupons WHERE user_id = ? AND coupon_id = " + id
			if s.Int(held, xiaoming) != 1 || !strings.Contains(b.Page.Text("[data-coupon='"+id+"']"), "再领一张") {
				t.Errorf("%d claimed: %s", s.Int(held, xiaoming), b.Page.Text("[data-coupon='"+id+"']"))
			}
			b.Post("/coupons/"+id+"/claim", b.Page.Form("form[action='/coupons/"+id+"/claim']"))
			if card := b.Page.Text("[data-coupon='" + id + "']"); s.Int(held, xiaoming) != 2 || !strings.Contains(card, "已领取") {
				t.Errorf("%d claimed: %s", s.Int(held, xiaoming), card)
			}
			b.Post("/coupons/"+id+"/claim", url.Values{"back": {"/coupons"}})
			if s.Int(held, xiaoming) != 2 || !strings.Contains(b.Page.Body, "您已经领过了") {
				t.Error("a third one is claimed, or it is not said why not")
			}
		}
		b := s.Login("xiaoming")
		b.Get("/account/coupons")
		if b.Page.Count("[data-coupon]") != 4 || b.Page.Count("a[href='/coupons']") == 0 {
			t.Errorf("%d coupons of four", b.Page.Count("[data-coupon]"))
		}
		b.Get("/account/coupons?state=expired")
		if b.Page.Count("[data-coupon]") != 0 {
			t.Error("coupons have expired")
		}
		b.Get("/account")
		if !strings.Contains(b.Page.Body, "4 张可用") {
			t.Error("one's own page does not count them")
		}
	})
}

// A code is typed in the centre; a wrong one stays in its field, and after many one has to wait.
func TestRedeemACode(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE coupons SET code = 'FRIENDS', is_public = 0 WHERE id = 7")
		visitor := s.Visitor()
		visitor.Get("/coupons")
		if visitor.Page.Count("[name=code]") != 0 || visitor.Page.Count("[data-coupon='7']") != 0 {
			t.Error("a visitor can type a code, or claim without it")
		}
		b := s.Login("xiaoming")
		b.Get("/coupons")
		b.Press("兑换", "code", "ENEMIES")
		if b.Page.Status != 422 || b.Page.Attr("[name=code]", "value") != "ENEMIES" || b.Page.Attr("[name=code]", "aria-invalid") != "true" {
			t.Errorf("a wrong code: %d", b.Page.Status)
		}
		b.Press("兑换", "code", "friends")
		wantPage(t, b, 200, "/account/coupons")
		if b.Page.Count("[data-coupon='7']") != 1 || !strings.Contains(b.Page.Text("[data-coupon='7']"), "兑换码领取") {
			t.Error("the coupon is not among one's own")
		}
		for range 18 {
			b.Post("/coupons/code", url.Values{"code": {"GUESS"}})
		}
		b.Post("/coupons/code", url.Values{"code": {"GUESS"}})
		if b.Page.Status != 429 || b.Page.Header.Get("Retry-After") == "" || b.Page.Attr("[name=code]", "value") != "GUESS" {
			t.Errorf("after twenty tries: %d", b.Page.Status)
		}
	})
}

// The merchant makes a coupon, gives it away, and changes what may still change; a shopper has it then.
func TestMerchantKeepsCoupons(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Login("xiaoming")
		owner.Get("/admin/coupons")
		if n := owner.Page.Count("[data-coupon]"); n != 16 {
			t.Errorf("%d coupons", n)
		}
		owner.Click("新建优惠券")
		fields := []string{"name", "老客回馈", "kind", "percent", "percent", "85", "cap", "30", "threshold", "99", "scope", "category", "targets", "6, 8",
			"way", "code", "code", "old-friend", "total", "", "per_person", "1", "starts_at", "2026-03-01T00:00", "ends_at", "2026-04-01T00:00", "valid_days", "7"}
		owner.Press("保存", append(fields, "percent", "100", "targets", "6, 99999")...)
		if owner.Page.Status != 422 || owner.Page.Attr("[name=percent]", "aria-invalid") != "true" || owner.Page.Attr("[name=targets]", "value") != "6, 99999" {
			t.Errorf("a wrong form: %d", owner.Page.Status)
		}
		owner.Press("保存", fields...)
		id := s.Int("SELECT MAX(id) FROM coupons")
		at := "/admin/coupons/" + itoa(id)
		wantPage(t, owner, 200, at)
		if s.Text("SELECT code FROM coupons WHERE id = ?", id) != "OLDFRIEND" || owner.Page.Attr("[name=starts_at]", "value") != "2026-03-01T00:00" ||
			!strings.Contains(owner.Page.Body, "服饰鞋帽") {
			t.Error("the form does not show what was saved")
		}
		owner.Press("发放一张", "username", "nobody", "reason", "补偿")
		if owner.Page.Status != 422 || owner.Page.Attr("[name=username]", "aria-invalid") != "true" || owner.Page.Attr("[name=reason]", "value") != "补偿" {
			t.Errorf("to nobody: %d", owner.Page.Status)
		}
		owner.Press("发放一张", "username", "xiaoming", "reason", "补偿")
		wantPage(t, owner, 200, at)
		shopper.Get("/account/coupons")
		if card := shopper.Page.Text("[data-coupon='" + itoa(id) + "']"); !strings.Contains(card, "老客回馈") || !strings.Contains(card, "商家赠送") {
			t.Errorf("the shopper holds %q", card)
		}
		owner.Press("发放一张", "username", "xiaoming", "reason", "再补偿")
		if owner.Page.Status != 409 || !strings.Contains(owner.Page.Text("[role=alert]"), "每人最多 1 张") {
			t.Errorf("a second one: %d %s", owner.Page.Status, owner.Page.Text("[role=alert]"))
		}
		owner.Get(at)
		worse := owner.Page.Form("form[action='" + at + "']")
		worse.Set("percent", "90")
		owner.Post(at, worse)
		if owner.Page.Status != 422 || owner.Page.Attr("[name=percent]", "aria-invalid") != "true" {
			t.Errorf("its worth is changed: %d", owner.Page.Status)
		}
		owner.Get(at)
		owner.Press("保存", "name", "老友回馈", "published", "")
		wantPage(t, owner, 200, at)
		if s.Int("SELECT COUNT(*) FROM coupons WHERE id = ? AND name = '老友回馈' AND is_published = 0", id) != 1 {
			t.Error("it is not withdrawn")
		}
		owner.Get("/admin/coupons/9")
		owner.Press("删除优惠券")
		wantPage(t, owner, 200, "/admin/coupons")
		if s.Int("SELECT COUNT(*) FROM coupons WHERE id = 9") != 0 {
			t.Error("it is not deleted")
		}
	})
}
