package alipay

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"dashop/store/money"
)

var now = time.Date(2026, 1, 1, 19, 4, 5, 0, time.UTC) // 03:04:05 on the 2nd in Beijing

// answeringGateway answers each call with what answer gives; the request has been verified as a gateway would.
func answeringGateway(t *testing.T, v vectors, answer func(w http.ResponseWriter, params url.Values)) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		params, err := ParseParams(r.URL.RawQuery + "&" + string(body))
		if err != nil || VerifyRequest(&v.app.PublicKey, params) != nil {
			t.Errorf("the request does not verify: %v", err)
		}
		if params.Get("timestamp") != "2026-01-02 03:04:05" || params.Get("sign_type") != "RSA2" || params.Get("charset") != "utf-8" {
			t.Errorf("params = %v", params)
		}
		w.Header().Set("Content-Type", "text/html;charset=utf-8")
		answer(w, params)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/gateway.do"
}

// signed answers with content, signed by Alipay.
func signed(v vectors, content string) func(http.ResponseWriter, url.Values) {
	return func(w http.ResponseWriter, params url.Values) {
		body, _ := Envelope(v.alipay, ResponseName(params.Get("method")), []byte(content))
		w.Write(body)
	}
}

func TestQueryStates(t *testing.T) {
	v := loadVectors(t)
	const head = `{"code":"10000","msg":"Success","out_trade_no":"P20260102000001","trade_no":"20260102","total_amount":"199.90",`
	paidAt := time.Date(2026, 1, 1, 19, 5, 20, 0, time.UTC)
	for what, c := range map[string]struct {
		content string
		state   State
		err     error
	}{
		"vector":          {v.Response.SignedText, Paid, nil},
		"paid":            {head + `"trade_status":"TRADE_SUCCESS","send_pay_date":"2026-01-02 03:05:20"}`, Paid, nil},
		"finished":        {head + `"trade_status":"TRADE_FINISHED","send_pay_date":"2026-01-02 03:05:20"}`, Paid, nil},
		"waiting":         {head + `"trade_status":"WAIT_BUYER_PAY"}`, Waiting, nil},
		"closed":          {head + `"trade_status":"TRADE_CLOSED"}`, ClosedUnpaid, nil},
		"refunded":        {head + `"trade_status":"TRADE_CLOSED","send_pay_date":"2026-01-02 03:05:20"}`, Refunded, nil},
		"refunded by fee": {head + `"trade_status":"TRADE_CLOSED","refund_fee":"199.90"}`, Refunded, nil},
		"absent":          {`{"code":"40004","msg":"Business Failed","sub_code":"ACQ.TRADE_NOT_EXIST"}`, Absent, nil},
		"unknown field":   {head + `"trade_status":"WAIT_BUYER_PAY","new":{"a":[1]}}`, Waiting, nil},
		"another number": {strings.Replace(head, "P20260102000001", "P20260102000002", 1) + `"trade_status":"TRADE_SUCCESS"}`, 0,
			ErrUnknown},
		"no amount": {`{"code":"10000","out_trade_no":"P20260102000001","trade_no":"1","trade_status":"TRADE_SUCCESS"}`, 0,
			ErrUnknown},
		"odd amount":        {strings.Replace(head, "199.90", "199.901", 1) + `"trade_status":"TRADE_SUCCESS"}`, 0, ErrUnknown},
		"no trade_no":       {strings.Replace(head, "20260102\"", "\"", 1) + `"trade_status":"TRADE_SUCCESS"}`, 0, ErrUnknown},
		"odd status":        {head + `"trade_status":"TRADE_PENDING"}`, 0, ErrUnknown},
		"odd time":          {head + `"trade_status":"TRADE_SUCCESS","send_pay_date":"yesterday"}`, 0, ErrUnknown},
		"content no object": {`"AES"`, 0, ErrUnknown},
		"busy":              {`{"code":"20000","msg":"Service Currently Unavailable","sub_code":"isp.unknow-error"}`, 0, ErrUnknown},
		"rate":              {`{"code":"40005"}`, 0, ErrUnknown},
		"system error":      {`{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}`, 0, ErrUnknown},
		"system error, sic": {`{"code":"40004","sub_code":"AQC.SYSTEM_ERROR"}`, 0, ErrUnknown},
		"new code":          {`{"code":"50000"}`, 0, ErrUnknown},
		"bad sign":          {`{"code":"40002","sub_code":"isv.invalid-signature"}`, 0, ErrRefused},
		"no permission":     {`{"code":"40006","sub_code":"isv.insufficient-isv-permissions"}`, 0, ErrRefused},
		"bad field":         {`{"code":"40004","sub_code":"ACQ.INVALID_PARAMETER"}`, 0, ErrRefused},
	} {
		client := v.client(t, answeringGateway(t, v, signed(v, c.content)))
		got, err := client.Query(context.Background(), now, "P20260102000001")
		if got.State != c.state || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		if (what == "paid" || what == "refunded") && (!got.PaidAt.Equal(paidAt) || got.Amount != 19990 || got.TradeNo != "20260102") {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

func TestCloseEnds(t *testing.T) {
	v := loadVectors(t)
	for what, c := range map[string]struct {
		content string
		end     Closing
		err     error
	}{
		"closed":         {`{"code":"10000","out_trade_no":"P20260102000001","trade_no":"1"}`, CloseDone, nil},
		"another number": {`{"code":"10000","out_trade_no":"P2","trade_no":"1"}`, CloseFailed, ErrUnknown},
		"absent":         {`{"code":"40004","sub_code":"ACQ.TRADE_NOT_EXIST"}`, CloseAbsent, nil},
		"paid":           {`{"code":"40004","sub_code":"ACQ.TRADE_HAS_SUCCESS"}`, CloseFailed, nil},
		"wrong state":    {`{"code":"40004","sub_code":"ACQ.REASON_TRADE_STATUS_INVALID"}`, CloseFailed, nil},
		"system error":   {`{"code":"40004","sub_code":"ACQ.SYSTEM_ERROR"}`, CloseFailed, ErrUnknown},
		"forbidden":      {`{"code":"40004","sub_code":"ACQ.ACCESS_FORBIDDEN"}`, CloseFailed, ErrRefused},
	} {
		got, err := v.client(t, answeringGateway(t, v, signed(v, c.content))).Close(context.Background(), now, "P20260102000001")
		if got != c.end || !errors.Is(err, c.err) || (err == nil) != (c.err == nil) {
			t.Errorf("%s: %v, %v", what, got, err)
		}
	}
}

func TestOutcomeUnknown(t *testing.T) {
	v := loadVectors(t)
	paid := v.Response.SignedText
	for what, answer := range map[string]func(http.ResponseWriter, url.Values){
		"unsigned": func(w http.ResponseWriter, _ url.Values) {
			io.WriteString(w, `{"alipay_trade_query_response":`+paid+`}`)
		},
		"signed by the app": func(w http.ResponseWriter, p url.Values) {
			body, _ := Envelope(v.app, ResponseName(p.Get("method")), []byte(paid))
			w.Write(body)
		},
		"500": func(w http.ResponseWriter, p url.Values) { w.WriteHeader(500); signed(v, paid)(w, p) },
		"redirect": func(w http.ResponseWriter, _ url.Values) {
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(http.StatusTemporaryRedirect)
		},
		"cut": func(w http.ResponseWriter, _ url.Values) {
			w.Header().Set("Content-Length", "500")
			io.WriteString(w, `{"alipay`)
		},
		"hang": func(http.ResponseWriter, url.Values) { time.Sleep(400 * time.Millisecond) },
		"html": func(w http.ResponseWriter, _ url.Values) { io.WriteString(w, "<html>busy</html>") },
		"too long": func(w http.ResponseWriter, p url.Values) {
			signed(v, paid)(w, p)
			io.WriteString(w, strings.Repeat(" ", maxAnswer)) // still JSON when it is cut
		},
	} {
		client := v.client(t, answeringGateway(t, v, answer))
		client.http.Timeout = 200 * time.Millisecond
		got, err := client.Query(context.Background(), now, "P20260102000001")
		if !errors.Is(err, ErrUnknown) || got.State != 0 {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		forged := what == "unsigned" || what == "signed by the app"
		if errors.Is(err, ErrSignature) != forged {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := v.client(t, "http://127.0.0.1:1/gateway.do").Query(context.Background(), now, "P20260102000001"); !errors.Is(err,
		ErrUnknown) {
		t.Errorf("nobody there: %v", err)
	}
	c := v.client(t, "http://127.0.0.1/gateway.do")
	if d, err := New(Config{GatewayURL: c.cfg.GatewayURL, AppID: c.cfg.AppID, SellerID: c.cfg.SellerID, AppPrivateKey: v.app,
		AlipayPublicKey: &v.alipay.PublicKey}); err != nil || d.http.Timeout != 8*time.Second || d.cfg.ConnectTimeout != 3*time.Second {
		t.Errorf("deadlines: %v", err)
	}
}

func pay() Pay {
	return Pay{
		OutTradeNo: "2026010200000000000101", Amount: 19990, Subject: "达达商城 订单", ExpiresAt: now.Add(30 * time.Minute),
		NotifyURL: "http://127.0.0.1:8000/payments/alipay/notify", ReturnURL: "http://127.0.0.1:8000/payments/alipay/return",
		QuitURL: "http://127.0.0.1:8000/orders/20260102000000000001?x=1",
	}
}

func TestPayURL(t *testing.T) {
	v := loadVectors(t)
	c := v.client(t, "http://127.0.0.1:8001/gateway.do")
	for _, k := range []struct {
		make                       func(time.Time, Pay) (string, error)
		method, product, quitField string
	}{
		{c.PagePayURL, MethodPagePay, "FAST_INSTANT_TRADE_PAY", "request_from_url"},
		{c.WapPayURL, MethodWapPay, "QUICK_WAP_WAY", "quit_url"},
	} {
		address, err := k.make(now, pay())
		if err != nil {
			t.Fatal(err)
		}
		base, query, _ := strings.Cut(address, "?")
		params, err := ParseParams(query)
		if err != nil || base != "http://127.0.0.1:8001/gateway.do" || VerifyRequest(&v.app.PublicKey, params) != nil {
			t.Fatalf("%s does not verify: %v", address, err)
		}
		var biz map[string]string
		if err := json.Unmarshal([]byte(params.Get("biz_content")), &biz); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{
			"out_trade_no": "2026010200000000000101", "total_amount": "199.90", "subject": "达达商城 订单", "product_code": k.product,
			"time_expire": "2026-01-02 03:34:05", k.quitField: pay().QuitURL,
		}
		for name, value := range want {
			if biz[name] != value {
				t.Errorf("%s: %s = %q, want %q", k.method, name, biz[name], value)
			}
		}
		if len(biz) != len(want) || params.Get("method") != k.method || params.Get("timestamp") != "2026-01-02 03:04:05" {
			t.Errorf("params = %v", params)
		}
	}
}

func TestPayURLRefused(t *testing.T) {
	c := loadVectors(t).client(t, "http://127.0.0.1:8001/gateway.do")
	for what, change := range map[string]func(*Pay){
		"short number":       func(p *Pay) { p.OutTradeNo = "12345" },
		"long number":        func(p *Pay) { p.OutTradeNo = strings.Repeat("1", 33) },
		"odd number":         func(p *Pay) { p.OutTradeNo = "2026-0102" },
		"no money":           func(p *Pay) { p.Amount = 0 },
		"negative":           func(p *Pay) { p.Amount = -1 },
		"too much":           func(p *Pay) { p.Amount = money.Max + 1 },
		"expired":            func(p *Pay) { p.ExpiresAt = now },
		"expired when cut":   func(p *Pay) { p.ExpiresAt = now.Add(900 * time.Millisecond) },
		"no subject":         func(p *Pay) { p.Subject = " /&= " },
		"notify with query":  func(p *Pay) { p.NotifyURL += "?a=b" },
		"relative return":    func(p *Pay) { p.ReturnURL = "/payments/alipay/return" },
		"return of a script": func(p *Pay) { p.ReturnURL = "javascript:alert(1)" },
	} {
		p := pay()
		change(&p)
		if address, err := c.PagePayURL(now, p); err == nil {
			t.Errorf("%s: %s", what, address)
		}
	}
}

func TestCleanSubject(t *testing.T) {
	for in, want := range map[string]string{
		"红袖添香 100%+ \"礼盒\"":           "红袖添香 100%+ \"礼盒\"",
		"a/b=c&d":                     "a b c d",
		"two\r\nlines\x00 and\ttab":   "two lines and tab",
		"left\u202eright\u200b\ufeff": "leftright",
		"bad \xff byte":               "bad byte",
		"  ":                          "",
		strings.Repeat("字", 300):      strings.Repeat("字", 256),
	} {
		if got := CleanSubject(in); got != want {
			t.Errorf("CleanSubject(%q) = %q, want %q", in, got, want)
		}
	}
}
