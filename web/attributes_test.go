package web_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"dashop/web/webtest"
)

// live is what makes a page act by itself: attributes of htmx and its extensions, and handlers of events. Texts get them in by
// tags of their own, by breaking out of an attribute, and in Markdown.
var live = []string{
	`<b hx-get=/t7>`, `<b data-hx-post=/t7 hx-trigger=load>`, `<b sse-connect=/t7 ws-connect=/t7>`, `<b onclick=t7()>`,
	`" hx-get="/t7" x="`, `' onload='t7()' x='`,
	"<div hx-get=\"/t7\" hx-trigger=\"load\" hx-on:click=\"t7()\" data-hx-on-load=\"t7()\">t7</div>\n\n[t7](/t7 \"\\\" hx-get=/t7\")\n\n![t7](/t7 \"t7\")\n\n<p ws-send onerror=t7()>t7</p>",
}

// liveName is how such attributes are called; the pages' own have none of the texts' values.
var (
	liveName = regexp.MustCompile(`^(data-)?(hx|sse|ws)-|^on`)
	neverOwn = regexp.MustCompile(`^data-hx-|^sse-|^ws-|^on|^(data-)?hx-on`)
)

// No text of anybody's becomes an attribute that acts, on any page that shows texts: a review could else log everybody out who
// reads it, without a script and so past the Content-Security-Policy.
func TestTextsAreNoLiveAttributes(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, owner, stranger := s.Login("xiaoming"), s.Login("owner"), s.Visitor()
		no := s.Order(xiaoming, 100102, 1)
		s.Receive(xiaoming, no)
		shipping := s.Order(xiaoming, 100101, 1)
		s.Pay(xiaoming, shipping)
		b.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
		hidden := s.Int("SELECT MAX(id) FROM reviews")
		owner.Post("/admin/reviews/"+itoa(hidden)+"/hide", url.Values{"reason": {"广告"}})
		s.Exec("UPDATE reviews SET user_id = ? WHERE spu_id = 1001", xiaoming)
		shown := 0
		for _, text := range live {
			short := func(n int) string { return string([]rune(text)[:min(n, len([]rune(text)))]) }
			s.Exec("UPDATE users SET nickname = ? WHERE id = ?", short(40), xiaoming)
			s.Exec("UPDATE addresses SET receiver = ?, place = ?, title = ?", short(40), short(120), short(20))
			s.Exec("UPDATE orders SET receiver = ?, place = ?, address_title = ?, note = ?, area = ?", short(40), short(120),
				short(20), short(200), short(200))
			s.Exec("UPDATE order_items SET name = ?, spec = ?", short(200), short(200))
			s.Exec("UPDATE shipments SET tracking_no = ?", short(20))
			s.Exec("UPDATE reviews SET author = ?, spec = ?, comment = ?, reply = ?", short(60), short(200), text, text)
			s.Exec("UPDATE reviews SET hidden_reason = ? WHERE id = ?", short(200), hidden)
			s.Exec("UPDATE spus SET name = ?, name_en = ?, caption = ?, caption_en = ?, description = ?, description_en = ? WHERE id = 1001",
				short(200), short(200), short(200), short(200), text+"\n\n- **"+text+"**："+text, text)
			s.Exec("UPDATE skus SET name = ? WHERE spu_id = 1001", short(200))
			s.Exec("UPDATE brands SET name = ?, intro = ? WHERE id = 1", short(30), short(100))
			s.Exec("UPDATE categories SET name = ? WHERE id = 10101", short(20))
			s.Exec("UPDATE channel_groups SET name = ? WHERE id = 1", short(20))
			s.Exec("UPDATE ads SET title = ?, text = ? WHERE id IN (1, 7)", short(60), short(60))
			s.Exec("UPDATE catalog_version SET version = version + 1") // pages that were kept are made anew
			words := url.QueryEscape(short(60))
			for _, path := range []string{"/", "/categories", "/categories/10101", "/products/1001?sku=100101",
				"/products/1001?lang=en", "/products/1001/reviews?lang=zh", "/search?q=" + words, "/search/suggest?q=" + words,
				"/login?next=" + words, "/register?next=" + words} {
				shown += wantNoLive(t, stranger, path)
			}
			for _, path := range []string{"/cart", "/checkout", "/account", "/account/profile", "/account/addresses",
				"/account/reviews", "/account/history", "/account/credits", "/orders", "/orders?q=" + words, "/orders/" + no,
				"/orders/" + no + "/review", "/orders/" + no + "/result"} {
				shown += wantNoLive(t, b, path)
			}
			for _, path := range []string{"/admin", "/admin/orders", "/admin/orders?q=" + words, "/admin/orders/" + no,
				"/admin/orders/" + shipping, "/admin/products?q=" + words, "/admin/products/1001", "/admin/reviews",
				"/admin/reviews?state=hidden", "/admin/categories", "/admin/categories/10101", "/admin/brands",
				"/admin/brands?q=" + words, "/admin/brands/1", "/admin/channels", "/admin/channels/1", "/admin/ads",
				"/admin/ads/1",
				"/admin/searches", "/admin/credits?username=xiaoming", "/admin/credits?username=" + words} {
				shown += wantNoLive(t, owner, path)
			}
			for _, f := range []struct { // forms that are refused, and shown again with what was typed
				b      *webtest.Browser
				path   string
				fields url.Values
			}{
				{b, "/account/addresses", url.Values{"receiver": {text}, "place": {text}, "title": {text}, "mobile": {text}}},
				{b, "/orders/" + no + "/review", url.Values{"item_id": {"1"}, "comment": {text}}},
				{b, "/account", url.Values{"nickname": {strings.Repeat(text, 10)}}},
				{stranger, "/login", url.Values{"username": {text}, "next": {text}}},
				{owner, "/admin/orders/" + shipping + "/ship", url.Values{"carrier": {text}, "tracking_no": {text}}},
				{owner, "/admin/products/1001", url.Values{"name": {text}, "description": {text}, "version": {text}}},
			} {
				p, err := f.b.Send("POST", f.path, f.fields)
				if err != nil {
					t.Fatal(err)
				}
				shown += noLive(t, p, "POST "+f.path)
			}
		}
		if shown < 300 {
			t.Errorf("the texts were seen only %d times, so they prove little", shown)
		}
	})
}

// wantNoLive looks at a page and counts the texts on it.
func wantNoLive(t *testing.T, b *webtest.Browser, path string) int {
	t.Helper()
	return noLive(t, b.Get(path), path)
}

func noLive(t *testing.T, p *webtest.Page, path string) int {
	t.Helper()
	if p.Status >= 500 {
		t.Errorf("%s: %d", path, p.Status)
	}
	for _, e := range p.Find("*").Nodes {
		for _, a := range e.Attr {
			foreign := a.Val == "/t7" || strings.HasPrefix(a.Val, "t7(")
			if liveName.MatchString(a.Key) && foreign || neverOwn.MatchString(a.Key) ||
				(a.Key == "href" || a.Key == "src") && a.Val == "/t7" {
				t.Errorf("%s: a text has become <%s %s=%q>", path, e.Data, a.Key, a.Val)
			}
		}
	}
	return strings.Count(p.Body, "t7")
}
