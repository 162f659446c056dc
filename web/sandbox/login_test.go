package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/payment/alipay"
)

func (f *fixture) alipayLink(change ...string) string {
	query := url.Values{"app_id": {AppID}, "scope": {"auth_user"}, "redirect_uri": {f.shop.URL + "/return?from=a"}, "state": {"s&t"}}
	return f.URL() + "/oauth2/publicAppAuthorize.htm" + "?" + changed(query, change)
}

func (f *fixture) qqLink(change ...string) string {
	query := url.Values{"response_type": {"code"}, "client_id": {QQAppID}, "redirect_uri": {f.shop.URL + "/return"}, "state": {"s&t"},
		"scope": {"get_user_info"}}
	return f.URL() + "/oauth2.0/authorize" + "?" + changed(query, change)
}

// changed encodes query with name and value pairs changed.
func changed(query url.Values, pairs []string) string {
	for i := 0; i < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return query.Encode()
}

func TestLoginPages(t *testing.T) {
	f := newFixture(t)
	for name, c := range map[string]struct{ link, code, cancelled string }{
		"alipay": {f.alipayLink(), "auth_code", ""},
		"qq":     {f.qqLink(), "code", "usercancel"},
	} {
		b := newBuyer(t)
		b.open(c.link)
		if b.status != 200 || b.doc.Find("h1").Length() != 1 || b.doc.Find("input[type=radio]").Length() != 3 ||
			b.doc.Find("label[for=nickname]").Length() != 1 {
			t.Fatalf("%s: %d %s", name, b.status, b.doc.Find("main").Text())
		}
		if b.doc.Find("script, style, [style], [onclick], main b").Length() != 0 {
			t.Errorf("%s: markup that must not be", name)
		}
		if csp := b.header.Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") ||
			!strings.Contains(csp, "form-action 'self' "+f.shop.URL) {
			t.Errorf("%s: %s", name, csp)
		}
		b.press("login", map[string]string{"nickname": strings.Repeat("字", 33)})
		if b.status != 422 || b.alert() == "" || b.doc.Find("#nickname").AttrOr("value", "") != strings.Repeat("字", 33) ||
			b.doc.Find("[aria-describedby~=nickname-wrong]").Length() != 1 {
			t.Errorf("%s: a long nickname: %d %s", name, b.status, b.alert())
		}
		b.press("login", map[string]string{"nickname": ""})
		q := b.at.Query()
		if b.at.Path != "/return" || q.Get("state") != "s&t" || len(q.Get(c.code)) != 32 {
			t.Errorf("%s: back at %s", name, b.at)
		}
		if name == "alipay" && (q.Get("app_id") != AppID || q.Get("scope") != "auth_user" || q.Get("source") == "" ||
			q.Get("from") != "a") {
			t.Errorf("alipay: back at %s", b.at)
		}
		b.open(c.link)
		b.press("cancel", nil)
		if q = b.at.Query(); b.at.Path != "/return" || q.Has(c.code) || q.Get("state") != "s&t" ||
			c.cancelled != "" && q.Get(c.cancelled) != "1" {
			t.Errorf("%s: cancelled: at %s", name, b.at)
		}
	}
}

func TestLoginPagesKeepTheLanguage(t *testing.T) {
	f := newFixture(t)
	b := newBuyer(t)
	b.open(f.alipayLink())
	href, _ := b.doc.Find(".bar__lang").Attr("href")
	b.open(f.URL() + href)
	if b.status != 200 || b.doc.Find("html").AttrOr("lang", "") != "en" {
		t.Fatalf("in English: %d", b.status)
	}
	b.doc.Find(".bar__lang, [lang=zh-CN]").Remove()
	if text := strings.ReplaceAll(b.doc.Find("body").Text(), "达达商城", ""); strings.ContainsFunc(text,
		func(r rune) bool { return r >= 0x4e00 && r <= 0x9fff }) {
		t.Errorf("Chinese in %q", strings.Join(strings.Fields(text), " "))
	}
	b.open(f.URL() + href)
	b.press("login", map[string]string{"nickname": strings.Repeat("x", 40)})
	if b.status != 422 || b.doc.Find("html").AttrOr("lang", "") != "en" {
		t.Errorf("after a mistake: %d", b.status)
	}
	b.press("login", map[string]string{"nickname": ""})
	if b.at.Query().Get("state") != "s&t" || b.at.Query().Has("lang") {
		t.Errorf("back at %s", b.at)
	}
}

func TestLoginRequestsRefused(t *testing.T) {
	f := newFixture(t)
	for what, link := range map[string]string{
		"alipay: another app":     f.alipayLink("app_id", "2021000000000001"),
		"alipay: no scope":        f.alipayLink("scope", ""),
		"alipay: another scope":   f.alipayLink("scope", "auth_ecard"),
		"alipay: script":          f.alipayLink("redirect_uri", "javascript:alert(1)"),
		"alipay: relative":        f.alipayLink("redirect_uri", "/oauth/alipay/callback"),
		"alipay: no redirect_uri": f.alipayLink("redirect_uri", ""),
		"alipay: with a name":     f.alipayLink("redirect_uri", "http://shop@evil.test/"),
		"alipay: fragment":        f.alipayLink("redirect_uri", "http://127.0.0.1/#x"),
		"alipay: a name twice":    f.alipayLink() + "&app_id=" + AppID,
		"qq: another app":         f.qqLink("client_id", "100000009"),
		"qq: implicit":            f.qqLink("response_type", "token"),
		"qq: script":              f.qqLink("redirect_uri", "data:text/html,x"),
	} {
		for _, method := range []string{http.MethodGet, http.MethodPost} {
			b := newBuyer(t)
			b.do(method, link, url.Values{"act": {"login"}})
			if b.status != 400 || b.alert() == "" || b.doc.Find("h1").Length() != 1 || !strings.HasPrefix(f.URL(), "http://"+b.at.Host) {
				t.Errorf("%s, %s: %d at %s", what, method, b.status, b.at)
			}
		}
	}
	if _, err := f.Logins.Agree(f.alipayLink("app_id", "x"), ""); err == nil {
		t.Error("Agree to another app")
	}
	// A link must not choose who one is: the form alone does.
	back, err := f.Logins.Agree(f.qqLink(), "小明")
	if err != nil {
		t.Fatal(err)
	}
	me := f.whoIs(back)
	b := newBuyer(t)
	b.do(http.MethodPost, f.qqLink("nickname", "Mallory", "act", "cancel"), url.Values{"act": {"login"}, "person": {"小明"}})
	if got := f.whoIs(b.at.String()); got != me {
		t.Errorf("the link chose %s", got)
	}
}

func TestAlipayLogin(t *testing.T) {
	f := newFixture(t)
	ctx := context.Background()
	agree := func(nickname string) string {
		t.Helper()
		back, err := f.Logins.Agree(f.alipayLink(), nickname)
		if err != nil {
			t.Fatal(err)
		}
		u, err := url.Parse(back)
		if err != nil {
			t.Fatal(err)
		}
		return u.Query().Get("auth_code")
	}
	code := agree("阿芳")
	token, err := f.client.Token(ctx, f.clock.Now(), code)
	if err != nil || token.AccessToken == "" || !strings.HasPrefix(token.User.UserID, "2088") || len(token.User.UserID) != 16 {
		t.Fatalf("token: %+v, %v", token, err)
	}
	if user, err := f.client.User(ctx, f.clock.Now(), token); err != nil || user.Nickname != "阿芳" || user.UserID != token.User.UserID {
		t.Errorf("user: %+v, %v", user, err)
	}
	invalid := func(what, code string) {
		t.Helper()
		_, err := f.client.Token(ctx, f.clock.Now(), code)
		if call := (*alipay.CallError)(nil); !errors.As(err, &call) || call.Code != "40002" || call.SubCode != "isv.code-invalid" {
			t.Errorf("%s: %v", what, err)
		}
	}
	invalid("used twice", code)
	invalid("made up", "0123456789abcdef0123456789abcdef")
	old := agree("阿芳")
	f.clock.Add(3 * time.Minute)
	invalid("three minutes old", old)
	qq, err := f.Logins.Agree(f.qqLink(), "阿芳")
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(qq)
	invalid("QQ's", u.Query().Get("code"))

	again, err := f.client.Token(ctx, f.clock.Now(), agree("阿芳"))
	if err != nil || again.User.UserID != token.User.UserID {
		t.Errorf("the same person: %+v, %v", again, err)
	}
	other, err := f.client.Token(ctx, f.clock.Now(), agree("小明"))
	if err != nil || other.User.UserID == token.User.UserID {
		t.Errorf("another person: %+v, %v", other, err)
	}
	if _, err := f.client.User(ctx, f.clock.Now(), alipay.Token{AccessToken: "made up"}); !errors.Is(err, alipay.ErrRefused) {
		t.Errorf("a made-up token: %v", err)
	}
	// The silent scope tells who one is and nothing more.
	back, err := f.Logins.Agree(f.alipayLink("scope", "auth_base"), "")
	if err != nil {
		t.Fatal(err)
	}
	u, _ = url.Parse(back)
	base, err := f.client.Token(ctx, f.clock.Now(), u.Query().Get("auth_code"))
	if err != nil || base.User.UserID != other.User.UserID {
		t.Errorf("auth_base: %+v, %v", base, err)
	}
	if _, err := f.client.User(ctx, f.clock.Now(), base); !errors.Is(err, alipay.ErrRefused) {
		t.Errorf("auth_base must not tell the nickname: %v", err)
	}
	for kind, want := range map[Kind]error{
		Hang: alipay.ErrUnknown, Broken: alipay.ErrUnknown, Busy: alipay.ErrUnknown, ResetAfter: alipay.ErrUnknown,
		Unsigned: alipay.ErrSignature, BadSign: alipay.ErrSignature, Tampered: alipay.ErrSignature,
	} {
		f.inject(Fault{On: OnAlipayLogin, Kind: kind, Times: 1, Delay: 10 * time.Millisecond})
		if got, err := f.client.Token(ctx, f.clock.Now(), agree("阿芳")); !errors.Is(err, want) || got.AccessToken != "" {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
	}
}

// get calls QQ's side and gives the body; the status is 200 whatever happens.
func (f *fixture) get(path string, query url.Values) string {
	f.t.Helper()
	resp, err := http.Get(f.URL() + path + "?" + query.Encode())
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != 200 {
		f.t.Fatalf("%s: %d %v", path, resp.StatusCode, err)
	}
	return string(body)
}

// tokenQuery asks for the token of the code in a callback.
func (f *fixture) tokenQuery(back string) url.Values {
	f.t.Helper()
	u, err := url.Parse(back)
	if err != nil {
		f.t.Fatal(err)
	}
	return url.Values{
		"grant_type": {"authorization_code"}, "client_id": {QQAppID}, "client_secret": {f.Logins.QQSecret()},
		"code": {u.Query().Get("code")}, "redirect_uri": {f.shop.URL + "/return"},
	}
}

// whoIs is what QQ says of the person who came back, as a script.
func (f *fixture) whoIs(back string) string {
	f.t.Helper()
	form, err := url.ParseQuery(f.get("/oauth2.0/token", f.tokenQuery(back)))
	if err != nil || form.Get("access_token") == "" || form.Get("expires_in") != "7776000" {
		f.t.Fatalf("%s: %v %v", back, form, err)
	}
	return f.get("/oauth2.0/me", url.Values{"access_token": {form.Get("access_token")}})
}

func TestQQLogin(t *testing.T) {
	f := newFixture(t)
	agree := func() string {
		t.Helper()
		back, err := f.Logins.Agree(f.qqLink(), `"阿芳"`)
		if err != nil {
			t.Fatal(err)
		}
		return back
	}
	back := agree()
	q := f.tokenQuery(back)
	for what, c := range map[string]struct{ name, value, number string }{
		"another secret":       {"client_secret", "x", "100009"},
		"another app":          {"client_id", "1", "100008"},
		"another redirect_uri": {"redirect_uri", f.shop.URL + "/return?", "100010"},
		"another grant":        {"grant_type", "password", "100004"},
		"no code":              {"code", "", "100005"},
		"a made-up code":       {"code", "x", "100019"},
	} {
		wrong := f.tokenQuery(back)
		wrong.Set(c.name, c.value)
		if got := f.get("/oauth2.0/token", wrong); !strings.HasPrefix(got, "callback( {") ||
			!strings.Contains(got, `"error":`+c.number) || !strings.HasSuffix(strings.TrimSpace(got), ");") {
			t.Errorf("%s: %s", what, got)
		}
	}
	form, err := url.ParseQuery(f.get("/oauth2.0/token", q)) // none of the failures used the code up
	token := form.Get("access_token")
	if err != nil || token == "" {
		t.Fatalf("token: %v %v", form, err)
	}
	if got := f.get("/oauth2.0/token", q); !strings.Contains(got, `"error":100020`) {
		t.Errorf("a code used twice: %s", got)
	}
	old := f.tokenQuery(agree())
	old.Set("fmt", "json")
	f.clock.Add(10 * time.Minute)
	if got := f.get("/oauth2.0/token", old); !strings.HasPrefix(got, `{"error":100019`) {
		t.Errorf("ten minutes old: %s", got)
	}
	me := f.get("/oauth2.0/me", url.Values{"access_token": {token}})
	_, openID, _ := strings.Cut(me, `"openid":"`)
	openID, _, _ = strings.Cut(openID, `"`)
	if !strings.HasPrefix(me, "callback( {") || !strings.Contains(me, `"client_id":"`+QQAppID+`"`) || len(openID) != 32 {
		t.Fatalf("me: %s", me)
	}
	if got := f.get("/oauth2.0/me", url.Values{"access_token": {"x"}, "fmt": {"json"}}); !strings.HasPrefix(got, `{"error":100016`) {
		t.Errorf("a made-up token: %s", got)
	}
	info := url.Values{"access_token": {token}, "oauth_consumer_key": {QQAppID}, "openid": {openID}}
	if got := f.get("/user/get_user_info", info); !strings.Contains(got, `"nickname":"\"阿芳\""`) || !strings.Contains(got, `"ret":0`) {
		t.Errorf("info: %s", got)
	}
	for name, value := range map[string]string{"access_token": "x", "oauth_consumer_key": "1", "openid": "0123"} {
		wrong := url.Values{"access_token": {token}, "oauth_consumer_key": {QQAppID}, "openid": {openID}}
		wrong.Set(name, value)
		if got := f.get("/user/get_user_info", wrong); strings.Contains(got, `"ret":0`) || strings.Contains(got, "阿芳") {
			t.Errorf("another %s: %s", name, got)
		}
	}
	if again := f.whoIs(agree()); again != me {
		t.Errorf("the same person: %s", again)
	}
	f.inject(Fault{On: OnQQLogin, Kind: ForeignApp, Times: 1})
	if got := f.get("/oauth2.0/me", url.Values{"access_token": {token}}); strings.Contains(got, QQAppID) || !strings.Contains(got, openID) {
		t.Errorf("another app's: %s", got)
	}
	f.inject(Fault{On: OnQQLogin, Kind: Busy, Times: 1})
	if got := f.get("/oauth2.0/token", f.tokenQuery(agree())); !strings.Contains(got, `"error":-1`) {
		t.Errorf("busy: %s", got)
	}
}
