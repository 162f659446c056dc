// Package webtest starts a whole shop for a test, with its database, its demo goods and a payment sandbox beside it, and
// browses it as people do.
package webtest

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/sql"
	"dashop/store"
	"dashop/store/account"
	"dashop/store/account/oauth"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/media"
	"dashop/store/order"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	"dashop/store/sms"
	"dashop/store/storetest"
	"dashop/web"
	"dashop/web/sandbox"
	"dashop/web/session"
)

// Config says what shop to start; its zero value is the demo shop on SQLite.
type Config struct {
	Driver string // db.SQLite or db.MySQL; "" is SQLite
	Change func(c *web.Config)
	Log    io.Writer                      // gets all that the shop logs, if it is not nil
	Also   func(s *Shop) gateway.Provider // makes a second way to pay, if it is not nil
	Reach  func(c db.Config) db.Config    // how the shop reaches its database, if not directly
}

// Shop is a shop that listens on loopback. Nothing works behind its pages but what a test asks for, such as Store.Sweep,
// and its clock moves only when told to.
type Shop struct {
	T       testing.TB
	DB      *db.DB
	Store   *store.Store
	Clock   *storetest.Clock
	Sandbox *sandbox.Sandbox
	Uploads string // the media folder
	URL     string // such as http://127.0.0.1:41234
	Deps    web.Deps
	Wire    *http.Transport // which browsers share, as connections are dear

	loginMaker *fiber.App // makes sessions without a password
}

// sessionKey signs the sessions of all test shops.
const sessionKey = "a key for tests, which signs no real session"

// Each runs a test on a demo shop in each database there is, on both at once, and then looks at the books.
func Each(t *testing.T, test func(t *testing.T, s *Shop)) {
	t.Helper()
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			t.Parallel()
			s := Start(t, Config{Driver: driver})
			test(t, s)
			storetest.CheckBooks(t, s.DB)
		})
	}
}

// Start opens a demo shop for the time of the test. A fault that the shop logs as an error fails the test.
func Start(t testing.TB, c Config) *Shop {
	t.Helper()
	if c.Driver == "" {
		c.Driver = db.SQLite
	}
	s := &Shop{T: t, Clock: storetest.NewClock(), Wire: &http.Transport{MaxIdleConnsPerHost: 300}}
	database := demoShop.Config(t, c.Driver)
	if c.Reach != nil {
		database = c.Reach(database)
	}
	s.DB = storetest.Open(t, database)
	s.Sandbox = startSandbox(t, s.Clock)
	s.Uploads = storetest.Dir(t)
	client, err := alipay.New(alipay.Config{
		GatewayURL: s.Sandbox.URL() + "/gateway.do", AppID: sandbox.AppID, SellerID: sandbox.SellerID,
		AppPrivateKey: s.Sandbox.AppKey(), AlipayPublicKey: s.Sandbox.AlipayKey(), Timeout: 5 * time.Second, Clock: s.Clock.Now,
	})
	must(t, err)
	listener, err := web.Listen("127.0.0.1:0", web.DefaultConnLimits(nil))
	must(t, err)
	s.URL = "http://" + listener.Addr().String()
	log := slog.New(slog.NewTextHandler(complaints{t}, &slog.HandlerOptions{Level: slog.LevelError}))
	if c.Log != nil {
		log = slog.New(slog.NewTextHandler(c.Log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	providers := gateway.List{alipay.NewProvider(client)}
	if c.Also != nil {
		providers = append(providers, c.Also(s))
	}
	s.Store = store.New(store.Config{
		DB: s.DB, Clock: s.Clock.Now, Media: pictures(t, s.Uploads), Log: log,
		Providers: providers, BaseURL: s.URL,
		Prices:   promo.Rules{Freight: 1000, FreeFrom: 19900},
		Orders:   order.Rules{PayTimeout: 30 * time.Minute, AutoReceipt: 168 * time.Hour},
		Accounts: s.accounts(client),
	})
	s.Deps = web.Deps{Store: s.Store, Log: log, Config: web.Config{
		BaseURL: s.URL, SessionKeys: []string{sessionKey}, ShopName: "达达商城", Freight: 1000, FreeFrom: 19900,
		Sandbox: true, Demo: true,
	}}
	if c.Change != nil {
		c.Change(&s.Deps.Config)
	}
	app, err := web.New(s.Deps)
	must(t, err)
	go func() { _ = app.Listener(listener) }()
	s.loginMaker = s.newLoginMaker()
	t.Cleanup(func() {
		s.Wire.CloseIdleConnections()
		stopping, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = app.ShutdownWithContext(stopping)
		_ = s.Sandbox.Shutdown(stopping)
	})
	return s
}

// CaptchaAnswer is what every captcha of a test shop says.
const CaptchaAnswer = "31415"

// accounts lets the sandbox carry messages and play the providers.
func (s *Shop) accounts(client *alipay.Client) account.Options {
	s.T.Helper()
	sender, err := sms.NewSandbox(s.Sandbox.URL())
	must(s.T, err)
	qq, err := oauth.NewQQ(oauth.QQConfig{BaseURL: s.Sandbox.URL(), AppID: sandbox.QQAppID, AppSecret: s.Sandbox.Logins.QQSecret()})
	must(s.T, err)
	return account.Options{
		CaptchaAnswer: func() string { return CaptchaAnswer }, SMS: sender, BaseURL: s.URL,
		Providers: []oauth.Provider{oauth.NewAlipay(client, s.Sandbox.Logins.AlipayURL()), qq},
	}
}

// Code is the code that the newest message to a mobile brings, after the messages that wait have been sent.
func (s *Shop) Code(mobile string) string {
	s.T.Helper()
	must(s.T, s.Store.RunJobs(context.Background()))
	messages := s.Sandbox.Phone.Messages(mobile)
	if len(messages) == 0 {
		s.T.Fatal("no message came to the phone")
	}
	return messages[0].Code
}

// complaints fails the test for each line of the log that it is given.
type complaints struct{ t testing.TB }

func (c complaints) Write(line []byte) (int, error) {
	c.t.Errorf("the shop logged: %s", strings.TrimSpace(string(line)))
	return len(line), nil
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// demoShop is the demo with its accounts. Its passwords alone take a while to hash, as they are made to.
var demoShop = storetest.NewTemplate(func(d *db.DB) error {
	ctx, clock := context.Background(), storetest.NewClock()
	if _, err := demo.Load(ctx, d, nil, clock.Now(), nil); err != nil {
		return err
	}
	// The demo's goods were sold before the first order; the books, which count orders, would miss it.
	if _, err := d.Exec(ctx, "UPDATE stocks SET sold = 0"); err != nil {
		return err
	}
	return account.New(d, clock.Now, account.Options{}).EnsureDemoAccounts(ctx)
})

// pictures is a media folder with one picture in it, images/products/1001-1.webp.
func pictures(t testing.TB, dir string) *media.Store {
	t.Helper()
	m, err := media.Open(dir)
	must(t, err)
	f, err := sql.Demo.Open("demo/images/products/1001-1.webp")
	must(t, err)
	defer f.Close()
	must(t, m.Put("images/products/1001-1.webp", f))
	t.Cleanup(func() { _ = m.Close() })
	return m
}

// keys are the sandbox's, made once for all shops.
var keys struct {
	sync.Once
	files map[string][]byte
	err   error
}

func makeKeys() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "dashop-keys-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	g, err := sandbox.New(sandbox.Options{Dir: dir})
	if err != nil {
		return nil, err
	}
	if err := g.Shutdown(context.Background()); err != nil {
		return nil, err
	}
	names, err := filepath.Glob(filepath.Join(dir, "*.pem"))
	files := map[string][]byte{}
	for _, name := range names {
		if files[filepath.Base(name)], err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	return files, err
}

func startSandbox(t testing.TB, clock *storetest.Clock) *sandbox.Sandbox {
	t.Helper()
	keys.Do(func() { keys.files, keys.err = makeKeys() })
	must(t, keys.err)
	dir := storetest.Dir(t)
	for name, text := range keys.files {
		must(t, os.WriteFile(filepath.Join(dir, name), text, 0o600))
	}
	g, err := sandbox.New(sandbox.Options{Dir: dir, Payee: "达达商城", Clock: clock.Now})
	must(t, err)
	must(t, g.Listen("127.0.0.1:0"))
	go func() { _ = g.Serve() }()
	return g
}

// User adds somebody with a role and the demo password, and returns the id.
func (s *Shop) User(name string, role account.Role) int64 {
	s.T.Helper()
	hash := s.Text("SELECT password_hash FROM users WHERE username = 'owner'")
	s.Exec("INSERT INTO users (username, nickname, password_hash, role, created_at) VALUES (?, ?, ?, ?, ?)", name, name, hash, role,
		s.Clock.Now())
	return s.Int("SELECT id FROM users WHERE username = ?", name)
}

// Login opens a browser in which the user of that name is logged in already.
func (s *Shop) Login(name string) *Browser {
	s.T.Helper()
	r, err := http.NewRequest(http.MethodPost, "http://loginMaker/", nil)
	must(s.T, err)
	r.Header.Set("X-User", name)
	answer, err := s.loginMaker.Test(r, -1)
	must(s.T, err)
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(answer.Body)
		s.T.Fatalf("log %s in: %s", name, text)
	}
	b := s.Visitor()
	b.setCookies(answer.Cookies())
	return b
}

// newLoginMaker makes sessions as the shop does, but asks for no password.
func (s *Shop) newLoginMaker() *fiber.App {
	sessions, err := session.New(s.Store.Account, s.Deps.Config.SessionKeys, strings.HasPrefix(s.Deps.Config.BaseURL, "https:"),
		session.DirectIP)
	must(s.T, err)
	app := fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true})
	app.Post("/", func(c *fiber.Ctx) error {
		var id int64
		if err := s.DB.Get(c.UserContext(), &id, "SELECT id FROM users WHERE username = ?", c.Get("X-User")); err != nil {
			return fmt.Errorf("no user %q: %w", c.Get("X-User"), err)
		}
		u, err := s.Store.Account.User(c.UserContext(), id)
		if err != nil {
			return err
		}
		if err := sessions.Begin(c); err != nil {
			return err
		}
		session.Of(c).Login(u, true)
		return sessions.Finish(c)
	})
	return app
}

// Exec runs one writing statement.
func (s *Shop) Exec(query string, args ...any) {
	s.T.Helper()
	storetest.Exec(s.T, s.DB, query, args...)
}

// Int asks the database for one number.
func (s *Shop) Int(query string, args ...any) (n int64) {
	s.T.Helper()
	must(s.T, s.DB.Get(context.Background(), &n, query, args...))
	return n
}

// Text asks the database for one text.
func (s *Shop) Text(query string, args ...any) (text string) {
	s.T.Helper()
	must(s.T, s.DB.Get(context.Background(), &text, query, args...))
	return text
}
