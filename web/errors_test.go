package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/web/session"
)

// failing adds routes that go wrong in each way there is.
func failing(t *testing.T) *testShop {
	s := one(t, nil)
	tooMany := fault.New(fault.TooMany, 0, "操作太频繁了")
	tooMany.RetryAfter = 90 * time.Second
	errs := map[string]error{
		"internal":  errors.New("secret: the password of the database"),
		"unknown":   fault.New(fault.Unknown, 0, "系统出了点问题，请稍后再试"),
		"invalid":   fault.Field("count", "数量要填 1 到 %d 之间的整数", 99),
		"missing":   fault.Missing(),
		"conflict":  fault.New(fault.Conflict, fault.CodeWrongOrderState, "此订单已付款，无法取消"),
		"forbidden": fault.New(fault.Forbidden, 0, "您没有权限这样做"),
		"toomany":   fmt.Errorf("wrapped: %w", tooMany),
		"busy":      fault.New(fault.Unavailable, 0, "现在有点忙"),
		"deadline":  fmt.Errorf("query: %w", context.DeadlineExceeded),
		"teapot":    fiber.ErrTeapot,
	}
	routes := s.srv.routes()
	for name, err := range errs {
		routes = append(routes, Route{"GET", "/fail/" + name, Anyone, func(*fiber.Ctx) error { return err }})
	}
	routes = append(routes,
		Route{"GET", "/fail/panic", Anyone, func(*fiber.Ctx) error { var u *account.User; _ = u.Username; return nil }},
		Route{"GET", "/fail/flash", Anyone, func(c *fiber.Ctx) error {
			session.Of(c).Flash("ok", "已存 %d 件 %s", 3, fault.Text{Msg: "购物车"})
			return c.SendString("kept")
		}},
		Route{"POST", "/fail/notify", Gateway, func(*fiber.Ctx) error { panic("in the gateway's handler") }},
		Route{"GET", "/fail/shut", Who{}, func(c *fiber.Ctx) error { return c.SendString("in") }},
		Route{"GET", "/fail/deadline-set", Anyone, func(c *fiber.Ctx) error {
			if _, ok := c.UserContext().Deadline(); !ok {
				return errors.New("no deadline")
			}
			return c.SendString("ok")
		}},
	)
	s.app = s.srv.app(routes)
	return s
}

func TestFaultsBecomePages(t *testing.T) {
	s := failing(t)
	for name, want := range map[string]struct {
		status int
		says   string
	}{
		"internal": {500, "我们这边出了点问题"}, "unknown": {500, "我们这边出了点问题"}, "panic": {500, "我们这边出了点问题"},
		"invalid": {422, "数量要填 1 到 99 之间的整数"}, "missing": {404, "这一页不在了"}, "conflict": {409, `data-code="50109"`},
		"forbidden": {403, "这里不能进"}, "toomany": {429, "操作太频繁了"}, "busy": {503, "现在有点忙"}, "deadline": {503, "现在有点忙"},
		"teapot": {418, "这个请求没看懂"}, "no-such-route": {404, "这一页不在了"}, "shut": {403, "这里不能进"},
	} {
		b := s.browser()
		page := b.get("/fail/" + name)
		if page.StatusCode != want.status || !strings.Contains(page.body, want.says) || !strings.Contains(page.body, "<h1") {
			t.Errorf("%s: %d, want %d and %q\n%.300s", name, page.StatusCode, want.status, want.says, page.body)
		}
		if got := page.Header.Get("Cache-Control"); got != "private, no-store" {
			t.Errorf("%s: Cache-Control %q", name, got)
		}
		if retry := page.Header.Get("Retry-After") != ""; retry != (want.status == 429 || want.status == 503) {
			t.Errorf("%s: Retry-After %q", name, page.Header.Get("Retry-After"))
		}
		b.header.Set("HX-Request", "true")
		part := b.get("/fail/" + name)
		if part.StatusCode != want.status || strings.Contains(part.body, "<html") || part.Header.Get("HX-Retarget") != "#notices" ||
			!strings.Contains(part.body, `class="note`) {
			t.Errorf("%s by htmx: %d\n%.300s", name, part.StatusCode, part.body)
		}
		for _, res := range []answer{page, part} {
			if strings.Contains(res.body, "secret") || strings.Contains(res.body, "goroutine") || strings.Contains(res.body, ".go:") {
				t.Errorf("%s tells what went wrong inside", name)
			}
		}
	}
	if got := s.browser().get("/fail/toomany").Header.Get("Retry-After"); got != "90" {
		t.Errorf("Retry-After %q", got)
	}
}

func TestOurFaultsBearARequestID(t *testing.T) {
	s := failing(t)
	for _, name := range []string{"internal", "panic"} {
		s.log.Reset()
		res := s.browser().get("/fail/" + name)
		id := res.Header.Get("X-Request-Id")
		if len(id) != 16 || !strings.Contains(res.body, id) {
			t.Errorf("%s: page without its request id %q", name, id)
		}
		if log := s.log.String(); strings.Count(log, "request="+id) != 2 || name == "panic" && !strings.Contains(log, "errors_test.go") {
			t.Errorf("%s: log without the cause:\n%s", name, log)
		}
	}
}

func TestPanicCostsOneRequest(t *testing.T) {
	s := failing(t)
	if res := s.browser().post("/fail/notify", url.Values{}); res.StatusCode != http.StatusInternalServerError || res.body != "fail" {
		t.Errorf("panic in a gateway's handler: %d %q", res.StatusCode, res.body)
	}
	if res := s.browser().get("/fail/panic"); res.StatusCode != http.StatusInternalServerError {
		t.Errorf("panic: %d", res.StatusCode)
	}
	if res := s.browser().get("/login"); res.StatusCode != http.StatusOK {
		t.Errorf("after a panic: %d", res.StatusCode)
	}
}

func TestLogTellsNothingPersonal(t *testing.T) {
	s := failing(t)
	s.user("xiaoming", account.Shopper)
	b := s.browser().login("xiaoming")
	b.header.Set("User-Agent", "canary-agent")
	b.get("/search?q=canary-word")
	b.get("/fail/internal?token=canary-token")
	b.post("/account/addresses", url.Values{"mobile": {"13800135621"}, "receiver": {"canary-name"}})
	for _, secret := range []string{"canary", "13800135621", "correct horse", b.cookies["sid"]} {
		if strings.Contains(s.log.String(), secret) {
			t.Errorf("the log holds %q", secret)
		}
	}
}

func TestFlashKeepsItsArguments(t *testing.T) {
	s := failing(t)
	b := s.browser()
	b.get("/fail/flash")
	if res := b.get("/login"); !strings.Contains(res.body, "已存 3 件 购物车") {
		t.Error("the notice is not on the next page")
	}
	if res := b.get("/login"); strings.Contains(res.body, "已存 3 件") {
		t.Error("the notice is on the page after that, too")
	}
	b.get("/fail/flash")
	b.header.Set("HX-Request", "true")
	if res := b.get("/cart"); !strings.Contains(res.body, "已存 3 件") {
		t.Error("the notice does not come along with a fragment")
	}
}

func TestDeadlineIsSet(t *testing.T) {
	if res := failing(t).browser().get("/fail/deadline-set"); res.StatusCode != http.StatusOK {
		t.Errorf("handler without a deadline: %d", res.StatusCode)
	}
}

func TestFullLaneIsSaidAtOnce(t *testing.T) {
	s := one(t, nil)
	for range cap(s.srv.pageLane) {
		s.srv.pageLane <- struct{}{}
	}
	b := s.browser()
	res := b.get("/cart") // is answered at all, while nobody leaves the lane
	if res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("Retry-After") == "" {
		t.Errorf("crowded: %d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
	}
	b.header.Set("HX-Request", "true")
	if res := b.get("/cart"); res.StatusCode != http.StatusServiceUnavailable || res.Header.Get("HX-Retarget") != "#notices" {
		t.Errorf("crowded, by htmx: %d", res.StatusCode)
	}
	if res := b.get("/healthz"); res.StatusCode != http.StatusOK {
		t.Errorf("health while crowded: %d", res.StatusCode)
	}
	<-s.srv.pageLane
	if res := s.browser().get("/cart"); res.StatusCode != http.StatusOK {
		t.Errorf("after the crowd: %d", res.StatusCode)
	}
	if len(s.srv.pageLane) != cap(s.srv.pageLane)-1 {
		t.Error("a place in the lane was not given back")
	}
}

// People who type passwords, which cost much to check, do not keep out those who look around.
func TestManyLoginsAtOnceAreBounded(t *testing.T) {
	s := one(t, nil)
	for range cap(s.srv.loginLane) {
		s.srv.loginLane <- struct{}{}
	}
	b := s.browser()
	if res := b.post("/login", url.Values{"username": {"x"}, "password": {"y"}}); res.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("one more login: %d", res.StatusCode)
	}
	if res := b.get("/cart"); res.StatusCode != http.StatusOK {
		t.Errorf("a page meanwhile: %d", res.StatusCode)
	}
}

func TestWrongMethods(t *testing.T) {
	s := one(t, nil)
	b := s.browser()
	for _, c := range []struct{ method, path string }{
		{"POST", "/"}, {"DELETE", "/cart"}, {"PUT", "/orders"}, {"GET", "/logout"}, {"PATCH", "/account"}, {"OPTIONS", "/"},
		{"GET", "/cart/items"},
	} {
		if res := b.do(c.method, c.path, url.Values{}); res.StatusCode != http.StatusNotFound &&
			res.StatusCode != http.StatusMethodNotAllowed {
			t.Errorf("%s %s: %d", c.method, c.path, res.StatusCode)
		}
	}
	if res := b.do("HEAD", "/cart", nil); res.StatusCode != http.StatusOK || res.body != "" {
		t.Errorf("HEAD: %d with %d bytes", res.StatusCode, len(res.body))
	}
}
