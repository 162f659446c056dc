package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/media"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/web"
	"dashop/web/sandbox"
)

// The parts of the time that a shutdown may take, 13 seconds together, after [server] drain_wait in production.
const (
	keptWait    = time.Second // for requests on connections that a load balancer keeps
	requestWait = 9 * time.Second
	restWait    = 3 * time.Second
)

// shop is everything that runs while the program serves requests.
type shop struct {
	config   *Config
	db       *db.DB
	clock    *db.SharedClock
	pictures *media.Store
	sandbox  *sandbox.Sandbox // nil with a real gateway
	store    *store.Store
	app      *fiber.App
	listener net.Listener
	private  *http.Server // nil without a private address
	metrics  *metrics.Set
	stopping atomic.Bool
	failed   chan error // an error that ends the shop early
}

// serve runs the shop until ctx ends, and then lets the requests in flight finish: shop serve.
func serve(ctx context.Context, c *Config, out io.Writer) error {
	s := &shop{config: c, metrics: metrics.NewSet(), failed: make(chan error, 4)}
	defer s.close()
	if err := s.open(ctx, out); err != nil {
		return err
	}
	working, stopWork := context.WithCancel(context.WithoutCancel(ctx))
	defer stopWork()
	var work sync.WaitGroup
	work.Go(func() { s.store.Run(working) })
	work.Go(func() { s.clock.Run(working) })
	s.start()
	s.greet(out)

	var err error
	select {
	case <-ctx.Done():
	case err = <-s.failed:
	}
	fmt.Fprintln(out, "Stopping…")
	return errors.Join(err, s.stop(stopWork, &work))
}

// open opens everything that is needed to serve; after an error close closes what was opened.
func (s *shop) open(ctx context.Context, out io.Writer) (err error) {
	c := s.config
	if s.db, err = openDB(ctx, c); err != nil {
		return err
	}
	if s.pictures, err = media.Open(c.MediaDir); err != nil {
		return err
	}
	if c.Production() {
		err = refuseDemoAccounts(ctx, account.New(s.db, db.SystemClock, account.Options{}))
	} else if err = prepareDemo(ctx, s.db, s.pictures, out); err == nil {
		err = ensureSessionKeys(c)
	}
	if err != nil {
		return err
	}
	if s.listener, err = web.Listen(c.Addr, web.DefaultConnLimits(c.TrustedProxies)); err != nil {
		return fmt.Errorf("[server] addr: %w", err)
	}
	if !c.Production() && c.BaseURL == defaultBaseURL {
		c.BaseURL = "http://" + s.listener.Addr().String() // addr was set and base_url was not
	}
	if s.clock, err = db.NewClock(ctx, s.db, db.SystemNode(), slog.Default()); err != nil {
		return err
	}
	abroad, err := s.openOutside()
	if err != nil {
		return err
	}
	s.store = store.New(store.Config{
		DB: s.db, Clock: s.clock.Now, Trouble: s.clock.Trouble, Media: s.pictures, Accounts: abroad.accounts(c.BaseURL),
		Log:       slog.Default(),
		Providers: abroad.gateways, BaseURL: c.BaseURL,
		Prices: promo.Rules{Freight: c.Freight, FreeFrom: c.FreeFrom},
		Orders: order.Rules{PayTimeout: c.PayTimeout, AutoReceipt: c.AutoReceipt},
	})
	s.store.OpenSales(ctx)
	s.app, err = web.New(web.Deps{
		Store: s.store, Log: slog.Default(),
		Ready: func() bool { return !s.stopping.Load() }, Config: s.webConfig(), Metrics: s.metrics,
	})
	return err
}

func (s *shop) webConfig() web.Config {
	c := s.config
	return web.Config{
		BaseURL: c.BaseURL, Production: c.Production(), SessionKeys: c.SessionKeys, TrustedProxies: c.TrustedProxies,
		ShopName: c.ShopName, Freight: c.Freight, FreeFrom: c.FreeFrom,
		Sandbox: s.paysInSandbox(), Demo: !c.Production(),
	}
}

// firstRound is how long after the start what was due by then has been done.
const firstRound = 2 * time.Second

// start starts to answer requests. When the first round of work is over it gives back the memory that only that and getting ready
// took, such as making the demo or opening sales: an idle shop collects no garbage for minutes.
func (s *shop) start() {
	time.AfterFunc(firstRound, debug.FreeOSMemory)
	serving := func(what string, listen func() error) {
		go func() {
			if err := listen(); err != nil && !errors.Is(err, http.ErrServerClosed) && !s.stopping.Load() {
				s.failed <- fmt.Errorf("%s: %w", what, err)
			}
		}()
	}
	if s.sandbox != nil {
		serving("sandbox", s.sandbox.Serve)
	}
	if addr := s.config.PrivateAddr; addr != "" {
		s.private = &http.Server{Addr: addr, Handler: s.privatePages(), ReadHeaderTimeout: 5 * time.Second}
		serving("[server] private_addr", s.private.ListenAndServe)
	}
	serving("shop", func() error { return s.app.Listener(s.listener) })
}

func (s *shop) greet(out io.Writer) {
	fmt.Fprintf(out, "%s is open: %s\n", s.config.ShopName, s.config.BaseURL)
	if s.config.Production() {
		return
	}
	if s.sandbox != nil {
		fmt.Fprintf(out, "Payment sandbox:  %s (buyer %s, password %s)\n", s.sandbox.URL(), sandbox.BuyerAccount, sandbox.BuyerPassword)
		fmt.Fprintf(out, "Its phone:        %s/phone (codes sent by SMS arrive there)\n", s.sandbox.URL())
	}
	fmt.Fprintf(out, "Demo accounts:    xiaoming (shopper), owner, staff, teacher; password %s\n", account.DemoPassword)
	fmt.Fprintln(out, "Ctrl-C stops it.")
}

// stop first says that the shop is not ready, then lets requests in flight finish, then ends background work.
func (s *shop) stop(stopWork context.CancelFunc, work *sync.WaitGroup) error {
	s.stopping.Store(true)
	if s.config.Production() {
		time.Sleep(s.config.DrainWait) // for load balancers to notice that this node is not ready
		// Proxies now send new requests to another node, and use up the connections that they keep to this one: each answer closes one.
		_ = s.listener.Close()
		time.Sleep(keptWait)
	}
	// Listener returns as soon as a shutdown begins; it is over when this returns.
	err := s.app.ShutdownWithTimeout(requestWait)
	if errors.Is(err, context.DeadlineExceeded) {
		slog.Warn("requests were still in flight")
		err = nil
	}
	stopWork()
	done := make(chan struct{})
	go func() {
		work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(restWait):
		slog.Warn("work behind the pages was still under way; it goes on at the next start")
	}
	return err
}

// close closes what open has opened, in the opposite order.
func (s *shop) close() {
	s.stopping.Store(true)
	ctx, cancel := context.WithTimeout(context.Background(), restWait)
	defer cancel()
	var wrong []error
	if s.private != nil {
		wrong = append(wrong, s.private.Close())
	}
	if s.sandbox != nil {
		wrong = append(wrong, s.sandbox.Shutdown(ctx))
	}
	if s.listener != nil {
		_ = s.listener.Close() // closed already by a shutdown
	}
	if s.pictures != nil {
		wrong = append(wrong, s.pictures.Close())
	}
	if s.db != nil {
		wrong = append(wrong, s.db.Close())
	}
	if err := errors.Join(wrong...); err != nil {
		slog.Warn("not closed cleanly", "error", err)
	}
}
