package oauth

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/payment/alipay"
	"dashop/web/sandbox"
)

const openID = "0123456789ABCDEF0123456789ABCDEF"

// hostileQQ answers each path with a body of our choosing.
func hostileQQ(t *testing.T, token, me, info string) *byQQ {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		switch r.URL.Path {
		case "/oauth2.0/token":
			if q.Get("grant_type") != "authorization_code" || q.Get("client_id") != sandbox.QQAppID ||
				q.Get("client_secret") != "s3cret" || q.Get("redirect_uri") != redirect || q.Get("code") != "the-code" {
				t.Errorf("token: %v", q)
			}
			answer(w, token)
		case "/oauth2.0/me":
			if q.Get("access_token") != "tok" {
				t.Errorf("me: %v", q)
			}
			answer(w, me)
		case "/user/get_user_info":
			if q.Get("access_token") != "tok" || q.Get("oauth_consumer_key") != sandbox.QQAppID || q.Get("openid") != openID {
				t.Errorf("info: %v", q)
			}
			answer(w, info)
		default:
			t.Errorf("followed to %s", r.URL)
		}
	}))
	t.Cleanup(server.Close)
	return qqAt(t, server.URL, "s3cret")
}

// answer writes a body; some words stand for misbehaviour.
func answer(w http.ResponseWriter, body string) {
	switch body {
	case "REDIRECT":
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(http.StatusFound)
	case "SLOW":
		time.Sleep(300 * time.Millisecond)
	case "HUGE":
		io.WriteString(w, `{"access_token":"tok"}`+strings.Repeat(" ", maxAnswer)) // still JSON when it is cut
	case "500":
		w.WriteHeader(http.StatusInternalServerError)
		io.WriteString(w, `{"access_token":"tok"}`)
	default:
		io.WriteString(w, body)
	}
}

func TestHostileQQ(t *testing.T) {
	const (
		form   = "access_token=tok&expires_in=7776000&refresh_token=r"
		object = `{"access_token":"tok","expires_in":7776000}`
		script = `callback( {"client_id":"` + sandbox.QQAppID + `","openid":"` + openID + `"} );`
		info   = `{"ret":0,"msg":"","nickname":"小明"}`
	)
	me := script[len("callback( ") : len(script)-len(" );")]
	for what, c := range map[string]struct {
		token, me, info string
		nickname        string
		refused         bool // as if the code is no good
		fails           bool
	}{
		"forms and scripts":       {form, script + "\n", info, "小明", false, false},
		"JSON":                    {object, me, info, "小明", false, false},
		"client_id as a number":   {object, strings.Replace(me, `"`+sandbox.QQAppID+`"`, sandbox.QQAppID, 1), info, "小明", false, false},
		"script around the token": {"callback(" + object + ")", me, info, "小明", false, false},
		"no nickname":             {form, me, `{"ret":0}`, "", false, false},
		"nickname refused":        {form, me, `{"ret":100030,"nickname":"x"}`, "", false, false},
		"nickname broken":         {form, me, "<html>", "", false, false},
		"nickname as a script":    {form, me, "callback(" + info + ");", "小明", false, false},

		"code used":             {`callback( {"error":100020,"error_description":"code is reused error"} );`, me, info, "", true, true},
		"code of another":       {`{"error":100019,"error_description":"the-code"}`, me, info, "", true, true},
		"code error as text":    {`{"error":"100019"}`, me, info, "", true, true},
		"wrong secret":          {`{"error":100009,"error_description":"s3cret"}`, me, info, "", false, true},
		"error beside a token":  {`{"error":100009,"access_token":"tok"}`, me, info, "", false, true},
		"error by ret":          {`{"ret":-1,"access_token":"tok"}`, me, info, "", false, true},
		"error of words":        {`{"error":"the-code s3cret"}`, me, info, "", false, true},
		"no token":              {`expires_in=1`, me, info, "", false, true},
		"token twice":           {form + "&access_token=other", me, info, "", false, true},
		"token that is no text": {`{"access_token":{"a":"tok"}}`, me, info, "", false, true},
		"html":                  {"<html>access_token=tok</html>", me, info, "", false, true},
		"empty":                 {"", me, info, "", false, true},
		"an array":              {`[{"access_token":"tok"}]`, me, info, "", false, true},
		"broken script":         {`callback( {"access_token":"tok"} `, me, info, "", false, true},
		"no UTF-8":              {"access_token=tok&x=\xff", me, info, "", false, true},
		"redirect":              {"REDIRECT", me, info, "", false, true},
		"slow":                  {"SLOW", me, info, "", false, true},
		"huge":                  {"HUGE", me, info, "", false, true},
		"500":                   {"500", me, info, "", false, true},

		"another app's token": {form, strings.Replace(script, sandbox.QQAppID, "100000009", 1), info, "", true, true},
		"no client_id":        {form, `{"openid":"` + openID + `"}`, info, "", true, true},
		"me fails":            {form, `callback( {"error":100016,"error_description":"tok"} );`, info, "", false, true},
		"no openid":           {form, `{"client_id":"` + sandbox.QQAppID + `"}`, info, "", false, true},
		"odd openid":          {form, `{"client_id":"` + sandbox.QQAppID + `","openid":"a b'--"}`, info, "", false, true},
		"me redirects":        {form, "REDIRECT", info, "", false, true},
	} {
		p := hostileQQ(t, c.token, c.me, c.info)
		if p.http.Timeout != 8*time.Second {
			t.Error("the deadline")
		}
		if c.token == "SLOW" {
			p.http.Timeout = 50 * time.Millisecond
		}
		got, err := p.Person(context.Background(), url.Values{"code": {"the-code"}, "state": {"s"}}, redirect)
		if (err != nil) != c.fails || errors.Is(err, ErrRefused) != c.refused || errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %v", what, err)
		}
		if want := (Person{Subject: openID, Nickname: c.nickname}); !c.fails && got != want || c.fails && got != (Person{}) {
			t.Errorf("%s: %+v", what, got)
		}
		if err != nil && (strings.Contains(err.Error(), "the-code") || strings.Contains(err.Error(), "s3cret")) {
			t.Errorf("%s: the error tells too much: %v", what, err)
		}
	}
}

func TestQQConfigsRefused(t *testing.T) {
	for _, c := range []QQConfig{
		{"http://graph.qq.com", "1", "2"}, {"", "1", "2"}, {"graph.qq.com", "1", "2"}, {"https://u@graph.qq.com", "1", "2"},
		{"https://graph.qq.com?x=1", "1", "2"},
		{"https://graph.qq.com", "", "2"}, {"https://graph.qq.com", "1", ""},
	} {
		if _, err := NewQQ(c); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

func TestHostileAlipay(t *testing.T) {
	g := newGateway(t)
	const (
		token = `{"user_id":"2088102150477652","access_token":"tok"}`
		info  = `{"code":"10000","user_id":"2088102150477652","nick_name":"小明"}`
	)
	sign := func(method, content string) string {
		body, err := alipay.Envelope(g.key, alipay.ResponseName(method), []byte(content))
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	ok, named := sign(alipay.MethodToken, token), sign(alipay.MethodUser, info)
	for what, c := range map[string]struct {
		token, info string
		want        Person
		err         error // nil with an empty want: any error but the two
	}{
		"well": {ok, named, Person{"2088102150477652", "小明"}, nil},
		"open_id": {sign(alipay.MethodToken, `{"open_id":"a-B_1","access_token":"tok"}`),
			sign(alipay.MethodUser, `{"code":"10000","open_id":"a-B_1"}`), Person{"a-B_1", ""}, nil},
		"both ids": {sign(alipay.MethodToken, `{"open_id":"a-B_1","user_id":"2088102150477652","access_token":"tok"}`),
			named, Person{"2088102150477652", "小明"}, nil},
		"nickname refused": {ok, sign(alipay.MethodUser, `{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}`),
			Person{"2088102150477652", ""}, nil},
		"nickname broken": {ok, "500", Person{"2088102150477652", ""}, nil},
		"nickname forged": {ok, strings.Replace(named, "小明", "大明", 1), Person{}, nil},
		"nickname of another": {ok, sign(alipay.MethodUser, `{"code":"10000","user_id":"2088102150477653","nick_name":"大明"}`), Person{},
			nil},
		"code invalid":          {`{"error_response":{"code":"40002","sub_code":"isv.code-invalid"}}`, named, Person{}, ErrRefused},
		"our own mistake":       {`{"error_response":{"code":"40002","sub_code":"isv.invalid-app-id"}}`, named, Person{}, nil},
		"no access_token":       {sign(alipay.MethodToken, `{"code":"10000","user_id":"2088102150477652"}`), named, Person{}, nil},
		"forged":                {strings.Replace(ok, "2088102150477652", "2088102150477653", 1), named, Person{}, nil},
		"unsigned":              {`{"alipay_system_oauth_token_response":` + token + `}`, named, Person{}, nil},
		"odd id":                {sign(alipay.MethodToken, `{"user_id":"2088' OR 1","access_token":"tok"}`), named, Person{}, nil},
		"redirect":              {"REDIRECT", named, Person{}, nil},
		"huge":                  {ok + strings.Repeat(" ", 1<<20), named, Person{}, nil},
		"answer to another ask": {named, named, Person{}, nil},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/gateway.do" {
				t.Errorf("%s: followed to %s", what, r.URL)
			}
			if r.PostFormValue("method") == alipay.MethodUser {
				answer(w, c.info)
			} else {
				answer(w, c.token)
			}
		}))
		got, err := g.alipayAt(t, server.URL+"/gateway.do").Person(context.Background(),
			url.Values{"app_id": {sandbox.AppID}, "auth_code": {"the-code"}}, redirect)
		server.Close()
		if got != c.want || (err == nil) != (c.want != Person{}) || errors.Is(err, ErrRefused) != (c.err == ErrRefused) ||
			errors.Is(err, ErrCancelled) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		if err != nil && (strings.Contains(err.Error(), "the-code") || strings.Contains(err.Error(), `"tok"`)) {
			t.Errorf("%s: the error tells too much: %v", what, err)
		}
	}
}

// A provider that never answers holds a person up for a while and no longer.
func TestPersonEndsInTime(t *testing.T) {
	if personTimeout != 10*time.Second {
		t.Error("the bound on all calls together")
	}
	p := hostileQQ(t, "SLOW", "", "")
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, err := p.Person(ctx, url.Values{"code": {"the-code"}}, redirect); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v", err)
	}
}
