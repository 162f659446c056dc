package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
	"dashop/web/session"
)

// wantPutOff sees that an answer is 503 in the shop's dress, with when to try again.
func wantPutOff(t *testing.T, what string, got answer) {
	t.Helper()
	if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, "<h1") {
		t.Errorf("%s: %d, Retry-After %q\n%.200s", what, got.StatusCode, got.Header.Get("Retry-After"), got.body)
	}
}

// wantReady sees that GET /readyz answers so, at the latest when a write that was refused is forgotten.
func wantReady(t *testing.T, b *browser, status int) {
	t.Helper()
	got := b.get("/readyz").StatusCode
	for end := time.Now().Add(8 * time.Second); got != status && status == 200 &&
		time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		got = b.get("/readyz").StatusCode
	}
	if got != status {
		t.Errorf("/readyz says %d, want %d", got, status)
	}
}

func put(b *browser, sku int64) answer {
	return b.post("/cart/items", url.Values{"sku_id": {fmt.Sprint(sku)}, "count": {"1"}})
}

// With a full disk people go on looking, and what writes is put off; the shop recovers by itself.
func TestFullDiskIsPutOff(t *testing.T) {
	s := one(t, nil)
	b := s.browser()
	var skus []int64
	for range 190 {
		skus = append(skus, storetest.SKU(t, s.store.DB, 1000, 5))
	}
	if got := put(b, skus[0]); got.StatusCode != http.StatusSeeOther {
		t.Fatalf("%d\n%.300s", got.StatusCode, got.body)
	}
	wantReady(t, b, 200)
	write, _ := s.store.DB.Pools()
	if _, err := write.Exec("PRAGMA max_page_count = 1"); err != nil { // no more than it has now
		t.Fatal(err)
	}
	var last answer
	for _, sku := range skus[1:] { // until no page has room left
		if last = put(b, sku); last.StatusCode != http.StatusSeeOther {
			break
		}
	}
	wantPutOff(t, "a write to a full disk", last)
	wantReady(t, b, 503)
	if got := b.get("/").StatusCode; got != 200 {
		t.Errorf("the home page is %d", got)
	}
	if _, err := write.Exec("PRAGMA max_page_count = 1000000"); err != nil {
		t.Fatal(err)
	}
	if got := put(b, skus[189]); got.StatusCode != http.StatusSeeOther {
		t.Errorf("with space again: %d\n%.300s", got.StatusCode, got.body)
	}
	wantReady(t, b, 200)
}

// Without its database the shop puts people off, and is itself again as soon as the database is.
func TestDatabaseGoneIsPutOff(t *testing.T) {
	wire, c := storetest.NewWire(t, storetest.Config(t, db.MySQL))
	s := newShop(t, storetest.Open(t, c), storetest.NewClock(), nil)
	sku := storetest.SKU(t, s.store.DB, 1000, 5)
	b := s.browser()
	wantReady(t, b, 200)
	wire.Cut()
	wantReady(t, b, 503)
	wantPutOff(t, "a page that reads", b.get(fmt.Sprintf("/products/%d", sku)))
	wantPutOff(t, "a form", put(b, sku))
	wire.Heal()
	if got := put(b, sku); got.StatusCode != http.StatusSeeOther {
		t.Errorf("with a database again: %d\n%.300s", got.StatusCode, got.body)
	}
	wantReady(t, b, 200)
}

// The page that tells of an outage, in either language and for htmx, asks nothing of the database that just failed.
func TestOutagePageAsksNoDatabase(t *testing.T) {
	wire, c := storetest.NewWire(t, storetest.Config(t, db.MySQL))
	s := newShop(t, storetest.Open(t, c), storetest.NewClock(), nil)
	var after atomic.Int64 // queries since the handler failed
	fail := func(c *fiber.Ctx) error {
		session.Of(c).Flash("ok", "已存 %d 件 %s", 3, fault.Text{Msg: "购物车"}) // which is to be kept
		wire.Judge(func(string) storetest.Verdict { return storetest.Refuse })
		var n int
		err := s.store.DB.Get(c.UserContext(), &n, "SELECT COUNT(*) FROM orders")
		after.Store(0)
		wire.Judge(func(string) storetest.Verdict {
			after.Add(1)
			return storetest.Refuse
		})
		return fmt.Errorf("count orders: %w", err)
	}
	s.app = s.srv.app(append(s.srv.routes(), Route{"GET", "/fail/outage", LoggedIn, fail}))
	s.user("xiaoming", account.Shopper)
	b := s.browser().login("xiaoming")
	put(b, storetest.SKU(t, s.store.DB, 1000, 5))
	for _, ask := range []struct{ language, htmx, says string }{
		{"zh", "", "现在有点忙"}, {"en", "", "We are busy"}, {"zh", "true", "现在有点忙"}, {"en", "true", "We are busy"},
	} {
		wire.Heal()
		b.header.Set("Accept-Language", ask.language)
		b.header.Set("HX-Request", ask.htmx)
		got := b.get("/fail/outage")
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" || !strings.Contains(got.body, ask.says) {
			t.Errorf("%v: %d, Retry-After %q\n%.300s", ask, got.StatusCode, got.Header.Get("Retry-After"), got.body)
		}
		if n := after.Load(); n != 0 {
			t.Errorf("%v: the answer asked the database %d times", ask, n)
		}
	}
}

// A server that is only to be read still shows the shop.
func TestReadOnlyServerIsPutOff(t *testing.T) {
	p := storetest.NewPrivate(t)
	s := newShop(t, storetest.Open(t, p.Config(t)), storetest.NewClock(), nil)
	sku := storetest.SKU(t, s.store.DB, 1000, 5)
	b := s.browser()
	wantReady(t, b, 200)
	readOnly := func(value string) {
		if _, err := p.Root.Exec("SET GLOBAL read_only = " + value); err != nil {
			t.Fatal(err)
		}
	}
	readOnly("1")
	wantReady(t, b, 503)
	wantPutOff(t, "a form", put(b, sku))
	if got := b.get("/").StatusCode; got != 200 {
		t.Errorf("the home page is %d", got)
	}
	readOnly("0")
	if got := put(b, sku); got.StatusCode != http.StatusSeeOther {
		t.Errorf("a form when all is well again: %d", got.StatusCode)
	}
	wantReady(t, b, 200)
}
