package web_test

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/account"
	"dashop/store/order"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// twoItems is a received order of xiaoming's with two items.
func twoItems(s *webtest.Shop, b *webtest.Browser) (no string) {
	for _, sku := range []string{"100202", "100302"} {
		b.Post("/cart/items", url.Values{"sku_id": {sku}, "count": {"1"}})
	}
	b.Get("/checkout")
	b.Press("提交订单")
	no = s.Text("SELECT order_no FROM orders ORDER BY id DESC LIMIT 1")
	s.Receive(xiaoming, no)
	return no
}

// The whole way of a review: from my orders over the form to the product page, the merchant's answer, and out of sight.
func TestReviewStory(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, stranger, owner := s.Login("xiaoming"), s.Visitor(), s.Login("owner")
		no := twoItems(s, b)
		spu := s.Int("SELECT spu_id FROM order_items WHERE line = 1")
		product := "/products/" + itoa(spu)
		before := s.Int("SELECT score_2 FROM spus WHERE id = ?", spu)
		b.Get("/orders?status=4")
		b.Click("去评价 订单 " + no)
		wantPage(t, b, 200, "/orders/"+no+"/review")
		long := strings.Repeat("好", 501)
		p := b.Post("/orders/"+no+"/review", url.Values{"item_id": {"1"}, "comment": {long}, "anonymous": {"true"}})
		if p.Status != 422 || p.Text("#f-score-wrong") == "" || p.Text("#f-comment-wrong") == "" || p.Text("textarea") != long ||
			!p.Has("[name=anonymous][checked]") {
			t.Fatalf("a bad form: %d %s", p.Status, brief(p))
		}
		b.Get("/orders/" + no + "/review")
		p = b.Press("发布评价", "score", "2", "comment", "音质一般。\n盒子压坏了", "anonymous", "true")
		if p.Status != 200 || p.At() != "/orders/"+no+"/review" || p.Count(".badge--ok") != 1 || s.Status(no) != order.StatusPendingReview {
			t.Fatalf("after the first: %d %s %s", p.Status, p.At(), brief(p))
		}
		p = b.Post("/orders/"+no+"/review", url.Values{"item_id": {"1"}, "score": {"5"}})
		if p.Status != 409 || !strings.Contains(p.Alert(), "已经评价过了") ||
			s.Int("SELECT COUNT(*) FROM reviews WHERE order_id IS NOT NULL") != 1 {
			t.Fatalf("twice: %d %s", p.Status, p.Alert())
		}
		b.Get("/orders/" + no)
		b.Click("去评价 订单 " + no)
		p = b.Press("发布评价", "score", "5")
		if p.At() != "/orders/"+no || s.Status(no) != order.StatusCompleted || p.Has("a[href$='/review']") ||
			strings.Count(p.Text(".items"), "已评价") != 2 {
			t.Fatalf("after the second: %s %s", p.At(), brief(p))
		}
		p = stranger.Get(product)
		id := itoa(s.Int("SELECT id FROM reviews WHERE order_id IS NOT NULL AND spu_id = ?", spu))
		mine := "[data-review='" + id + "']"
		if got := p.Text(mine + " .review__author"); got != "小**" || strings.Contains(p.Body, "xiaoming") ||
			strings.Contains(p.Body, "小明") || p.Has(mine+" img.avatar") {
			t.Errorf("an anonymous author is shown as %q", got)
		}
		if !strings.Contains(p.Text(mine), "音质一般。 盒子压坏了已购规格：") || s.Int("SELECT score_2 FROM spus WHERE id = ?", spu) != before+1 {
			t.Errorf("the review: %s", p.Text(mine))
		}
		owner.Get("/admin/reviews?score=2")
		p = owner.Post("/admin/reviews/"+id+"/reply", url.Values{"reply": {" "}, "score": {"2"}})
		if p.Status != 422 || p.Text("#reply-"+id+"-wrong") == "" || !p.Has("[data-review='"+id+"'] details[open]") {
			t.Errorf("an empty reply: %d", p.Status)
		}
		p = owner.Post("/admin/reviews/"+id+"/reply", url.Values{"reply": {"抱歉，已为您补发"}, "score": {"2"}})
		if p.At() != "/admin/reviews?score=2" || !strings.Contains(p.Text(mine), "抱歉") {
			t.Errorf("after the reply: %s", p.At())
		}
		if p = stranger.Get(product + "/reviews?rate=poor"); !strings.Contains(p.Text(mine), "商家回复抱歉，已为您补发") {
			t.Errorf("the reply is not shown: %s", p.Text(mine))
		}
		owner.Post("/admin/reviews/"+id+"/hide", url.Values{"reason": {"与商品无关"}})
		if p = stranger.Get(product + "/reviews?rate=poor"); p.Has(mine) || s.Int("SELECT score_2 FROM spus WHERE id = ?", spu) != before {
			t.Error("a hidden review is shown or counted")
		}
		if p = b.Get("/account/reviews"); !strings.Contains(p.Text(mine), "与商品无关") {
			t.Errorf("its author sees: %s", p.Text(mine))
		}
		owner.Post("/admin/reviews/"+id+"/unhide", nil)
		if p = stranger.Get(product); !p.Has(mine) {
			t.Error("a review brought back is not shown")
		}
		if n := s.Int("SELECT COUNT(*) FROM audit_log WHERE actor_id = ? AND action LIKE 'review.%'",
			s.Int("SELECT id FROM users WHERE username = 'owner'")); n != 3 {
			t.Errorf("%d audit entries", n)
		}
	})
}

// Reviews of what was not received are refused with the order and the reason.
func TestReviewTooEarly(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		no := s.Order(xiaoming, 100102, 1)
		s.Pay(xiaoming, no)
		for _, p := range []*webtest.Page{b.Get("/orders/" + no + "/review"),
			b.Post("/orders/"+no+"/review", url.Values{"item_id": {"1"}, "score": {"5"}})} {
			if p.Status != 409 || p.Code() != 50109 || !strings.Contains(p.Alert(), "收到商品后才能评价") || p.Has("[name=score]") {
				t.Errorf("%d %s", p.Status, brief(p))
			}
		}
		if p := b.Get("/orders?status=2"); p.Has("a[href$='/review']") {
			t.Error("a review is offered before the receipt")
		}
	})
}

// The list of reviews comes as a part for htmx and as a page without it, with the same reviews.
func TestReviewListInParts(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE reviews SET spu_id = 1001, sku_id = 100101") // many of one product
		for _, table := range []string{"skus", "spus"} {
			s.Exec("UPDATE " + table + " SET score_1 = 0, score_2 = 0, score_3 = 0, score_4 = 0, score_5 = 0")
			for _, score := range []string{"1", "2", "3", "4", "5"} {
				s.Exec("UPDATE " + table + " SET score_" + score + " = (SELECT COUNT(*) FROM reviews WHERE score = " + score +
					") WHERE id IN (1001, 100101)")
			}
		}
		b := s.Visitor()
		p := b.Get("/products/1001")
		seen := 0
		for n := 1; ; n++ {
			seen += p.Count("[data-review]")
			next := p.Attr("#reviews-next", "href")
			if next == "" {
				break
			}
			part, err := b.Send("GET", next, nil, "HX-Request", "true", "HX-Request-Type", "partial", "HX-Current-URL",
				s.URL+"/products/1001")
			if err != nil || part.Status != 200 || part.Has("h1") || !part.Has("#review-list") || part.Has("#review-list [hx-push-url]") {
				t.Fatalf("%s as a part: %d, %v", next, part.Status, err)
			}
			p = b.Get(next)
			if p.Status != 200 || p.Count("h1") != 1 || p.Text("#review-list .reviews__list") != part.Text("#review-list .reviews__list") {
				t.Fatalf("%s: page and part differ", next)
			}
		}
		if want := int(s.Int("SELECT COUNT(*) FROM reviews")); seen != want || want < 100 {
			t.Errorf("%d of %d reviews were shown", seen, want)
		}
		for _, path := range []string{"/products/1001/reviews?page=0", "/products/1001/reviews?page=x&rate=y&after=z",
			"/products/1001/reviews?page=999999"} {
			if p := b.Get(path); p.Status != 200 || !p.Has("[data-review]") {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
		if p := b.Get("/products/999999/reviews"); p.Status != 404 {
			t.Errorf("reviews of nothing: %d", p.Status)
		}
	})
}

// Hostile texts in reviews, replies and reasons are kept as they are or refused, and never become part of a page.
func TestHostileReviews(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, owner, stranger := s.Login("xiaoming"), s.Login("owner"), s.Visitor()
		texts := append([]string{`"><a hx-get="/logout" hx-trigger="load" id=xss>`, `<hx-partial id=xss hx-target="#main">x</hx-partial>`,
			`<img id=xss src=x hx-on:load="alert(1)">`}, hostile...)
		for i, text := range texts {
			no := s.Order(xiaoming, 100102, 1)
			s.Receive(xiaoming, no)
			for _, field := range []string{"score", "item_id", "anonymous", "comment"} {
				form := url.Values{"item_id": {"1"}, "score": {"5"}}
				form.Set(field, text)
				p, err := b.Send("POST", "/orders/"+no+"/review", form)
				if err != nil || p.Status >= 500 || p.Has("#xss") || field != "comment" && p.Status != 422 && p.Status != 413 {
					t.Fatalf("%s=%.40q: %d, %v", field, text, p.Status, err)
				}
			}
			id := itoa(int64(i + 1))
			for path, field := range map[string]string{"/reply": "reply", "/hide": "reason"} {
				p, err := owner.Send("POST", "/admin/reviews/"+id+path,
					url.Values{field: {text}, "state": {text}, "score": {text}, "page": {text}, "after": {text}})
				if err != nil || p.Status >= 500 || p.Has("#xss") || p.Status == 303 && !strings.HasPrefix(p.Header.Get("Location"), "/") {
					t.Fatalf("%s %.40q: %d, %v", path, text, p.Status, err)
				}
			}
			for _, q := range []string{"rate", "page", "after"} {
				if p := stranger.Get("/products/1001/reviews?" +
					url.Values{q: {text[:min(len(text), 2000)]}}.Encode()); p.Status != 200 && p.Status != 400 {
					t.Errorf("%s=%.40q: %d", q, text, p.Status)
				}
			}
		}
		s.Exec("UPDATE users SET nickname = ? WHERE id = ?", `"><b id=xss>`, xiaoming)
		seen := 0
		for path, who := range map[string]*webtest.Browser{"/products/1001": stranger, "/products/1001/reviews": stranger,
			"/products/1001/reviews?page=2": stranger,
			"/account/reviews":              b, "/admin/reviews": owner, "/admin/reviews?state=hidden": owner,
			"/admin/reviews?page=2": owner} {
			p := who.Get(path)
			if p.Status != 200 || p.Has("#xss") || p.Has("main [hx-on\\:load]") {
				t.Errorf("%s: %d", path, p.Status)
			}
			for _, wrong := range unsound(p) {
				t.Errorf("%s: %s", path, wrong)
			}
			seen += strings.Count(p.Body, "id=xss&gt;")
		}
		if seen < 10 {
			t.Errorf("the texts were seen only %d times, so they prove little", seen)
		}
		storetest.CheckBooks(t, s.DB)
	})
}

// A heart needs a login, works with and without scripts, and is found again in the account.
func TestFavourites(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		stranger := s.Visitor()
		stranger.Get("/products/1001?sku=100103")
		if p := stranger.Press("收藏"); !strings.HasPrefix(p.At(), "/login?next=%2Fproducts%2F1001%3Fsku%3D100103") {
			t.Errorf("a stranger is led to %s", p.At())
		}
		for _, hx := range []bool{false, true} {
			b := s.Login("xiaoming")
			b.HX = hx
			b.Get("/products/1001?sku=100103")
			p := b.Press("收藏")
			if s.Int("SELECT COUNT(*) FROM favourites WHERE user_id = ? AND spu_id = 1001", xiaoming) != 1 ||
				!strings.Contains(p.Text("#favourite"), "已收藏") || !hx && p.At() != "/products/1001?sku=100103" {
				t.Fatalf("htmx %v: %s %s", hx, p.At(), p.Text("#favourite"))
			}
			p = b.Press("#favourite-button")
			if s.Int("SELECT COUNT(*) FROM favourites") != 0 || strings.Contains(p.Text("#favourite"), "已收藏") {
				t.Fatalf("htmx %v: not taken back", hx)
			}
		}
		b := s.Login("xiaoming")
		for _, spu := range []string{"1001", "1002"} {
			b.Post("/products/"+spu+"/favourite", nil)
		}
		s.Exec("UPDATE spus SET is_launched = ? WHERE id = 1002", false)
		p := b.Get("/account/favourites")
		if p.Count(".favourite") != 2 || !strings.Contains(p.Text(".favourite--gone"), "已下架") || p.Has(".favourite--gone a") {
			t.Errorf("favourites: %s", brief(p))
		}
		if p = b.Post("/products/1002/favourite/remove", url.Values{"back": {"list"}}); p.At() != "/account/favourites" ||
			p.Count(".favourite") != 1 {
			t.Errorf("after removing: %s", p.At())
		}
		if p = b.Post("/products/999999/favourite", nil); p.Status != 404 {
			t.Errorf("nothing is kept: %d", p.Status)
		}
	})
}

// What a product's page tells machines is true, has the shop's own address, and cannot be broken out of.
func TestProductData(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	evil := `</script><script id=xss>alert(1)</script><!-- "'&`
	s.Exec("UPDATE spus SET name = ?, caption = ? WHERE id = 1001", evil, evil)
	s.Exec("UPDATE skus SET name = ? WHERE id = 100101", evil)
	s.Exec("UPDATE brands SET name = ?", evil)
	b := s.Visitor()
	p, err := b.Send("GET", "/products/1001?sku=100102&utm=x", nil, "Host", "evil.example", "X-Forwarded-Host", "evil.example")
	if err != nil || p.Status != 200 || p.Has("#xss") || strings.Contains(p.Body, "evil.example") {
		t.Fatalf("%d, %v", p.Status, err)
	}
	var data struct {
		Type   string `json:"@type"`
		Name   string
		URL    string
		Image  []string
		Brand  struct{ Name string }
		Offers []struct{ Price, PriceCurrency, Availability, SKU string }
		Rating struct {
			Value string `json:"ratingValue"`
			Count int64  `json:"reviewCount"`
		} `json:"aggregateRating"`
	}
	if err := json.Unmarshal([]byte(p.Find("script[type='application/ld+json']").Text()), &data); err != nil {
		t.Fatal(err)
	}
	count := s.Int("SELECT COUNT(*) FROM reviews WHERE spu_id = 1001")
	if data.Type != "Product" || data.Name != evil || data.Brand.Name != evil || data.URL != s.URL+"/products/1001" ||
		!strings.HasPrefix(data.Image[0], s.URL+"/media/") ||
		data.Rating.Count != count || count == 0 || data.Rating.Value != p.Text(".rating__average b") ||
		data.Offers[0].Price != "2599.00" || data.Offers[0].PriceCurrency != "CNY" {
		t.Errorf("data %+v", data)
	}
	if p.Attr("link[rel=canonical]", "href") != s.URL+"/products/1001" ||
		p.Attr("meta[property='og:image']", "content") != data.Image[0] || p.Attr("meta[property='og:title']", "content") != evil {
		t.Errorf("canonical %q", p.Attr("link[rel=canonical]", "href"))
	}
	s.Exec("UPDATE reviews SET is_hidden = 1 WHERE spu_id = 1001")
	s.Exec("UPDATE spus SET score_1 = 0, score_2 = 0, score_3 = 0, score_4 = 0, score_5 = 0 WHERE id = 1001")
	if p = b.Get("/products/1001"); strings.Contains(p.Body, "aggregateRating") || strings.Contains(p.Body, "AggregateRating") ||
		p.Has(".rating") {
		t.Error("a rating without reviews")
	}
}

// A product that is not launched is nobody's to see but the merchant's.
func TestNotLaunched(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE spus SET is_launched = ? WHERE id = 1001", false)
		s.User("support", account.Support)
		for _, path := range []string{"/products/1001", "/products/1001?sku=100101", "/products/1001/reviews"} {
			for _, b := range []*webtest.Browser{s.Visitor(), s.Login("xiaoming"), s.Login("support")} {
				if p := b.Get(path); p.Status != 404 {
					t.Errorf("%s: %d", path, p.Status)
				}
			}
			if p := s.Login("owner").Get(path); p.Status != 200 {
				t.Errorf("%s for the owner: %d", path, p.Status)
			}
		}
		p := s.Login("owner").Get("/products/1001")
		if !strings.Contains(p.Text("main"), "未上架，仅商家可见") || p.Has("button[formaction='/checkout']") || p.Has("link[rel=canonical]") ||
			p.Has("script[type='application/ld+json']") {
			t.Errorf("the owner sees %s", brief(p))
		}
	})
}

// The site map names what is public, each page of it is there, and nothing else is.
func TestSitemapIsPublic(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE spus SET is_launched = ? WHERE id = 1001", false)
		b := s.Visitor()
		fetch := func(path string) (locations []string) {
			p, err := b.Send("GET", path, nil)
			if err != nil || p.Status != 200 || p.Header.Get("Content-Type") != "application/xml; charset=utf-8" {
				t.Fatalf("%s: %d, %v", path, p.Status, err)
			}
			var file struct {
				Entries []struct {
					Loc string `xml:"loc"`
				} `xml:",any"`
			}
			if err := xml.Unmarshal([]byte(p.Body), &file); err != nil {
				t.Fatal(err)
			}
			for _, e := range file.Entries {
				path, ours := strings.CutPrefix(e.Loc, s.URL)
				if !ours {
					t.Errorf("%s is not ours", e.Loc)
				}
				locations = append(locations, path)
			}
			return locations
		}
		var all []string
		for _, file := range fetch("/sitemap.xml") {
			all = append(all, fetch(file)...)
		}
		products := 0
		for i, path := range all {
			if strings.HasPrefix(path, "/products/") {
				products++
			}
			if path == "/products/1001" {
				t.Error("a product that is not launched is named")
			}
			if i%25 == 0 {
				if p := b.Get(path); p.Status != 200 {
					t.Errorf("%s: %d", path, p.Status)
				}
			}
		}
		if products != int(s.Int("SELECT COUNT(*) FROM spus WHERE is_launched = 1")) {
			t.Errorf("%d products are named", products)
		}
		p, err := b.Send(http.MethodGet, "/robots.txt", nil)
		if err != nil || !strings.Contains(p.Body, "Sitemap: "+s.URL+"/sitemap.xml\n") ||
			!strings.Contains(p.Body, "Disallow: /account\n") {
			t.Errorf("robots.txt: %s, %v", p.Body, err)
		}
		for _, path := range []string{"/sitemap/products/x.xml", "/sitemap/products/-1.xml", "/sitemap/products/1"} {
			if p := b.Get(path); p.Status != 404 {
				t.Errorf("%s: %d", path, p.Status)
			}
		}
	})
}

// Support looks at reviews and changes none.
func TestSupportMayLookAtReviews(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	s.User("support", account.Support)
	b := s.Login("support")
	p := b.Get("/admin/reviews")
	if p.Status != 200 || !p.Has("[data-review]") || p.Has("form[action^='/admin/reviews']") || p.Has("a[href^='/admin/orders/']") {
		t.Errorf("support sees %d %s", p.Status, brief(p))
	}
}

// A combination that is not made is shown and cannot be chosen; every other is still some clicks away.
func TestShutOptions(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	s.Exec("UPDATE skus SET is_launched = ? WHERE id = 100104", false)
	b := s.Visitor()
	p := b.Get("/products/1001?sku=100103")
	if off := p.Find(".spec--off"); off.Length() != 1 || !off.Is("span[aria-disabled=true]:not([href])") ||
		!strings.Contains(off.Text(), "12GB+256GB") || !strings.Contains(off.Text(), "无此组合") {
		t.Errorf("shut: %q", p.Text(".spec--off"))
	}
	seen, todo := map[string]bool{}, []string{"/products/1001?sku=100103"}
	for len(todo) > 0 {
		path := todo[0]
		if todo = todo[1:]; seen[path] {
			continue
		}
		seen[path] = true
		b.Get(path).Find("a.spec").Each(func(_ int, a *goquery.Selection) { todo = append(todo, a.AttrOr("href", "")) })
	}
	if n := int(s.Int("SELECT COUNT(*) FROM skus WHERE spu_id = 1001 AND is_launched = 1")); len(seen) != n {
		t.Errorf("%d of %d SKUs can be reached", len(seen), n)
	}
}
