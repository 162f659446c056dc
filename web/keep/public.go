package keep

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/static"
	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// Build makes a page for a view.
type Build func(v ui.View) templ.Component

// Public is a page that is the same for everybody but for its slots, and so need not be made each time.
type Public struct {
	// Path is the address of the page with all that its handler has read from the request's, as the page's own links write it. Whatever
	// else the request's address says, such as which advertisement led here, is not on the page and makes no other page of it.
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
	// pagesSize is how many bytes of live memory kept pages may take: some 600 pages, and more than are asked for twice within pagesLife
	// in all but the busiest shops. What the collector lets the heap grow before it runs comes on top, in proportion: a larger bound would
	// be dear on a machine of a gigabyte.
	pagesSize = 32 << 20
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
	cache   *Cache[any, *entry] // by pageKey; as any the cache is of the kind that store/recent has, which saves its code a second time
	door    *doorkeeper
	version func(context.Context) (int64, error)
	clock   func() time.Time
}

// NewPages keeps no page yet. version is that of all that everybody sees, and moves when any of it changes.
func NewPages(version func(context.Context) (int64, error), clock func() time.Time) *Pages {
	return &Pages{New[any, *entry](pagesSize, pagesLife), newDoorkeeper(), version, clock}
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
	found, ok := p.cache.Kept(key)
	var err error
	if !ok {
		found, err = p.find(c.UserContext(), key, func(ctx context.Context, packed bool) (*entry, error) {
			v, err := respond.SharedView(c)
			if err != nil {
				return nil, &errNoMenu{err}
			}
			v.Path = page.Path
			return p.makeEntry(ctx, v, page, key, packed)
		})
	}
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
	zip, usual := static.Accepts(c.Get(fiber.HeaderAcceptEncoding), "gzip"), found.tag != nil
	if usual && page.Mine == nil && session.Of(c).Empty() {
		return found.sendUsual(c, zip)
	}
	v := respond.PersonalView(c)
	v.Mine, v.Path = page.Mine, page.Path
	if usual && v.Nobody() {
		return found.sendUsual(c, zip)
	}
	// For somebody in person a page that is not kept goes out as it is, and is compressed as a whole on its way, which costs less than
	// piece by piece.
	return p.send(c, found, v, key, zip && found.page.gzip != nil)
}

// errNoMenu is why a page would be without its menu; such a page is shown, but not kept.
type errNoMenu struct{ error }

// errBuilt brings a page that is not to be kept out of the cache.
type errBuilt struct{ build Build }

func (*errBuilt) Error() string { return ErrDoNotKeep.Error() }

// find is what is kept under a key. What is not is made, once for all who ask at the same time, and compressed and kept if it was asked
// for before.
func (p *Pages) find(ctx context.Context, key pageKey, make func(ctx context.Context, packed bool) (*entry, error)) (*entry, error) {
	found, err := p.cache.Get(ctx, key, func(ctx context.Context) (*entry, error) {
		again := p.door.again(key, p.clock())
		e, err := make(ctx, again)
		if err == nil && !again {
			err = &errFirst{e}
		}
		if err != nil {
			return nil, err
		}
		e.key = len(key.path) + len(key.live) + len(key.fragment)
		return e, nil
	})
	var first *errFirst
	if errors.As(err, &first) {
		return first.entry, nil
	}
	return found, err
}

// errFirst brings a page out of the cache that was asked for the first time, and is not to be kept for that.
type errFirst struct{ entry *entry }

func (*errFirst) Error() string { return "asked for the first time" }

// key is the key of a page that may be kept.
func (p *Pages) key(c *fiber.Ctx, page Public) (key pageKey, ok bool) {
	user := session.Of(c).User()
	if p == nil || respond.IsMerchant(user) {
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
		v.Mine, v.Path = p.Mine, p.Path
		return build(v)
	}, p.Fragment)
}

// makeEntry makes a page for the view that all share.
func (p *Pages) makeEntry(ctx context.Context, v ui.View, page Public, key pageKey, packed bool) (*entry, error) {
	build, err := page.Find(ctx)
	if errors.Is(err, ErrDoNotKeep) {
		return nil, &errBuilt{build}
	}
	if err != nil {
		return nil, err
	}
	made := respond.TakeBuffer()
	defer respond.GiveBuffer(made)
	pieces, fills, err := ui.Record(ctx, made, func(ctx context.Context, w io.Writer) error {
		return respond.Render(ctx, w, build(v), key.fragment)
	})
	if err != nil {
		return nil, err
	}
	e := &entry{fills: fills}
	if !v.Nobody() || key.fragment != "" {
		e.page = NewPage(pieces, nil, packed)
		return e, nil
	}
	b := respond.TakeBuffer()
	defer respond.GiveBuffer(b)
	usual, err := e.fill(ctx, b, v, "", sharedParts{p, key, true}) // as strangers get it
	if err != nil {
		return nil, err
	}
	e.page = NewPage(pieces, usual, packed)
	plain := e.page.plain
	e.tag = sync.OnceValue(func() string { return respond.ETag(plain) })
	return e, nil
}
