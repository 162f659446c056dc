package sandbox

import (
	"context"
	"crypto/rsa"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/payment/alipay"
	"dashop/web/sandbox/desk"
)

// keyDir holds keys that all tests of this package share, since making them takes a second.
var keyDir = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sandbox-keys-")
	if err != nil {
		return "", err
	}
	_, err = desk.New(desk.Options{Dir: dir})
	return dir, err
})

func TestMain(m *testing.M) {
	code := m.Run()
	if dir, err := keyDir(); err == nil {
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// fixture is a running sandbox with a shop that calls it.
type fixture struct {
	*Sandbox
	t      *testing.T
	shop   *shop
	client *alipay.Client
	clock  *clock
}

// clock is a clock that tests turn.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// shop receives what a shop would, and answers as it is told.
type shop struct {
	*httptest.Server
	mu       sync.Mutex
	bodies   []string
	answer   string // to notifies
	returned []string
}

func newShop(t *testing.T) *shop {
	s := &shop{answer: "success"}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		switch r.URL.Path {
		case "/notify":
			body, _ := io.ReadAll(r.Body)
			s.bodies = append(s.bodies, string(body))
			io.WriteString(w, s.answer)
		case "/return":
			s.returned = append(s.returned, r.URL.RawQuery)
			io.WriteString(w, "<h1>the result</h1>")
		default:
			io.WriteString(w, "<h1>"+r.URL.Path+"</h1>")
		}
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) notifies() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.bodies...)
}

func (s *shop) say(answer string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
}

func copyKeys(t *testing.T, to string) {
	t.Helper()
	from, err := keyDir()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{desk.AppPrivateFile, desk.AlipayPrivateFile, desk.MerchantPrivateFile, desk.PlatformPrivateFile} {
		data, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func newFixture(t *testing.T) *fixture {
	dir := t.TempDir()
	copyKeys(t, dir)
	return openFixture(t, Options{Dir: dir}, newClock(), newShop(t))
}

func newClock() *clock { return &clock{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)} }

func openFixture(t *testing.T, opt Options, clock *clock, shop *shop) *fixture {
	t.Helper()
	opt.Clock = clock.Now
	if opt.Gaps == nil {
		opt.Gaps = []time.Duration{50 * time.Millisecond, 50 * time.Millisecond}
	}
	s, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Listen("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve() }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Shutdown(ctx); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	f := &fixture{Sandbox: s, t: t, shop: shop, clock: clock}
	f.client = f.newClient(s.AppKey())
	return f
}

func (f *fixture) newClient(app *rsa.PrivateKey) *alipay.Client {
	f.t.Helper()
	c, err := alipay.New(alipay.Config{
		GatewayURL: f.URL() + "/gateway.do", AppID: AppID, SellerID: SellerID, AppPrivateKey: app, AlipayPublicKey: f.AlipayKey(),
		Timeout: 2 * time.Second,
	})
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(c.CloseIdle)
	return c
}

func (f *fixture) order(no string) alipay.Pay {
	return alipay.Pay{
		OutTradeNo: no, Amount: 19990, Subject: "达达商城 订单 100%+ \"礼盒\"", ExpiresAt: f.clock.Now().Add(30 * time.Minute),
		NotifyURL: f.shop.URL + "/notify", ReturnURL: f.shop.URL + "/return", QuitURL: f.shop.URL + "/orders/1?from=cashier",
	}
}

func (f *fixture) link(no string) string {
	f.t.Helper()
	link, err := f.client.PagePayURL(f.clock.Now(), f.order(no))
	if err != nil {
		f.t.Fatal(err)
	}
	return link
}

func (f *fixture) query(no string) alipay.Trade {
	f.t.Helper()
	trade, err := f.client.Query(context.Background(), f.clock.Now(), no)
	if err != nil {
		f.t.Fatalf("query %s: %v", no, err)
	}
	return trade
}

func (f *fixture) inject(fault Fault) {
	f.t.Helper()
	if err := f.Inject(fault); err != nil {
		f.t.Fatal(err)
	}
}

// buyer is a browser without JavaScript.
type buyer struct {
	t    *testing.T
	http *http.Client
	lang string

	at     *url.URL
	status int
	header http.Header
	doc    *goquery.Document
}

func newBuyer(t *testing.T) *buyer {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &buyer{t: t, http: &http.Client{Jar: jar, Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}}}
}

func (b *buyer) do(method, address string, form url.Values) {
	b.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	req, err := http.NewRequest(method, address, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	req.Header.Set("Accept-Language", b.lang)
	resp, err := b.http.Do(req)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	b.at, b.status, b.header = resp.Request.URL, resp.StatusCode, resp.Header
	if b.doc, err = goquery.NewDocumentFromReader(resp.Body); err != nil {
		b.t.Fatal(err)
	}
}

func (b *buyer) open(address string) { b.t.Helper(); b.do(http.MethodGet, address, nil) }

// press submits the form of the button with this id, with changes to its fields.
func (b *buyer) press(id string, changes map[string]string) {
	b.t.Helper()
	button := b.doc.Find("#" + id)
	form := button.Closest("form")
	if form.Length() != 1 {
		b.t.Fatalf("%s (%d) has no button %s: %s", b.at, b.status, id, b.doc.Find("main").Text())
	}
	values := url.Values{}
	form.Find("input[name], select[name]").Each(func(_ int, in *goquery.Selection) {
		kind, _ := in.Attr("type")
		if _, checked := in.Attr("checked"); kind == "radio" && !checked {
			return
		}
		name, _ := in.Attr("name")
		value, _ := in.Attr("value")
		if in.Is("select") {
			value, _ = in.Find("option").First().Attr("value")
		}
		values.Set(name, value)
	})
	if name, ok := button.Attr("name"); ok {
		value, _ := button.Attr("value")
		values.Set(name, value)
	}
	for name, value := range changes {
		values.Set(name, value)
	}
	action, err := b.at.Parse(form.AttrOr("action", ""))
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(strings.ToUpper(form.AttrOr("method", "get")), action.String(), values)
}

func (b *buyer) alert() string { return strings.TrimSpace(b.doc.Find("[role=alert]").Text()) }

// eventually waits for what happens in the background.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for range 400 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}
