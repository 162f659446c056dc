package sms

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	keyID  = "LTAI-test-id"
	secret = "s3cr3t-of-the-test"
	mobile = "13800138000"
	digits = "739154"
)

var message = Message{ID: "c-42", Mobile: mobile, Kind: Code, Code: digits}

func aliyunAt(t *testing.T, handler http.HandlerFunc) *aliyun {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	s, err := NewAliyun(AliyunConfig{AccessKeyID: keyID, AccessKeySecret: secret, SignName: "达达商城", TemplateCode: "SMS_1",
		NoticeTemplateCode: "SMS_2", Endpoint: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.(*aliyun).http.CloseIdleConnections)
	return s.(*aliyun)
}

// quiet fails when an error tells what it must not.
func quiet(t *testing.T, what string, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for _, private := range []string{mobile, digits, secret, url.QueryEscape(`"code"`)} {
		if strings.Contains(err.Error(), private) {
			t.Errorf("%s: the error tells %q: %v", what, private, err)
		}
	}
}

// verify recomputes the signature from what arrived, with nothing of this package's.
func verify(r *http.Request) error {
	body, _ := io.ReadAll(r.Body)
	sum := func(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }
	auth := r.Header.Get("Authorization")
	_, signed, _ := strings.Cut(auth, "SignedHeaders=")
	signed, _, _ = strings.Cut(signed, ",")
	_, signature, _ := strings.Cut(auth, "Signature=")
	var pairs []string
	for _, pair := range strings.Split(r.URL.RawQuery, "&") {
		name, value, _ := strings.Cut(pair, "=")
		plainName, err1 := url.PathUnescape(name)
		plain, err2 := url.PathUnescape(value)
		if err1 != nil || err2 != nil {
			return fmt.Errorf("query %s", r.URL.RawQuery)
		}
		pairs = append(pairs, percent(plainName)+"="+percent(plain))
	}
	slices.Sort(pairs)
	text := r.Method + "\n" + r.URL.Path + "\n" + strings.Join(pairs, "&") + "\n"
	for _, name := range strings.Split(signed, ";") {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		text += name + ":" + value + "\n"
	}
	text += "\n" + signed + "\n" + sum(body)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + sum([]byte(text))))
	switch {
	case !strings.HasPrefix(auth, "ACS3-HMAC-SHA256 Credential="+keyID+","):
		return fmt.Errorf("authorization %s", auth)
	case signature != hex.EncodeToString(mac.Sum(nil)):
		return fmt.Errorf("signature over %q", text)
	case r.Header.Get("X-Acs-Content-Sha256") != sum(body):
		return errors.New("sum of the body")
	case signed != "host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version":
		return fmt.Errorf("signed %s", signed)
	}
	return nil
}

// percent escapes byte by byte as RFC 3986 has it.
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.~", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

func TestAliyunRequest(t *testing.T) {
	var got url.Values
	nonces := map[string]bool{}
	a := aliyunAt(t, func(w http.ResponseWriter, r *http.Request) {
		if err := verify(r); err != nil {
			t.Error(err)
		}
		got = r.URL.Query()
		nonces[r.Header.Get("X-Acs-Signature-Nonce")] = true
		at, err := time.Parse("2006-01-02T15:04:05Z", r.Header.Get("X-Acs-Date"))
		if r.Method != "POST" || r.Header.Get("X-Acs-Action") != "SendSms" || r.Header.Get("X-Acs-Version") != "2017-05-25" ||
			err != nil || time.Since(at).Abs() > time.Minute {
			t.Errorf("%s %v", r.Method, r.Header)
		}
		io.WriteString(w, `{"Code":"OK","Message":"OK","BizId":"1^0","RequestId":"x"}`)
	})
	if err := a.Send(context.Background(), message); err != nil {
		t.Fatal(err)
	}
	want := url.Values{"PhoneNumbers": {mobile}, "SignName": {"达达商城"}, "TemplateCode": {"SMS_1"}, "TemplateParam": {`{"code":"739154"}`},
		"OutId": {"c-42"}}
	if got.Encode() != want.Encode() {
		t.Errorf("code: %v", got)
	}
	if err := a.Send(context.Background(), Message{ID: "n-1", Mobile: mobile, Kind: MobileChanged}); err != nil ||
		got.Get("TemplateCode") != "SMS_2" || got.Has("TemplateParam") {
		t.Errorf("notice: %v %v", got, err)
	}
	if len(nonces) != 2 || nonces[""] {
		t.Errorf("nonces: %v", nonces)
	}
	a.cfg.NoticeTemplateCode = ""
	if err := a.Send(context.Background(), Message{ID: "n-2", Mobile: mobile, Kind: MobileChanged}); err != nil || len(nonces) != 2 {
		t.Errorf("a notice without a template must not be sent: %v", err)
	}
}

func TestAliyunResults(t *testing.T) {
	for what, c := range map[string]struct {
		status  int
		body    string
		sent    bool
		refused bool
	}{
		"sent":                  {200, `{"Code":"OK"}`, true, false},
		"a code for another":    {200, `{"Message":"OK"}`, false, false},
		"OK with a bad status":  {500, `{"Code":"OK"}`, false, false},
		"number's limit":        {200, `{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发 ` + mobile + ` 流控"}`, false, true},
		"bad number":            {200, `{"Code":"isv.MOBILE_NUMBER_ILLEGAL"}`, false, true},
		"template":              {200, `{"Code":"isv.SMS_TEMPLATE_ILLEGAL"}`, false, true},
		"signature of the shop": {400, `{"Code":"isv.SMS_SIGNATURE_ILLEGAL"}`, false, true},
		"wrong key":             {404, `{"Code":"InvalidAccessKeyId.NotFound"}`, false, true},
		"wrong secret":          {400, `{"Code":"SignatureDoesNotMatch"}`, false, true},
		"system":                {200, `{"Code":"isp.SYSTEM_ERROR"}`, false, false},
		"throttled":             {400, `{"Code":"Throttling.User"}`, false, false},
		"clock":                 {400, `{"Code":"InvalidTimeStamp.Expired"}`, false, false},
		"nonce":                 {400, `{"Code":"SignatureNonceUsed"}`, false, false},
		"unheard of":            {200, `{"Code":"NewThing"}`, false, false},
		"down":                  {503, `{"Code":"ServiceUnavailable"}`, false, false},
		"isv, but down":         {503, `{"Code":"isv.OUT"}`, false, false},
		"html":                  {502, `<html>`, false, false},
		"number as a code":      {200, `{"Code":"` + mobile + `"}`, false, false},
		"redirect":              {302, ``, false, false},
		"too large":             {200, `{"Code":"OK"}` + strings.Repeat(" ", maxAnswer), false, false},
	} {
		a := aliyunAt(t, func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/" {
				t.Errorf("%s: followed to %s", what, r.URL.Path)
			}
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(c.status)
			io.WriteString(w, c.body)
		})
		err := a.Send(context.Background(), message)
		if (err == nil) != c.sent || errors.Is(err, ErrRefused) != c.refused {
			t.Errorf("%s: %v", what, err)
		}
		quiet(t, what, err)
	}
}

func TestAliyunThatDoesNotAnswer(t *testing.T) {
	a := aliyunAt(t, func(http.ResponseWriter, *http.Request) { time.Sleep(300 * time.Millisecond) })
	if a.http.Timeout != 8*time.Second || connectTimeout != 3*time.Second {
		t.Error("deadlines")
	}
	a.http.Timeout = 50 * time.Millisecond
	err := a.Send(context.Background(), message)
	if err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("slow: %v", err)
	}
	quiet(t, "slow", err)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err = a.Send(ctx, message); !errors.Is(err, context.Canceled) || errors.Is(err, ErrRefused) {
		t.Errorf("given up: %v", err)
	}
	quiet(t, "given up", err)
	a.base.Host = "127.0.0.1:1"
	if err = a.Send(context.Background(), message); err == nil || errors.Is(err, ErrRefused) {
		t.Errorf("nobody there: %v", err)
	}
	quiet(t, "nobody there", err)
}

func TestMessagesThatCannotBe(t *testing.T) {
	a := aliyunAt(t, func(http.ResponseWriter, *http.Request) { t.Error("was sent") })
	sandbox, err := NewSandbox(strings.TrimSuffix(a.base.String(), "/"))
	if err != nil {
		t.Fatal(err)
	}
	for what, m := range map[string]Message{
		"no id":              {Mobile: mobile, Kind: Code, Code: digits},
		"no number":          {ID: "1", Kind: Code, Code: digits},
		"no code":            {ID: "1", Mobile: mobile, Kind: Code},
		"no kind":            {ID: "1", Mobile: mobile, Code: digits},
		"a notice with code": {ID: "1", Mobile: mobile, Kind: MobileChanged, Code: digits},
	} {
		for _, s := range []Sender{a, sandbox} {
			err := s.Send(context.Background(), m)
			if !errors.Is(err, ErrRefused) {
				t.Errorf("%s: %v", what, err)
			}
			quiet(t, what, err)
		}
	}
}

func TestConfigsRefused(t *testing.T) {
	good := AliyunConfig{AccessKeyID: "a", AccessKeySecret: "b", SignName: "c", TemplateCode: "d"}
	s, err := NewAliyun(good)
	if err != nil || s.(*aliyun).base.String() != "https://dysmsapi.aliyuncs.com/" {
		t.Fatalf("the default: %v", err)
	}
	for what, change := range map[string]func(*AliyunConfig){
		"no id": func(c *AliyunConfig) { c.AccessKeyID = "" }, "no secret": func(c *AliyunConfig) { c.AccessKeySecret = "" },
		"no sign": func(c *AliyunConfig) { c.SignName = "" }, "no template": func(c *AliyunConfig) { c.TemplateCode = "" },
		"plain http": func(c *AliyunConfig) { c.Endpoint = "http://dysmsapi.aliyuncs.com" },
		"a path":     func(c *AliyunConfig) { c.Endpoint = "https://a.test/x" },
		"no address": func(c *AliyunConfig) { c.Endpoint = "dysmsapi" },
		"a user":     func(c *AliyunConfig) { c.Endpoint = "https://u@a.test" },
	} {
		c := good
		change(&c)
		if _, err := NewAliyun(c); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	for _, base := range []string{"", "127.0.0.1:8001", "http://shop.test:8001", "http://127.0.0.1:8001/x", "http://127.0.0.1:8001?x"} {
		if _, err := NewSandbox(base); err == nil {
			t.Errorf("sandbox at %q was taken", base)
		}
	}
}

func TestText(t *testing.T) {
	if got := message.Text("达达商城"); got != "【达达商城】验证码 739154，5 分钟内有效。如非本人操作请忽略。" {
		t.Error(got)
	}
	notice := Message{Kind: MobileChanged, Mobile: mobile}.Text("达达商城")
	if !strings.HasPrefix(notice, "【达达商城】") || strings.Contains(notice, mobile) || len([]rune(notice)) > 70 {
		t.Error(notice)
	}
	if got := (Message{Kind: "x"}).Text("达达商城"); got != "" {
		t.Error(got)
	}
}
