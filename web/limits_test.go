package web_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"dashop/store/db"
	"dashop/web"
	"dashop/web/webtest"
)

// send asks the shop for something without a browser.
func send(t *testing.T, s *webtest.Shop, r *http.Request) *http.Response {
	t.Helper()
	app, err := web.New(s.Deps)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = strings.TrimPrefix(s.URL, "http://")
	r.Header.Set("Origin", s.URL)
	answer, err := app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return answer
}

// A form of a hundred thousand fields takes a hundred times its size in memory once it is read into maps, so it is not.
func TestFormsOfTooManyFieldsAreRefused(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	urlencoded := func(n int) *http.Request {
		r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("username=x"+strings.Repeat("&a=", n)))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
		return r
	}
	parts := func(n int) *http.Request {
		var b bytes.Buffer
		w := multipart.NewWriter(&b)
		for i := range n {
			_ = w.WriteField(fmt.Sprint("a", i), "")
		}
		_ = w.Close()
		r := httptest.NewRequest(http.MethodPost, "/login", &b)
		r.Header.Set("Content-Type", w.FormDataContentType())
		return r
	}
	for what, r := range map[string]*http.Request{
		"fields": urlencoded(100_000), "parts": parts(9_000), "query": httptest.NewRequest(http.MethodGet,
			"/?a"+strings.Repeat("&a", 3000), nil),
	} {
		if got := send(t, s, r); got.StatusCode != http.StatusRequestEntityTooLarge {
			t.Errorf("too many %s: %d", what, got.StatusCode)
		}
	}
	for what, r := range map[string]*http.Request{"fields": urlencoded(1500), "parts": parts(900)} {
		if got := send(t, s, r); got.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("as many %s as a large form has: %d", what, got.StatusCode)
		}
	}
}

// A body that is packed would be unpacked without bound, or hide its fields from their count. No browser and no gateway packs one.
func TestPackedBodiesAreRefused(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(bytes.Repeat([]byte("x"), 32<<20))
	_ = w.Close()
	for what, body := range map[string]string{
		"packed": packed.String(), "said to be packed": "username=x" + strings.Repeat("&a=", 100_000),
	} {
		for _, encoding := range []string{"gzip", "br", "deflate", "identity, gzip", "GZIP"} {
			for _, path := range []string{"/login", "/payments/alipay/notify"} {
				if path != "/login" && len(body) > 64<<10 {
					continue // refused by its size
				}
				r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				r.Header.Set("Content-Encoding", encoding)
				if got := send(t, s, r); got.StatusCode != http.StatusUnsupportedMediaType {
					t.Errorf("%s, %s at %s: %d", what, encoding, path, got.StatusCode)
				}
			}
		}
	}
	r := httptest.NewRequest(http.MethodPost, "/login", strings.NewReader("username=x"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Content-Encoding", "identity")
	if got := send(t, s, r); got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("identity is no packing: %d", got.StatusCode)
	}
}

// From the moment when the shop is not ready, a proxy is told with each answer not to use that connection again.
func TestConnectionsEndWhileStopping(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	for _, ready := range []bool{true, false} {
		s.Deps.Ready = func() bool { return ready }
		for _, path := range []string{"/", "/healthz", "/readyz", "/static/nothing", "/nothing"} {
			got := send(t, s, httptest.NewRequest(http.MethodGet, path, nil))
			if ends := got.Header.Get("Connection") == "close" || got.Close; ends == ready {
				t.Errorf("%s: ready %v, and the connection ends: %v", path, ready, ends)
			}
		}
	}
}

// Headers by which some servers let a request become another one mean nothing here.
func TestHeadersThatRewriteRequests(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	for _, header := range [][2]string{
		{"X-HTTP-Method-Override", "POST"}, {"X-Method-Override", "POST"}, {"X-HTTP-Method", "DELETE"},
		{"X-Original-URL", "/admin"}, {"X-Rewrite-URL", "/admin"}, {"X-Forwarded-Prefix", "/admin"}, {"X-Original-Method", "POST"},
	} {
		r := httptest.NewRequest(http.MethodGet, "/cart", nil)
		r.Header.Set(header[0], header[1])
		if got := send(t, s, r); got.StatusCode != http.StatusOK {
			t.Errorf("%s: %s on a page that may be read: %d", header[0], header[1], got.StatusCode)
		}
		r = httptest.NewRequest(http.MethodGet, "/logout", nil) // only POST does anything
		r.Header.Set(header[0], header[1])
		if got := send(t, s, r); got.StatusCode != http.StatusMethodNotAllowed && got.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s on a form's address: %d", header[0], header[1], got.StatusCode)
		}
		r = httptest.NewRequest(http.MethodGet, "/admin", nil)
		r.Header.Set(header[0], strings.Replace(header[1], "/admin", "/", 1))
		if got := send(t, s, r); got.StatusCode != http.StatusSeeOther {
			t.Errorf("%s: %s on a page of the merchant's: %d", header[0], header[1], got.StatusCode)
		}
	}
}

// Browsers that the shop does not know cost rows only up to a number for each address, and none where they are refused.
func TestNewVisitorsAreLimited(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		rows := func() int64 {
			return s.Int("SELECT COUNT(*) FROM sessions") + s.Int("SELECT COUNT(*) FROM cart_lines") +
				s.Int("SELECT COUNT(*) FROM captchas")
		}
		put := func() int {
			p, err := s.Visitor().Send(http.MethodPost, "/cart/items", map[string][]string{"sku_id": {"100101"}, "count": {"1"}})
			if err != nil {
				t.Fatal(err)
			}
			return p.Status
		}
		if status := put(); status != http.StatusSeeOther {
			t.Fatalf("the first visitor: %d", status)
		}
		s.Exec("UPDATE limits SET count = 599") // this address has had nearly all
		if status := put(); status != http.StatusSeeOther {
			t.Errorf("the last one that is let in: %d", status)
		}
		before := rows()
		if status := put(); status != http.StatusTooManyRequests {
			t.Errorf("one too many: %d", status)
		}
		for _, path := range []string{"/register", "/oauth/qq/start"} {
			p, err := s.Visitor().Send(http.MethodGet, path, nil)
			if err != nil || p.Status != http.StatusTooManyRequests || p.Header.Get("Set-Cookie") != "" ||
				p.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %d, %v, %v", path, p.Status, p.Header, err)
			}
		}
		if after := rows(); after != before {
			t.Errorf("the refused cost %d rows", after-before)
		}
		if status := s.Visitor().Get("/").Status; status != http.StatusOK {
			t.Errorf("looking around: %d", status)
		}
		s.Login("xiaoming") // which is limited by itself
	})
}

// A captcha that is refused, because an address has had too many, leaves no session behind.
func TestRefusedCaptchaCostsNoSession(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		if status := s.Visitor().Get("/register").Status; status != http.StatusOK {
			t.Fatal(status)
		}
		s.Exec("UPDATE limits SET count = 120") // as many captchas as an address may have
		before := s.Int("SELECT COUNT(*) FROM sessions")
		p := s.Visitor().Get("/register")
		if after := s.Int("SELECT COUNT(*) FROM sessions"); p.Status != http.StatusTooManyRequests || after != before ||
			p.Header.Get("Set-Cookie") != "" {
			t.Errorf("%d, %d sessions more, %q", p.Status, after-before, p.Header.Get("Set-Cookie"))
		}
	})
}
