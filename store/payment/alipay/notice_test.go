package alipay

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"
)

// signedNotice is the vector's notify with changes, signed anew by Alipay; an empty value removes a field.
func signedNotice(t *testing.T, v vectors, changes map[string]string) string {
	t.Helper()
	params := values(v.Notify.Params)
	for name, value := range changes {
		if params.Set(name, value); value == "" {
			params.Del(name)
		}
	}
	if err := SignNotice(v.alipay, params); err != nil {
		t.Fatal(err)
	}
	return params.Encode()
}

func TestNotifyStates(t *testing.T) {
	v := loadVectors(t)
	c := v.client(t, "http://127.0.0.1/gateway.do")
	type change = map[string]string
	for what, k := range map[string]struct {
		changes change
		state   State
		refund  bool
	}{
		"paid":           {change{}, Paid, false},
		"finished":       {change{"trade_status": "TRADE_FINISHED"}, Paid, false},
		"waiting":        {change{"trade_status": "WAIT_BUYER_PAY", "gmt_payment": ""}, Waiting, false},
		"closed":         {change{"trade_status": "TRADE_CLOSED", "gmt_payment": ""}, ClosedUnpaid, false},
		"partial refund": {change{"refund_fee": "10.00", "out_biz_no": "R1", "gmt_refund": "2026-01-03 01:02:03.123"}, Paid, true},
		"full refund": {change{"trade_status": "TRADE_CLOSED", "refund_fee": "199.90", "gmt_refund": "2026-01-03 01:02:03"}, Refunded,
			true},
		"refund, no fee": {change{"refund_fee": "", "gmt_refund": "2026-01-03 01:02:03"}, Paid, true},
		"closed, paid":   {change{"trade_status": "TRADE_CLOSED"}, Refunded, false},
	} {
		n, err := c.ParseNotify([]byte(signedNotice(t, v, k.changes)))
		if err != nil || n.State != k.state || (n.Refund != nil) != k.refund {
			t.Errorf("%s: %+v, %v", what, n, err)
		}
		if what == "partial refund" && (n.Refund.Total != 1000 || n.Refund.OutRequestNo != "R1" || n.Refund.At.IsZero()) {
			t.Errorf("%s: %+v", what, n.Refund)
		}
	}
}

func TestNotifyRefused(t *testing.T) {
	v := loadVectors(t)
	c := v.client(t, "http://127.0.0.1/gateway.do")
	good := signedNotice(t, v, nil)
	byApp := values(v.Notify.Params)
	if err := SignNotice(v.app, byApp); err != nil {
		t.Fatal(err)
	}
	for what, k := range map[string]struct {
		body string
		want error
	}{
		"unsigned":          {values(v.Notify.Params).Encode(), ErrSignature},
		"signed by the app": {byApp.Encode(), ErrSignature},
		"tampered":          {strings.Replace(good, "total_amount=199.90", "total_amount=0.01", 1), ErrSignature},
		"a name twice":      {good + "&out_trade_no=P20260102000001", ErrMalformed},
		"sign twice":        {good + "&sign=x", ErrMalformed},
		"semicolon":         {good + ";a=b", ErrMalformed},
		"bad escape":        {good + "&x=%zz", ErrMalformed},
		"empty":             {"", ErrSignature},
		"too long":          {good + "&x=" + strings.Repeat("x", maxNotice), ErrMalformed},
		"no number":         {signedNotice(t, v, map[string]string{"out_trade_no": ""}), ErrMalformed},
		"no notify_id":      {signedNotice(t, v, map[string]string{"notify_id": ""}), ErrMalformed},
		"odd status":        {signedNotice(t, v, map[string]string{"trade_status": "TRADE_PENDING"}), ErrMalformed},
		"a return as notify": {signedNotice(t, v, map[string]string{"trade_status": "", "method": "alipay.trade.page.pay.return"}),
			ErrMalformed},
		"odd amount": {signedNotice(t, v, map[string]string{"total_amount": "1e3"}), ErrMalformed},
		"no money":   {signedNotice(t, v, map[string]string{"total_amount": "0.00"}), ErrMalformed},
		"odd refund": {signedNotice(t, v, map[string]string{"refund_fee": "x"}), ErrMalformed},
		"odd time":   {signedNotice(t, v, map[string]string{"gmt_payment": "soon"}), ErrMalformed},
	} {
		if n, err := c.ParseNotify([]byte(k.body)); !errors.Is(err, k.want) {
			t.Errorf("%s: %+v, %v", what, n, err)
		}
	}
}

func TestDigestTellsReplays(t *testing.T) {
	v := loadVectors(t)
	c := v.client(t, "http://127.0.0.1/gateway.do")
	digest := func(changes map[string]string) string {
		n, err := c.ParseNotify([]byte(signedNotice(t, v, changes)))
		if err != nil {
			t.Fatal(err)
		}
		return n.Digest
	}
	first, replay := digest(nil), digest(nil)
	if first != replay || first == digest(map[string]string{"notify_time": "2026-01-02 03:09:00"}) {
		t.Error("the digest must be equal for replays and differ otherwise")
	}
}

func TestReturn(t *testing.T) {
	v := loadVectors(t)
	c := v.client(t, "http://127.0.0.1/gateway.do")
	query := func(changes url.Values) string {
		params := url.Values{
			"charset": {"utf-8"}, "out_trade_no": {"P20260102000001"}, "method": {"alipay.trade.page.pay.return"},
			"total_amount": {"199.90"},
			"trade_no":     {"2026010222001412345678901234"}, "auth_app_id": {"2021000000000001"}, "version": {"1.0"},
			"app_id":    {"2021000000000001"},
			"sign_type": {"RSA2"}, "seller_id": {"2088102175868000"}, "timestamp": {"2026-01-02 03:05:21"},
		}
		for name := range changes {
			params[name] = changes[name]
		}
		if err := SignNotice(v.alipay, params); err != nil {
			t.Fatal(err)
		}
		return params.Encode()
	}
	r, err := c.ParseReturn(query(nil))
	if err != nil || r.OutTradeNo != "P20260102000001" || r.Amount != 19990 || r.AppID != c.AppID() || r.SellerID != c.SellerID() ||
		!r.At.Equal(time.Date(2026, 1, 1, 19, 5, 21, 0, time.UTC)) || r.TradeNo == "" || r.Digest == "" {
		t.Errorf("%+v, %v", r, err)
	}
	for what, k := range map[string]struct {
		query string
		want  error
	}{
		"none":               {"", ErrSignature},
		"tampered":           {strings.Replace(query(nil), "000001&", "000002&", 1), ErrSignature},
		"a notify as return": {v.Notify.FormBody, ErrMalformed},
		"twice":              {query(nil) + "&app_id=2021000000000001", ErrMalformed},
		"no number":          {query(url.Values{"out_trade_no": {""}}), ErrMalformed},
		"odd amount":         {query(url.Values{"total_amount": {"x"}}), ErrMalformed},
		"odd time":           {query(url.Values{"timestamp": {"x"}}), ErrMalformed},
	} {
		if r, err := c.ParseReturn(k.query); !errors.Is(err, k.want) {
			t.Errorf("%s: %+v, %v", what, r, err)
		}
	}
}
