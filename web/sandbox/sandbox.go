// Package sandbox plays the companies that a shop talks to, for development and tests: Alipay with a cashier that buyers click through,
// the logins of Alipay and QQ, and a phone that short messages arrive at. It misbehaves on demand. Each protocol has a folder; this
// package puts them together.
package sandbox

import (
	"context"
	"crypto/rsa"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/web/sandbox/alipay"
	"dashop/web/sandbox/desk"
	"dashop/web/sandbox/logins"
	"dashop/web/sandbox/phone"
)

// Options say how a sandbox is to run. Only Dir is needed.
type Options struct {
	Dir     string           // keys, sandbox.ini and trades live here; made when missing
	BaseURL string           // how browsers and the shop reach the sandbox; "" takes it from Listen's address
	Payee   string           // the shop's name on the cashier
	Clock   func() time.Time // time.Now
	Gaps    []time.Duration  // between the deliveries of a notify; nil means Alipay's own, in minutes and hours
	Speed   int              // Alipay's own gaps are divided by it; 0 means 60, so a minute takes a second
	Log     *slog.Logger     // nil is silent
}

// Sandbox is all protocols on one address. All its methods may be called by many goroutines.
type Sandbox struct {
	*desk.Desk
	Alipay *alipay.Gateway
	Logins *logins.Logins
	Phone  *phone.Phone

	app    *fiber.App
	listen net.Listener
}

// New opens the sandbox that lives in opt.Dir, making its keys when they are missing. It does not listen yet.
func New(opt Options) (*Sandbox, error) {
	if opt.Speed <= 0 {
		opt.Speed = 60
	}
	if opt.Gaps == nil {
		opt.Gaps = alipay.Gaps(opt.Speed)
	}
	d, err := desk.New(desk.Options{Dir: opt.Dir, BaseURL: opt.BaseURL, Payee: opt.Payee, Clock: opt.Clock, Log: opt.Log})
	if err != nil {
		return nil, err
	}
	s := &Sandbox{Desk: d}
	if s.Alipay, err = alipay.New(d, opt.Gaps); err != nil {
		return nil, err
	}
	s.Phone = phone.New(d)
	s.Logins = logins.New(d, s.Alipay)
	s.app = s.routes()
	if d.URL() != "" {
		if err := s.writeINI(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// routes makes the Fiber app. Routes of pages are guarded against other sites; what shops call is guarded by its protocol.
func (s *Sandbox) routes() *fiber.App {
	app := s.NewApp()
	pages := app.Group("/", desk.SameOrigin)
	s.Alipay.Routes(app, pages)
	s.Logins.Routes(app, pages)
	s.Phone.Routes(pages)
	s.stateRoutes(pages)
	pages.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return app
}

// App is the Fiber app, for tests that need no listener.
func (s *Sandbox) App() *fiber.App { return s.app }

// AppKey is the private key of the shop's app, as in app-private.pem.
func (s *Sandbox) AppKey() *rsa.PrivateKey { return s.Keys().App }

// AlipayKey is the key that verifies what this gateway signs, as in alipay-public.pem.
func (s *Sandbox) AlipayKey() *rsa.PublicKey { return &s.Keys().Alipay.PublicKey }

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
	if s.URL() == "" {
		s.SetURL("http://" + ln.Addr().String())
	}
	return s.writeINI()
}

// Serve answers until Shutdown, and goes on with the notifies that an earlier run left undelivered.
func (s *Sandbox) Serve() error {
	if s.listen == nil {
		return errors.New("sandbox: Serve before Listen")
	}
	s.Alipay.Resume()
	return s.app.Listener(s.listen)
}

// Shutdown stops listening, ends hanging requests and waiting notifies, and closes the file of trades.
func (s *Sandbox) Shutdown(ctx context.Context) error {
	s.Stop()
	err := s.app.ShutdownWithContext(ctx)
	if s.listen != nil {
		s.listen.Close() // Serve may never have been called
	}
	s.Wait()
	return errors.Join(err, s.Alipay.Close())
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
