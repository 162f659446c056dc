package respond

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/text/language"

	"dashop/store/account"
	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/money"
	"dashop/store/payment/gateway"
	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/session"
)

// Site is what all pages of the shop have in common.
type Site struct {
	ShopName          string
	Base              string // how browsers reach the shop, without a slash at the end
	Freight, FreeFrom money.Fen
	Sandbox           bool            // payments go to the sandbox
	PayMethods        []gateway.About // the ways to pay
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

func siteOf(c *fiber.Ctx) *Site {
	if site, ok := c.Locals(siteKey).(*Site); ok {
		return site
	}
	return &Site{Clock: time.Now}
}

// What pages go without, while the database is away.
var (
	withoutMenu  = &sparse{message: "page without menu or hot words"}
	withoutCount = &sparse{message: "page without cart count"}
)

const withoutDatabaseKey = "dashop.without-database"

// WithoutDatabase has the answer to this request ask the database nothing, since it tells that the database does not answer: asked
// again, it would keep people waiting once more.
func WithoutDatabase(c *fiber.Ctx) { c.Locals(withoutDatabaseKey, true) }

func withoutDatabase(c *fiber.Ctx) bool { return c.Locals(withoutDatabaseKey) != nil }

// View gathers what every page and part of one knows, but for the notice: that is taken by what shows it. What cannot be found out is
// left empty and logged: a page without a menu is better than none, and the page that tells of a fault must not fail itself.
func View(c *fiber.Ctx) ui.View {
	v := personalView(c)
	if withoutDatabase(c) {
		return v
	}
	if err := siteOf(c).addMenu(c, &v); err != nil {
		withoutMenu.log(c.UserContext(), time.Now(), v.RequestID, err)
	}
	return v
}

// SharedView is View without the person: all that it tells of one is whether there is a login. It fails where View would leave something
// out.
func SharedView(c *fiber.Ctx) (ui.View, error) {
	v := baseView(c)
	if session.Of(c).User() != nil {
		v.User = &ui.Who{}
	}
	return v, siteOf(c).addMenu(c, &v)
}

// PersonalView is the view of a page without what everybody sees: the menu, and words to search for.
func PersonalView(c *fiber.Ctx) ui.View { return withFlash(c, personalView(c)) }

// withFlash takes the notice that was kept for this page. While the database is away it waits for another.
func withFlash(c *fiber.Ctx, v ui.View) ui.View {
	if !withoutDatabase(c) {
		v.Flash = session.Of(c).TakeFlash()
	}
	return v
}

func personalView(c *fiber.Ctx) ui.View {
	v := baseView(c)
	v.RequestID = RequestID(c)
	s := session.Of(c)
	if u := s.User(); u != nil {
		v.User = &ui.Who{ID: u.ID, Name: u.Nickname, Role: string(u.Role), Avatar: u.Avatar}
		v.Admin = IsMerchant(u)
	}
	if withoutDatabase(c) {
		return v
	}
	if owner, count := s.CartOwner(), siteOf(c).CartCount; count != nil && owner != "" {
		var err error
		if v.CartCount, err = count(c.UserContext(), owner); err != nil {
			withoutCount.log(c.UserContext(), time.Now(), v.RequestID, err)
		}
	}
	return v
}

// baseView is what a page knows without asking the database.
func baseView(c *fiber.Ctx) ui.View {
	site := siteOf(c)
	return ui.View{
		Lang: Lang(c), Theme: Theme(c), ShopName: site.ShopName, Base: site.Base, Path: here(c), Query: searchedFor(c),
		Freight: site.Freight, FreeFrom: site.FreeFrom, Sandbox: site.Sandbox, PayMethods: site.PayMethods, Now: site.Clock(),
	}
}

// IsMerchant says whether somebody sees more of the shop than others. nil is nobody.
func IsMerchant(u *account.User) bool {
	return u != nil && (u.Role == account.Owner || u.Role == account.Staff)
}

// addMenu adds the menu and the words to search for.
func (s *Site) addMenu(c *fiber.Ctx, v *ui.View) (err error) {
	ctx := c.UserContext()
	if s.Menu != nil {
		v.Menu, err = s.Menu(ctx)
	}
	if s.HotWords != nil {
		words, wrong := s.HotWords(ctx)
		err = errors.Join(err, wrong)
		for _, w := range words {
			v.HotWords = append(v.HotWords, v.Pick(w.Title, w.TitleEN))
		}
	}
	return err
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
	return accepted(c.Get(fiber.HeaderAcceptLanguage))
}

// acceptedLangs remembers what headers mean: browsers send few different ones, and to read one costs more than the rest of a
// kept page. When it is full it begins anew.
var acceptedLangs struct {
	mu    sync.RWMutex
	known map[string]locale.Lang
}

const mostLangs = 500

func accepted(header string) locale.Lang {
	if header == "" || len(header) > 200 {
		return locale.Zh
	}
	acceptedLangs.mu.RLock()
	l, ok := acceptedLangs.known[header]
	acceptedLangs.mu.RUnlock()
	if ok {
		return l
	}
	l = preferred(header)
	acceptedLangs.mu.Lock()
	defer acceptedLangs.mu.Unlock()
	if acceptedLangs.known == nil || len(acceptedLangs.known) >= mostLangs {
		acceptedLangs.known = map[string]locale.Lang{}
	}
	acceptedLangs.known[strings.Clone(header)] = l
	return l
}

func preferred(header string) locale.Lang {
	tags, _, err := language.ParseAcceptLanguage(header)
	if err != nil {
		return locale.Zh
	}
	if _, i, confidence := languages.Match(tags...); confidence > language.No && i == 1 {
		return locale.En
	}
	return locale.Zh
}

// Theme is how somebody likes the pages: light, dark, or "" as the device has it.
func Theme(c *fiber.Ctx) string {
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

// searchedFor is what the search box of the head says: only the shop's search puts words there, not the search of a list. It goes by the
// route, to which also /search/ leads: under both addresses the page is the same, and kept once.
func searchedFor(c *fiber.Ctx) string {
	if c.Route().Path != "/search" {
		return ""
	}
	return c.Query("q")
}
