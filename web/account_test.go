package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"dashop/store/account"
	"dashop/web/webtest"
)

// Whoever has no mobile yet proves with the password that it is not just somebody at the same screen.
func TestFirstMobile(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		const mobile, send = "13700138009", "form[action='/account/mobile'] .btn--main"
		s.Exec("UPDATE users SET mobile = NULL WHERE id = ?", xiaoming)
		b := s.Login("xiaoming")
		b.Get("/account/profile")
		b.Click("a[href='/account/mobile']")
		if b.Page.Has("[name=old_sms_code]") {
			t.Fatal("a code to a number that is not there is asked for")
		}
		b.Press("[name=purpose][value=mobile]", "captcha", webtest.CaptchaAnswer, "mobile", mobile, "password", "not the one")
		code := s.Code(mobile)
		if b.Page.Attr("[name=mobile]", "value") != mobile || strings.Contains(b.Page.Body, "not the one") {
			t.Errorf("after the code was sent: mobile %q", b.Page.Attr("[name=mobile]", "value"))
		}
		b.Press(send, "sms_code", code, "password", "not the one")
		if b.Page.Status != http.StatusUnprocessableEntity || b.Page.Attr("[name=password]", "aria-invalid") != "true" ||
			b.Page.Attr("[name=sms_code]", "value") != code || strings.Contains(b.Page.Body, "not the one") {
			t.Errorf("a wrong password: %d, code %q, %s", b.Page.Status, b.Page.Attr("[name=sms_code]", "value"), brief(b.Page))
		}
		if n := s.Int("SELECT COUNT(*) FROM users WHERE id = ? AND mobile IS NOT NULL", xiaoming); n != 0 {
			t.Error("a wrong password gave the account a mobile")
		}
		b.Press(send, "password", account.DemoPassword)
		wantPage(t, b, 200, "/account/profile")
		if got := s.Text("SELECT mobile FROM users WHERE id = ?", xiaoming); got != mobile {
			t.Errorf("the mobile is %q", got)
		}
	})
}

// Devices are called by browser and system as far as they tell; what they say of themselves is text and nothing else.
func TestDevicesAreNamed(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	for agent, want := range map[string]string{
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1": "Safari · iOS",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0":           "Edge · Windows",
		"Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0":                                                                  "Firefox · Linux",
		"":                             "未知浏览器",
		"\"><script>alert(1)</script>": "",
		strings.Repeat("好", 200):       strings.Repeat("好", 40) + "…",
		"((((((;;;;////\\\\":           "",
	} {
		s.Exec("UPDATE sessions SET user_agent = ? WHERE user_id = ?", agent, xiaoming)
		p := b.Get("/account/sessions")
		if p.Status != http.StatusOK || p.Has("main script") {
			t.Errorf("%.30q: %d", agent, p.Status)
		}
		if got := p.Text(".device__name"); !strings.HasPrefix(got, want) || strings.TrimSpace(strings.TrimSuffix(got, "这台设备")) == "" {
			t.Errorf("%.30q is called %q, want %q", agent, got, want)
		}
	}
}

// The look of the shop is chosen on one's own page, too, and that page says which it is.
func TestLookIsChosenOnOnesOwnPage(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	b := s.Login("xiaoming")
	b.Get("/account")
	for theme, name := range map[string]string{"dark": "深色", "light": "浅色", "auto": "跟随系统"} {
		b.Press(".mine__themes [value=" + theme + "]")
		wantPage(t, b, 200, "/account")
		if got := b.Page.Attr("html", "data-theme"); got != strings.TrimSuffix(theme, "auto") ||
			b.Page.Text(".mine__looks small") != name ||
			b.Page.Attr(".mine__themes [aria-current]", "value") != theme {
			t.Errorf("%s: the page is %q and says %q", theme, got, b.Page.Text(".mine__looks small"))
		}
	}
}

// The last way into an account stays; the page that says so still knows who one is.
func TestLastLoginStays(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.Exec("UPDATE users SET password_hash = '' WHERE id = ?", xiaoming)
		s.Exec("INSERT INTO identities (user_id, provider, app_id, subject, nickname, created_at) VALUES (?, 'qq', 'a', 's', '小雨', ?)",
			xiaoming, s.Clock.Now())
		b := s.Login("xiaoming")
		b.Get("/account/profile")
		b.Press("form[action='/account/identities/qq/remove'] button")
		if b.Page.Status != http.StatusConflict || b.Page.Alert() == "" || b.Page.Attr("[name=nickname]", "value") != "小明" {
			t.Errorf("%d, called %q: %s", b.Page.Status, b.Page.Attr("[name=nickname]", "value"), brief(b.Page))
		}
		if s.Int("SELECT COUNT(*) FROM identities WHERE user_id = ?", xiaoming) != 1 {
			t.Error("nobody can log in any more")
		}
		if p := b.Post("/account", url.Values{"nickname": {"\xff\xfe" + strings.Repeat("长",
			21)}}); p.Status != http.StatusUnprocessableEntity ||
			p.Attr("[name=nickname]", "value") != strings.Repeat("长", 21) || !utf8.ValidString(p.Body) {
			t.Errorf("bytes that are no text: %d, %q", p.Status, p.Attr("[name=nickname]", "value"))
		}
	})
}
