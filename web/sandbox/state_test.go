package sandbox

import (
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
)

func TestStatePage(t *testing.T) {
	f := newFixture(t)
	b := newBuyer(t)
	b.open(f.URL() + "/")
	if b.status != 200 || b.doc.Find("[data-trade]").Length() != 0 || b.doc.Find("h1").Length() != 1 {
		t.Fatalf("empty: %d", b.status)
	}
	post := func(path string, form url.Values) { t.Helper(); b.do("POST", f.URL()+path, form) }
	post("/faults", url.Values{"on": {"notify"}, "kind": {"drop"}, "times": {"1"}, "copies": {"3"}, "seconds": {"30"}})
	if got := f.Faults(); b.status != 200 || len(got) != 1 || got[0].Kind != Drop || got[0].Times != 1 {
		t.Errorf("a fault: %d %+v", b.status, got)
	}
	for _, form := range []url.Values{
		{"on": {"notify"}, "kind": {"hang"}}, {"on": {"notify"}, "kind": {"drop"}, "times": {"-1"}},
		{"on": {"notify"}, "kind": {"copies"}, "copies": {"x"}},
		{"on": {"query"}, "kind": {"hang"}, "seconds": {"999999"}}, {"on": {"notify"}, "kind": {"wrong-amount"}, "shift": {"x"}}, {},
	} {
		if post("/faults", form); b.status != 422 || b.alert() == "" {
			t.Errorf("%v: %d", form, b.status)
		}
	}
	f.buy("STATE001")
	if len(f.shop.notifies()) != 0 {
		t.Fatal("the fault did not strike")
	}
	b.open(f.URL() + "/")
	trade := b.doc.Find("[data-trade=STATE001]")
	if trade.AttrOr("data-trade-status", "") != "TRADE_SUCCESS" || trade.Find(".notice").Length() != 1 ||
		trade.Find("[data-fen='19990']").Length() != 1 {
		t.Errorf("trade: %s", trade.Text())
	}
	resend := trade.Find(".notice form").AttrOr("action", "")
	if post(resend, url.Values{}); b.status != 200 || len(f.shop.notifies()) != 1 {
		t.Errorf("resend: %d, %d notifies", b.status, len(f.shop.notifies()))
	}
	if post("/trades/STATE001/notify", url.Values{}); len(f.shop.notifies()) != 2 || f.shop.notifies()[0] == f.shop.notifies()[1] {
		t.Error("a new notify must be another event")
	}
	if err := f.Alipay.Login(f.link("STATE002")); err != nil {
		t.Fatal(err)
	}
	if post("/trades/STATE002/pay", url.Values{}); f.query("STATE002").State != alipay.Paid {
		t.Error("pay by force")
	}
	for _, path := range []string{"/trades/NOBODY/pay", "/trades/NOBODY/notify", "/trades/STATE001/notices/1/resend"} {
		if post(path, url.Values{}); b.status != 409 {
			t.Errorf("%s: %d", path, b.status)
		}
	}
	f.inject(Fault{On: OnQuery, Kind: Broken})
	if post("/faults/clear", url.Values{}); len(f.Faults()) != 0 {
		t.Error("clear")
	}
}

func TestFolderOfKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	s, err := New(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	defer s.Shutdown(t.Context())
	for name, mode := range map[string]os.FileMode{
		desk.AppPrivateFile: 0o600, desk.AlipayPrivateFile: 0o600, desk.MerchantPrivateFile: 0o600, desk.PlatformPrivateFile: 0o600,
		desk.IniFile: 0o600, "trades.jsonl": 0o600,
		desk.AlipayPublicFile: 0o644, desk.PlatformPublicFile: 0o644,
	} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.Mode().Perm() != mode {
			t.Errorf("%s: %v %v", name, info, err)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, desk.IniFile))
	if err != nil {
		t.Fatal(err)
	}
	ini := string(text)
	for _, want := range []string{
		"[alipay]\ngateway_url=" + s.URL() + "/gateway.do\n", "\napp_id=" + AppID + "\nseller_id=" + SellerID +
			"\napp_private_key_file=" + filepath.Join(dir, desk.AppPrivateFile) + "\n",
		"\n[wechat]\nbase_url=" + s.URL() + "\nmchid=", "\napiv3_key=", "\n[qq]\nbase_url=" + s.URL() + "\n",
		"\n[sms]\nprovider=sandbox\nbase_url=" + s.URL() + "\n",
	} {
		if !strings.Contains(ini, want) {
			t.Errorf("sandbox.ini lacks %q:\n%s", want, ini)
		}
	}
	readable := func(name string) []byte {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	app, err := alipay.ParsePrivateKey(readable(desk.AppPrivateFile))
	if err != nil {
		t.Fatal(err)
	}
	public, err := alipay.ParsePublicKey(readable(desk.AlipayPublicFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := alipay.Check(alipay.Config{GatewayURL: s.URL() + "/gateway.do", AppID: AppID, SellerID: SellerID, AppPrivateKey: app,
		AlipayPublicKey: public}); err != nil {
		t.Error(err)
	}

	if err := os.Remove(filepath.Join(dir, desk.AlipayPublicFile)); err != nil { // as after a crash between the two
		t.Fatal(err)
	}
	again, err := New(Options{Dir: dir, BaseURL: s.URL()})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Shutdown(t.Context())
	if !again.AppKey().Equal(s.AppKey()) || !again.AlipayKey().Equal(s.AlipayKey()) || string(readable(desk.IniFile)) != ini ||
		len(readable(desk.AlipayPublicFile)) == 0 {
		t.Error("a second start must keep keys and settings")
	}
	if err := os.WriteFile(filepath.Join(dir, desk.AppPrivateFile), []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := New(Options{Dir: dir}); err == nil {
		t.Error("a broken key must not be replaced silently")
	}
}

func TestCheckAddr(t *testing.T) {
	for _, addr := range []string{"127.0.0.1:8001", "localhost:0", "[::1]:8001", "127.9.9.9:1"} {
		if err := CheckAddr(addr); err != nil {
			t.Error(err)
		}
	}
	for _, addr := range []string{":8001", "0.0.0.0:8001", "[::]:8001", "192.168.1.2:8001", "shop.test:8001", "127.0.0.1", ""} {
		if CheckAddr(addr) == nil {
			t.Errorf("%q was taken", addr)
		}
	}
}
