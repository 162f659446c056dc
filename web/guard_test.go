package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Deps are those of the shop, to make another one from.
func (s *testShop) Deps() Deps { return s.srv.Deps }

// sample fills a route's parameters with values that nobody has.
func sample(path string) string {
	return strings.NewReplacer(":coupon", "999999", ":no", "20260101000000000000", ":id", "999999", ":spu", "999999", ":sku", "999999", ":provider", testPay,
		"*", "x.webp").Replace(path)
}

func TestEveryRouteHasARule(t *testing.T) {
	s := one(t, nil)
	seen := map[string]bool{}
	for _, r := range s.srv.routes() {
		key := r.Method + " " + r.Path
		if seen[key] {
			t.Errorf("%s stands in the table twice", key)
		}
		seen[key] = true
		if !r.Who.anyone && len(r.Who.roles) == 0 {
			t.Errorf("%s: nobody may call it", key)
		}
		if r.Handler == nil {
			t.Errorf("%s: no handler", key)
		}
		if strings.HasPrefix(r.Path, "/admin") && (r.Who.anyone || len(r.Who.roles) == 0 || r.Who.roles[0] == anyRole) {
			t.Errorf("%s is open to shoppers", key)
		}
		for _, own := range []string{"/orders", "/account", "/checkout"} {
			if strings.HasPrefix(r.Path, own) && r.Who.anyone {
				t.Errorf("%s is open to strangers", key)
			}
		}
	}
	// Fiber knows no other routes than these and the few that bear no rule on purpose.
	for _, r := range s.app.GetRoutes(true) {
		switch r.Path {
		case "/healthz", "/readyz", "/robots.txt", "/static/*", "/favicon.ico":
			continue
		}
		if r.Method != fiber.MethodHead && !seen[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not in the table", r.Method, r.Path)
		}
	}
}

// Each route, called as a stranger and as each role, lets in whom the table names and nobody else.
func TestRulesAreEnforced(t *testing.T) {
	s := one(t, nil)
	callers := map[account.Role]*browser{"": s.browser()}
	for _, role := range []account.Role{account.Shopper, account.Owner, account.Staff, account.Support, account.Publisher} {
		s.user("the_"+string(role), role)
		callers[role] = s.browser().login("the_" + string(role))
	}
	for _, r := range s.srv.routes() {
		if r.Who.gateway || r.Path == "/logout" || r.Path == "/media/*" || r.Path == "/oauth/bind" ||
			strings.HasPrefix(r.Path, "/payments/") {
			continue // the gateway and the pictures are not there in this test, nor anybody to be bound
		}
		for role, b := range callers {
			name := fmt.Sprintf("%s %s as %q", r.Method, r.Path, role)
			res := b.do(r.Method, sample(r.Path), url.Values{})
			toLogin := res.StatusCode == http.StatusSeeOther && strings.HasPrefix(res.Header.Get("Location"), "/login")
			allowed := r.Who.anyone
			for _, may := range r.Who.roles {
				allowed = allowed || role != "" && (may == anyRole || may == role)
			}
			switch {
			case res.StatusCode >= 500:
				t.Errorf("%s: %d", name, res.StatusCode)
			case !allowed && role == "" && !toLogin:
				t.Errorf("%s: %d, want the login page", name, res.StatusCode)
			case !allowed && role != "" && res.StatusCode != http.StatusForbidden:
				t.Errorf("%s: %d, want 403", name, res.StatusCode)
			case role == "" && r.Path == "/coupons/:coupon/claim": // a visitor claims by logging in
				if !toLogin {
					t.Errorf("%s: %d, want the login page", name, res.StatusCode)
				}
			case allowed && (toLogin || res.StatusCode == http.StatusForbidden):
				t.Errorf("%s: refused with %d", name, res.StatusCode)
			}
		}
	}
}

func TestNotLoggedIn(t *testing.T) {
	s := one(t, nil)
	b := s.browser()
	if got := b.get("/orders?status=1").Header.Get("Location"); got != "/login?next=%2Forders%3Fstatus%3D1" {
		t.Errorf("a page leads to %q", got)
	}
	b.header.Set("Referer", base+"/orders/20260101000000000000")
	if got := b.post("/orders/20260101000000000000/cancel",
		nil).Header.Get("Location"); got != "/login?next=%2Forders%2F20260101000000000000" {
		t.Errorf("a form leads to %q", got)
	}
	b.header.Set("Referer", "http://evil.example/orders")
	if got := b.post("/orders/20260101000000000000/cancel", nil).Header.Get("Location"); got != "/login" {
		t.Errorf("a form from elsewhere leads to %q", got)
	}
	b.header.Set("HX-Request", "true")
	b.header.Set("HX-Current-URL", base+"/cart")
	res := b.get("/orders?status=1")
	if res.StatusCode != http.StatusUnauthorized || res.Header.Get("HX-Redirect") != "/login?next=%2Fcart" {
		t.Errorf("htmx: %d, HX-Redirect %q", res.StatusCode, res.Header.Get("HX-Redirect"))
	}
}

func TestCrossSiteWritesAreRefused(t *testing.T) {
	s := one(t, nil)
	for _, r := range s.srv.routes() {
		if r.Method != fiber.MethodPost {
			continue
		}
		for _, header := range []http.Header{
			{"Sec-Fetch-Site": {"cross-site"}},
			{"Sec-Fetch-Site": {"same-site"}},
			{"Sec-Fetch-Site": {"cross-site"}, "Origin": {base}},
			{"Origin": {"http://evil.example"}},
			{"Origin": {"null"}},
			{},
		} {
			b := s.browser()
			b.header = header
			res := b.post(sample(r.Path), url.Values{})
			if refused := res.StatusCode == http.StatusForbidden; refused == r.Who.gateway {
				t.Errorf("POST %s with %v: %d", r.Path, header, res.StatusCode)
			}
		}
		if r.Who.gateway {
			continue
		}
		for _, header := range []http.Header{{"Sec-Fetch-Site": {"same-origin"}}, {"Sec-Fetch-Site": {"none"}}, {"Origin": {base}}} {
			b := s.browser()
			b.header = header
			if res := b.post(sample(r.Path), url.Values{}); res.StatusCode == http.StatusForbidden {
				t.Errorf("POST %s with %v is refused", r.Path, header)
			}
		}
	}
}
