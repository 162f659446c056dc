package keep

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// Build makes a page for a view.
type Build func(v ui.View) templ.Component

// Public is a page that is the same for everybody but for its slots, and so need not be made each time.
type Public struct {
	// Path is the address of the page, as its own links write it. Under any other address, such as one with parameters of
	// somebody's making, the page is made for that request and not kept: so nobody fills the memory with addresses.
	Path string
	// Live is what the page depends on besides its address and the catalogue's version, such as the stock.
	Live string
	// Fragment is what htmx may ask for, or "".
	Fragment string
	// Mine is what the page shows of the person; see ui.View.
	Mine any
	// Find asks the store for what is on the page. Where the page is kept it is not called. With ErrDoNotKeep as the error the
	// page is shown, but not kept.
	Find func(context.Context) (Build, error)
}

// ErrDoNotKeep says that a page was found that has to be found again each time.
var ErrDoNotKeep = errors.New("not to be kept")

const (
	// pagesSize is how many bytes of memory kept pages may take.
	pagesSize = 64 << 20
	// pagesLife bounds how long a page is shown, should something change it that does not move the version.
	pagesLife = time.Minute
)

// pageKey is all that the bytes of a kept page depend on.
type pageKey struct {
	path, live, fragment string
	lang                 locale.Lang
	theme                string
	member               bool // somebody is logged in
	year                 int  // stands in the foot
	version              int64
}

// Pages are the kept pages of a site. A nil one keeps nothing.
type Pages struct {
	cache   *Cache[pageKey, *entry]
	version func(context.Context) (int64, error)
	clock   func() time.Time
}

// NewPages keeps no page yet. version is that of all that everybody sees, and moves when any of it changes.
func NewPages(version func(context.Context) (int64, error), clock func() time.Time) *Pages {
	return &Pages{New[pageKey, *entry](pagesSize, pagesLife), version, clock}
}

// Weight is how many bytes the kept pages take.
func (p *Pages) Weight() int { return p.cache.Weight() }

// Send answers 200 with a page of which only the slots are made for this request, if it is kept or can be. The merchant's
// people always get a page made for them: they see more than others.
func (p *Pages) Send(c *fiber.Ctx, page Public) error {
	key, ok := p.key(c, page)
	if !ok {
		return sendUnkept(c, page)
	}
	found, err := p.cache.Get(c.UserContext(), key, func(ctx context.Context) (*entry, error) {
		v, err := respond.SharedView(c)
		if err != nil {
			return nil, &errNoMenu{err}
		}
		return makeEntry(ctx, v, page, key.fragment)
	})
	var noMenu *errNoMenu
	var built *errBuilt
	switch {
	case errors.As(err, &noMenu):
		return sendUnkept(c, page)
	case errors.As(err, &built):
		return sendBuilt(c, page, built.build)
	case err != nil:
		return err
	}
	v := respond.PersonalView(c)
	v.Mine = page.Mine
	return p.send(c, found, v, key)
}

// errNoMenu is why a page would be without its menu; such a page is shown, but not kept.
type errNoMenu struct{ error }

// errBuilt brings a page that is not to be kept out of the cache.
type errBuilt struct{ build Build }

func (*errBuilt) Error() string { return ErrDoNotKeep.Error() }

// key is the key of a page that may be kept.
func (p *Pages) key(c *fiber.Ctx, page Public) (key pageKey, ok bool) {
	user := session.Of(c).User()
	if p == nil || respond.IsMerchant(user) || string(c.Request().URI().RequestURI()) != page.Path {
		return key, false
	}
	version, err := p.version(c.UserContext())
	if err != nil {
		slog.WarnContext(c.UserContext(), "page not kept", "request", respond.RequestID(c), "error", err)
		return key, false
	}
	key = pageKey{
		path: page.Path, live: page.Live, lang: respond.Lang(c), theme: respond.Theme(c), member: user != nil,
		year: p.clock().Year(), version: version,
	}
	if respond.IsFragment(c) {
		key.fragment = page.Fragment
	}
	return key, true
}

func sendUnkept(c *fiber.Ctx, p Public) error {
	build, err := p.Find(c.UserContext())
	if err != nil && !errors.Is(err, ErrDoNotKeep) {
		return err
	}
	return sendBuilt(c, p, build)
}

func sendBuilt(c *fiber.Ctx, p Public, build Build) error {
	return respond.Page(c, func(v ui.View) templ.Component {
		v.Mine = p.Mine
		return build(v)
	}, p.Fragment)
}

// makeEntry makes a page for the view that all share.
func makeEntry(ctx context.Context, v ui.View, p Public, fragment string) (*entry, error) {
	build, err := p.Find(ctx)
	if errors.Is(err, ErrDoNotKeep) {
		return nil, &errBuilt{build}
	}
	if err != nil {
		return nil, err
	}
	pieces, fills, err := ui.Record(ctx, func(ctx context.Context, w io.Writer) error {
		return respond.Render(ctx, w, build(v), fragment)
	})
	if err != nil {
		return nil, err
	}
	e := &entry{page: NewPage(pieces), fills: fills}
	if v.Nobody() && fragment == "" {
		err = e.readyFor(ctx, v)
	}
	return e, err
}
