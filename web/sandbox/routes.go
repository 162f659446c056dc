package sandbox

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/recover"

	"dashop/views/locale"
	views "dashop/views/sandbox"
)

//go:embed sandbox.css
var css []byte

// cssPath changes with the style sheet, so browsers may keep it.
var cssPath = func() string {
	sum := sha256.Sum256(css)
	return "/sandbox-" + hex.EncodeToString(sum[:6]) + ".css"
}()

// routes makes the Fiber app.
func (s *Sandbox) routes() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "dashop sandbox",
		DisableStartupMessage: true,
		Immutable:             true,
		BodyLimit:             256 << 10,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          10 * time.Minute, // a scripted hang must be able to hang
		IdleTimeout:           time.Minute,
		ErrorHandler:          s.failed,
	})
	app.Use(recover.New(), headers)
	app.Get(cssPath, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		return c.Send(css)
	})
	app.Get("/favicon.ico", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	app.All("/gateway.do", s.gateway)
	app.Get("/oauth2.0/token", s.qqToken)
	app.Get("/oauth2.0/me", s.qqMe)
	app.Get("/user/get_user_info", s.qqUser)

	page := app.Group("", sameOrigin)
	page.Get("/", s.state)
	page.Get("/phone", s.phone)
	page.Post("/sms", s.takeSMS)
	page.Get(alipayAuthorize, s.loginPage(s.alipayAsking))
	page.Post(alipayAuthorize, s.loginChosen(s.alipayAsking))
	page.Get(qqAuthorize, s.loginPage(s.qqAsking))
	page.Post(qqAuthorize, s.loginChosen(s.qqAsking))
	page.Get("/cashier/:visit", s.cashier)
	page.Post("/cashier/:visit/login", s.cashierLogin)
	page.Post("/cashier/:visit/pay", s.cashierPay)
	page.Post("/faults", s.addFault)
	page.Post("/faults/clear", s.clearFaults)
	page.Post("/trades/:no/pay", s.statePay)
	page.Post("/trades/:no/notify", s.stateNotify)
	page.Post("/trades/:no/notices/:id/resend", s.stateResend)
	page.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return app
}

// headers sets what every answer bears; a page that leads back to a shop widens form-action itself.
func headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", policy())
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	return c.Next()
}

// policy is the content policy. A form that is answered with a redirect to a shop needs that shop's origin in form-action.
func policy(shops ...string) string {
	action := "'self'"
	for _, address := range shops {
		if u, err := url.Parse(address); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, ";, '\"") {
			action += " " + u.Scheme + "://" + u.Host
		}
	}
	return "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action " + action
}

// sameOrigin refuses forms that another site posts here.
func sameOrigin(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodPost {
		return c.Next()
	}
	site, origin := c.Get("Sec-Fetch-Site"), c.Get(fiber.HeaderOrigin)
	if site != "" && site != "same-origin" && site != "none" {
		return fiber.ErrForbidden
	}
	if u, err := url.Parse(origin); site == "" && origin != "" && (err != nil || u.Host != string(c.Context().Host())) {
		return fiber.ErrForbidden
	}
	return c.Next()
}

// failed shows an error as a page.
func (s *Sandbox) failed(c *fiber.Ctx, err error) error {
	status, text := fiber.StatusInternalServerError, "沙箱出错了"
	if e := (*fiber.Error)(nil); errors.As(err, &e) {
		status = e.Code
	}
	switch {
	case status == fiber.StatusNotFound:
		text = "没有这个页面，或者付款链接已经失效。请回到商家重新付款"
	case status == fiber.StatusForbidden:
		text = "请求来自别的网站，已经拒绝"
	case status < 500:
		text = "请求无效"
	default:
		s.opt.Log.Error("sandbox", "path", c.Path(), "err", err)
	}
	return s.page(c, status, views.Refused(s.view(c), views.Refusal{Text: text}))
}

// page writes an HTML page.
func (s *Sandbox) page(c *fiber.Ctx, status int, component templ.Component) error {
	c.Status(status).Type("html", "utf-8")
	return component.Render(c.UserContext(), c)
}

// view is what all pages need: above all the reader's language.
func (s *Sandbox) view(c *fiber.Ctx) views.View {
	v := views.View{CSS: cssPath, Path: c.Path(), Query: string(c.Context().QueryArgs().QueryString()), Lang: locale.Parse(c.Query("lang"))}
	if v.Lang != "" {
		v.Suffix = "?lang=" + string(v.Lang) // asked for: the forms keep it
		return v
	}
	if v.Lang = locale.Parse(c.Cookies("lang")); v.Lang != "" {
		return v
	}
	v.Lang = locale.Zh
	if strings.HasPrefix(strings.ToLower(c.Get(fiber.HeaderAcceptLanguage)), "en") {
		v.Lang = locale.En
	}
	return v
}
