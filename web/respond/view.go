package respond

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/session"
)

// Site is what all pages of the shop have in common.
type Site struct {
	ShopName          string
	Base              string // how browsers reach the shop, without a slash at the end
	Freight, FreeFrom money.Fen
	Sandbox           bool // payments go to the sandbox
	Clock             func() time.Time
	Menu              func(context.Context) ([]catalog.MenuGroup, error)
	HotWords          func(context.Context) ([]catalog.Ad, error)
	CartCount         func(context.Context, cart.Owner) (int, error)
}

const siteKey = "dashop.site"

// Attach makes the site known to the answers of this request.
func (s *Site) Attach(c *fiber.Ctx) { c.Locals(siteKey, s) }

// The cookies that remember how somebody likes to see the shop.
const (
	LangCookie  = "lang"
	ThemeCookie = "theme"
	SeenCookie  = "seen" // what a visitor has looked at
)

// View gathers what every page knows. What cannot be found out is left empty and logged: a page without a menu is better
// than none, and the page that tells of a fault must not fail itself.
func View(c *fiber.Ctx) ui.View {
	site, _ := c.Locals(siteKey).(*Site)
	if site == nil {
		site = &Site{Clock: time.Now}
	}
	s := session.Of(c)
	v := ui.View{
		Lang: Lang(c), Theme: theme(c), ShopName: site.ShopName, Base: site.Base, Path: here(c), Query: c.Query("q"),
		Freight: site.Freight, FreeFrom: site.FreeFrom, Sandbox: site.Sandbox, Now: site.Clock(),
		RequestID: RequestID(c), Flash: s.TakeFlash(),
	}
	if u := s.User(); u != nil {
		v.User = &ui.Who{ID: u.ID, Name: u.Nickname, Role: string(u.Role), Avatar: u.Avatar}
		v.Admin = u.Role == account.Owner || u.Role == account.Staff
	}
	site.fill(c, &v, s.CartOwner())
	return v
}

func (s *Site) fill(c *fiber.Ctx, v *ui.View, owner cart.Owner) {
	ctx := c.UserContext()
	var err error
	if s.CartCount != nil && owner != "" {
		if v.CartCount, err = s.CartCount(ctx, owner); err != nil {
			slog.ErrorContext(ctx, "page without cart count", "request", v.RequestID, "error", err)
		}
	}
	if s.Menu != nil {
		if v.Menu, err = s.Menu(ctx); err != nil {
			slog.ErrorContext(ctx, "page without menu", "request", v.RequestID, "error", err)
		}
	}
	if s.HotWords != nil {
		words, err := s.HotWords(ctx)
		if err != nil {
			slog.ErrorContext(ctx, "page without hot words", "request", v.RequestID, "error", err)
		}
		for _, w := range words {
			v.HotWords = append(v.HotWords, v.Pick(w.Title, w.TitleEN))
		}
	}
}

var languages = language.NewMatcher([]language.Tag{language.SimplifiedChinese, language.English, language.TraditionalChinese})

// Lang is the language of the answer: the one asked for in the address, else the one chosen before, else the browser's.
func Lang(c *fiber.Ctx) locale.Lang {
	if l := locale.Parse(c.Query("lang")); l != "" {
		return l
	}
	if l := locale.Parse(c.Cookies(LangCookie)); l != "" {
		return l
	}
	accept := c.Get(fiber.HeaderAcceptLanguage)
	if accept == "" || len(accept) > 200 {
		return locale.Zh
	}
	tags, _, err := language.ParseAcceptLanguage(accept)
	if err != nil {
		return locale.Zh
	}
	if _, i, confidence := languages.Match(tags...); confidence > language.No && i == 1 {
		return locale.En
	}
	return locale.Zh
}

func theme(c *fiber.Ctx) string {
	switch t := c.Cookies(ThemeCookie); t {
	case "light", "dark":
		return t
	}
	return ""
}

// here is where links on this page lead back to: its own address, or for the answer to a form the page with the form.
func here(c *fiber.Ctx) string {
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		return string(c.Request().URI().RequestURI())
	}
	return From(c)
}

// From is the page of ours that this request was sent from, or the home page.
func From(c *fiber.Ctx) string {
	for _, name := range []string{"HX-Current-URL", fiber.HeaderReferer} {
		if u, err := url.Parse(c.Get(name)); err == nil && u.Host != "" && u.Host == string(c.Request().Host()) {
			return Next(u.RequestURI())
		}
	}
	return "/"
}

const personalKey = "dashop.personal"

// Personal marks an answer as one for this browser alone, such as one that sets a cookie: nobody keeps it.
func Personal(c *fiber.Ctx) { c.Locals(personalKey, true) }

// Remember sets a cookie for a year; an empty value removes it. Nothing in it is secret or belongs to anybody.
func Remember(c *fiber.Ctx, name, value string, secure bool) {
	age := 365 * 24 * time.Hour
	if value == "" {
		age = -time.Second
	}
	cookie := http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(age.Seconds()), HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	}
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	Personal(c)
	c.Response().Header.Add(fiber.HeaderSetCookie, cookie.String())
}

const requestKey = "dashop.request"

// SetRequestID gives the request the name under which logs and error pages speak of it.
func SetRequestID(c *fiber.Ctx, id string) { c.Locals(requestKey, id) }

// RequestID is the name of the request, or "".
func RequestID(c *fiber.Ctx) string {
	id, _ := c.Locals(requestKey).(string)
	return id
}
