package alipay

import (
	"crypto/rsa"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"
)

// vectors is testdata/payment-vectors.json as far as Alipay is concerned.
type vectors struct {
	Keys struct {
		AppPKCS8     string `json:"app_private_pkcs8_b64"`
		AppPKCS1     string `json:"app_private_pkcs1_b64"`
		AppPublic    string `json:"app_public_spki_b64"`
		AlipayPKCS8  string `json:"alipay_private_pkcs8_b64"`
		AlipayPublic string `json:"alipay_public_spki_b64"`
	}
	Request struct {
		Params   map[string]string
		Text     string
		Sign     string
		URLQuery string `json:"url_query"`
	} `json:"alipay_request"`
	Notify struct {
		Params   map[string]string
		Text     string
		Sign     string
		FormBody string `json:"form_body"`
	} `json:"alipay_notify"`
	Response struct {
		Raw        string
		SignedText string `json:"signed_text"`
		Sign       string
	} `json:"alipay_response"`

	app, alipay *rsa.PrivateKey
}

func loadVectors(t testing.TB) vectors {
	t.Helper()
	data, err := os.ReadFile("testdata/payment-vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var v vectors
	if err := json.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	if v.app, err = ParsePrivateKey([]byte(v.Keys.AppPKCS8)); err != nil {
		t.Fatal(err)
	}
	if v.alipay, err = ParsePrivateKey([]byte(v.Keys.AlipayPKCS8)); err != nil {
		t.Fatal(err)
	}
	return v
}

func (v vectors) client(t testing.TB, gateway string) *Client {
	t.Helper()
	c, err := New(Config{
		GatewayURL: gateway, AppID: "2021000000000001", SellerID: "2088102175868000",
		AppPrivateKey: v.app, AlipayPublicKey: &v.alipay.PublicKey, Timeout: 2 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.CloseIdle)
	return c
}

func values(params map[string]string) url.Values {
	v := url.Values{}
	for name, value := range params {
		v.Set(name, value)
	}
	return v
}

func TestVectorRequest(t *testing.T) {
	v := loadVectors(t)
	params := values(v.Request.Params)
	if got := RequestText(params); got != v.Request.Text {
		t.Errorf("text\n got %s\nwant %s", got, v.Request.Text)
	}
	if err := SignRequest(v.app, params); err != nil || params.Get("sign") != v.Request.Sign {
		t.Errorf("sign = %s, %v", params.Get("sign"), err)
	}
	received, err := ParseParams(v.Request.URLQuery)
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyRequest(&v.app.PublicKey, received); err != nil {
		t.Errorf("url_query: %v", err)
	}
	if err := VerifyRequest(&v.alipay.PublicKey, received); !errors.Is(err, ErrSignature) {
		t.Errorf("another's key: %v", err)
	}
	received.Set("sign", strings.ReplaceAll(v.Request.Sign, "+", " "))
	if err := VerifyRequest(&v.app.PublicKey, received); !errors.Is(err, ErrSignature) {
		t.Errorf("a signature whose + became spaces: %v", err)
	}
	withoutType := values(v.Request.Params)
	withoutType.Del("sign_type")
	withoutType.Set("sign", v.Request.Sign)
	if err := VerifyRequest(&v.app.PublicKey, withoutType); !errors.Is(err, ErrSignature) {
		t.Errorf("sign_type is signed in a request, yet: %v", err)
	}
}

func TestVectorNotify(t *testing.T) {
	v := loadVectors(t)
	if got := NoticeText(values(v.Notify.Params)); got != v.Notify.Text {
		t.Errorf("text\n got %s\nwant %s", got, v.Notify.Text)
	}
	if sign, err := Sign(v.alipay, []byte(v.Notify.Text)); err != nil || sign != v.Notify.Sign {
		t.Errorf("sign = %s, %v", sign, err)
	}
	n, err := v.client(t, "http://127.0.0.1/gateway.do").ParseNotify([]byte(v.Notify.FormBody))
	if err != nil {
		t.Fatal(err)
	}
	paidAt := time.Date(2026, 1, 1, 19, 5, 20, 0, time.UTC)
	if n.OutTradeNo != "P20260102000001" || n.TradeNo != "2026010222001412345678901234" || n.AppID != "2021000000000001" ||
		n.SellerID != "2088102175868000" || n.State != Paid || n.Amount != 19990 || !n.PaidAt.Equal(paidAt) || n.Refund != nil ||
		n.ID != "2026010200222030520012345678901234" || len(n.Digest) != 64 {
		t.Errorf("notify = %+v", n)
	}
}

func TestVectorNotifyMustFail(t *testing.T) {
	v := loadVectors(t)
	form, err := ParseParams(v.Notify.FormBody)
	if err != nil {
		t.Fatal(err)
	}
	fails := func(what string, params url.Values) {
		t.Helper()
		if err := VerifyNotice(&v.alipay.PublicKey, params); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for name := range form {
		if name == "sign_type" {
			continue // not covered; RSA2 is used whatever it claims
		}
		changed := clone(form)
		changed.Set(name, form.Get(name)+"1")
		fails("changed "+name, changed)
		gone := clone(form)
		gone.Del(name)
		fails("without "+name, gone)
	}
	twice := clone(form)
	decoded, err := url.QueryUnescape(form.Get("passback_params"))
	if err != nil {
		t.Fatal(err)
	}
	twice.Set("passback_params", decoded)
	fails("passback_params decoded twice", twice)
	added := clone(form)
	added.Set("extra", "")
	fails("an empty parameter added", added)

	text := "sign_type=RSA2&" + v.Notify.Text
	if err := Verify(&v.alipay.PublicKey, []byte(text), v.Notify.Sign); !errors.Is(err, ErrSignature) {
		t.Errorf("sign_type in the text: %v", err)
	}
	if RequestText(form) == v.Notify.Text {
		t.Error("the request's rule must not give the notify's text")
	}
	form.Set("sign_type", "RSA")
	if err := VerifyNotice(&v.alipay.PublicKey, form); err != nil {
		t.Errorf("RSA2 must be used whatever sign_type says: %v", err)
	}
}

func TestVectorResponse(t *testing.T) {
	v := loadVectors(t)
	content, err := OpenEnvelope(&v.alipay.PublicKey, MethodQuery, []byte(v.Response.Raw))
	if err != nil || string(content) != v.Response.SignedText {
		t.Fatalf("content = %s, %v", content, err)
	}
	wrapped, err := Envelope(v.alipay, ResponseName(MethodQuery), []byte(v.Response.SignedText))
	if err != nil || string(wrapped) != v.Response.Raw {
		t.Errorf("Envelope = %s, %v", wrapped, err)
	}
	var again any
	if err := json.Unmarshal(content, &again); err != nil {
		t.Fatal(err)
	}
	remade, err := json.Marshal(again)
	if err != nil {
		t.Fatal(err)
	}
	inner := v.Response.SignedText[:strings.Index(v.Response.SignedText, `"sign`)]
	for what, text := range map[string]string{"re-marshalled": string(remade), "cut at the inner sign": inner} {
		if err := Verify(&v.alipay.PublicKey, []byte(text), v.Response.Sign); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, raw := range map[string]string{
		"tampered":     strings.Replace(v.Response.Raw, "199.90", "199.91", 1),
		"unsigned":     `{"alipay_trade_query_response":` + v.Response.SignedText + `}`,
		"empty sign":   `{"alipay_trade_query_response":` + v.Response.SignedText + `,"sign":""}`,
		"sign no text": `{"alipay_trade_query_response":` + v.Response.SignedText + `,"sign":1}`,
		"error":        `{"error_response":{"code":"40002"}}`,
	} {
		if _, err := OpenEnvelope(&v.alipay.PublicKey, MethodQuery, []byte(raw)); !errors.Is(err, ErrSignature) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for what, raw := range map[string]string{"no JSON": "<html>", "list": "[]", "null": "null",
		"another method's": `{"alipay_trade_close_response":{}}`} {
		if _, err := OpenEnvelope(&v.alipay.PublicKey, MethodQuery, []byte(raw)); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func clone(params url.Values) url.Values {
	c := url.Values{}
	for name, list := range params {
		c[name] = append([]string(nil), list...)
	}
	return c
}
