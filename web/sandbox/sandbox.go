// Package sandbox plays the companies that a shop talks to, for development and tests: Alipay with a cashier that buyers click through, the logins
// of Alipay and QQ, and a phone that short messages arrive at. It misbehaves on demand.
package sandbox

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// The one app, seller and buyer of the sandbox.
const (
	AppID         = "9021000100000001"
	SellerID      = "2088000000000001"
	BuyerID       = "2088000000000002"
	BuyerAccount  = "buyer@sandbox.test"
	BuyerPassword = "111111" // to log in and to pay
)

// maxTrades is how many trades, visits of buyers, and logins are remembered; the oldest go first.
const maxTrades = 10_000

// Options say how a sandbox is to run. Only Dir is needed.
type Options struct {
	Dir     string           // keys, sandbox.ini and trades live here; made when missing
	BaseURL string           // how browsers and the shop reach the sandbox; "" takes it from Listen's address
	Payee   string           // the shop's name on the cashier
	Clock   func() time.Time // time.Now
	Gaps    []time.Duration  // between the deliveries of a notify; nil means Alipay's own, in minutes and hours
	Speed   int              // the gaps are divided by it; 0 means 60, so a minute takes a second
	Log     *slog.Logger     // nil is silent
}

// alipayGaps lie between the eight deliveries that Alipay makes within 25 hours.
var alipayGaps = []time.Duration{4 * time.Minute, 10 * time.Minute, 10 * time.Minute, time.Hour, 2 * time.Hour, 6 * time.Hour, 15 * time.Hour}

// Sandbox is the gateway with its trades. All its methods may be called by many goroutines.
type Sandbox struct {
	opt    Options
	base   string
	keys   keys
	app    *fiber.App
	poster *http.Client
	listen net.Listener

	ctx  context.Context // ends with Shutdown
	stop context.CancelFunc
	wg   sync.WaitGroup // deliveries of notifies

	mu       sync.Mutex
	trades   shelf[*Trade]
	visits   shelf[*visit]
	codes    shelf[*grant]  // of logins, by provider:code
	tokens   shelf[*grant]  // by provider:token
	messages shelf[Message] // by the number of their arrival
	faults   []Fault
	owed     []debt
	serial   int64
	journal  *journal
}

// New opens the sandbox that lives in opt.Dir, making its keys when they are missing. It does not listen yet.
func New(opt Options) (*Sandbox, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Gaps == nil {
		opt.Gaps = alipayGaps
	}
	if opt.Speed <= 0 {
		opt.Speed = 60
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opt.Payee == "" {
		opt.Payee = "达达商城"
	}
	k, err := loadKeys(opt.Dir)
	if err != nil {
		return nil, err
	}
	s := &Sandbox{opt: opt, base: opt.BaseURL, keys: k, poster: loopbackClient()}
	s.trades, s.visits = newShelf[*Trade](maxTrades), newShelf[*visit](maxTrades)
	s.codes, s.tokens, s.messages = newShelf[*grant](maxTrades), newShelf[*grant](maxTrades), newShelf[Message](maxMessages)
	if s.journal, err = openJournal(opt.Dir, &s.trades); err != nil {
		return nil, err
	}
	s.owe()
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.app = s.routes()
	if s.base != "" {
		if err := s.writeINI(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// App is the Fiber app, for tests that need no listener.
func (s *Sandbox) App() *fiber.App { return s.app }

// URL is how the sandbox is reached, such as http://127.0.0.1:8001; "" before Listen when Options did not say.
func (s *Sandbox) URL() string { return s.base }

// AppKey is the private key of the shop's app, as in app-private.pem.
func (s *Sandbox) AppKey() *rsa.PrivateKey { return s.keys.app }

// AlipayKey is the key that verifies what this gateway signs, as in alipay-public.pem.
func (s *Sandbox) AlipayKey() *rsa.PublicKey { return &s.keys.alipay.PublicKey }

// Listen takes the address, which must be a loopback one, and writes sandbox.ini for it. Port 0 takes any free port. Serve then answers.
func (s *Sandbox) Listen(addr string) error {
	if err := CheckAddr(addr); err != nil {
		return err
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.listen = ln
	if s.opt.BaseURL == "" {
		s.base = "http://" + ln.Addr().String()
	}
	return s.writeINI()
}

// Serve answers until Shutdown, and goes on with the notifies that an earlier run left undelivered.
func (s *Sandbox) Serve() error {
	if s.listen == nil {
		return errors.New("sandbox: Serve before Listen")
	}
	s.resume()
	return s.app.Listener(s.listen)
}

// Shutdown stops listening, ends hanging requests and waiting notifies, and closes the file of trades.
func (s *Sandbox) Shutdown(ctx context.Context) error {
	s.mu.Lock() // so that no delivery begins after the wait below
	s.stop()
	s.mu.Unlock()
	err := s.app.ShutdownWithContext(ctx)
	if s.listen != nil {
		s.listen.Close() // Serve may never have been called
	}
	s.wg.Wait()
	s.poster.CloseIdleConnections()
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.journal.close())
}

// CheckAddr refuses an address to listen on that others than this machine could reach.
func CheckAddr(addr string) error {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		return fmt.Errorf("sandbox: address %q: %w", addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return fmt.Errorf("sandbox: address %q is not a loopback address; whoever reaches the sandbox can sign as the gateway", addr)
	}
	return nil
}

func (s *Sandbox) now() time.Time { return s.opt.Clock() }
