package web

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	"dashop/store/sms"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const base = "http://127.0.0.1:8000"

// testShop is a shop without a gateway, and the log that it writes.
type testShop struct {
	t     *testing.T
	app   *fiber.App
	srv   *server
	store *store.Store
	clock *storetest.Clock
	log   *bytes.Buffer
}

func each(t *testing.T, test func(t *testing.T, s *testShop)) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) { test(t, newShop(t, d, clock, nil)) })
}

// one runs a test that asks nothing of the database on SQLite alone.
func one(t *testing.T, change func(c *Config)) *testShop {
	return newShop(t, storetest.Open(t, storetest.Config(t, db.SQLite)), storetest.NewClock(), change)
}

func newShop(t *testing.T, d *db.DB, clock *storetest.Clock, change func(c *Config)) *testShop {
	t.Helper()
	log := &bytes.Buffer{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	st := store.New(store.Config{
		DB: d, Clock: clock.Now, Log: logger, Prices: promo.Rules{Freight: 1000, FreeFrom: 19900},
		Orders:   order.Rules{PayTimeout: 30 * time.Minute, AutoReceipt: 168 * time.Hour},
		Accounts: account.Options{SMS: noPhone{}}, Providers: gateway.List{deadEnd{}},
	})
	c := Config{
		BaseURL: base, SessionKeys: []string{strings.Repeat("test-key", 4)}, ShopName: "达达商城", Freight: 1000, FreeFrom: 19900,
	}
	if change != nil {
		change(&c)
	}
	srv, err := newServer(Deps{Store: st, Config: c, Log: logger})
	if err != nil {
		t.Fatal(err)
	}
	return &testShop{t: t, app: srv.app(srv.routes()), srv: srv, store: st, clock: clock, log: log}
}

// testPay is the one way to pay of a testShop.
const testPay = "testpay"

// deadEnd is a provider for tests in which nobody pays: it knows its name and believes no message.
type deadEnd struct{ gateway.Provider }

func (deadEnd) About() gateway.About {
	return gateway.About{ID: testPay, FormTargets: []string{"http://127.0.0.1:8001"}}
}

func (deadEnd) ReadNotify(context.Context, gateway.Message) (gateway.Notice, error) {
	return gateway.Notice{}, gateway.ErrForged
}

func (deadEnd) Answer(gateway.Verdict) gateway.Answer {
	return gateway.Answer{Status: http.StatusBadRequest}
}

func (s *testShop) user(name string, role account.Role) account.User {
	s.t.Helper()
	u, err := s.store.Account.CreateUser(context.Background(), account.NewUser{Username: name, Password: "correct horse", Role: role})
	if err != nil {
		s.t.Fatal(err)
	}
	return u
}

// browser keeps cookies, as one does.
type browser struct {
	s       *testShop
	cookies map[string]string
	header  http.Header
}

func (s *testShop) browser() *browser {
	return &browser{s: s, cookies: map[string]string{}, header: http.Header{"Sec-Fetch-Site": {"same-origin"}}}
}

type answer struct {
	*http.Response
	body string
}

func (b *browser) get(path string) answer                   { return b.do("GET", path, nil) }
func (b *browser) post(path string, form url.Values) answer { return b.do("POST", path, form) }

func (b *browser) do(method, path string, form url.Values) answer {
	b.s.t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = "127.0.0.1:8000"
	r.Header = b.header.Clone()
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := b.s.app.Test(r, -1)
	if err != nil {
		b.s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.s.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return answer{res, string(body)}
}

// noPhone takes messages that nobody reads.
type noPhone struct{}

func (noPhone) Send(context.Context, sms.Message) error { return nil }

func (b *browser) login(name string) *browser {
	b.s.t.Helper()
	if res := b.post("/login", url.Values{"username": {name}, "password": {"correct horse"}}); res.StatusCode != http.StatusSeeOther {
		b.s.t.Fatalf("login as %s: %d\n%s", name, res.StatusCode, res.body)
	}
	return b
}

func (s *testShop) sessions() (n int) {
	s.t.Helper()
	if err := s.store.DB.Get(context.Background(), &n, "SELECT COUNT(*) FROM sessions"); err != nil {
		s.t.Fatal(err)
	}
	return n
}
