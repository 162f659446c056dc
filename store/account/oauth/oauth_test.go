package oauth

import (
	"context"
	"crypto/rsa"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dashop/store/payment/alipay"
	"dashop/web/sandbox"
)

const redirect = "http://127.0.0.1:8000/oauth/x/callback"

// gateway is a running sandbox with the key that it signs with.
type gateway struct {
	*sandbox.Sandbox
	key *rsa.PrivateKey
}

func newGateway(t *testing.T) gateway {
	t.Helper()
	dir := t.TempDir()
	s, err := sandbox.New(sandbox.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		if err := errors.Join(s.Shutdown(context.Background()), <-served); err != nil {
			t.Error(err)
		}
	})
	text, err := os.ReadFile(filepath.Join(dir, "alipay-private.pem"))
	if err != nil {
		t.Fatal(err)
	}
	key, err := alipay.ParsePrivateKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return gateway{s, key}
}

// alipayAt is the login by an Alipay whose gateway is at address.
func (g gateway) alipayAt(t *testing.T, address string) Provider {
	t.Helper()
	client, err := alipay.New(alipay.Config{
		GatewayURL: address, AppID: sandbox.AppID, SellerID: sandbox.SellerID, AppPrivateKey: g.AppKey(), AlipayPublicKey: g.AlipayKey(),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.CloseIdle)
	return NewAlipay(client, g.Logins.AlipayURL())
}

func qqAt(t *testing.T, address, secret string) *byQQ {
	t.Helper()
	p, err := NewQQ(QQConfig{BaseURL: address + "/", AppID: sandbox.QQAppID, AppSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.(*byQQ).http.CloseIdleConnections)
	return p.(*byQQ)
}

func queryOf(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestLoginsAtTheSandbox(t *testing.T) {
	g := newGateway(t)
	for _, p := range []Provider{g.alipayAt(t, g.URL()+"/gateway.do"), qqAt(t, g.URL(), g.Logins.QQSecret())} {
		ctx := context.Background()
		come := func(nickname string) url.Values {
			t.Helper()
			back, err := g.Logins.Agree(p.AuthURL("s&t=", redirect), nickname)
			if err != nil {
				t.Fatal(err)
			}
			q := queryOf(t, back)
			if !strings.HasPrefix(back, redirect+"?") || q.Get("state") != "s&t=" {
				t.Fatalf("%s: back at %s", p.Name(), back)
			}
			return q
		}
		query := come(`<b>老王</b> & "儿子"`)
		person, err := p.Person(ctx, query, redirect)
		if err != nil || person.Subject == "" || person.Nickname != `<b>老王</b> & "儿子"` {
			t.Fatalf("%s: %+v, %v", p.Name(), person, err)
		}
		if _, err := p.Person(ctx, query, redirect); !errors.Is(err, ErrRefused) {
			t.Errorf("%s: the same callback again: %v", p.Name(), err)
		}
		if again, err := p.Person(ctx, come(person.Nickname), redirect); err != nil || again != person {
			t.Errorf("%s: the same person again: %+v, %v", p.Name(), again, err)
		}
		if other, err := p.Person(ctx, come("阿芳"), redirect); err != nil || other.Subject == person.Subject || other.Nickname != "阿芳" {
			t.Errorf("%s: another person: %+v, %v", p.Name(), other, err)
		}
		place := sandbox.OnAlipayLogin
		if p.Name() == "qq" {
			place = sandbox.OnQQLogin
		}
		for _, kind := range []sandbox.Kind{sandbox.Broken, sandbox.Busy, sandbox.ResetAfter} {
			if err := g.Inject(sandbox.Fault{On: place, Kind: kind, Times: 1}); err != nil {
				t.Fatal(err)
			}
			if got, err := p.Person(ctx, come("阿芳"), redirect); err == nil || errors.Is(err, ErrRefused) ||
				errors.Is(err, ErrCancelled) || got != (Person{}) {
				t.Errorf("%s, %s: %+v, %v", p.Name(), kind, got, err)
			}
		}
	}
	if p := qqAt(t, g.URL(), "wrong"); true {
		back, err := g.Logins.Agree(p.AuthURL("s", redirect), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Person(context.Background(), queryOf(t, back), redirect); err == nil || errors.Is(err, ErrRefused) ||
			!strings.Contains(err.Error(), "100009") {
			t.Errorf("a wrong secret is the shop's mistake, not the person's: %v", err)
		}
	}
}

func TestAuthURL(t *testing.T) {
	g := newGateway(t)
	a := g.alipayAt(t, g.URL()+"/gateway.do")
	want := "app_id=" + sandbox.AppID + "&redirect_uri=" + url.QueryEscape(redirect) + "&scope=auth_user&state=a%26b"
	if got := a.AuthURL("a&b", redirect); got != g.URL()+"/oauth2/publicAppAuthorize.htm?"+want || a.Name() != "alipay" ||
		a.AppID() != sandbox.AppID {
		t.Errorf("alipay: %s", got)
	}
	q := qqAt(t, "https://graph.qq.com", "secret")
	want = "client_id=" + sandbox.QQAppID + "&redirect_uri=" + url.QueryEscape(redirect) +
		"&response_type=code&scope=get_user_info&state=a%26b"
	if got := q.AuthURL("a&b", redirect); got != "https://graph.qq.com/oauth2.0/authorize?"+want || q.Name() != "qq" ||
		q.AppID() != sandbox.QQAppID {
		t.Errorf("qq: %s", got)
	}
}

// Nothing of these is asked of a provider: nobody is there.
func TestCallbacks(t *testing.T) {
	g := newGateway(t)
	a, q := g.alipayAt(t, "http://127.0.0.1:1/gateway.do"), qqAt(t, "http://127.0.0.1:1", "secret")
	app := sandbox.AppID
	for what, c := range map[string]struct {
		provider Provider
		query    string
		want     error
	}{
		"alipay, cancelled":         {a, "app_id=" + app + "&state=s", ErrCancelled},
		"alipay, bare":              {a, "state=s", ErrCancelled},
		"alipay, another app":       {a, "app_id=2021000000000001&auth_code=c", ErrRefused},
		"alipay, cancelled, other":  {a, "app_id=2021000000000001", ErrRefused},
		"alipay, no app":            {a, "auth_code=c", ErrRefused},
		"alipay, two apps":          {a, "app_id=" + app + "&app_id=" + app + "&auth_code=c", ErrRefused},
		"alipay, two codes":         {a, "app_id=" + app + "&auth_code=c&auth_code=d", ErrRefused},
		"alipay, long code":         {a, "app_id=" + app + "&auth_code=" + strings.Repeat("c", maxCode+1), ErrRefused},
		"alipay, odd code":          {a, "app_id=" + app + "&auth_code=c%0ad", ErrRefused},
		"qq, cancelled":             {q, "usercancel=1&state=s", ErrCancelled},
		"qq, cancelled with a code": {q, "usercancel=1&code=c", ErrCancelled},
		"qq, bare":                  {q, "state=s", ErrCancelled},
		"qq, two codes":             {q, "code=c&code=d", ErrRefused},
		"qq, odd code":              {q, "code=c%00", ErrRefused},
		"qq, an error":              {q, "code=100010&msg=redirect+uri+is+illegal", ErrRefused},
	} {
		query, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := c.provider.Person(context.Background(), query, redirect); !errors.Is(err, c.want) || got != (Person{}) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	for _, p := range []Provider{a, q} {
		_, err := p.Person(context.Background(), url.Values{"app_id": {app}, "auth_code": {"c-o-d-e"}, "code": {"c-o-d-e"}}, redirect)
		if err == nil || errors.Is(err, ErrRefused) || errors.Is(err, ErrCancelled) || strings.Contains(err.Error(), "c-o-d-e") ||
			strings.Contains(err.Error(), "secret") {
			t.Errorf("%s, nobody there: %v", p.Name(), err)
		}
	}
}

func TestCleanNickname(t *testing.T) {
	for in, want := range map[string]string{
		"小明": "小明", " a\r\n b\x00c ": "a b c", "left\u202eright\u200b": "leftright", `<b>"&`: `<b>"&`, "": "",
		strings.Repeat("字", 40): strings.Repeat("字", 32), strings.Repeat("x", 31) + " y": strings.Repeat("x", 31),
	} {
		if got := cleanNickname(in); got != want {
			t.Errorf("cleanNickname(%q) = %q, want %q", in, got, want)
		}
	}
}
