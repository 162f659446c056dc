package sandbox

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/payment/alipay"
)

func TestPayFlow(t *testing.T) {
	f := newFixture(t)
	const no = "2026010200000000000101"
	if got := f.query(no); got.State != alipay.Absent {
		t.Fatalf("before: %+v", got)
	}
	b := newBuyer(t)
	b.open(f.link(no))
	if b.status != 200 || !strings.Contains(b.at.Path, "/cashier/") || b.doc.Find(".hazard").Length() != 1 {
		t.Fatalf("cashier: %d %s", b.status, b.at)
	}
	if text := b.doc.Find(".summary").Text(); !strings.Contains(text, "199.90") || !strings.Contains(text, "达达商城") ||
		!strings.Contains(text, no) {
		t.Errorf("summary: %s", text)
	}
	if got := f.query(no); got.State != alipay.Absent {
		t.Errorf("an opened link is no trade yet: %+v", got)
	}

	b.press("login", map[string]string{"password": "wrong"})
	if b.status != 422 || b.alert() != "账号或密码不正确" || f.query(no).State != alipay.Absent {
		t.Errorf("wrong password: %d %s", b.status, b.alert())
	}
	b.press("login", nil)
	if got := f.query(no); got.State != alipay.Waiting || got.Amount != 19990 || got.TradeNo == "" {
		t.Fatalf("logged in: %+v", got)
	}
	b.press("pay", map[string]string{"password": "wrong"})
	if b.status != 422 || b.alert() != "付款密码不正确" {
		t.Errorf("wrong payment password: %d %s", b.status, b.alert())
	}
	b.press("poor", nil)
	if b.status != 422 || b.alert() != "余额不足，没有付款" || f.query(no).State != alipay.Waiting {
		t.Errorf("short of money: %d %s", b.status, b.alert())
	}
	b.press("pay", nil)
	if b.at.Path != "/return" || b.status != 200 {
		t.Fatalf("after paying at %s", b.at)
	}
	back, err := f.client.ParseReturn(b.at.RawQuery)
	if err != nil || back.OutTradeNo != no || back.Amount != 19990 || back.AppID != AppID || back.SellerID != SellerID {
		t.Errorf("return: %+v, %v", back, err)
	}
	bodies := f.shop.notifies()
	if len(bodies) != 1 {
		t.Fatalf("%d notifies before the return", len(bodies))
	}
	n, err := f.client.ParseNotify([]byte(bodies[0]))
	if err != nil || n.State != alipay.Paid || n.OutTradeNo != no || n.Amount != 19990 || n.TradeNo != back.TradeNo || n.Refund != nil {
		t.Errorf("notify: %+v, %v", n, err)
	}
	got := f.query(no)
	if got.State != alipay.Paid || got.TradeNo != n.TradeNo || !got.PaidAt.Equal(f.clock.Now()) || !n.PaidAt.Equal(got.PaidAt) {
		t.Errorf("query: %+v", got)
	}
	time.Sleep(150 * time.Millisecond)
	if len(f.shop.notifies()) != 1 {
		t.Error("success must end the notifies")
	}
}

func TestWapPayAndPost(t *testing.T) {
	f := newFixture(t)
	link, err := f.client.WapPayURL(f.clock.Now(), f.order("WAP000001"))
	if err != nil {
		t.Fatal(err)
	}
	address, query, _ := strings.Cut(link, "?")
	form, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	form.Del("charset")
	b := newBuyer(t)
	b.do(http.MethodPost, address+"?charset=utf-8", form)
	b.press("login", nil)
	b.press("pay", nil)
	if back, err := f.client.ParseReturn(b.at.RawQuery); err != nil || back.OutTradeNo != "WAP000001" {
		t.Errorf("return: %+v, %v", back, err)
	}
}

func TestCancelLeadsBack(t *testing.T) {
	f := newFixture(t)
	b := newBuyer(t)
	b.open(f.link("CANCEL01"))
	b.press("cancel", nil)
	if b.at.Path != "/orders/1" || f.query("CANCEL01").State != alipay.Absent {
		t.Errorf("cancelled before login: at %s", b.at)
	}
	b.open(f.link("CANCEL01"))
	b.press("login", nil)
	b.press("cancel", nil)
	if b.at.Path != "/orders/1" || f.query("CANCEL01").State != alipay.Waiting {
		t.Errorf("cancelled after login: at %s", b.at)
	}
	without := f.order("CANCEL02")
	without.QuitURL = ""
	link, err := f.client.PagePayURL(f.clock.Now(), without)
	if err != nil {
		t.Fatal(err)
	}
	b.open(link)
	b.press("cancel", nil)
	if b.at.Path != "/" || !strings.HasPrefix(f.shop.URL, "http://"+b.at.Host) {
		t.Errorf("without quit_url: at %s", b.at)
	}
}

func TestSituations(t *testing.T) {
	f := newFixture(t)
	run := func(no, then string) *buyer {
		b := newBuyer(t)
		b.open(f.link(no))
		b.press("login", nil)
		b.press("pay", map[string]string{"then": then})
		return b
	}
	run("COPIES01", "copies")
	eventually(t, "three copies", func() bool { return len(f.shop.notifies()) == 3 })
	if all := f.shop.notifies(); all[0] != all[1] || all[1] != all[2] {
		t.Error("copies must be equal to the byte")
	}
	if b := run("SILENT01", "silent"); b.at.Path != "/return" || len(f.shop.notifies()) != 3 || f.query("SILENT01").State != alipay.Paid {
		t.Errorf("silent: at %s, %d notifies", b.at, len(f.shop.notifies()))
	}
	if b := run("LATE0001", "late"); b.at.Path != "/return" || len(f.shop.notifies()) != 3 {
		t.Errorf("late: at %s, %d notifies", b.at, len(f.shop.notifies()))
	}
	run("WRONG001", "wrong")
	n, err := f.client.ParseNotify([]byte(f.shop.notifies()[3]))
	if err != nil || n.Amount != 19989 {
		t.Errorf("wrong: %+v, %v", n, err)
	}
	b := run("STAY0001", "stay")
	href, _ := b.doc.Find("#return").Attr("href")
	if back, err := url.Parse(href); err != nil || !strings.HasPrefix(b.at.Path, "/cashier/") {
		t.Errorf("stay: at %s", b.at)
	} else if _, err := f.client.ParseReturn(back.RawQuery); err != nil {
		t.Errorf("stay: the link back: %v", err)
	}
	if left := f.Faults(); len(left) != 0 {
		t.Errorf("a situation must not outlive its trade: %+v", left)
	}
}

func TestPayingTwiceTakesOnce(t *testing.T) {
	f := newFixture(t)
	b, other := newBuyer(t), newBuyer(t)
	b.open(f.link("TWICE001"))
	b.press("login", nil)
	other.open(f.link("TWICE001"))
	other.press("login", nil)
	page := *b
	b.press("pay", nil)
	page.press("pay", nil) // the second click of a double click
	if page.at.Path != "/return" {
		t.Errorf("the second click ends at %s", page.at)
	}
	other.press("pay", nil)
	if other.at.Path != "/return" || len(f.shop.notifies()) != 1 {
		t.Errorf("another tab: at %s, %d notifies", other.at, len(f.shop.notifies()))
	}
	b.open(f.link("TWICE001"))
	if b.status != 409 || b.doc.Find("[data-sub-code='ACQ.TRADE_HAS_SUCCESS']").Length() != 1 {
		t.Errorf("the link of a paid trade: %d %s", b.status, b.alert())
	}
}

func TestLinksRefused(t *testing.T) {
	f := newFixture(t)
	good := f.link("REFUSED1")
	resign := func(change func(url.Values)) string {
		_, query, _ := strings.Cut(good, "?")
		params, _ := url.ParseQuery(query)
		change(params)
		if err := alipay.SignRequest(f.AppKey(), params); err != nil {
			t.Fatal(err)
		}
		return f.URL() + "/gateway.do?" + params.Encode()
	}
	biz := func(from, to string) string {
		return resign(func(p url.Values) { p.Set("biz_content", strings.Replace(p.Get("biz_content"), from, to, 1)) })
	}
	for what, c := range map[string]struct{ link, sub string }{
		"another's key": {strings.Replace(good, "sign=", "sign=AA", 1), "isv.invalid-signature"},
		"tampered":      {strings.Replace(good, "199.90", "0.01", 1), "isv.invalid-signature"},
		"a name twice":  {good + "&app_id=" + AppID, "isv.invalid-parameter"},
		"no signature":  {strings.Replace(good, "&sign=", "&unsigned=", 1), "isv.missing-signature"},
		"another app":   {resign(func(p url.Values) { p.Set("app_id", "2021000000000001") }), "isv.invalid-app-id"},
		"SHA-1":         {resign(func(p url.Values) { p.Set("sign_type", "RSA") }), "isv.invalid-signature-type"},
		"GBK":           {resign(func(p url.Values) { p.Set("charset", "GBK") }), "isv.invalid-charset"},
		"future": {resign(func(p url.Values) { p.Set("timestamp", alipay.FormatTime(f.clock.Now().Add(16*time.Minute))) }),
			"isv.invalid-timestamp"},
		"no time":          {resign(func(p url.Values) { p.Set("timestamp", "now") }), "isv.invalid-timestamp"},
		"no money":         {biz("199.90", "0.00"), "ACQ.INVALID_PARAMETER"},
		"odd money":        {biz("199.90", "199.9"), "ACQ.INVALID_PARAMETER"},
		"odd number":       {biz("REFUSED1", "REFUSED-1"), "ACQ.INVALID_PARAMETER"},
		"no product":       {biz("FAST_INSTANT_TRADE_PAY", "QUICK_WAP_WAY"), "ACQ.INVALID_PARAMETER"},
		"subject":          {biz("达达商城 订单", "a&b"), "ACQ.INVALID_PARAMETER"},
		"return to script": {resign(func(p url.Values) { p.Set("return_url", "javascript:alert(1)") }), "ACQ.INVALID_PARAMETER"},
		"expired":          {biz("2026-01-02 11:34:05", "2026-01-02 11:04:05"), "ACQ.TRADE_HAS_CLOSE"},
	} {
		b := newBuyer(t)
		b.open(c.link)
		if b.status < 400 || b.status >= 500 || b.doc.Find("[data-sub-code='"+c.sub+"']").Length() != 1 {
			t.Errorf("%s: %d %s", what, b.status, b.doc.Find("main").Text())
		}
	}
	b := newBuyer(t)
	b.open(good)
	if b.status != 200 {
		t.Errorf("the good link: %d", b.status)
	}
}

func TestLinkStaysPayableUntilItExpires(t *testing.T) {
	f := newFixture(t)
	early, late := f.link("EXPIRE01"), f.link("EXPIRE02")
	f.clock.Add(29 * time.Minute) // older than any call may be, but before time_expire
	b := newBuyer(t)
	b.open(early)
	b.press("login", nil)
	f.clock.Add(61 * time.Second)
	if got := f.query("EXPIRE01"); got.State != alipay.ClosedUnpaid || !got.PaidAt.IsZero() {
		t.Errorf("a trade past its time: %+v", got)
	}
	b.press("pay", nil)
	if b.status != 409 || f.query("EXPIRE01").State != alipay.ClosedUnpaid || len(f.shop.notifies()) != 0 {
		t.Errorf("paying past the time: %d %s", b.status, b.alert())
	}
	b.open(late)
	if b.status != 409 || b.alert() != "这个付款链接已经过期" {
		t.Errorf("an expired link: %d %s", b.status, b.alert())
	}
}

func TestNumberUsedAgainWithOtherData(t *testing.T) {
	f := newFixture(t)
	if err := f.Alipay.Login(f.link("CHANGED1")); err != nil {
		t.Fatal(err)
	}
	if err := f.Alipay.Login(f.link("CHANGED1")); err != nil {
		t.Errorf("the same order again: %v", err)
	}
	changed := f.order("CHANGED1")
	changed.Amount = 1
	link, err := f.client.PagePayURL(f.clock.Now(), changed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Alipay.Buy(link); err == nil || !strings.Contains(err.Error(), "ACQ.CONTEXT_INCONSISTENT") {
		t.Errorf("another amount: %v", err)
	}
}

func TestPagesAreGuarded(t *testing.T) {
	f := newFixture(t)
	b := newBuyer(t)
	b.open(f.link("GUARD001"))
	csp := b.header.Get("Content-Security-Policy")
	if !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "form-action 'self' "+f.shop.URL) ||
		b.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("headers: %v", b.header)
	}
	if b.doc.Find("script, style, [style], [onclick]").Length() != 0 {
		t.Error("inline script or style")
	}
	for what, header := range map[string][2]string{"cross-site": {"Sec-Fetch-Site", "cross-site"},
		"same site": {"Sec-Fetch-Site", "same-site"}, "origin": {"Origin", "http://evil.test"}} {
		req, err := http.NewRequest(http.MethodPost, f.URL()+"/faults/clear", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set(header[0], header[1])
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d", what, resp.StatusCode)
		}
	}
	b.open(f.URL() + "/cashier/0123")
	if b.status != 404 || b.doc.Find("h1").Length() != 1 {
		t.Errorf("unknown visit: %d", b.status)
	}
	b.open(f.URL() + b.doc.Find("link[rel=stylesheet]").AttrOr("href", ""))
	if b.status != 200 || !strings.HasPrefix(b.header.Get("Content-Type"), "text/css") {
		t.Errorf("style sheet: %d %v", b.status, b.header)
	}
}

func TestEveryPageIsSound(t *testing.T) {
	f := newFixture(t)
	f.text(code("m1", "13800138001", "123456"))
	f.inject(Fault{On: OnSMS, Kind: Broken, OutTradeNo: "13800138009"})
	for _, path := range []string{"/", "/phone", "/phone?mobile=13800138001&refresh=off", "/nothing", f.link("SOUND001"), f.alipayLink(),
		f.qqLink(), f.qqLink("client_id", "1")} {
		b := newBuyer(t)
		b.open(f.URL() + strings.TrimPrefix(path, f.URL()))
		if b.doc.Find("h1").Length() != 1 || b.doc.Find("title").Text() == "" || b.doc.Find("html[lang]").Length() != 1 ||
			b.doc.Find("main").Length() != 1 {
			t.Errorf("%s: not one h1, a title, a language and a main", path)
		}
		ids := map[string]bool{}
		b.doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if ids[id] {
				t.Errorf("%s: the id %s comes twice", path, id)
			}
			ids[id] = true
		})
		b.doc.Find("input:not([type=hidden]), select").Each(func(_ int, s *goquery.Selection) {
			if b.doc.Find("label[for='"+s.AttrOr("id", "")+"']").Length() != 1 && s.Closest("label").Length() != 1 {
				t.Errorf("%s: the field %s has no label", path, s.AttrOr("name", ""))
			}
		})
		b.doc.Find("[aria-describedby]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr("aria-describedby", "")) {
				if !ids[id] {
					t.Errorf("%s: %s describes nothing", path, id)
				}
			}
		})
	}
}

func TestEnglishPagesHoldNoChinese(t *testing.T) {
	dir := t.TempDir()
	copyKeys(t, dir)
	f := openFixture(t, Options{Dir: dir, Payee: "Dada"}, newClock(), newShop(t))
	pay := f.order("ENGLISH1")
	pay.Subject = "Order 1"
	link, err := f.client.PagePayURL(f.clock.Now(), pay)
	if err != nil {
		t.Fatal(err)
	}
	b := newBuyer(t)
	b.lang = "en-GB,en;q=0.9"
	check := func(what string) {
		t.Helper()
		b.doc.Find(".bar__lang").Remove()
		text := b.doc.Find("body").Text()
		for _, r := range text {
			if r >= 0x4e00 && r <= 0x9fff {
				t.Errorf("%s: Chinese in %.300q", what, strings.Join(strings.Fields(text), " "))
				return
			}
		}
	}
	b.open(link)
	check("login")
	b.press("login", map[string]string{"account": "x"})
	check("wrong login")
	b.press("login", nil)
	check("pay")
	b.press("poor", nil)
	check("poor")
	b.press("pay", map[string]string{"password": ""})
	check("wrong password")
	for _, place := range f.Places() {
		for _, kind := range place.Kinds {
			f.inject(Fault{On: place.Place, Kind: kind, OutTradeNo: "NOBODY"})
		}
	}
	b.press("pay", map[string]string{"then": "stay"})
	check("done")
	b.open(link)
	check("paid")
	b.open(f.URL() + "/")
	check("state")
	b.open(f.URL() + "/nothing")
	check("missing")
	b.open(f.URL() + "/phone")
	check("phone without messages")
	f.text(code("m1", "13800138001", "123456"))
	b.open(f.URL() + "/phone?mobile=13800138001")
	b.doc.Find(".message__text").Remove() // in the shop's language
	check("phone")
	b.open(f.URL() + "/oauth2/publicAppAuthorize.htm")
	check("refused login")
	b.lang = "zh-CN"
	b.open(f.URL() + "/?lang=en")
	check("asked for in the address")
}
