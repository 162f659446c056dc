package web_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/storage"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"dashop/web/webtest"
)

// diary keeps what a shop logs.
type diary struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (d *diary) Write(p []byte) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.Write(p)
}

func (d *diary) String() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.b.String()
}

// readCode looks at the sandbox's phone page for the newest code that came to a mobile.
func (b tab) readCode(s *webtest.Shop, mobile string) string {
	b.Helper()
	if err := s.Store.RunJobs(b.ctx); err != nil {
		b.Fatal(err)
	}
	b.do(chromedp.Navigate(s.Sandbox.URL() + "/phone?mobile=" + mobile + "&refresh=off"))
	b.until("a message has come", fmt.Sprintf("document.querySelector('[data-mobile=\"%s\"]')", mobile))
	return b.eval(fmt.Sprintf("document.querySelector('[data-mobile=\"%s\"]').dataset.code", mobile))
}

// tick ticks a box that may hide behind its label.
func (b tab) tick(name string) {
	b.Helper()
	b.do(chromedp.Evaluate(fmt.Sprintf("document.querySelector('[name=%s]').click()", name), nil))
}

// TestBrowserAccounts does in Chromium what people do with an account, and then looks for them in the log.
func TestBrowserAccounts(t *testing.T) {
	log := &diary{}
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	defer slog.SetDefault(before)
	s := webtest.Start(t, webtest.Config{Log: log})
	const mobile, name, place = "13700137000", "li_lei_77", "玉林西路 21 号 1 栋"
	secrets := []string{mobile, name, newPassword, "a house on a hill", place, "李雷雷", webtest.CaptchaAnswer}

	b, phone := chromium(t, s, 1440, true), chromium(t, s, 390, true)
	b.open("/products/1005")
	b.open("/register?next=%2Faccount%2Faddresses")
	b.typeInto("[name=username]", "xiaoming")
	b.do(chromedp.KeyEvent(kb.Tab))
	b.until("the name is taken", "document.querySelector('#f-username-note').innerText.includes('已经有人用了')")
	b.do(chromedp.Evaluate("document.querySelector('[name=username]').value = ''", nil))
	b.typeInto("[name=username]", name)
	b.do(chromedp.KeyEvent(kb.Tab))
	b.until("the name is free", "document.querySelector('#f-username-note').innerText.includes('可以用')")
	b.typeInto("[name=mobile]", mobile)
	b.typeInto("[name=captcha]", "00000")
	b.click("button[name=purpose]")
	b.until("a wrong captcha is told", "document.querySelector('#captcha').innerText.includes('不对')")
	b.typeInto("[name=captcha]", webtest.CaptchaAnswer)
	b.typeInto("[name=password]", newPassword)
	b.click("button[name=purpose]")
	b.until("a code was sent, and the button counts",
		"document.querySelector('#sms-sms_code').innerText.includes('137****7000') && document.querySelector('button[name=purpose]').disabled && document.querySelector('button[name=purpose]').innerText.includes('秒后重发')")
	if got := b.eval("document.querySelector('[name=password]').value"); got != newPassword {
		t.Errorf("while a code was sent the password became %q", got)
	}
	code := phone.readCode(s, mobile)
	secrets = append(secrets, code)
	b.typeInto("[name=sms_code]", code)
	b.typeInto("[name=password2]", newPassword)
	b.click("[data-reveal]")
	b.until("the password is shown", "document.querySelector('[name=password]').type === 'text'")
	b.tick("allow")
	b.fits()
	b.click("form[action='/register'] .btn--main")
	b.arrives("/account/addresses")

	b.typeInto("[name=receiver]", "李雷雷")
	b.typeInto("[name=mobile]", mobile)
	b.choose("province_id", "四川省")
	b.choose("city_id", "成都市")
	b.choose("district_id", "武侯区")
	b.typeInto("[name=place]", place)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until("the address is kept", "document.querySelector('.addresses')?.innerText.includes('玉林西路')")
	b.open("/account/history")
	b.until("what a visitor saw came along", "document.querySelector('form[action=\"/account/history/1005/remove\"]')")
	secrets = append(secrets, b.cookie("sid"))

	b.leave()
	s.Clock.Advance(time.Minute)
	b.open("/login")
	b.click("a[href='/password/forgot']")
	b.arrives("/password/forgot")
	b.typeInto("[name=mobile]", mobile)
	b.typeInto("[name=captcha]", webtest.CaptchaAnswer)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrives("/password/reset")
	code = phone.readCode(s, mobile)
	secrets = append(secrets, code)
	b.typeInto("[name=sms_code]", code)
	b.typeInto("[name=password]", "a house on a hill")
	b.typeInto("[name=password2]", "a house on a hill")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.arrives("/login")

	s.Clock.Advance(time.Minute)
	b.click("a[href^='/oauth/alipay/start']")
	b.until("the provider asks who it is", "document.querySelector('#login')")
	b.click("#login")
	b.arrives("/oauth/bind")
	b.typeInto("[name=mobile]", mobile)
	b.typeInto("[name=captcha]", webtest.CaptchaAnswer)
	b.click("button[name=purpose]")
	b.until("a code was sent", "document.querySelector('#sms-sms_code').innerText.includes('137****7000')")
	code = phone.readCode(s, mobile)
	secrets = append(secrets, code)
	b.typeInto("[name=sms_code]", code)
	b.typeInto("[name=password]", "a house on a hill")
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until("logged in at the home page", "location.pathname === '/' && document.body.innerText.includes('"+name+"')")

	other := chromium(t, s, 1440, false)
	other.open("/login?next=%2Faccount")
	other.typeInto("[name=username]", name)
	other.typeInto("[name=password]", "a house on a hill")
	other.do(chromedp.KeyEvent(kb.Enter))
	other.arrives("/account")
	b.do(chromedp.Evaluate("window.confirm = () => true", nil))
	b.open("/account/sessions")
	b.until("both devices are listed", "document.querySelectorAll('[data-device]').length === 2")
	b.click("[data-device]:not(:has(.tag--accent)) button")
	b.until("one is left", "document.querySelectorAll('[data-device]').length === 1")
	other.do(chromedp.Navigate(s.URL + "/account"))
	other.arrives("/login")

	b.leave()
	b.open("/login")
	b.click("a[href^='/oauth/alipay/start']")
	b.until("the provider asks again", "document.querySelector('#login')")
	b.click("#login")
	b.until("straight in", "location.pathname === '/' && document.body.innerText.includes('"+name+"')")

	text := log.String()
	if strings.Count(text, "msg=request") < 20 {
		t.Fatalf("the log is too short to tell: %d lines", strings.Count(text, "\n"))
	}
	for _, secret := range secrets {
		if secret == "" || strings.Contains(text, secret) {
			i := max(0, strings.Index(text, secret))
			t.Errorf("the log holds %q: …%s…", secret, text[max(0, i-100):min(len(text), i+100)])
		}
	}
}

// cookie is one of the cookies of the page's host.
func (b tab) cookie(name string) (value string) {
	b.Helper()
	b.do(chromedp.ActionFunc(func(ctx context.Context) error {
		cookies, err := storage.GetCookies().Do(ctx)
		for _, c := range cookies {
			if c.Name == name {
				value = c.Value
			}
		}
		return err
	}))
	return value
}

// leave logs out.
func (b tab) leave() {
	b.Helper()
	b.open("/account")
	b.click(".mine__logout button")
	b.until("logged out", "location.pathname === '/'")
}
