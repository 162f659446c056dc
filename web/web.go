// Package web is the shop over HTTP: middleware in order, one table of routes, one place that turns faults into pages.
package web

import (
	"fmt"
	"log/slog"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"dashop/store"
	"dashop/store/media"
	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/review"
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

// The limits of requests and answers.
const (
	bodyLimit       = 1 << 20
	notifyBodyLimit = 64 << 10
	handlerDeadline = 8 * time.Second

	uploadBodyLimit = review.MaxPictures*media.MaxUpload + 64<<10
	avatarBodyLimit = media.MaxUpload + 1<<20 // a bit too large is told beside the field
	uploadTimeout   = 30 * time.Second        // a telephone sends pictures slowly
)

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
	loginLane lane // for hashing passwords, which is slow: a crowd at the door does not keep out those who are inside
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
		ShopName: d.Config.ShopName, Base: strings.TrimSuffix(d.Config.BaseURL, "/"), Freight: d.Config.Freight, FreeFrom: d.Config.FreeFrom, Sandbox: d.Config.Sandbox,
		PayMethods: methods, Clock: d.Store.Clock, Menu: d.Store.Catalog.Menu, HotWords: d.Store.Catalog.HotWords, CartCount: d.Store.Cart.Count,
		Version: d.Store.Catalog.Version, Pages: respond.NewPages(),
	}
	s.shop = storefront.Pages{Store: d.Store, Clock: d.Store.Clock, Demo: d.Config.Demo, Secure: secure, Base: s.site.Base}
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
		Concurrency:             4096,
		DisableStartupMessage:   true,
		EnableTrustedProxyCheck: true, // X-Forwarded-Host counts only from the proxies named in the settings
		TrustedProxies:          prefixTexts(s.Config.TrustedProxies),
		EnableIPValidation:      true,
	})
	notify := s.notifyPaths(routes)
	app.Server().HeaderReceived = func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		if notify[path] {
			return fasthttp.RequestConfig{MaxRequestBodySize: notifyBodyLimit}
		}
		if size := s.uploads(h, path); size > 0 {
			return fasthttp.RequestConfig{MaxRequestBodySize: size, ReadTimeout: uploadTimeout}
		}
		return fasthttp.RequestConfig{}
	}
	app.Use(s.recoverPanics, s.identify, s.logAccess, gzipPages, s.headers.set, s.ownHost, deadline)
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

// staffPicture are the merchant's forms that may bring one picture.
var staffPicture = regexp.MustCompile(`^/admin/(categories|brands|ads)(/[0-9]+)?$`)

// staffPictures is the merchant's form that may bring several.
var staffPictures = regexp.MustCompile(`^/admin/products/[0-9]+/pictures$`)

// uploads is how large a request may be that brings pictures, from a browser that seems to have a session: a review, a
// profile with a picture of oneself, or a form of the merchant's. It is 0 for any other.
func (s *server) uploads(h *fasthttp.RequestHeader, path string) int {
	no, isOrder := strings.CutPrefix(path, "/orders/")
	no, isReview := strings.CutSuffix(no, "/review")
	switch {
	case !h.IsPost() || len(h.Cookie(s.sessions.CookieName())) == 0:
		return 0
	case path == "/account" || staffPicture.MatchString(path):
		return avatarBodyLimit
	case staffPictures.MatchString(path):
		return uploadBodyLimit
	case isOrder && isReview && order.ValidNumber(no):
		return uploadBodyLimit
	}
	return 0
}

func prefixTexts(prefixes []netip.Prefix) []string {
	var texts []string
	for _, p := range prefixes {
		texts = append(texts, p.String())
	}
	return texts
}
