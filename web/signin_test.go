package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/web/webtest"
)

const (
	newMobile   = "13700137000"
	newPassword = "a tent by the lake"
)

// askCode has a code sent to what is typed into the form that the browser shows, and returns it.
func askCode(t *testing.T, s *webtest.Shop, b *webtest.Browser, mobile string) string {
	t.Helper()
	b.Press("获取验证码", "mobile", mobile, "captcha", webtest.CaptchaAnswer)
	if b.Page.Status != http.StatusOK || !strings.Contains(b.Page.Text("#sms-sms_code"), mobile[:3]+"****"+mobile[7:]) {
		t.Fatalf("asked for a code: %d, %s", b.Page.Status, brief(b.Page))
	}
	return s.Code(mobile)
}

// Somebody new registers, is logged in with the cart of before, and can come back by password, by a forgotten password, and
// by Alipay, with and without a script.
func TestRegistrationStory(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for i, hx := range []bool{false, true} {
			mobile, name := newMobile[:10]+itoa(int64(i)), "li_lei_"+itoa(int64(i))
			b := s.Visitor()
			b.HX = hx
			b.Get("/products/1001")
			b.Post("/cart/items", url.Values{"sku_id": {"100102"}, "count": {"1"}})
			before := b.Cookie("sid")
			b.Get("/register?next=%2Fcart")
			b.Press("获取验证码", "username", name, "mobile", mobile, "captcha", "00000")
			if b.Page.Status != http.StatusUnprocessableEntity && !hx {
				t.Fatalf("wrong captcha: %d", b.Page.Status)
			}
			if got := b.Page.Attr("[name=username]", "value"); !hx && got != name {
				t.Errorf("after a wrong captcha the name became %q", got)
			}
			code := askCode(t, s, b, mobile)
			if got := b.Page.Attr("[name=username]", "value"); !hx && got != name {
				t.Errorf("while a code was asked for the name became %q", got)
			}
			b.Press("注册", "sms_code", code, "password", newPassword, "password2", "a tent by the sea", "allow", "true")
			if b.Page.Status != http.StatusUnprocessableEntity || b.Page.Attr("[name=password2]", "aria-invalid") != "true" ||
				b.Page.Attr("[name=username]", "value") != name || b.Page.Attr("[name=sms_code]", "value") != code ||
				strings.Contains(b.Page.Body, newPassword) {
				t.Fatalf("passwords that differ: %d, %s", b.Page.Status, brief(b.Page))
			}
			b.Press("注册", "password", newPassword, "password2", newPassword)
			wantPage(t, b, 200, "/cart")
			if !b.Page.Has("[data-sku='100102']") {
				t.Error("the cart was left behind")
			}
			if after := b.Cookie("sid"); after == before || after == "" {
				t.Error("the session keeps its id through a registration")
			}
			if s.Int("SELECT COUNT(*) FROM users WHERE username = ? AND mobile = ?", name, mobile) != 1 {
				t.Error("no such user")
			}
			b.Get("/")
			b.Post("/logout", nil)
			forget(t, s, b, mobile)
		}
	})
}

// forget has somebody forget the password and set another one, which ends all sessions.
func forget(t *testing.T, s *webtest.Shop, b *webtest.Browser, mobile string) {
	t.Helper()
	s.Clock.Advance(time.Minute)
	other := s.Login(s.Text("SELECT username FROM users WHERE mobile = ?", mobile))
	b.Get("/login?next=%2Forders")
	b.Click("a[href='/password/forgot']")
	b.Press("下一步", "mobile", mobile, "captcha", webtest.CaptchaAnswer)
	wantPage(t, b, 200, "/password/reset")
	if got := b.Page.Attr("[name=mobile]", "value"); got != mobile {
		t.Errorf("the number became %q", got)
	}
	b.Press("保存新密码", "sms_code", s.Code(mobile), "password", "a house on a hill", "password2", "a house on a hill")
	wantPage(t, b, 200, "/login")
	b.Press("form[action='/login'] .btn--main", "username", mobile, "password", newPassword)
	if b.Page.Status != http.StatusUnprocessableEntity {
		t.Errorf("the old password still opens: %d", b.Page.Status)
	}
	b.Press("form[action='/login'] .btn--main", "username", mobile, "password", "a house on a hill")
	wantPage(t, b, 200, "/")
	if p := other.Get("/account"); p.URL.Path != "/login" {
		t.Errorf("a session outlived a forgotten password: %s", p.At())
	}
}

// Whether a number has an account shows nowhere when a password is forgotten.
func TestForgottenPasswordTellsNothing(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		seen := map[string]bool{}
		for _, mobile := range []string{"13800135621", "13712345678"} { // xiaoming's, nobody's
			b := s.Visitor()
			b.Get("/password/forgot")
			b.Press("下一步", "mobile", mobile, "captcha", webtest.CaptchaAnswer)
			seen[strings.ReplaceAll(brief(b.Page), mobile[:3]+"****"+mobile[7:], "MOBILE")] = true
			b.Press("保存新密码", "sms_code", "000000", "password", newPassword, "password2", newPassword)
			seen[b.Page.Text("#f-sms_code-wrong")] = true
		}
		if len(seen) != 2 {
			t.Errorf("a known and an unknown number are answered differently: %v", seen)
		}
		if err := s.Store.RunJobs(t.Context()); err != nil {
			t.Fatal(err)
		}
		if len(s.Sandbox.Phone.Messages("13712345678")) != 0 || len(s.Sandbox.Phone.Messages("13800135621")) != 1 {
			t.Error("messages went to whom they should not")
		}
	})
}

// Captchas are for one try and one browser, codes for one number; and nobody is asked to wait without being told how long.
func TestProofsAreUsedOnce(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Visitor()
		b.Get("/register")
		id := b.Page.Attr("[name=captcha_id]", "value")
		send := func(b *webtest.Browser, mobile, id string) *webtest.Page {
			p, err := b.Send(http.MethodPost, "/sms-codes", url.Values{"mobile": {mobile}, "captcha_id": {id},
				"captcha": {webtest.CaptchaAnswer}, "purpose": {"register"}},
				"HX-Request", "true")
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		if p := send(s.Visitor(), newMobile, id); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("another browser's captcha: %d", p.Status)
		}
		if p := send(b, newMobile, id); p.Status != http.StatusOK || !strings.Contains(p.Body, `data-again="60"`) {
			t.Fatalf("first code: %d %s", p.Status, p.Body)
		}
		if p := send(b, "13700137009", id); p.Status != http.StatusUnprocessableEntity {
			t.Errorf("a captcha used twice: %d", p.Status)
		}
		b.Get("/register")
		p := send(b, newMobile, b.Page.Attr("[name=captcha_id]", "value"))
		if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") != "60" || !strings.Contains(p.Body, "60 秒后再试") {
			t.Errorf("second code within a minute: %d, Retry-After %q", p.Status, p.Header.Get("Retry-After"))
		}
		b.Get("/register")
		b.Press("获取验证码", "mobile", newMobile, "captcha", webtest.CaptchaAnswer, "username", "li_lei")
		if b.Page.Status != http.StatusTooManyRequests || b.Page.Attr("[name=username]", "value") != "li_lei" || b.Page.Alert() == "" {
			t.Errorf("the same without a script: %d %q", b.Page.Status, b.Page.Alert())
		}
		code := s.Code(newMobile)
		p = b.Post("/register", url.Values{"username": {"li_lei"}, "mobile": {"13700137008"}, "sms_code": {code}, "password": {newPassword},
			"password2": {newPassword}, "allow": {"true"}})
		if p.Status != http.StatusUnprocessableEntity || s.Int("SELECT COUNT(*) FROM users WHERE username = 'li_lei'") != 0 {
			t.Errorf("a code for another number: %d", p.Status)
		}
		for path, want := range map[string]int{"/captcha/" + b.Page.Attr("[name=captcha_id]", "value"): 200, "/captcha/none": 404} {
			for _, audio := range []string{"", "?audio=1"} {
				if p, err := b.Send(http.MethodGet, path+audio, nil); err != nil || p.Status != want ||
					want == 200 && !strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
					t.Errorf("%s%s: %d %q, %v", path, audio, p.Status, p.Header.Get("Cache-Control"), err)
				}
			}
		}
	})
}

// The field tells on leaving it whether a name can be had, and typing goes on from there.
func TestNameIsCheckedOnLeavingTheField(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Visitor()
		b.HX = true
		b.Get("/register")
		for name, want := range map[string]string{"xiaoming": "已经有人用了", "li_lei": "这个名字可以用", "abc": "5 到 20", "12345678": "不能全是数字"} {
			b.Change("username", name)
			if got := b.Page.Text("#f-username-note"); !strings.Contains(got, want) {
				t.Errorf("%s: %q", name, got)
			}
		}
		b.Change("mobile", "13800135621")
		if got := b.Page.Text("#f-mobile-note"); !strings.Contains(got, "已经注册过") {
			t.Errorf("a number that is registered: %q", got)
		}
	})
}

// After three failures a captcha is asked for; who has logged in here before is spared.
func TestLoginAsksCaptcha(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		known := s.Visitor()
		known.Get("/login")
		known.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", account.DemoPassword)
		wantPage(t, known, 200, "/")
		known.Post("/logout", nil)

		b := s.Visitor()
		b.Get("/login")
		for range 3 {
			if b.Page.Has("[name=captcha]") {
				t.Fatal("a captcha is asked for too early")
			}
			b.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", "not the one")
		}
		b.Press("form[action='/login'] .btn--main", "password", account.DemoPassword, "captcha", "00000")
		if b.Page.Status != http.StatusUnprocessableEntity || b.Page.Attr("[name=captcha]", "aria-invalid") != "true" {
			t.Fatalf("wrong captcha: %d, %s", b.Page.Status, brief(b.Page))
		}
		b.Press("form[action='/login'] .btn--main", "password", account.DemoPassword, "captcha", webtest.CaptchaAnswer)
		wantPage(t, b, 200, "/")

		known.Get("/login")
		known.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", account.DemoPassword)
		wantPage(t, known, 200, "/")
	})
}

// Somebody comes by Alipay or QQ: a stranger gets an account, later it goes straight in, and a state is good once, in the
// browser that it was made for.
func TestProviderStory(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for i, provider := range []string{"alipay", "qq"} {
			b := s.Visitor()
			b.Get("/login?next=%2Fcart")
			back := goAbroad(t, s, b, "a[href^='/oauth/"+provider+"/start']")
			if p := s.Visitor().Get(back); p.URL.Path != "/login" || p.Alert() == "" {
				t.Errorf("%s: a state of another browser leads to %s", provider, p.At())
			}
			b.Get(back)
			wantPage(t, b, 200, "/oauth/bind")
			mobile := newMobile[:10] + itoa(int64(i))
			code := askCode(t, s, b, mobile)
			b.Press("绑定并登录", "sms_code", code, "password", newPassword)
			wantPage(t, b, 200, "/cart")
			user := s.Int("SELECT user_id FROM identities WHERE provider = ?", provider)
			if name := s.Text("SELECT username FROM users WHERE id = ?", user); len(name) != 9 || name[0] != 'u' {
				t.Errorf("%s: the account is called %q", provider, name)
			}
			if p := b.Get(back); p.URL.Path == "/cart" {
				t.Errorf("%s: a callback works twice", provider)
			}
			again := s.Visitor()
			again.Get("/login")
			again.Get(goAbroad(t, s, again, "a[href^='/oauth/"+provider+"/start']"))
			wantPage(t, again, 200, "/")
			if s.Int("SELECT COUNT(*) FROM identities WHERE provider = ?", provider) != 1 {
				t.Errorf("%s: bound twice", provider)
			}
		}
		b := s.Visitor()
		b.Get("/oauth/alipay/callback?app_id=1&state=x")
		if b.Page.URL.Path != "/login" || b.Page.Alert() == "" {
			t.Errorf("a made-up callback leads to %s", b.Page.At())
		}
		b.Get("/oauth/bind")
		wantPage(t, b, 200, "/login")
		if b.Get("/oauth/weibo/start"); b.Page.Status != http.StatusNotFound {
			t.Errorf("an unknown provider: %d", b.Page.Status)
		}
	})
}

// goAbroad clicks on a way to log in, says yes there, and returns where the provider leads back to.
func goAbroad(t *testing.T, s *webtest.Shop, b *webtest.Browser, link string) string {
	t.Helper()
	p, err := b.Send(http.MethodGet, b.Page.Attr(link, "href"), nil)
	if err != nil || p.Status != http.StatusSeeOther {
		t.Fatalf("to the provider: %d, %v", p.Status, err)
	}
	back, err := s.Sandbox.Logins.Agree(p.Header.Get("Location"), "小雨")
	if err != nil {
		t.Fatal(err)
	}
	return back
}

// Wherever a form says to go on to, it is a page of this shop.
func TestNextLeadsNowhereElse(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	for _, next := range []string{"//evil.example", "https://evil.example/", "https:evil.example", `/\evil.example`, "/login"} {
		b := s.Visitor()
		b.Get("/login?next=" + url.QueryEscape(next))
		b.Press("form[action='/login'] .btn--main", "username", "xiaoming", "password", account.DemoPassword)
		wantPage(t, b, 200, "/")
	}
}

// Whether a code went to a number shows only in the browser that asked for it.
func TestCountdownIsTheBrowsersOwn(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		for _, hx := range []bool{false, true} {
			mobile := "1370013710" + map[bool]string{false: "1", true: "2"}[hx]
			b, nosy := s.Visitor(), s.Visitor()
			b.HX = hx
			b.Get("/register")
			askCode(t, s, b, mobile)
			b.HX = false
			form := url.Values{"username": {"x"}, "mobile": {mobile}}
			if !b.Post("/register", form).Has("[data-again]") {
				t.Errorf("hx %v: who has just asked for a code is not told when to ask again", hx)
			}
			if nosy.Post("/register", form).Has("[data-again]") {
				t.Errorf("hx %v: a stranger learns that a code was sent", hx)
			}
		}
	})
}

// Who has had too many captchas is told on the form, which loses nothing.
func TestTooManyCaptchas(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Visitor()
	for range 120 {
		if b.Get("/register"); b.Page.Status != http.StatusOK {
			t.Fatalf("too early: %d", b.Page.Status)
		}
	}
	p := b.Post("/register", url.Values{"username": {"li_lei"}, "mobile": {newMobile}})
	if p.Status != http.StatusTooManyRequests || p.Header.Get("Retry-After") == "" || p.Alert() == "" ||
		p.Attr("[name=username]", "value") != "li_lei" || p.Has("[name=captcha]") {
		t.Errorf("one more: %d, Retry-After %q, %s", p.Status, p.Header.Get("Retry-After"), brief(p))
	}
	s.Clock.Advance(16 * time.Minute)
	if b.Get("/register"); b.Page.Status != http.StatusOK || !b.Page.Has("[name=captcha]") {
		t.Errorf("later: %d", b.Page.Status)
	}
}

// Ids that are none are answered like those that are not there, on both databases.
func TestStrangeIDs(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		for _, id := range []string{"%ff%fe", "%00", "'%20OR%201=1", strings.Repeat("x", 300), "..%2f..", "%F0%9F%90%B1"} {
			if p, err := b.Send(http.MethodGet, "/captcha/"+id, nil); err != nil || p.Status != http.StatusNotFound {
				t.Errorf("captcha %.20q: %d, %v", id, p.Status, err)
			}
			raw, _ := url.PathUnescape(id)
			if p, err := b.Send(http.MethodPost, "/account/sessions", url.Values{"id": {raw}}); err != nil ||
				p.Status != http.StatusNotFound {
				t.Errorf("session %.20q: %d, %v", id, p.Status, err)
			}
			if p, err := b.Send(http.MethodPost, "/sms-codes",
				url.Values{"mobile": {raw}, "captcha_id": {raw}, "captcha": {raw}, "purpose": {raw}}); err != nil ||
				p.Status != http.StatusUnprocessableEntity {
				t.Errorf("code %.20q: %d, %v", id, p.Status, err)
			}
			if p, err := b.Send(http.MethodPost, "/register", url.Values{"mobile": {raw}, "username": {raw}, "sms_code": {raw},
				"password": {raw}}); err != nil || p.Status != http.StatusUnprocessableEntity {
				t.Errorf("register %.20q: %d, %v", id, p.Status, err)
			}
			if p, err := b.Send(http.MethodPost, "/login", url.Values{"username": {raw}, "password": {raw}}); err != nil ||
				p.Status != http.StatusUnprocessableEntity && p.Status != http.StatusTooManyRequests {
				t.Errorf("login %.20q: %d, %v", id, p.Status, err)
			}
		}
	})
}
