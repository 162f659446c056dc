// Package web is the shop over HTTP: middleware in order, one table of routes, one place that turns faults into pages.
package web

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gofiber/fiber/v2"

	"dashop/store"
	"dashop/store/money"
	"dashop/web/keep"
	"dashop/web/respond"
	"dashop/web/session"
	"dashop/web/staff"
	"dashop/web/storefront"
)

// Config is what the pages need to know of the settings.
type Config struct {
	BaseURL           string   // how browsers reach the shop, such as https://shop.example
	Production        bool     // answers only to the host of BaseURL
	SessionKeys       []string // newest first
	TrustedProxies    []netip.Prefix
	ShopName          string
	Freight, FreeFrom money.Fen
	Sandbox           bool // payments go to the sandbox
	Demo              bool // the login page may tell of the demo account
}

// Deps is what the pages stand on.
type Deps struct {
	Store   *store.Store
	Config  Config
	Log     *slog.Logger
	Ready   func() bool  // whether the shop takes new visitors; nil: always
	Metrics *metrics.Set // where requests are counted; nil: nowhere that anybody sees
}

type server struct {
	Deps
	base      *url.URL
	sessions  *session.Store
	site      respond.Site
	shop      storefront.Pages
	staff     staff.Pages
	headers   headers
	meters    meters
	pageLane  lane
	loginLane lane // for hashing passwords, which is slow: many logins at once do not slow the other pages
	moneyLane lane // for the gateways, so that a crowd of shoppers cannot keep their messages out
}

// New makes the app. It listens to nothing yet.
func New(d Deps) (*fiber.App, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	return s.app(s.routes()), nil
}

func newServer(d Deps) (*server, error) {
	base, err := url.Parse(d.Config.BaseURL)
	if err != nil || base.Host == "" {
		return nil, fmt.Errorf("web: base URL %q is no absolute address", d.Config.BaseURL)
	}
	secure := base.Scheme == "https"
	if d.Metrics == nil {
		d.Metrics = metrics.NewSet()
	}
	s := &server{Deps: d, base: base, pageLane: newLane(256), loginLane: newLane(64), moneyLane: newLane(32)}
	if s.sessions, err = session.New(d.Store.Account, d.Config.SessionKeys, secure, s.clientIP); err != nil {
		return nil, err
	}
	methods := d.Store.Payment.Methods()
	var formTargets []string
	for _, m := range methods {
		formTargets = append(formTargets, m.FormTargets...)
	}
	s.headers = newHeaders(secure, formTargets)
	s.site = respond.Site{
		ShopName: d.Config.ShopName, Base: strings.TrimSuffix(d.Config.BaseURL, "/"), Freight: d.Config.Freight,
		FreeFrom: d.Config.FreeFrom, Sandbox: d.Config.Sandbox,
		PayMethods: methods, Clock: d.Store.Clock, Menu: d.Store.Catalog.Menu, HotWords: d.Store.Catalog.HotWords,
		CartCount: d.Store.Cart.Count,
	}
	s.shop = storefront.Pages{
		Store: d.Store, Kept: keep.NewPages(d.Store.Catalog.Version, d.Store.Clock), Clock: d.Store.Clock,
		Demo: d.Config.Demo, Secure: secure, Base: s.site.Base, Links: storefront.NewLinks(d.Config.SessionKeys),
	}
	s.staff = staff.Pages{Store: d.Store}
	return s, nil
}

func (s *server) app(routes []Route) *fiber.App {
	s.meters = newMeters(s.Metrics, routes)
	app := fiber.New(fiber.Config{
		Immutable:               true, // strings taken from a request stay what they were after it has ended
		CaseSensitive:           true,
		ErrorHandler:            s.fail,
		BodyLimit:               bodyLimit,
		ReadBufferSize:          8192,
		WriteBufferSize:         16 << 10, // most pages, compressed, go out at once
		ReadTimeout:             5 * time.Second,
		WriteTimeout:            30 * time.Second,
		IdleTimeout:             60 * time.Second,
		Concurrency:             8192, // connections that were dropped by the listener take a moment to end
		DisableStartupMessage:   true,
		EnableTrustedProxyCheck: true, // X-Forwarded-Host counts only from the proxies named in the settings
		TrustedProxies:          prefixTexts(s.Config.TrustedProxies),
		EnableIPValidation:      true,
		// So that boundFields sees a form before it is read into maps.
		DisablePreParseMultipartForm: true,
	})
	notify := s.notifyPaths(routes)
	app.Server().ConnState = noteIdle
	app.Server().HeaderReceived = s.requestLimits(routes, notify)
	app.Use(s.recoverPanics, s.headers.set, s.identify, s.closeWhenStopping, s.logAccess, gzipPages, keepReserved(notify), s.ownHost,
		boundFields, deadline)
	app.Get("/healthz", healthz)
	app.Get("/readyz", s.readyz)
	app.Get("/robots.txt", s.robots)
	app.Get("/static/*", serveStatic)
	app.Get("/favicon.ico", favicon)
	app.Use(s.refuseCrossSite(notify))
	for _, r := range routes {
		app.Add(r.Method, r.Path, s.handle(r))
		if r.Method == fiber.MethodGet {
			app.Add(fiber.MethodHead, r.Path, s.handle(r))
		}
	}
	app.Use("/*", s.handle(Route{Who: Anyone, Handler: func(*fiber.Ctx) error { return fiber.ErrNotFound }}))
	return app
}

func prefixTexts(prefixes []netip.Prefix) []string {
	var texts []string
	for _, p := range prefixes {
		texts = append(texts, p.String())
	}
	return texts
}
