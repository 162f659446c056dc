package sandbox

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dashop/store/payment/alipay"
)

func TestClose(t *testing.T) {
	f := newFixture(t)
	closing := func(no string) alipay.Closing {
		t.Helper()
		end, err := f.client.Close(context.Background(), f.clock.Now(), no)
		if err != nil {
			t.Fatal(err)
		}
		return end
	}
	link := f.link("CLOSE001")
	if end := closing("CLOSE001"); end != alipay.CloseAbsent {
		t.Errorf("before login: %v", end)
	}
	if err := f.Alipay.Login(link); err != nil {
		t.Fatalf("closing cannot revoke an unopened link: %v", err)
	}
	if end := closing("CLOSE001"); end != alipay.CloseDone || f.query("CLOSE001").State != alipay.ClosedUnpaid {
		t.Errorf("waiting: %v", end)
	}
	if end := closing("CLOSE001"); end != alipay.CloseFailed {
		t.Errorf("closed already: %v", end)
	}
	if _, err := f.Alipay.Buy(link); err == nil {
		t.Error("a closed trade was paid")
	}
	if _, err := f.Alipay.Buy(f.link("CLOSE002")); err != nil {
		t.Fatal(err)
	}
	if end := closing("CLOSE002"); end != alipay.CloseFailed || f.query("CLOSE002").State != alipay.Paid {
		t.Errorf("paid: %v", end)
	}
}

// call posts a request as it stands and gives the raw answer.
func (f *fixture) call(params url.Values) (string, *http.Response) {
	f.t.Helper()
	resp, err := http.PostForm(f.URL()+"/gateway.do", params)
	if err != nil {
		f.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(body), resp
}

func (f *fixture) queryParams(no string) url.Values {
	return url.Values{
		"app_id": {AppID}, "method": {"alipay.trade.query"}, "format": {"JSON"}, "charset": {"utf-8"}, "sign_type": {"RSA2"},
		"version":   {"1.0"},
		"timestamp": {alipay.FormatTime(f.clock.Now())}, "biz_content": {`{"out_trade_no":"` + no + `"}`},
	}
}

func TestAnswersLookLikeAlipays(t *testing.T) {
	f := newFixture(t)
	params := f.queryParams("LOOKS/001")
	if err := alipay.SignRequest(f.AppKey(), params); err != nil {
		t.Fatal(err)
	}
	body, resp := f.call(params)
	if resp.Header.Get("Content-Type") != "text/html;charset=utf-8" || resp.StatusCode != 200 {
		t.Errorf("%d %v", resp.StatusCode, resp.Header)
	}
	if _, err := alipay.OpenEnvelope(f.AlipayKey(), "alipay.trade.query", []byte(body)); err != nil ||
		!strings.Contains(body, "ACQ.TRADE_NOT_EXIST") {
		t.Errorf("%s: %v", body, err)
	}
	// No field of a query has a slash by nature, but a trade that is read from the folder may have one.
	dir := t.TempDir()
	copyKeys(t, dir)
	trade := `{"OutTradeNo":"LOOKS001","TradeNo":"a/b","Status":"WAIT_BUYER_PAY","Amount":19990,"ExpiresAt":"2026-01-03T00:00:00Z"}`
	if err := os.WriteFile(filepath.Join(dir, "trades.jsonl"), []byte(trade), 0o600); err != nil {
		t.Fatal(err)
	}
	f = openFixture(t, Options{Dir: dir}, newClock(), newShop(t))
	params = f.queryParams("LOOKS001")
	if err := alipay.SignRequest(f.AppKey(), params); err != nil {
		t.Fatal(err)
	}
	if body, _ = f.call(params); !strings.Contains(body, `"trade_no":"a\/b"`) {
		t.Errorf("slashes: %s", body)
	}
	if got := f.query("LOOKS001"); got.TradeNo != "a/b" {
		t.Errorf("%+v", got)
	}
}

func TestCallsRefused(t *testing.T) {
	f := newFixture(t)
	for what, c := range map[string]struct {
		change func(url.Values)
		resign bool
		sub    string
	}{
		"tampered":    {func(p url.Values) { p.Set("biz_content", `{"out_trade_no":"Y"}`) }, false, "isv.invalid-signature"},
		"unsigned":    {func(p url.Values) { p.Del("sign") }, false, "isv.missing-signature"},
		"another app": {func(p url.Values) { p.Set("app_id", "9021000100000009") }, true, "isv.invalid-app-id"},
		"old": {func(p url.Values) { p.Set("timestamp", alipay.FormatTime(f.clock.Now().Add(-16*time.Minute))) }, true,
			"isv.invalid-timestamp"},
		"future": {func(p url.Values) { p.Set("timestamp", alipay.FormatTime(f.clock.Now().Add(16*time.Minute))) }, true,
			"isv.invalid-timestamp"},
		"UTC, not CST": {func(p url.Values) { p.Set("timestamp", f.clock.Now().Format(alipay.TimeLayout)) }, true,
			"isv.invalid-timestamp"},
		"no timestamp":    {func(p url.Values) { p.Del("timestamp") }, true, "isv.missing-timestamp"},
		"unknown method":  {func(p url.Values) { p.Set("method", "alipay.trade.precreate") }, true, "isv.invalid-method"},
		"SHA-1":           {func(p url.Values) { p.Set("sign_type", "RSA") }, true, "isv.invalid-signature-type"},
		"no number":       {func(p url.Values) { p.Set("biz_content", `{}`) }, true, "ACQ.INVALID_PARAMETER"},
		"no JSON":         {func(p url.Values) { p.Set("biz_content", `x`) }, true, "ACQ.INVALID_PARAMETER"},
		"a name twice":    {func(p url.Values) { p.Add("app_id", AppID) }, false, "isv.invalid-parameter"},
		"unknown version": {func(p url.Values) { p.Set("version", "2.0") }, true, "isv.invalid-version"},
	} {
		params := f.queryParams("X")
		if err := alipay.SignRequest(f.AppKey(), params); err != nil {
			t.Fatal(err)
		}
		c.change(params)
		if c.resign {
			params.Del("sign")
			if err := alipay.SignRequest(f.AppKey(), params); err != nil {
				t.Fatal(err)
			}
		}
		body, resp := f.call(params)
		if resp.StatusCode != 200 || !strings.Contains(body, `"sub_code":"`+c.sub+`"`) {
			t.Errorf("%s: %d %s", what, resp.StatusCode, body)
		}
		if _, err := alipay.OpenEnvelope(f.AlipayKey(), "alipay.trade.query", []byte(body)); err != nil {
			t.Errorf("%s: the refusal is not signed: %v", what, err)
		}
	}
	stranger := f.newClient(f.Keys().Merchant)
	if _, err := stranger.Query(context.Background(), f.clock.Now(), "X"); !errors.Is(err, alipay.ErrRefused) {
		t.Errorf("signed by a stranger: %v", err)
	}
	if _, err := f.client.Query(context.Background(), f.clock.Now().Add(-16*time.Minute), "X"); !errors.Is(err, alipay.ErrRefused) {
		t.Errorf("a client whose clock is wrong: %v", err)
	}
}

func TestQueryFaults(t *testing.T) {
	f := newFixture(t)
	if _, err := f.Alipay.Buy(f.link("FAULTS01")); err != nil {
		t.Fatal(err)
	}
	for kind, want := range map[Kind]error{
		Hang: alipay.ErrUnknown, Broken: alipay.ErrUnknown, Busy: alipay.ErrUnknown, ErrorAfter: alipay.ErrUnknown,
		ResetAfter:  alipay.ErrUnknown,
		OtherNumber: alipay.ErrUnknown, Unsigned: alipay.ErrSignature, BadSign: alipay.ErrSignature, Tampered: alipay.ErrSignature,
	} {
		f.inject(Fault{On: OnQuery, Kind: kind, Times: 1, Delay: 100 * time.Millisecond})
		got, err := f.client.Query(context.Background(), f.clock.Now(), "FAULTS01")
		if !errors.Is(err, want) || !errors.Is(err, alipay.ErrUnknown) || got.State != 0 {
			t.Errorf("%s: %+v, %v", kind, got, err)
		}
		if got := f.query("FAULTS01"); got.State != alipay.Paid {
			t.Errorf("after %s: %+v", kind, got)
		}
	}
	f.inject(Fault{On: OnQuery, Kind: WrongAmount, Times: 1, Shift: 100})
	if got := f.query("FAULTS01"); got.Amount != 20090 {
		t.Errorf("wrong amount: %+v", got)
	}
	f.inject(Fault{On: OnQuery, Kind: Broken, OutTradeNo: "FAULTS02"})
	if got := f.query("FAULTS01"); got.State != alipay.Paid {
		t.Errorf("another trade's fault: %+v", got)
	}
	for range 3 { // Times 0 strikes until it is cleared
		if _, err := f.client.Query(context.Background(), f.clock.Now(), "FAULTS02"); !errors.Is(err, alipay.ErrUnknown) {
			t.Errorf("a lasting fault: %v", err)
		}
	}
	f.Clear()
	if got := f.query("FAULTS02"); got.State != alipay.Absent {
		t.Errorf("cleared: %+v", got)
	}
	if f.Inject(Fault{On: OnQuery, Kind: Copies}) == nil || f.Inject(Fault{On: "x", Kind: Hang}) == nil ||
		f.Inject(Fault{On: OnNotify, Kind: Copies, Copies: 1000}) == nil {
		t.Error("a fault that cannot be")
	}
}

func TestCloseFaults(t *testing.T) {
	f := newFixture(t)
	for kind, state := range map[Kind]alipay.State{
		Hang: alipay.Waiting, Broken: alipay.Waiting, Busy: alipay.Waiting, // not done
		ErrorAfter: alipay.ClosedUnpaid, ResetAfter: alipay.ClosedUnpaid, Unsigned: alipay.ClosedUnpaid, // done, but nobody hears of it
		PayFirst: alipay.Paid,
	} {
		no := "CLOSEF_" + strings.ReplaceAll(string(kind), "-", "_")
		if err := f.Alipay.Login(f.link(no)); err != nil {
			t.Fatal(err)
		}
		f.inject(Fault{On: OnClose, Kind: kind, Times: 1, Delay: 50 * time.Millisecond})
		end, err := f.client.Close(context.Background(), f.clock.Now(), no)
		if end != alipay.CloseFailed || errors.Is(err, alipay.ErrUnknown) != (kind != PayFirst) {
			t.Errorf("%s: %v, %v", kind, end, err)
		}
		if got := f.query(no); got.State != state {
			t.Errorf("%s leaves %+v", kind, got)
		}
	}
}
