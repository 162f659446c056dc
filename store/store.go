// Package store wires the rooms of the shop together; the rules and the data are in the packages below it.
package store

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/coupon"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/entitlement"
	"dashop/store/interest"
	"dashop/store/job"
	"dashop/store/media"
	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/gateway"
	"dashop/store/promo"
	promodesk "dashop/store/promo/desk"
	"dashop/store/promo/sale"
	"dashop/store/review"
	"dashop/store/search"
	"dashop/store/stock"
)

// Times of the work behind the pages.
const (
	sweepPause   = 2 * time.Second
	salesPause   = 500 * time.Millisecond // a sale opens and closes within a second
	historyPause = time.Second
	missesPause  = 10 * time.Second
	openingWait  = 5 * time.Second
	writeWait    = 2 * time.Second // for what was collected in memory to be written; cmd/shop waits a little longer when it stops
)

// Config is what a Store is made of.
type Config struct {
	DB      *db.DB
	Clock   db.Clock
	Media   *media.Store
	BaseURL string // how browsers and gateways reach the shop
	// Providers take payments, in the order in which they are offered.
	Providers gateway.List
	Prices    promo.Rules
	Orders    order.Rules
	// Accounts says how to reach people and the providers that they log in by.
	Accounts account.Options
	Log      *slog.Logger
	// Trouble is why nothing that is due should be done now, such as a clock that is wrong; nil is never.
	Trouble func() error
}

// Store is the shop: each field is one of its rooms.
type Store struct {
	DB       *db.DB
	Clock    db.Clock
	Media    *media.Store
	Account  *account.Service
	Catalog  *catalog.Service
	Desk     *desk.Desk
	Reviews  *review.Service
	Interest *interest.Service
	Search   *search.Service
	Credits  *credits.Service
	Promo    *promo.Service
	Coupon   *coupon.Service
	Sales    *sale.Service
	Cart     *cart.Service
	Order    *order.Service
	Payment  *payment.Service
	Courses  *entitlement.Service
	Stock    *stock.Keeper
	Jobs     *job.Runner

	PromoDesk *promodesk.Desk // the merchant's changes to promotions

	log     *slog.Logger
	trouble func() error
}

// New wires a Store. It starts nothing: see Run.
func New(c Config) *Store {
	s := &Store{DB: c.DB, Clock: c.Clock, Media: c.Media, log: c.Log, trouble: c.Trouble}
	c.Accounts.Log = c.Log
	s.Account = account.New(c.DB, c.Clock, c.Accounts)
	s.Catalog = catalog.New(c.DB, c.Clock)
	s.Desk = desk.New(c.DB, c.Clock)
	s.Reviews = review.New(c.DB, c.Clock)
	s.Interest = interest.New(c.DB, s.Catalog, c.Clock)
	s.Search = s.Catalog.Finder()
	s.Stock = stock.NewKeeper(c.DB, c.Clock)
	s.Coupon = coupon.New(c.DB, c.Clock)
	s.Credits = credits.New(c.DB, c.Clock)
	s.Promo = promo.New(c.DB, s.Catalog, holdings{s.Coupon, s.Credits}, c.Clock, c.Prices)
	s.Sales = sale.New(c.DB, c.Clock)
	s.PromoDesk = promodesk.New(c.DB, s.Catalog, c.Prices, c.Clock)
	s.Cart = cart.New(c.DB, s.Catalog, s.Promo, c.Clock)
	s.Cart.MoveTo(s.Interest)
	s.Order = order.New(c.DB, s.Account, s.Promo, s.Cart, s.Search, c.Providers, c.Clock, c.Orders)
	s.Cart.OnAdd(s.Order.MayBuy)
	s.Courses = entitlement.New(c.DB, c.Clock)
	s.Payment = payment.New(payment.Config{
		DB: c.DB, Orders: s.Order, Providers: c.Providers, Clock: c.Clock, BaseURL: c.BaseURL, Log: c.Log,
	})
	s.Jobs = job.New(c.DB, c.Clock, c.Log)
	s.Jobs.HoldWhile(s.Trouble)
	s.Jobs.Add(s.Account.Jobs()...)
	s.Jobs.Add(s.Catalog.Jobs()...)
	s.Jobs.Add(s.Desk.Jobs(c.Media.Remove)...)
	s.Jobs.Add(job.Kind{Name: "clean_up", Title: "清理过期数据", Lane: job.Upkeep, Every: time.Hour, Limit: 5 * time.Minute, Do: s.cleanUp})
	s.Desk.OnProducts(sale.Reprice)
	s.Account.OnRename(review.AuthorChanged)
	s.Account.OnDelete(s.Order.Forget)
	s.Account.OnDelete(s.Credits.Forget)
	s.Account.OnDelete(review.Forget)
	s.Account.OnDelete(entitlement.Forget)
	s.Account.OnDelete(s.Interest.Forget)
	s.Account.OnDelete(func(ctx context.Context, tx *db.Tx, userID int64) error {
		return s.Cart.Forget(ctx, tx, cart.UserOwner(userID))
	})
	s.Account.OnDelete(func(ctx context.Context, tx *db.Tx, userID int64) error {
		return coupon.Forget(ctx, tx, userID, c.Clock())
	})
	return s
}

// Trouble is why nothing that is due is done now, or nil.
func (s *Store) Trouble() error {
	if s.trouble == nil {
		return nil
	}
	return s.trouble()
}

// cleanUp removes what has run out. With more to do than goes into its time limit it soon goes on.
func (s *Store) cleanUp(ctx context.Context, _ job.Job) error {
	more, err := s.DB.DeleteExpired(ctx, s.Clock(), append(s.Account.Expired(), stock.Expired, cart.Expired, cart.ExpiredUndos)...)
	if err == nil && more {
		return job.Later(time.Second, "there is more to clean up")
	}
	return err
}

// RunJobs runs the jobs that are due now, until none is left. A program that serves has Run do it; this is for tests and
// for commands that end.
func (s *Store) RunJobs(ctx context.Context) error {
	for {
		worked, err := s.Jobs.Once(ctx)
		if err != nil || !worked {
			return err
		}
	}
}

// Run does the work behind the pages until ctx ends: due payments and orders, and jobs. It returns when all of it has stopped.
func (s *Store) Run(ctx context.Context) {
	var wg sync.WaitGroup
	wg.Go(func() { s.Jobs.Run(ctx) })
	wg.Go(func() { s.writeBehind(ctx, historyPause, s.Interest.WriteViews) })
	wg.Go(func() { s.writeBehind(ctx, missesPause, s.Search.WriteMissed) })
	for _, sweep := range append(s.Payment.Sweepers(), s.sweepOrders, s.capDueTimes) { // none waits for another
		wg.Go(func() { s.repeat(ctx, sweepPause, sweep) })
	}
	wg.Go(func() { s.repeat(ctx, salesPause, s.Sales.Sweep) })
	wg.Wait()
}

// OpenSales opens and closes what began and ended while no program ran, so that the first who come see the price of the moment. A shop
// that has more to do than goes into a few seconds does not wait for the rest of it.
func (s *Store) OpenSales(ctx context.Context) {
	some, stop := context.WithTimeout(ctx, openingWait)
	defer stop()
	s.once(some, s.Sales.Sweep)
}

// repeat looks again and again, by index, for rows whose time has come.
func (s *Store) repeat(ctx context.Context, pause time.Duration, sweep func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		s.once(ctx, sweep)
	}
}

// Sweep does once what is due by the clock in sales, payments and orders.
func (s *Store) Sweep(ctx context.Context) {
	s.once(ctx, s.Sales.Sweep)
	s.once(ctx, s.capDueTimes)
	s.once(ctx, s.Payment.Sweep)
	s.once(ctx, s.sweepOrders)
}

// once runs a sweep. What fails is logged and due again next time. While the store is in Trouble nothing is due.
func (s *Store) once(ctx context.Context, sweep func(context.Context) error) {
	if s.Trouble() != nil {
		return
	}
	defer func() {
		if p := recover(); p != nil {
			s.log.ErrorContext(ctx, "sweep panicked", "panic", p)
		}
	}()
	if err := sweep(ctx); err != nil && ctx.Err() == nil {
		s.log.ErrorContext(ctx, "sweep", "error", err)
	}
}

func (s *Store) capDueTimes(ctx context.Context) error {
	return errors.Join(s.Order.CapDueTimes(ctx), s.Payment.CapDueTimes(ctx))
}

func (s *Store) sweepOrders(ctx context.Context) error {
	_, err := s.Order.Sweep(ctx, 100)
	return err
}

// writeBehind writes now and then what a room has collected in memory on this node, and at the end of ctx what is left.
func (s *Store) writeBehind(ctx context.Context, pause time.Duration, write func(context.Context) error) {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		last := false
		select {
		case <-ctx.Done():
			last = true
		case <-tick.C:
		}
		some, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeWait)
		if err := write(some); err != nil {
			s.log.ErrorContext(ctx, "what was collected is not written", "error", err)
		}
		cancel()
		if last {
			return
		}
	}
}
