package alipay

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"testing"

	"dashop/store/payment/gateway"
)

// Only the gateway itself and, for the real one, Ant's own domains may follow the form that begins a payment.
func TestFormTargets(t *testing.T) {
	ants := []string{"https://*.alipay.com", "https://*.alipaydev.com"}
	for address, want := range map[string][]string{
		"http://127.0.0.1:8001/gateway.do":            {"http://127.0.0.1:8001"},
		"https://openapi.alipay.com/gateway.do":       append([]string{"https://openapi.alipay.com"}, ants...),
		"https://notalipay.com.evil.example/gateway":  {"https://notalipay.com.evil.example"},
		"https://openapi-sandbox.dl.alipaydev.com/gw": append([]string{"https://openapi-sandbox.dl.alipaydev.com"}, ants...),
	} {
		if got := formTargets(address); !slices.Equal(got, want) {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestProviderReadsNotifies(t *testing.T) {
	v := loadVectors(t)
	p := NewProvider(v.client(t, "http://127.0.0.1/gateway.do"))
	read := func(changes map[string]string) (gateway.Notice, error) {
		return p.ReadNotify(context.Background(), gateway.Message{Body: []byte(signedNotice(t, v, changes))})
	}
	paid, err := read(nil)
	if err != nil || paid.Refund != nil || paid.Payment.State != gateway.TradePaid || paid.Payment.Digest == "" ||
		paid.Payment.Amount != 19990 {
		t.Errorf("paid: %+v, %v", paid, err)
	}
	back, err := read(map[string]string{"refund_fee": "10.00", "out_biz_no": "R1", "gmt_refund": "2026-01-03 01:02:03"})
	if err != nil || back.Payment != nil || back.Refund.OutRequestNo != "R1" || back.Refund.Done {
		t.Errorf("a refund: %+v, %v", back, err)
	}
	for what, changes := range map[string]map[string]string{"another app": {"app_id": "2021000000000009"},
		"another seller": {"seller_id": "2088000000000000"}} {
		if got, err := read(changes); !errors.Is(err, gateway.ErrForeign) || got != (gateway.Notice{}) {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
	}
	if _, err := p.ReadNotify(context.Background(), gateway.Message{Body: []byte("trade_status=TRADE_SUCCESS")}); !errors.Is(err,
		gateway.ErrForged) {
		t.Errorf("unsigned: %v", err)
	}
}

// Alipay looks for the seven letters of success, and sends the notify again at anything else.
func TestProviderAnswers(t *testing.T) {
	for verdict, want := range map[gateway.Verdict]string{gateway.Accepted: "success", gateway.Refused: "fail", gateway.TryAgain: "fail"} {
		if got := (Provider{}).Answer(verdict); got != (gateway.Answer{Status: http.StatusOK, ContentType: "text/plain; charset=utf-8",
			Body: want}) {
			t.Errorf("%d: %+v", verdict, got)
		}
	}
}
