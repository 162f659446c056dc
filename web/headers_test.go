package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/static"
)

func TestSecurityHeaders(t *testing.T) {
	s := one(t, func(c *Config) { c.BaseURL = "https://shop.example" })
	want := map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
			"manifest-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
		"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "strict-origin-when-cross-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"X-Frame-Options":              "DENY",
		"Server":                       "",
	}
	for _, path := range []string{"/", "/login", "/nowhere", "/account", "/cart", "/products/x"} {
		res := s.browser().get(path)
		for name, value := range want {
			if got := res.Header.Get(name); got != value {
				t.Errorf("%s: %s is %q", path, name, got)
			}
		}
		if res.StatusCode != http.StatusSeeOther {
			if got := res.Header.Get("Vary"); got != "Cookie, HX-Request, HX-Request-Type, Accept-Language, Accept-Encoding" {
				t.Errorf("%s: Vary %q", path, got)
			}
		}
	}
	if got := one(t, nil).browser().get("/login").Header.Get("Strict-Transport-Security"); got != "" {
		t.Errorf("plain http promises https: %q", got)
	}
}

// Only the payment page's form may lead abroad, and there only to where the providers say.
func TestFormAction(t *testing.T) {
	h := newHeaders(true, []string{"https://cashier.example", "https://*.cashier.example"})
	if !strings.Contains(h.payPolicy, "form-action 'self' https://cashier.example https://*.cashier.example; ") ||
		!strings.Contains(h.policy, "form-action 'self'; ") {
		t.Errorf("%q and %q", h.payPolicy, h.policy)
	}
	s := one(t, nil)
	abroad := "http://127.0.0.1:8001"
	for path, may := range map[string]bool{"/orders/20260101000000000000/pay": true, "/orders/20260101000000000000": false,
		"/checkout": false, "/": false} {
		if got := s.browser().get(path).Header.Get("Content-Security-Policy"); strings.Contains(got, abroad) != may {
			t.Errorf("%s: %s", path, got)
		}
	}
}

func TestOnlyOwnHostInProduction(t *testing.T) {
	s := one(t, func(c *Config) { c.BaseURL, c.Production = "https://shop.example", true })
	for host, want := range map[string]int{"shop.example": 200, "evil.example": 421, "shop.example.evil.example": 421} {
		res, err := s.app.Test(request("GET", "/login", host, http.Header{"X-Forwarded-Host": {"shop.example"}}), -1)
		if err != nil || res.StatusCode != want {
			t.Errorf("host %s: %v, %v; want %d", host, res.StatusCode, err, want)
		}
	}
	res, err := s.app.Test(request("GET", "/healthz", "10.0.0.7:8000", nil), -1)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Errorf("health check by address: %v, %v", res.StatusCode, err)
	}
	for origin, want := range map[string]int{"https://shop.example": 422, "http://shop.example": 403, "https://evil.example": 403} {
		r := request("POST", "/login", "shop.example", http.Header{"Origin": {origin}})
		if res, err := s.app.Test(r, -1); err != nil || res.StatusCode != want {
			t.Errorf("origin %s: %v, %v; want %d", origin, res.StatusCode, err, want)
		}
	}
}

func TestHostNeverShows(t *testing.T) {
	s := one(t, nil)
	for _, path := range []string{"/", "/account", "/login?next=/cart", "/nowhere"} {
		res, err := s.app.Test(request("GET", path, "evil.example",
			http.Header{"X-Forwarded-Host": {"evil.example"}, "X-Forwarded-Proto": {"gopher"}}), -1)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		for name, values := range res.Header {
			if strings.Contains(strings.Join(values, " "), "evil.example") {
				t.Errorf("%s: %s is %v", path, name, values)
			}
		}
		if strings.Contains(string(body), "evil.example") || strings.Contains(string(body), "gopher") {
			t.Errorf("%s: the page holds the foreign host", path)
		}
	}
}

func TestHeadersCannotBeSplit(t *testing.T) {
	s := one(t, nil)
	for _, path := range []string{"/login?next=/a%0d%0aX-Zq:1", "/account?x=%0d%0aX-Zq:1", "/?lang=en%0d%0aX-Zq:1"} {
		if res := s.browser().get(path); res.Header.Get("X-Zq") != "" {
			t.Errorf("%s: a header came through", path)
		}
	}
	res := s.browser().post("/preferences", url.Values{"theme": {"dark\r\nX-Zq: 1"}, "lang": {"en\r\nX-Zq: 1"}, "next": {"/a\r\nX-Zq: 1"}})
	if res.Header.Get("X-Zq") != "" || len(res.Cookies()) != 0 || res.Header.Get("Location") != "/" {
		t.Errorf("preferences: %v", res.Header)
	}
}

func TestGzip(t *testing.T) {
	s := one(t, nil)
	for accept, want := range map[string]string{"gzip, br": "gzip", "br": "", "": "", "gzip;q=0": "", "deflate, GZIP;q=0.5": "gzip"} {
		b := s.browser()
		b.header.Set("Accept-Encoding", accept)
		res := b.get("/cart")
		if got := res.Header.Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: Content-Encoding %q", accept, got)
		}
		body := res.body
		if want == "gzip" {
			z, err := gzip.NewReader(strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			body = string(plain)
		}
		if !strings.HasSuffix(strings.TrimSpace(body), "</html>") {
			t.Errorf("Accept-Encoding %q: the page is not whole", accept)
		}
	}
}

func TestUnchangedPageIsNotSentAgain(t *testing.T) {
	s := one(t, nil)
	b := s.browser()
	tag := b.get("/cart").Header.Get("ETag")
	b.header.Set("If-None-Match", tag)
	if res := b.get("/cart"); tag == "" || res.StatusCode != http.StatusNotModified || res.body != "" {
		t.Errorf("ETag %q: %d with %d bytes", tag, res.StatusCode, len(res.body))
	}
	if res := b.get("/cart?lang=en"); res.StatusCode != http.StatusOK {
		t.Errorf("another language: %d", res.StatusCode)
	}
}

func TestStaticFilesAreKeptForAYear(t *testing.T) {
	s := one(t, nil)
	b := s.browser()
	for _, name := range []string{"shop.css", "shop.js", "img/logo.svg", "vendor/htmx/htmx.min.js"} {
		res := b.get(static.URL(name))
		if res.StatusCode != http.StatusOK || res.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" ||
			res.Header.Get("X-Content-Type-Options") != "nosniff" || len(res.body) == 0 {
			t.Errorf("%s: %d %v", name, res.StatusCode, res.Header)
		}
	}
	for _, path := range []string{"/static/x/../web.go", "/static/x/%2e%2e/web.go", "/static/", "/static/x/nothing.css"} {
		if res := b.get(path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

func TestLanguageAndTheme(t *testing.T) {
	s := one(t, nil)
	for _, c := range []struct{ query, cookie, accept, want string }{
		{"", "", "", "zh-CN"},
		{"", "", "en-GB,en;q=0.9", "en"},
		{"", "", "zh-TW,en;q=0.5", "zh-CN"},
		{"", "", "fr-FR,en;q=0.5", "en"},
		{"", "", "fr-FR", "zh-CN"},
		{"", "zh", "en", "zh-CN"},
		{"en", "zh", "zh", "en"},
		{"xx", "en", "zh", "en"},
		{"", "<script>", strings.Repeat("en,", 200), "zh-CN"},
	} {
		b := s.browser()
		b.header.Set("Accept-Language", c.accept)
		if c.cookie != "" {
			b.cookies["lang"] = c.cookie
		}
		res := b.get("/login?lang=" + c.query)
		if !strings.Contains(res.body, `<html lang="`+c.want+`"`) {
			t.Errorf("%+v: %.120s", c, res.body)
		}
	}
	b := s.browser()
	b.get("/login?lang=en")
	if res := b.get("/login"); !strings.Contains(res.body, "Log in") || b.cookies["lang"] != "en" {
		t.Error("the language asked for in the address is forgotten")
	}
	res := b.post("/preferences", url.Values{"lang": {"zh"}, "theme": {"dark"}, "next": {"/cart"}})
	if res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != "/cart" {
		t.Errorf("preferences: %d %q", res.StatusCode, res.Header.Get("Location"))
	}
	if res := b.get("/login"); !strings.Contains(res.body, `lang="zh-CN" data-theme="dark"`) {
		t.Errorf("preferences are not kept: %.120s", res.body)
	}
	b.post("/preferences", url.Values{"theme": {"auto"}})
	if res := b.get("/login"); strings.Contains(res.body, "data-theme=") {
		t.Error("the device's theme does not come back")
	}
}

func TestBigBodies(t *testing.T) {
	s := one(t, nil)
	for path, limit := range map[string]int{"/login": bodyLimit, "/payments/" + testPay + "/notify": notifyBodyLimit} {
		r := request("POST", path, "127.0.0.1:8000", http.Header{"Sec-Fetch-Site": {"same-origin"}})
		r.Body = io.NopCloser(strings.NewReader("a=" + strings.Repeat("x", limit)))
		r.ContentLength = int64(limit + 2)
		res, err := s.app.Test(r, -1)
		if err == nil && res.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("%s with a body too large: %d", path, res.StatusCode)
		}
	}
}

func TestClientIP(t *testing.T) {
	s := one(t, func(c *Config) {
		c.TrustedProxies = []netip.Prefix{netip.MustParsePrefix("0.0.0.0/32"), netip.MustParsePrefix("10.0.0.0/8")}
	})
	var got string
	s.app = s.srv.app([]Route{{"GET", "/ip", Anyone, func(c *fiber.Ctx) error { got = s.srv.clientIP(c); return nil }}})
	for forwarded, want := range map[string]string{
		"":                               "0.0.0.0", // what a test's connection comes from
		"203.0.113.9":                    "203.0.113.9",
		"1.1.1.1, 203.0.113.9":           "203.0.113.9",
		"1.1.1.1, 203.0.113.9, 10.1.1.1": "203.0.113.9",
		"1.1.1.1, not an address":        "0.0.0.0",
		"::ffff:203.0.113.9":             "203.0.113.9",
	} {
		b := s.browser()
		b.header.Set("X-Forwarded-For", forwarded)
		if b.get("/ip"); got != want {
			t.Errorf("X-Forwarded-For %q: %q, want %q", forwarded, got, want)
		}
	}
	s = one(t, nil)
	s.app = s.srv.app([]Route{{"GET", "/ip", Anyone, func(c *fiber.Ctx) error { got = s.srv.clientIP(c); return nil }}})
	b := s.browser()
	b.header.Set("X-Forwarded-For", "203.0.113.9")
	if b.get("/ip"); got != "0.0.0.0" {
		t.Errorf("no proxy is trusted, but %q is believed", got)
	}
}

func TestProbes(t *testing.T) {
	s := one(t, nil)
	ready := true
	s.srv.Ready = func() bool { return ready }
	b := s.browser()
	if b.get("/healthz").StatusCode != 200 || b.get("/readyz").StatusCode != 200 ||
		!strings.Contains(b.get("/robots.txt").body, "Disallow: /orders") {
		t.Error("probes of a healthy shop")
	}
	ready = false
	if b.get("/readyz").StatusCode != 503 || b.get("/healthz").StatusCode != 200 {
		t.Error("a stopping shop says that it is ready")
	}
	ready = true
	_ = s.store.DB.Close()
	if b.get("/readyz").StatusCode != 503 {
		t.Error("a shop without a database says that it is ready")
	}
}

func request(method, path, host string, header http.Header) *http.Request {
	r, err := http.NewRequest(method, path, nil)
	if err != nil {
		panic(err)
	}
	r.Host = host
	if header != nil {
		r.Header = header
	}
	return r
}
