package sandbox

import (
	"context"
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dashop/store/payment/alipay"
)

func (f *fixture) buy(no string) string {
	f.t.Helper()
	back, err := f.Alipay.Buy(f.link(no))
	if err != nil {
		f.t.Fatal(err)
	}
	return back
}

func TestNotifyUntilSuccess(t *testing.T) {
	f := newFixture(t)
	f.shop.say("success\n") // not exactly the word
	f.buy("RETRY001")
	eventually(t, "all deliveries", func() bool { return len(f.shop.notifies()) == 3 })
	all := f.shop.notifies()
	if all[0] != all[1] || all[1] != all[2] {
		t.Error("the same event must be the same bytes")
	}
	time.Sleep(120 * time.Millisecond)
	if len(f.shop.notifies()) != 3 {
		t.Error("after the last gap Alipay gives up")
	}
	trade, _ := f.Alipay.Trade("RETRY001")
	if n := trade.Notices[0]; n.Done || !n.Next.IsZero() || len(n.Attempts) != 3 || n.Attempts[0].Answer != "success\n" {
		t.Errorf("%+v", n)
	}
	f.shop.say("success")
	if err := f.Alipay.Resend("RETRY001", trade.Notices[0].ID); err != nil {
		t.Fatal(err)
	}
	if got, _ := f.Alipay.Trade("RETRY001"); !got.Notices[0].Done || f.shop.notifies()[3] != all[0] {
		t.Error("sent by hand: the same bytes, and done")
	}
}

func TestNotifyFaults(t *testing.T) {
	f := newFixture(t)
	for kind, c := range map[Kind]struct {
		err  error
		says func(n alipay.Notify) bool
	}{
		WrongAmount:   {nil, func(n alipay.Notify) bool { return n.Amount == 19989 }},
		ForeignApp:    {nil, func(n alipay.Notify) bool { return n.AppID != AppID && n.SellerID == SellerID }},
		ForeignSeller: {nil, func(n alipay.Notify) bool { return n.SellerID != SellerID && n.AppID == AppID }},
		UnknownNumber: {nil, func(n alipay.Notify) bool { return strings.HasPrefix(n.OutTradeNo, "UNKNOWN") }},
		Unsigned:      {alipay.ErrSignature, nil},
		BadSign:       {alipay.ErrSignature, nil},
		Tampered:      {alipay.ErrSignature, nil},
	} {
		no := "NOTIFY_" + strings.ReplaceAll(string(kind), "-", "_")
		f.inject(Fault{On: OnNotify, Kind: kind, OutTradeNo: no, Times: 1})
		before := len(f.shop.notifies())
		f.buy(no)
		all := f.shop.notifies()
		if len(all) != before+1 {
			t.Fatalf("%s: %d notifies", kind, len(all)-before)
		}
		n, err := f.client.ParseNotify([]byte(all[before]))
		if !errors.Is(err, c.err) || (err == nil) != (c.err == nil) || c.says != nil && !c.says(n) {
			t.Errorf("%s: %+v, %v", kind, n, err)
		}
		if err := f.Alipay.Notify(no); err != nil {
			t.Fatal(err)
		}
		all = f.shop.notifies()
		if n, err := f.client.ParseNotify([]byte(all[len(all)-1])); err != nil || n.Amount != 19990 || n.OutTradeNo != no {
			t.Errorf("a genuine one after %s: %+v, %v", kind, n, err)
		}
	}
}

func TestDropAndLate(t *testing.T) {
	f := newFixture(t)
	f.inject(Fault{On: OnNotify, Kind: Drop, Times: 1})
	f.buy("DROP0001")
	trade, _ := f.Alipay.Trade("DROP0001")
	if len(f.shop.notifies()) != 0 || len(trade.Notices) != 1 || !trade.Notices[0].Dropped || f.query("DROP0001").State != alipay.Paid {
		t.Fatalf("dropped: %+v", trade.Notices)
	}
	if err := f.Alipay.Resend("DROP0001", trade.Notices[0].ID); err != nil {
		t.Fatal(err)
	}
	if n, err := f.client.ParseNotify([]byte(f.shop.notifies()[0])); err != nil || n.OutTradeNo != "DROP0001" {
		t.Errorf("sent by hand: %+v, %v", n, err)
	}
	f.inject(Fault{On: OnNotify, Kind: Late, Times: 1, Delay: 150 * time.Millisecond})
	f.inject(Fault{On: OnNotify, Kind: Copies, Times: 1, Copies: 8})
	f.buy("LATE0001")
	if len(f.shop.notifies()) != 1 {
		t.Error("late means after the return")
	}
	eventually(t, "eight late copies", func() bool { return len(f.shop.notifies()) == 9 })
}

func TestReturnFaults(t *testing.T) {
	f := newFixture(t)
	for kind, want := range map[Kind]error{WrongAmount: nil, ForeignApp: nil, Unsigned: alipay.ErrSignature, BadSign: alipay.ErrSignature,
		Tampered: alipay.ErrSignature} {
		f.inject(Fault{On: OnReturn, Kind: kind, Times: 1})
		back, err := url.Parse(f.buy("RETURN_" + strings.ReplaceAll(string(kind), "-", "_")))
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.client.ParseReturn(back.RawQuery)
		if !errors.Is(err, want) || (err == nil) != (want == nil) || kind == WrongAmount && r.Amount != 19989 {
			t.Errorf("%s: %+v, %v", kind, r, err)
		}
	}
}

func TestPayAfterClose(t *testing.T) {
	f := newFixture(t)
	if f.Alipay.Pay("LATEPAY1") == nil {
		t.Error("no trade, yet paid")
	}
	if err := f.Alipay.Login(f.link("LATEPAY1")); err != nil {
		t.Fatal(err)
	}
	if end, err := f.client.Close(context.Background(), f.clock.Now(), "LATEPAY1"); err != nil || end != alipay.CloseDone {
		t.Fatal(end, err)
	}
	for range 2 { // the second does nothing
		if err := f.Alipay.Pay("LATEPAY1"); err != nil {
			t.Fatal(err)
		}
	}
	if got := f.query("LATEPAY1"); got.State != alipay.Paid || len(f.shop.notifies()) != 1 {
		t.Errorf("%+v, %d notifies", got, len(f.shop.notifies()))
	}
}

func TestRestartKeepsTrades(t *testing.T) {
	first := t.TempDir()
	copyKeys(t, first)
	gaps := []time.Duration{time.Hour} // the retry is far away when the sandbox stops
	f := openFixture(t, Options{Dir: first, Gaps: gaps}, newClock(), newShop(t))
	f.shop.say("fail")
	f.buy("RESTART1")
	if err := f.Alipay.Login(f.link("RESTART2")); err != nil {
		t.Fatal(err)
	}
	before, _ := f.Alipay.Trade("RESTART1")
	if before.Notices[0].Done || before.Notices[0].Next.IsZero() {
		t.Fatalf("%+v", before.Notices[0])
	}
	// What a crash leaves: nothing is flushed or closed, and the last line is cut short.
	dir := t.TempDir()
	copyKeys(t, dir)
	data, err := os.ReadFile(filepath.Join(first, "trades.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "trades.jsonl"), append(data, `{"OutTradeNo":"CUT`...), 0o600); err != nil {
		t.Fatal(err)
	}
	f.shop.say("success")
	f.clock.Add(2 * time.Hour)
	g := openFixture(t, Options{Dir: dir}, f.clock, f.shop)
	after, ok := g.Alipay.Trade("RESTART1")
	if !ok || after.TradeNo != before.TradeNo || after.Status != "TRADE_SUCCESS" || !after.PaidAt.Equal(before.PaidAt) ||
		after.Amount != before.Amount {
		t.Errorf("%+v", after)
	}
	if _, ok := g.Alipay.Trade("CUT"); ok || len(g.Alipay.Trades(10)) != 2 {
		t.Errorf("%d trades", len(g.Alipay.Trades(10)))
	}
	eventually(t, "the notify that was owed", func() bool { return len(f.shop.notifies()) == 2 })
	if all := f.shop.notifies(); all[0] != all[1] {
		t.Error("it must be the same notify")
	}
}
