package web_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/web/webtest"
)

// A user sees the devices that are logged in, this one marked, and ends one or all others; they are out at once.
func TestDevices(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		here, there, third := s.Login("xiaoming"), s.Login("xiaoming"), s.Login("xiaoming")
		stranger := s.Login("owner")
		here.Get("/account/sessions")
		if here.Page.Count("[data-device]") != 3 || here.Page.Count("[data-device] .tag--accent") != 1 {
			t.Fatalf("devices: %d, marked %d", here.Page.Count("[data-device]"), here.Page.Count("[data-device] .tag--accent"))
		}
		own := here.Page.Find(".tag--accent").Closest("[data-device]").AttrOr("data-device", "")
		inside := func(b *webtest.Browser) bool { return b.Get("/account").URL.Path == "/account" }
		if p, err := stranger.Send(http.MethodPost, "/account/sessions", url.Values{"id": {own}}); err != nil ||
			p.Status != http.StatusNotFound || !inside(here) {
			t.Errorf("another's session: %d, %v", p.Status, err)
		}
		here.Get("/account/sessions")
		other := here.Page.Find("[data-device]").FilterFunction(func(_ int,
			e *goquery.Selection) bool {
			return e.AttrOr("data-device", "") != own
		})
		here.Press("[data-device='" + other.First().AttrOr("data-device", "") + "'] button")
		wantPage(t, here, 200, "/account/sessions")
		if inside(there) == inside(third) {
			t.Error("one of two sessions was to end")
		}
		here.Press("退出其他所有设备")
		if inside(there) || inside(third) || !inside(here) || !inside(stranger) {
			t.Error("all others were to end, and nobody else's")
		}
		here.Get("/account/sessions")
		here.Press("[data-device='" + own + "'] button")
		wantPage(t, here, 200, "/login")
	})
}

// A new password ends all other sessions and gives this one another id; the old one opens nothing.
func TestChangePassword(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b, other := s.Login("xiaoming"), s.Login("xiaoming")
		before := b.Cookie("sid")
		b.Get("/account/password")
		for _, c := range []struct{ old, fresh, again, field string }{
			{"not the one", newPassword, newPassword, "old_password"},
			{account.DemoPassword, "12345678", "12345678", "password"},
			{account.DemoPassword, newPassword, "something else", "password2"},
			{account.DemoPassword, account.DemoPassword, account.DemoPassword, "password"},
		} {
			b.Press("保存新密码", "old_password", c.old, "password", c.fresh, "password2", c.again)
			if b.Page.Status != http.StatusUnprocessableEntity || b.Page.Attr("[name="+c.field+"]", "aria-invalid") != "true" {
				t.Errorf("%v: %d, %s", c, b.Page.Status, brief(b.Page))
			}
		}
		b.Press("保存新密码", "old_password", account.DemoPassword, "password", newPassword, "password2", newPassword)
		wantPage(t, b, 200, "/account/sessions")
		if b.Cookie("sid") == before {
			t.Error("the session keeps its id through a change of password")
		}
		if other.Get("/account").URL.Path != "/login" {
			t.Error("another session outlived a change of password")
		}
		stolen := s.Visitor()
		stolen.Header.Set("Cookie", "sid="+before)
		if stolen.Get("/account").URL.Path != "/login" {
			t.Error("the old id of the session still opens it")
		}
	})
}

// Nickname and picture: what is sent is kept as the shop's own picture, and what is none is refused beside its field.
func TestProfile(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		good := square(t, 300)
		status, _ := sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": "明明"}, good)
		if status != http.StatusSeeOther {
			t.Fatalf("a good picture: %d", status)
		}
		first := s.Text("SELECT avatar FROM users WHERE id = ?", xiaoming)
		b.Get("/account/profile")
		if b.Page.Attr("[name=nickname]", "value") != "明明" || !strings.HasPrefix(first, "uploads/") ||
			!b.Page.Has("img[src='/media/"+media.Thumb(first)+"']") {
			t.Errorf("profile: %q, %q", b.Page.Attr("[name=nickname]", "value"), first)
		}
		p, err := b.Send(http.MethodGet, "/media/"+media.Thumb(first), nil)
		if err != nil || p.Status != http.StatusOK || p.Header.Get("Content-Type") != "image/webp" ||
			p.Header.Get("Content-Security-Policy") != "sandbox; default-src 'none'" ||
			p.Header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("the picture: %d %v, %v", p.Status, p.Header, err)
		}
		for what, c := range map[string]struct {
			content []byte
			status  int
		}{
			"svg": {[]byte("<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
				http.StatusUnprocessableEntity},
			"cut short": {good[:len(good)/2], http.StatusUnprocessableEntity},
			"too large": {append(square(t, 10), make([]byte, media.MaxUpload)...), http.StatusUnprocessableEntity},
		} {
			status, page := sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": "别的名字"}, c.content)
			if status != c.status || status == http.StatusUnprocessableEntity &&
				(page.Find("#f-avatar-wrong").Length() != 1 || page.Find("[name=nickname]").AttrOr("value", "") != "别的名字") {
				t.Errorf("%s: %d, want %d", what, status, c.status)
			}
		}
		if status, page := sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": ""},
			good); status != http.StatusUnprocessableEntity ||
			page.Find("[name=nickname]").AttrOr("aria-invalid", "") != "true" {
			t.Errorf("a good picture without a name: %d", status)
		}
		if files, err := filepath.Glob(filepath.Join(s.Uploads, "uploads", "*", "*")); err != nil || len(files) != 1 {
			t.Errorf("pictures kept: %v, %v; want one", files, err)
		}
		if got := s.Text("SELECT avatar FROM users WHERE id = ?", xiaoming); got != first ||
			s.Text("SELECT nickname FROM users WHERE id = ?", xiaoming) != "明明" {
			t.Error("what was refused changed something")
		}
		if status, _ := sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": "明明"},
			square(t, 20)); status != http.StatusSeeOther {
			t.Fatalf("another picture: %d", status)
		}
		if p, err := b.Send(http.MethodGet, "/media/"+first, nil); err != nil || p.Status != http.StatusNotFound {
			t.Errorf("the old picture is still there: %d, %v", p.Status, err)
		}
		for name, want := range map[string]int{"": 422, strings.Repeat("长", 21): 422, "a\u200bb": 303} {
			if p := b.Post("/account", url.Values{"nickname": {name}}); p.Status != want && (want != 303 || len(p.Via) == 0) {
				t.Errorf("nickname %q: %d, want %d", name, p.Status, want)
			}
		}
	})
}

// Another mobile takes a code on the old number and one on the new; the old one is told.
func TestChangeMobile(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for _, hx := range []bool{false, true} {
			old := s.Text("SELECT mobile FROM users WHERE id = ?", xiaoming)
			fresh := "1370013800" + map[bool]string{false: "1", true: "2"}[hx]
			s.Clock.Advance(2 * time.Minute)
			b := s.Login("xiaoming")
			b.HX = hx
			b.Get("/account/mobile")
			b.Press("[name=purpose][value=mobile_old]", "captcha", webtest.CaptchaAnswer)
			oldCode := s.Code(old)
			b.Press("[name=purpose][value=mobile]", "captcha", webtest.CaptchaAnswer, "mobile", fresh, "old_sms_code", oldCode)
			if !strings.Contains(b.Page.Text("#sms-sms_code"), "137****") {
				t.Fatalf("hx %v: no code was sent: %s", hx, brief(b.Page))
			}
			if got := b.Page.Attr("[name=old_sms_code]", "value"); got != oldCode {
				t.Errorf("hx %v: the first code became %q", hx, got)
			}
			newCode := s.Code(fresh)
			b.Press("form[action='/account/mobile'] .btn--main", "sms_code", oldCode)
			if b.Page.Status != http.StatusUnprocessableEntity && oldCode != newCode {
				t.Errorf("hx %v: the code of the old number does for the new one: %d", hx, b.Page.Status)
			}
			b.Press("form[action='/account/mobile'] .btn--main", "sms_code", newCode)
			wantPage(t, b, 200, "/account/profile")
			if got := s.Text("SELECT mobile FROM users WHERE id = ?", xiaoming); got != fresh {
				t.Errorf("hx %v: the mobile is %s", hx, got)
			}
			if err := s.Store.RunJobs(t.Context()); err != nil {
				t.Fatal(err)
			}
			if told := s.Sandbox.Phone.Messages(old); len(told) == 0 || told[0].Code != "" {
				t.Errorf("hx %v: the old number was not told", hx)
			}
		}
	})
}

// Deleting an account takes the person out of everything; it waits until orders are done.
func TestDeleteAccount(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		no := s.Order(xiaoming, 100102, 1)
		b, other := s.Login("xiaoming"), s.Login("xiaoming")
		if status, _ := sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": "小明"},
			square(t, 300)); status != http.StatusSeeOther {
			t.Fatalf("a picture: %d", status)
		}
		face := s.Text("SELECT avatar FROM users WHERE id = ?", xiaoming)
		b.Get("/account/delete")
		b.Press("form[action='/account/delete'] .btn--danger", "password", account.DemoPassword, "sure", "true")
		if b.Page.Status != http.StatusConflict || !b.Page.Has("[role=alert] a[href='/orders']") {
			t.Fatalf("with an open order: %d, %s", b.Page.Status, brief(b.Page))
		}
		b.Post("/orders/"+no+"/cancel", nil)
		b.Get("/products/1001")
		b.Get("/account/delete")
		b.Press("form[action='/account/delete'] .btn--danger", "password", "not the one", "sure", "true")
		if b.Page.Status != http.StatusUnprocessableEntity {
			t.Errorf("wrong password: %d", b.Page.Status)
		}
		if p := b.Post("/account/delete", url.Values{"password": {account.DemoPassword}}); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("without confirming: %d", p.Status)
		}
		b.Get("/account/delete")
		b.Press("form[action='/account/delete'] .btn--danger", "password", account.DemoPassword, "sure", "true")
		wantPage(t, b, 200, "/")
		if b.Get("/account").URL.Path != "/login" {
			t.Error("still logged in")
		}
		if s.Int("SELECT COUNT(*) FROM orders WHERE order_no = ? AND receiver = '' AND mobile = '' AND place = ''", no) != 1 {
			t.Error("the order still knows the person, or is gone")
		}
		if p, err := b.Send(http.MethodGet, "/media/"+face, nil); err != nil || p.Status != http.StatusNotFound ||
			other.Get("/account").URL.Path != "/login" {
			t.Errorf("the picture is still there (%d, %v), or another session", p.Status, err)
		}
		for _, table := range []string{"browse_history", "addresses", "sessions", "identities", "favourites"} {
			if n := s.Int("SELECT COUNT(*) FROM "+table+" WHERE user_id = ?", xiaoming); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
		b.Get("/login")
		b.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", account.DemoPassword)
		if b.Page.Status != http.StatusUnprocessableEntity {
			t.Errorf("a deleted account opens: %d", b.Page.Status)
		}
	})
}

// Ways to log in are linked and unlinked on the profile.
func TestLinkedLogins(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		b.Get("/account/profile")
		b.Get(goAbroad(t, s, b, "a[href^='/oauth/qq/start']"))
		wantPage(t, b, 200, "/account/profile")
		if !strings.Contains(b.Page.Text("main"), "小雨") {
			t.Fatal("it is not linked")
		}
		other := s.Login("owner")
		other.Get("/account/profile")
		other.Get(goAbroad(t, s, other, "a[href^='/oauth/qq/start']"))
		if other.Page.Alert() == "" || s.Int("SELECT COUNT(*) FROM identities") != 1 {
			t.Error("one person at the provider belongs to two accounts")
		}
		b.Press("form[action='/account/identities/qq/remove'] button")
		wantPage(t, b, 200, "/account/profile")
		if s.Int("SELECT COUNT(*) FROM identities") != 0 {
			t.Error("it is still linked")
		}
	})
}

// What a visitor looks at is kept in the browser and comes along at login; nothing in a cookie is believed.
func TestHistory(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Visitor()
		for _, spu := range []string{"1001", "1005", "1001", "1003"} {
			b.Get("/products/" + spu)
			if cc := b.Page.Header.Get("Cache-Control"); !strings.Contains(cc, "no-store") {
				t.Errorf("a page that sets a cookie may be kept: %q", cc)
			}
		}
		if b.Get("/"); !strings.Contains(b.Page.Text("main"), "猜你喜欢") || !strings.Contains(b.Page.Header.Get("Cache-Control"), "no-store") {
			t.Error("the home page has nothing for somebody who has looked around, or may be kept")
		}
		if p := s.Visitor().Get("/"); strings.Contains(p.Text("main"), "猜你喜欢") ||
			!strings.Contains(p.Header.Get("Cache-Control"), "public") {
			t.Error("the home page is another for somebody new")
		}
		if s.Int("SELECT COUNT(*) FROM sessions") != 0 || s.Int("SELECT COUNT(*) FROM browse_history") != 0 {
			t.Error("a visitor's history costs rows")
		}
		if p, err := b.Send(http.MethodGet, "/products/1003?sku=100301", nil); err != nil || len(p.Header.Values("Set-Cookie")) != 0 {
			t.Errorf("another SKU of the same product is noted: %v", err)
		}
		b.Get("/login?next=%2Faccount%2Fhistory")
		b.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", account.DemoPassword)
		wantPage(t, b, 200, "/account/history")
		if b.Cookie("seen") != "" {
			t.Error("the visitor's history stays in the browser")
		}
		order := func() (ids string) {
			b.Get("/account/history")
			b.Page.Find("form[action$='/remove']").Each(func(_ int, e *goquery.Selection) {
				ids += strings.TrimSuffix(strings.TrimPrefix(e.AttrOr("action", ""), "/account/history/"), "/remove") + " "
			})
			return ids
		}
		if got := order(); got != "1003 1001 1005 " {
			t.Errorf("history: %s", got)
		}
		s.Clock.Advance(time.Second)
		b.Get("/products/1005")
		if got := order(); got != "1005 1003 1001 " || !strings.Contains(b.Page.Text(".seen__day"), "今天") {
			t.Errorf("history: %s", got)
		}
		s.Login("owner").Post("/account/history/clear", nil)
		b.HX = true
		b.Get("/account/history")
		b.Press("form[action='/account/history/1003/remove'] button")
		if b.Page.Count("#history form[action$='/remove']") != 2 {
			t.Error("one was to go")
		}
		b.HX = false
		b.Press("清空")
		if got := order(); got != "" {
			t.Errorf("history after clearing: %s", got)
		}
		for _, cookie := range []string{"x", "1.1", "-1", "zzzzzzzzzzzzzzzz", strings.Repeat("1.", 5000), "rt.<script>", "0"} {
			odd := s.Visitor()
			odd.Header.Set("Cookie", "seen="+cookie)
			if p := odd.Get("/products/1001"); p.Status != http.StatusOK && p.Status != http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("cookie %.20q: %d", cookie, p.Status)
			}
		}
	})
}

// A commit whose outcome nobody knows may have kept the new picture, so then it stays; a form that was refused leaves none, and
// changes neither of the two.
func TestPictureOfAnUnknownCommitStays(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		s := webtest.Start(t, webtest.Config{Driver: driver, Log: io.Discard})
		b := s.Login("xiaoming")
		uploads := func() (n int) {
			_ = filepath.WalkDir(s.Uploads, func(_ string, d fs.DirEntry, err error) error {
				if err == nil && !d.IsDir() {
					n++
				}
				return nil
			})
			return n
		}
		var outcome error
		s.Store.Account.OnRename(func(context.Context, *db.Tx, int64) error { return outcome })
		name := s.Text("SELECT nickname FROM users WHERE id = ?", xiaoming)
		for _, c := range []struct {
			err   error
			stays bool
		}{
			{fault.New(fault.Conflict, 0, "操作太快"), false},
			{fault.New(fault.Unknown, 0, "系统出了点问题，请稍后再试").Wrap(errors.New("the connection was lost at COMMIT")), true},
		} {
			before := uploads()
			outcome = c.err
			sendFilesAs(t, b, "/account", "avatar", map[string]string{"nickname": "别的名字"}, square(t, 300))
			if after := uploads(); after > before != c.stays {
				t.Errorf("%v: %d files before, %d after", c.err, before, after)
			}
			if got := s.Text("SELECT nickname FROM users WHERE id = ?", xiaoming); got != name {
				t.Errorf("%v: the nickname became %q", c.err, got)
			}
		}
	}
}
