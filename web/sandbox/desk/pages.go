package desk

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"net"
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

// NewApp makes the Fiber app with what all protocols need. Routes of pages belong into a group that SameOrigin guards.
func (d *Desk) NewApp() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "dashop sandbox",
		DisableStartupMessage: true,
		Immutable:             true,
		BodyLimit:             256 << 10,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          10 * time.Minute, // a scripted hang must be able to hang
		IdleTimeout:           time.Minute,
		ErrorHandler:          d.failed,
	})
	app.Use(recover.New(), headers)
	app.Get(cssPath, func(c *fiber.Ctx) error {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
		return c.Send(css)
	})
	app.Get("/favicon.ico", func(c *fiber.Ctx) error { return c.SendStatus(fiber.StatusNoContent) })
	return app
}

// headers sets what every answer bears; a page that leads back to a shop widens form-action itself, by AllowForms.
func headers(c *fiber.Ctx) error {
	AllowForms(c)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set("Cross-Origin-Opener-Policy", "same-origin")
	return c.Next()
}

// AllowForms sets the content policy so that forms of the page may lead to these addresses: one that is answered with a redirect to a
// shop needs that shop's origin.
func AllowForms(c *fiber.Ctx, shops ...string) {
	action := "'self'"
	for _, address := range shops {
		if u, err := url.Parse(address); err == nil && u.Host != "" && !strings.ContainsAny(u.Host, ";, '\"") {
			action += " " + u.Scheme + "://" + u.Host
		}
	}
	c.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action "+action)
}

// SameOrigin refuses forms that another site posts here.
func SameOrigin(c *fiber.Ctx) error {
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
func (d *Desk) failed(c *fiber.Ctx, err error) error {
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
		d.opt.Log.Error("sandbox", "path", c.Path(), "err", err)
	}
	return d.Refuse(c, status, &Refusal{Text: text}, "")
}

// Refuse shows why a protocol does not do what a browser asked for, with a link back where there is one.
func (d *Desk) Refuse(c *fiber.Ctx, status int, r *Refusal, back string) error {
	return d.Page(c, status, views.Refused(d.View(c), views.Refusal{Code: r.Code, Sub: r.Sub, Text: r.Text, Back: back}))
}

// Page writes an HTML page.
func (d *Desk) Page(c *fiber.Ctx, status int, component templ.Component) error {
	c.Status(status).Type("html", "utf-8")
	return component.Render(c.UserContext(), c)
}

// View is what all pages need: above all the reader's language.
func (d *Desk) View(c *fiber.Ctx) views.View {
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

// Spoil keeps an answer from being given at all, if one of the faults is of that kind, and then says true.
func (d *Desk) Spoil(c *fiber.Ctx, hit []Fault) (bool, error) {
	for _, f := range hit {
		switch f.Kind {
		case Hang:
			d.Sleep(f.Delay)
			return true, dropConnection(c)
		case ResetAfter:
			return true, dropConnection(c)
		case Broken:
			return true, c.Status(fiber.StatusBadGateway).SendString("bad gateway")
		}
	}
	return false, nil
}

// dropConnection ends a request without any answer.
func dropConnection(c *fiber.Ctx) error {
	c.Context().HijackSetNoResponse(true)
	c.Context().Hijack(func(conn net.Conn) { conn.Close() })
	return nil
}

// WebAddress takes an absolute http address, or none at all.
func WebAddress(s string) bool {
	u, err := url.Parse(s)
	return s == "" || err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}
