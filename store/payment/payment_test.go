package payment_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/payment/gateway/gatewaytest"
	"dashop/store/promo"
	"dashop/store/storetest"
	"dashop/web/sandbox"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// shop is a shop that takes payments, beside a sandbox that it reaches over HTTP.
type shop struct {
	testing.TB
	db      *db.DB
	clock   *storetest.Clock
	orders  *order.Service
	pay     *payment.Service
	gateway *sandbox.Sandbox
	scan    *gatewaytest.Provider // the second way to pay
	user    int64
	address int64
	sku     int64
	mail    *mail
}

// mail is the shop's end of the notifies: it keeps what came and what was answered. Held mail does not reach the shop.
type mail struct {
	held    atomic.Bool
	mu      sync.Mutex
	bodies  [][]byte
	answers []string
}

func (m *mail) last() ([]byte, string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.bodies) == 0 {
		return nil, ""
	}
	return m.bodies[len(m.bodies)-1], m.answers[len(m.answers)-1]
}

func each(t *testing.T, test func(s shop)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		test(newShop(t, d, clock))
		storetest.CheckBooks(t, d)
	})
}

func newShop(t testing.TB, d *db.DB, clock *storetest.Clock) shop {
	t.Helper()
	s := shop{TB: t, db: d, clock: clock, mail: &mail{}}
	s.gateway = startSandbox(t, clock)
	client, err := alipay.New(alipay.Config{
		GatewayURL: s.gateway.URL() + "/gateway.do", AppID: sandbox.AppID, SellerID: sandbox.SellerID,
		AppPrivateKey: s.gateway.AppKey(), AlipayPublicKey: s.gateway.AlipayKey(), Timeout: time.Second, Clock: clock.Now,
	})
	s.must(err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		answer := "fail"
		if !s.mail.held.Load() {
			answer = s.notify(r.Context(), body)
		}
		s.mail.mu.Lock()
		s.mail.bodies, s.mail.answers = append(s.mail.bodies, body), append(s.mail.answers, answer)
		s.mail.mu.Unlock()
		_, _ = io.WriteString(w, answer)
	}))
	goods := catalog.New(d, clock.Now)
	prices := promo.New(d, goods, promo.NoHoldings{}, clock.Now, promo.Rules{Freight: 1000, FreeFrom: 19900})
	s.scan = gatewaytest.New(t, clock.Now)
	providers := gateway.List{alipay.NewProvider(client), s.scan}
	people := account.New(d, clock.Now, account.Options{})
	s.orders = order.New(d, people, prices, cart.New(d, goods, prices, clock.Now), goods.Finder(), providers, clock.Now,
		order.Rules{PayTimeout: 30 * time.Minute, AutoReceipt: time.Hour})
	s.pay = payment.New(payment.Config{
		DB: d, Orders: s.orders, Providers: providers, Clock: clock.Now, BaseURL: server.URL,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	t.Cleanup(func() {
		stopping, cancel := context.WithTimeout(ctx, 5*time.Second)
		defer cancel()
		_ = s.gateway.Shutdown(stopping)
		server.Close()
	})
	s.user = storetest.User(t, d, "xiaoming")
	s.address = storetest.Address(t, d, s.user)
	s.sku = storetest.SKU(t, d, 9980, 1000)
	return s
}

var keyDir struct {
	once sync.Once
	path string
	err  error
}

// startSandbox starts a sandbox whose keys are made once for all tests, since making keys takes long.
func startSandbox(t testing.TB, clock *storetest.Clock) *sandbox.Sandbox {
	t.Helper()
	keyDir.once.Do(func() {
		keyDir.path, keyDir.err = os.MkdirTemp("", "dashop-keys-")
		if keyDir.err == nil {
			_, keyDir.err = sandbox.New(sandbox.Options{Dir: keyDir.path})
		}
	})
	if keyDir.err != nil {
		t.Fatal(keyDir.err)
	}
	dir := t.TempDir()
	keys, err := filepath.Glob(filepath.Join(keyDir.path, "*.pem"))
	if err != nil || len(keys) == 0 {
		t.Fatalf("no keys: %v", err)
	}
	for _, k := range keys {
		data, err := os.ReadFile(k)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, filepath.Base(k)), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	g, err := sandbox.New(sandbox.Options{Dir: dir, Clock: clock.Now})
	if err == nil {
		err = g.Listen("127.0.0.1:0")
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = g.Serve() }()
	return g
}

func (s shop) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

func (s shop) count(query string, args ...any) (n int64) {
	s.Helper()
	s.must(s.db.Get(ctx, &n, query, args...))
	return n
}

// order places an order for one piece: 99.80 and 10.00 freight.
func (s shop) order() string {
	s.Helper()
	item := &promo.Item{SKUID: s.sku, Count: 1}
	c, err := s.orders.Checkout(ctx, s.user, item, 0)
	s.must(err)
	no, err := s.orders.Place(ctx, order.Placing{UserID: s.user, Token: c.Token, Digest: c.Quote.Digest, AddressID: s.address,
		PayMethod: "alipay", BuyNow: item})
	s.must(err)
	return no
}

// start has a user begin to pay on a computer and gives the address of the cashier.
func (s shop) start(user int64, no, method string) (string, error) {
	way, err := s.pay.Start(ctx, user, no, method, gateway.Payer{})
	return way.URL, err
}

// notify brings the shop a message as if Alipay had sent it, and gives the word that is answered.
func (s shop) notify(ctx context.Context, body []byte) string {
	answer, err := s.pay.Notify(ctx, alipay.ID, gateway.Message{Body: body})
	if err != nil || answer.Status != http.StatusOK {
		s.Errorf("notify: %+v, %v", answer, err)
	}
	return answer.Body
}

func (s shop) link(no string) string {
	s.Helper()
	link, err := s.start(s.user, no, alipay.ID)
	s.must(err)
	return link
}

// buy pays at the cashier and gives the query with which the buyer comes back.
func (s shop) buy(link string) string {
	s.Helper()
	back, err := s.gateway.Alipay.Buy(link)
	s.must(err)
	u, err := url.Parse(back)
	s.must(err)
	return u.RawQuery
}

func (s shop) status(no string) order.Status {
	s.Helper()
	return order.Status(s.count("SELECT status FROM orders WHERE order_no = ?", no))
}

func (s shop) inject(f sandbox.Fault) {
	s.Helper()
	s.must(s.gateway.Inject(f))
}

func (s shop) wantPaid(no, source string) {
	s.Helper()
	if got := s.status(no); got != order.StatusPendingShipment {
		s.Fatalf("order is %s", got.Name())
	}
	var a payment.Attempt
	s.must(s.db.Get(ctx, &a, "SELECT amount_fen, status, paid_source, trade_no, open_key FROM payments WHERE order_no = ?", no))
	if a.Status != payment.StatusPaid || a.Amount != 10980 || a.TradeNo == nil || a.OpenKey != nil ||
		(source != "" && a.PaidSource != source) {
		s.Fatalf("attempt %+v", a)
	}
	if n := s.count("SELECT COUNT(*) FROM order_events e JOIN orders o ON o.id = e.order_id WHERE o.order_no = ? AND e.kind = 'paid'",
		no); n != 1 {
		s.Fatalf("paid %d times", n)
	}
	if n := s.count("SELECT COUNT(*) FROM refunds"); n != 0 {
		s.Fatalf("%d refunds owed", n)
	}
}

func TestNotifyPays(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		query := s.buy(s.link(no))
		if _, answer := s.mail.last(); answer != "success" {
			s.Fatalf("answered %q", answer)
		}
		s.wantPaid(no, "notify")
		if got, err := s.pay.Return(ctx, alipay.ID, query); err != nil || got != no {
			s.Fatalf("return: %q, %v", got, err)
		}
		r, err := s.pay.Result(ctx, s.user, no)
		s.must(err)
		if r.Confirming || r.Late || r.Attempt.Status != payment.StatusPaid || r.Order.PaidAt == nil {
			s.Fatalf("result %+v", r)
		}
	})
}

func TestTheBuyerOnThePhonePays(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		way, err := s.pay.Start(ctx, s.user, no, alipay.ID, gateway.Payer{Mobile: true})
		s.must(err)
		link := way.URL
		if u, _ := url.Parse(link); u.Query().Get("method") != "alipay.trade.wap.pay" {
			s.Fatalf("link %s", link)
		}
		s.buy(link)
		s.wantPaid(no, "notify")
	})
}

// TestLostNotifyIsHealed drops every notify: the return, the result page or the sweeper learns of the payment.
func TestLostNotifyIsHealed(t *testing.T) {
	for name, heal := range map[string]func(s shop, no, query string) (source string){
		"by the return": func(s shop, no, query string) string {
			got, err := s.pay.Return(ctx, alipay.ID, query)
			s.must(err)
			if got != no {
				s.Fatalf("return led to %s", got)
			}
			return "query"
		},
		"by the page": func(s shop, no, _ string) string {
			_, err := s.pay.Result(ctx, s.user, no)
			s.must(err)
			return "query"
		},
		"by the sweeper": func(s shop, no, _ string) string {
			s.must(s.pay.Sweep(ctx))
			if s.status(no) != order.StatusPendingPayment {
				s.Fatal("asked before it was due")
			}
			s.clock.Advance(30 * time.Second)
			s.must(s.pay.Sweep(ctx))
			return "query"
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(s shop) {
				s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Drop})
				no := s.order()
				query := s.buy(s.link(no))
				if s.status(no) != order.StatusPendingPayment {
					s.Fatal("paid without news")
				}
				s.wantPaid(no, heal(s, no, query))
			})
		})
	}
}

func TestEightNotifiesAtOncePayOnce(t *testing.T) {
	each(t, func(s shop) {
		s.inject(sandbox.Fault{On: sandbox.OnNotify, Kind: sandbox.Copies, Copies: 8})
		no := s.order()
		s.buy(s.link(no))
		s.wait(func() bool { s.mail.mu.Lock(); defer s.mail.mu.Unlock(); return len(s.mail.answers) >= 8 })
		for _, a := range s.mail.answers {
			if a != "success" {
				s.Fatalf("answers %v", s.mail.answers)
			}
		}
		s.wantPaid(no, "notify")
		if n := s.count("SELECT COUNT(*) FROM notices"); n != 1 {
			s.Fatalf("%d notices kept", n)
		}
	})
}

func (s shop) wait(done func() bool) {
	s.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if done() {
			return
		}
	}
	s.Fatal("it did not happen within 10 s")
}

// TestNotifyReturnAndQueryAtOncePayOnce lets all who may bring the news bring it at the same moment, many times.
func TestNotifyReturnAndQueryAtOncePayOnce(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		body, query := s.buyHeld(s.link(no))
		s.clock.Advance(time.Minute)
		var wg sync.WaitGroup
		for i := range 24 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				switch i % 4 {
				case 0:
					if a := s.notify(ctx, body); a != "success" {
						s.Errorf("notify answered %q", a)
					}
				case 1:
					if got, err := s.pay.Return(ctx, alipay.ID, query); err != nil || got != no {
						s.Errorf("return: %q, %v", got, err)
					}
				case 2:
					if err := s.pay.Sweep(ctx); err != nil {
						s.Error(err)
					}
				case 3:
					if _, err := s.pay.Result(ctx, s.user, no); err != nil {
						s.Error(err)
					}
				}
			}()
		}
		wg.Wait()
		s.wantPaid(no, "")
	})
}

// buyHeld pays at the cashier while no notify reaches the shop, and gives the notify and the return query.
func (s shop) buyHeld(link string) (body []byte, query string) {
	s.Helper()
	s.mail.held.Store(true)
	defer s.mail.held.Store(false)
	query = s.buy(link)
	body, _ = s.mail.last()
	if len(body) == 0 {
		s.Fatal("no notify was made")
	}
	return body, query
}
