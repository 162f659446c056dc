package web_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/media"
	"dashop/web/webtest"
)

// Categories are made, changed and deleted; what is refused says why beside its field, with all that was typed.
func TestMerchantKeepsCategories(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner := s.Login("owner")
		owner.Get("/admin/categories")
		owner.Click("[aria-label='在 手机通讯 下新建分类']")
		if owner.Page.Attr("[name=parent_id] [selected]", "value") != "101" {
			t.Error("it is not below the category that was clicked")
		}
		owner.Press("保存", "name", "", "name_en", "Foldables", "sequence", "x")
		refusedForm(t, owner.Page, map[string]string{"name_en": "Foldables", "sequence": "x"}, "name", "sequence")
		owner.Press("保存", "name", "折叠屏", "sequence", "9")
		wantPage(t, owner, 200, "/admin/categories")
		id := itoa(s.Int("SELECT id FROM categories WHERE name = '折叠屏' AND parent_id = 101 AND level = 3"))
		owner.Click("折叠屏")
		owner.Press("保存", "name", "大屏", "parent_id", "102")
		if s.Int("SELECT COUNT(*) FROM categories WHERE id = ? AND name = '大屏' AND parent_id = 102", id) != 1 {
			t.Errorf("not moved: %d %s", owner.Page.Status, brief(owner.Page))
		}
		owner.Get("/admin/categories/101")
		owner.Press("删除分类")
		if owner.Page.Status != http.StatusConflict || !strings.Contains(owner.Page.Alert(), "不能删除") {
			t.Errorf("a full category: %d %s", owner.Page.Status, owner.Page.Alert())
		}
		owner.Get("/admin/categories/" + id)
		owner.Press("删除分类")
		if wantPage(t, owner, 200, "/admin/categories"); s.Int("SELECT COUNT(*) FROM categories WHERE id = ?", id) != 0 {
			t.Error("it is still there")
		}
	})
}

// refusedForm wants a page that shows a form again: what was typed, and what is wrong beside its fields.
func refusedForm(t *testing.T, p *webtest.Page, typed map[string]string, wrong ...string) {
	t.Helper()
	if p.Status != http.StatusUnprocessableEntity {
		t.Errorf("%s: %d", p.At(), p.Status)
	}
	for name, value := range typed {
		if got := p.Attr("[name="+name+"]", "value"); got != value && p.Attr("[name="+name+"] [selected]", "value") != value {
			t.Errorf("%s: %s has become %q", p.At(), name, got)
		}
	}
	for _, name := range wrong {
		if p.Attr("[name="+name+"]", "aria-invalid") != "true" || p.Text("#f-"+name+"-wrong") == "" {
			t.Errorf("%s: nothing is said beside %s", p.At(), name)
		}
	}
	for _, w := range unsound(p) {
		t.Errorf("%s: %s", p.At(), w)
	}
}

// A brand is renamed, and its products are found by the new name at once; shoppers see its logo.
func TestMerchantKeepsBrands(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Visitor()
		owner.Get("/admin/brands?q=" + url.QueryEscape("澄音"))
		owner.Click("澄音造")
		id := strings.TrimPrefix(owner.Page.URL.Path, "/admin/brands/")
		owner.Press("保存", "name", "", "letter", "9", "intro", "仍在")
		refusedForm(t, owner.Page, map[string]string{"intro": "仍在", "letter": "9"}, "name", "letter")
		owner.Press("保存", "name", "泉音社", "letter", "q")
		wantPage(t, owner, 200, "/admin/brands")
		if shopper.Get("/search?q="+url.QueryEscape("泉音社 耳机")).Count(".pcard") == 0 ||
			s.Text("SELECT first_letter FROM brands WHERE id = ?", id) != "Q" {
			t.Error("the new name finds nothing")
		}
		if !strings.Contains(shopper.Get("/").Text(".brands"), "泉音社") {
			t.Error("the home page does not know the new name")
		}
		owner.Get("/admin/brands/" + id)
		version, old := owner.Page.Attr("[name=version]", "value"), s.Text("SELECT logo FROM brands WHERE id = ?", id)
		fields := map[string]string{"version": version, "name": "泉音社", "intro": "有图"}
		for name, file := range map[string][]byte{"svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"/>`),
			"large": append(square(t, 10), make([]byte, media.MaxUpload)...)} {
			status, page := sendFilesAs(t, owner, "/admin/brands/"+id, "picture", fields, file)
			if status != 422 || page.Find("#f-picture-wrong").Length() != 1 || page.Find("[name=intro]").AttrOr("value", "") != "有图" {
				t.Errorf("%s: %d", name, status)
			}
		}
		fields["name"] = ""
		if status, page := sendFilesAs(t, owner, "/admin/brands/"+id, "picture", fields, square(t, 100)); status != 422 ||
			!strings.Contains(page.Find("#f-picture-hint").Text(), "重新选") {
			t.Errorf("a refused form with a picture: %d", status)
		}
		if n := uploads(t, s); n != 0 {
			t.Errorf("refused forms left %d pictures", n)
		}
		fields["name"] = "泉音社"
		if status, _ := sendFilesAs(t, owner, "/admin/brands/"+id, "picture", fields, square(t, 100)); status != 303 {
			t.Fatalf("a logo: %d", status)
		}
		logo := s.Text("SELECT logo FROM brands WHERE id = ?", id)
		if p, err := shopper.Send("GET", "/media/"+logo, nil); err != nil || p.Status != 200 || logo == old || uploads(t, s) == 0 {
			t.Errorf("the logo %s: %d, %v", logo, p.Status, err)
		}
		// Another logo: the one before goes when pages that show it are gone too.
		fields["version"] = itoa(s.Int("SELECT version FROM brands WHERE id = ?", id))
		if status, _ := sendFilesAs(t, owner, "/admin/brands/"+id, "picture", fields, square(t, 120)); status != 303 {
			t.Fatalf("another logo: %d", status)
		}
		for _, after := range []struct {
			wait   time.Duration
			status int
		}{{30 * time.Minute, 200}, {31 * time.Minute, 404}} {
			s.Clock.Advance(after.wait)
			if err := s.Store.RunJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
			if p, err := shopper.Send("GET", "/media/"+logo, nil); err != nil || p.Status != after.status {
				t.Errorf("the old logo: %d, want %d, %v", p.Status, after.status, err)
			}
		}
		if p, err := shopper.Send("GET", "/media/"+s.Text("SELECT logo FROM brands WHERE id = ?", id), nil); err != nil || p.Status != 200 {
			t.Errorf("the new logo: %d, %v", p.Status, err)
		}
		owner = s.Login("owner") // who was away for an hour
		owner.Get("/admin/brands/" + id)
		owner.Press("删除品牌")
		if owner.Page.Status != http.StatusConflict {
			t.Errorf("a brand with products: %d", owner.Page.Status)
		}
		owner.Get("/admin/brands/new")
		owner.Press("保存", "name", "空牌")
		owner.Get("/admin/brands?q=" + url.QueryEscape("空牌"))
		owner.Click("空牌")
		owner.Press("删除品牌")
		if s.Int("SELECT COUNT(*) FROM brands WHERE name = '空牌'") != 0 {
			t.Error("it is still there")
		}
	})
}

// uploads is how many files lie in the folder of what was uploaded.
func uploads(t *testing.T, s *webtest.Shop) (n int) {
	t.Helper()
	err := filepath.WalkDir(filepath.Join(s.Uploads, "uploads"), func(_ string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// The category menu gains a line and loses it.
func TestMerchantKeepsChannels(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Visitor()
		owner.Get("/admin/channels/1")
		owner.Press("保存", "channel_2", "")
		owner.Get("/admin/channels/new")
		owner.Press("保存", "name", "", "channel_1", "2", "channel_3", "1", "sequence", "1")
		refusedForm(t, owner.Page, map[string]string{"channel_1": "2", "channel_3": "1", "sequence": "1"}, "name")
		owner.Press("保存", "name", "办公专场")
		if owner.Page.Status != 422 || owner.Page.Text("#f-channels-wrong") == "" {
			t.Errorf("a category in two groups: %d", owner.Page.Status)
		}
		owner.Press("保存", "name", "办公专场", "channel_3", "")
		wantPage(t, owner, 200, "/admin/channels")
		if !strings.Contains(shopper.Get("/").Text(".cats"), "电脑办公") {
			t.Errorf("the menu: %s", shopper.Page.Text(".cats"))
		}
		owner.Click("办公专场")
		owner.Press("删除频道组")
		if wantPage(t, owner, 200, "/admin/channels"); strings.Contains(shopper.Get("/").Text(".cats"), "电脑办公") {
			t.Error("the menu still has it")
		}
	})
}

// What stands on the home page and in the head is made, hidden and deleted.
func TestMerchantKeepsAds(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, shopper := s.Login("owner"), s.Visitor()
		owner.Get("/admin/ads?place=home_notice")
		owner.Click("a[href='/admin/ads/new?place=home_notice']")
		owner.Press("保存", "title", "今晚上新", "target_type", "spu", "target_id", "99999999")
		refusedForm(t, owner.Page, map[string]string{"title": "今晚上新", "target_type": "spu", "target_id": "99999999"}, "target_id")
		owner.Press("保存", "target_id", "1001", "sequence", "0")
		wantPage(t, owner, 200, "/admin/ads")
		if shopper.Get("/").Count(".notice a[href='/products/1001']") != 1 {
			t.Errorf("the home page does not show it: %s", shopper.Page.Text(".notice"))
		}
		owner.Click("今晚上新")
		owner.Press("保存", "shown", "")
		if shopper.Get("/").Count(".notice a[href='/products/1001']") != 0 {
			t.Error("what is hidden is shown")
		}
		owner.Get("/admin/ads?place=home_notice")
		owner.Click("今晚上新")
		owner.Press("删除")
		if s.Int("SELECT COUNT(*) FROM ads WHERE title = '今晚上新'") != 0 {
			t.Error("it is still there")
		}
		owner.Get("/admin/ads/new?place=home_banner")
		owner.Press("保存", "title", "没有图片的轮播")
		refusedForm(t, owner.Page, map[string]string{"title": "没有图片的轮播"}, "picture")
		fields := map[string]string{"place": "home_banner", "title": "有图片的轮播", "target_type": "category", "target_id": "5",
			"shown": "true", "sequence": "0"}
		if status, _ := sendFilesAs(t, owner, "/admin/ads", "picture", fields, square(t, 400)); status != 303 {
			t.Fatalf("a banner: %d", status)
		}
		if p := shopper.Get("/"); p.Text(".banner:first-child .banner__title") != "有图片的轮播" ||
			p.Attr(".banner:first-child .banner__go", "href") != "/categories/5" {
			t.Errorf("the first banner: %s", p.Text(".banner:first-child"))
		}
		owner.Get("/admin/ads/new?place=search_hot_word")
		owner.Press("保存", "title", "羊毛毯", "sequence", "0")
		if !strings.Contains(shopper.Get("/").Body, "羊毛毯") {
			t.Error("the head does not propose the word")
		}
	})
}

// Of two who have the same form open, the later one sees what the other has made of it, and loses nothing.
func TestTwoMerchantsAtOneForm(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner, clerk := s.Login("owner"), s.Login("staff")
		for path, button := range map[string]string{
			"/admin/products/1005": "保存商品", "/admin/categories/10101": "保存", "/admin/brands/2": "保存", "/admin/channels/2": "保存",
			"/admin/ads/" + itoa(s.Int("SELECT MIN(id) FROM ads WHERE place = 'home_notice'")): "保存",
		} {
			field := "name"
			if strings.Contains(path, "/ads/") {
				field = "title"
			}
			owner.Get(path)
			clerk.Get(path)
			owner.Press(button, field, "店主的名字")
			clerk.Press(button, field, "店员的名字")
			p := clerk.Page
			if p.Status != http.StatusConflict || p.Code() != 50104 || p.Attr("[name="+field+"]", "value") != "店员的名字" ||
				!strings.Contains(p.Text("#f-"+field+"-hint"), "店主的名字") {
				t.Errorf("%s: %d, code %d, %q, %q", path, p.Status, p.Code(), p.Attr("[name="+field+"]", "value"),
					p.Text("#f-"+field+"-hint"))
			}
			for _, w := range unsound(p) {
				t.Errorf("%s: %s", path, w)
			}
			owner.Get(path)
			if got := owner.Page.Attr("[name="+field+"]", "value"); got != "店主的名字" {
				t.Errorf("%s: the owner's work has become %q", path, got)
			}
			clerk.Press(button) // knowing what is there
			if clerk.Page.Status != http.StatusOK {
				t.Errorf("%s: saved anew: %d %s", path, clerk.Page.Status, brief(clerk.Page))
			}
		}
		// A variant that somebody has added meanwhile is not lost, nor sold for nothing.
		owner.Get("/admin/products/1005")
		clerk.Get("/admin/products/1005")
		spec := owner.Page.Attr("[data-spec]", "data-spec")
		owner.Press("保存规格", "add_"+spec, "限定色")
		owner.Press("生成全部", "price", "1")
		clerk.Press("保存商品", "name", "过时的", "launched", "")
		fresh := itoa(s.Int("SELECT MAX(id) FROM skus WHERE spu_id = 1005"))
		if clerk.Page.Status != http.StatusConflict || !clerk.Page.Has("[name=launched_"+fresh+"][checked]") ||
			clerk.Page.Attr("[name=price_"+fresh+"]", "value") != "1.00" || clerk.Page.Text("#f-launched-hint") == "" {
			t.Errorf("a form without the new variant: %d %s", clerk.Page.Status, clerk.Page.Text("#facts"))
		}
	})
}

// Specs and options are renamed, added and removed by their form.
func TestMerchantKeepsSpecs(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner := s.Login("owner")
		owner.Get("/admin/products/1001")
		option := owner.Page.Attr("[data-option]", "data-option")
		spec := owner.Page.Attr("[data-spec]", "data-spec")
		owner.Press("保存规格", "option_"+option, "", "color_"+option, "black", "add_"+spec, "雪山白", "new_spec", "套餐")
		refusedForm(t, owner.Page, map[string]string{"color_" + option: "black", "add_" + spec: "雪山白", "new_spec": "套餐"},
			"option_"+option, "color_"+option, "new_options")
		owner.Press("保存规格", "option_"+option, "墨玉黑", "color_"+option, "#101010", "new_options", "标准版，礼盒版")
		wantPage(t, owner, 200, "/admin/products/1001")
		if p := s.Visitor().Get("/products/1001"); !strings.Contains(p.Text("main"), "墨玉黑") ||
			strings.Contains(p.Text("main"), "曜石黑 8GB") || strings.Contains(p.Text("main"), "雪山白") {
			t.Error("shoppers see other words")
		}
		if s.Int("SELECT COUNT(*) FROM skus k WHERE k.spu_id = 1001 AND k.name LIKE '%曜石黑%'") != 0 {
			t.Error("variants keep the old name")
		}
		if len(catalog.Places) != 7 {
			t.Error("a place was added: give it a form")
		}
	})
}

// Product pictures: what is none or too much is refused, nothing is left behind, and nobody else may upload.
func TestProductPictures(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		owner := s.Login("owner")
		path, all := "/admin/products/1005/pictures", map[string]string{"target": "all"}
		good := square(t, 200)
		for name, c := range map[string]struct {
			fields map[string]string
			files  [][]byte
		}{
			"svg":       {all, [][]byte{good, []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)}},
			"six":       {all, [][]byte{good, good, good, good, good, good}},
			"none":      {all, nil},
			"nowhere":   {map[string]string{"target": "sku_100101"}, [][]byte{good}},
			"no target": {nil, [][]byte{good}},
		} {
			status, page := sendFiles(t, owner, path, c.fields, c.files...)
			if status != 422 || page.Find("#pictures .field__wrong").Length() != 1 {
				t.Errorf("%s: %d %s", name, status, page.Find("#pictures").Text())
			}
		}
		if n := uploads(t, s); n != 0 {
			t.Errorf("refused uploads left %d files", n)
		}
		for _, name := range []string{"support", "teacher"} {
			if s.Int("SELECT COUNT(*) FROM users WHERE username = ?", name) == 0 {
				continue
			}
			if status, _ := sendFiles(t, s.Login(name), path, all, good); status != 403 {
				t.Errorf("%s: %d", name, status)
			}
		}
		if status, _ := sendFiles(t, s.Login("xiaoming"), path, all, good); status != 403 {
			t.Errorf("a shopper: %d", status)
		}
		before := s.Int("SELECT COUNT(*) FROM sku_images i JOIN skus k ON k.id = i.sku_id WHERE k.spu_id = 1005")
		if status, _ := sendFiles(t, owner, path, map[string]string{"target": "sku_100501"}, good); status != 303 {
			t.Fatalf("one picture: %d", status)
		}
		if got := s.Int("SELECT COUNT(*) FROM sku_images i JOIN skus k ON k.id = i.sku_id WHERE k.spu_id = 1005"); got != before+1 {
			t.Errorf("%d pictures, before %d", got, before)
		}
		image := s.Text("SELECT image FROM sku_images WHERE sku_id = 100501 ORDER BY sequence DESC LIMIT 1")
		owner.Get("/admin/products/1005")
		owner.Press("[data-image='" + image + "'] [value=remove]")
		if p, err := owner.Send("GET", "/media/"+image, nil); err != nil || p.Status != 200 {
			t.Errorf("a picture that an order may name is gone: %d, %v", p.Status, err)
		}
	})
}
