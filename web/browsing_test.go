package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/web"
	"dashop/web/webtest"
)

// asks are the GET routes that are more than looking around, with what they have to write.
var asks = map[string]string{
	"/register":                          "a captcha",
	"/register/check":                    "how often an address asks",
	"/captcha/:id":                       "belongs to a captcha",
	"/login":                             "a captcha, after some failures",
	"/password/forgot":                   "a captcha",
	"/password/reset":                    "a captcha",
	"/account/mobile":                    "a captcha",
	"/oauth/bind":                        "a captcha",
	"/oauth/:provider/start":             "a login under way",
	"/oauth/:provider/callback":          "a login under way",
	"/orders/:no/pay/:provider":          "a payment",
	"/orders/:no/pay/:provider/code.png": "belongs to a payment",
	"/orders/:no/status":                 "what the gateway says",
	"/orders/:no/result":                 "what the gateway says",
	"/payments/:provider/return":         "what the gateway says",
}

// An hour of looking around, as a stranger, a visitor with a cart and a shopper, on each page there is for it: nothing is written
// durably but what was viewed, and what was searched for without results.
func TestLookingAroundWritesNothing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100101, 1)
		s.Receive(xiaoming, no)
		fill := strings.NewReplacer("categories/:id", "categories/10101", "addresses/:id", "addresses/"+s.Text("SELECT id FROM addresses WHERE user_id = 1"),
			":spu", "1001", ":promotion", "1", ":no", no, ":after.xml", "0.xml", "media/*", "media/images/products/1001-1.webp")
		table, err := web.Table(s.Deps)
		must(t, err)
		paths := []string{"/search?q=" + url.QueryEscape("咖啡"), "/search?q=nothing-of-this-name", "/products/1002?sku=100201", "/?lang=en",
			"/categories/10101?sort=price", "/nowhere"}
		for _, r := range table {
			bought := strings.HasPrefix(r.Path, "/account/purchases/") // nobody here owns a course
			if r.Method == http.MethodGet && asks[r.Path] == "" && !strings.HasPrefix(r.Path, "/admin") && !bought {
				paths = append(paths, fill.Replace(r.Path))
			}
		}
		shopper, visitor, stranger := s.Login("xiaoming"), s.Visitor(), s.Visitor()
		visitor.Post("/cart/items", url.Values{"sku_id": {"100101"}, "count": {"1"}})
		var mu sync.Mutex
		var wrote [][]string
		s.DB.OnCommit(func(statements, _ []string) {
			mu.Lock()
			defer mu.Unlock()
			wrote = append(wrote, statements)
		})
		for range 12 {
			s.Clock.Advance(5*time.Minute - time.Second)
			for _, path := range paths {
				for who, b := range map[string]*webtest.Browser{"a shopper": shopper, "a visitor": visitor, "a stranger": stranger} {
					p, err := b.Send(http.MethodGet, path, nil)
					must(t, err)
					if who == "a shopper" && p.Status >= 400 && path != "/nowhere" {
						t.Fatalf("%s: %d", path, p.Status)
					}
					for _, statements := range wrote {
						t.Errorf("%s at %s writes %q", who, path, statements)
					}
					wrote = nil
				}
			}
		}
		s.Clock.Advance(time.Second)
		must(t, s.Store.Interest.WriteViews(context.Background()))
		must(t, s.Store.Search.WriteMissed(context.Background()))
		if len(wrote) != 2 {
			t.Errorf("in the end %d commits, want one with the views and one with the searches: %q", len(wrote), wrote)
		}
		if n := s.Int("SELECT COUNT(*) FROM browse_history WHERE user_id = ?", xiaoming); n != 2 {
			t.Errorf("%d products in the history", n)
		}
	})
}
