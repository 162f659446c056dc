package alipay

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// raw answers with a body as it stands.
func raw(body string) func(http.ResponseWriter, url.Values) {
	return func(w http.ResponseWriter, _ url.Values) { io.WriteString(w, body) }
}

func TestTokenRequest(t *testing.T) {
	v := loadVectors(t)
	client := v.client(t, answeringGateway(t, v, func(w http.ResponseWriter, p url.Values) {
		want := map[string]string{MethodToken: "code", MethodUser: "auth_token"}[p.Get("method")]
		if p.Has("biz_content") || p.Get(want) != "given" || p.Get("method") == MethodToken && p.Get("grant_type") != "authorization_code" {
			t.Errorf("params = %v", p)
		}
		signed(v, `{"code":"10000","access_token":"given","user_id":"2088102150477652","nick_name":"小明"}`)(w, p)
	}))
	token, err := client.Token(context.Background(), now, "given")
	if err != nil || token.AccessToken != "given" || token.User != (User{UserID: "2088102150477652"}) {
		t.Fatalf("%+v, %v", token, err)
	}
	user, err := client.User(context.Background(), now, token)
	if err != nil || user != (User{UserID: "2088102150477652", Nickname: "小明"}) {
		t.Errorf("%+v, %v", user, err)
	}
}

func TestTokenAnswers(t *testing.T) {
	v := loadVectors(t)
	const invalid = `{"code":"40002","msg":"Invalid Arguments","sub_code":"isv.code-invalid","sub_msg":"授权码code无效"}`
	const success = `{"user_id":"2088102150477652","access_token":"t","expires_in":"1296000","re_expires_in":2592000,"refresh_token":"r"}`
	named := func(name, content string) func(http.ResponseWriter, url.Values) {
		return func(w http.ResponseWriter, _ url.Values) {
			body, _ := Envelope(v.alipay, name, []byte(content))
			w.Write(body)
		}
	}
	for what, c := range map[string]struct {
		answer func(http.ResponseWriter, url.Values)
		err    error
		forged bool
	}{
		"success": {signed(v, success), nil, false},
		"open_id alone": {signed(v, `{"open_id":"074a1CcTG1LelxKe4xQC0zgNdId0nxi95b5lsNpazWYoCo5","access_token":"t"}`), nil,
			false},
		"code of success":         {signed(v, `{"code":"10000","open_id":"1","access_token":"t"}`), nil, false},
		"success without a token": {signed(v, `{"code":"10000","user_id":"2088102150477652"}`), ErrUnknown, false},
		"a token for nobody":      {signed(v, `{"access_token":"t"}`), ErrUnknown, false},
		"refused":                 {named("error_response", invalid), ErrRefused, false},
		"refused, unsigned":       {raw(`{"error_response":` + invalid + `}`), ErrRefused, false},
		"refused in its own name": {signed(v, invalid), ErrRefused, false},
		"busy, unsigned": {raw(`{"error_response":{"code":"20000","sub_code":"isp.unknow-error"}}`),
			ErrUnknown, false},
		"success, unsigned": {raw(`{"alipay_system_oauth_token_response":` + success + `}`), ErrUnknown, true},
		"an unsigned success with an empty refusal": {raw(`{"error_response":null,"alipay_system_oauth_token_response":` + success + `}`),
			ErrUnknown, true},
		"token in an unsigned refusal": {raw(`{"error_response":` + success + `}`), ErrUnknown, false},
		"signed by the app": {func(w http.ResponseWriter, p url.Values) {
			body, _ := Envelope(v.app, ResponseName(p.Get("method")), []byte(success))
			w.Write(body)
		}, ErrUnknown, true},
		"changed after signing": {func(w http.ResponseWriter, p url.Values) {
			body, _ := Envelope(v.alipay, ResponseName(p.Get("method")), []byte(success))
			io.WriteString(w, strings.Replace(string(body), "2088102150477652", "2088102150477653", 1))
		}, ErrUnknown, true},
		"refusal with another's signature": {func(w http.ResponseWriter, _ url.Values) {
			body, _ := Envelope(v.app, "error_response", []byte(invalid))
			w.Write(body)
		}, ErrUnknown, true},
		"html":     {raw("<html>busy</html>"), ErrUnknown, false},
		"too long": {raw(strings.Repeat(" ", maxAnswer+1)), ErrUnknown, false},
	} {
		got, err := v.client(t, answeringGateway(t, v, c.answer)).Token(context.Background(), now, "given")
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || errors.Is(err, ErrSignature) != c.forged {
			t.Errorf("%s: %v", what, err)
		}
		if err == nil && (got.AccessToken != "t" || got.User.UserID+got.User.OpenID == "") || err != nil && got != (Token{}) {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

func TestUserAnswers(t *testing.T) {
	v := loadVectors(t)
	token := Token{AccessToken: "t", User: User{UserID: "2088102150477652"}}
	for what, c := range map[string]struct {
		answer func(http.ResponseWriter, url.Values)
		user   User
		err    error
	}{
		"named": {signed(v, `{"code":"10000","user_id":"2088102150477652","nick_name":"小明"}`),
			User{UserID: "2088102150477652", Nickname: "小明"}, nil},
		"nameless":       {signed(v, `{"code":"10000","user_id":"2088102150477652"}`), User{UserID: "2088102150477652"}, nil},
		"somebody else":  {signed(v, `{"code":"10000","user_id":"2088102150477653","nick_name":"小明"}`), User{}, ErrMalformed},
		"no permission":  {signed(v, `{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}`), User{}, ErrRefused},
		"token too old":  {signed(v, `{"code":"20001","sub_code":"aop.invalid-auth-token"}`), User{}, ErrRefused},
		"unsigned":       {raw(`{"alipay_user_info_share_response":{"code":"10000","nick_name":"小明"}}`), User{}, ErrSignature},
		"another answer": {raw(`{"alipay_trade_query_response":{"code":"10000"}}`), User{}, ErrMalformed},
	} {
		got, err := v.client(t, answeringGateway(t, v, c.answer)).User(context.Background(), now, token)
		if got != c.user || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
}
