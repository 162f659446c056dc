package respond

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"dashop/views/locale"
	"dashop/views/ui"
	"dashop/web/keep"
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
	// Find asks the store for what is on the page. Where the page is kept it is not called. With ErrOnlyNow as the error the
	// page is shown, but not kept.
	Find func(context.Context) (Build, error)
}

// ErrOnlyNow says that a page was found that has to be found again each time.
var ErrOnlyNow = errors.New("only now")

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

// kept is a page as the cache holds it.
type kept struct {
	page  *keep.Page
	fills []ui.Fill
	still *still // what a stranger gets, or nil
}

// still is an answer that is ready to be sent.
type still struct {
	plain, gzip []byte
	tag         string
}

// Weight is how many bytes the page takes.
func (k *kept) Weight() int {
	n := k.page.Weight() + 64*len(k.fills)
	if k.still != nil {
		n += len(k.still.plain) + len(k.still.gzip)
	}
	return n
}

// Pages are the kept pages of a site.
type Pages struct{ cache *keep.Cache[pageKey, *kept] }

// NewPages keeps none yet.
func NewPages() *Pages { return &Pages{keep.New[pageKey, *kept](pagesSize, pagesLife)} }

// Weight is how many bytes the kept pages take.
func (p *Pages) Weight() int { return p.cache.Weight() }

// SendPublic answers 200 with a page of which only the slots are made for this request, if it is kept or can be. The
// merchant's people always get a page made for them: they see more than others.
func SendPublic(c *fiber.Ctx, p Public) error {
	key, ok := publicKey(c, p)
	if !ok {
		return sendAfresh(c, p)
	}
	ctx := c.UserContext()
	found, err := siteOf(c).Pages.cache.Get(ctx, key, func(ctx context.Context) (*kept, error) {
		v, err := publicView(c)
		if err != nil {
			return nil, &bare{err}
		}
		return makeKept(ctx, v, p, key.fragment)
	})
	var missing *bare
	var once *onlyNow
	switch {
	case errors.As(err, &missing):
		return sendAfresh(c, p)
	case errors.As(err, &once):
		return sendBuilt(c, p, once.build)
	}
	if err != nil {
		return err
	}
	v := person(c)
	v.Mine = p.Mine
	return found.send(c, v, key)
}

// bare is why a page would be without its menu; such a page is shown, but not kept.
type bare struct{ error }

// onlyNow brings a page that is not to be kept out of the cache.
type onlyNow struct{ build Build }

func (*onlyNow) Error() string { return ErrOnlyNow.Error() }

// publicKey is the key of a page that may be kept.
func publicKey(c *fiber.Ctx, p Public) (key pageKey, ok bool) {
	site := siteOf(c)
	if site.Pages == nil || admin(session.Of(c).User()) || string(c.Request().URI().RequestURI()) != p.Path {
		return key, false
	}
	version, err := site.Version(c.UserContext())
	if err != nil {
		slog.WarnContext(c.UserContext(), "page made afresh", "request", RequestID(c), "error", err)
		return key, false
	}
	key = pageKey{path: p.Path, live: p.Live, lang: Lang(c), theme: theme(c), member: session.Of(c).User() != nil, year: site.Clock().Year(), version: version}
	if IsFragment(c) {
		key.fragment = p.Fragment
	}
	return key, true
}

func sendAfresh(c *fiber.Ctx, p Public) error {
	build, err := p.Find(c.UserContext())
	if err != nil && !errors.Is(err, ErrOnlyNow) {
		return err
	}
	return sendBuilt(c, p, build)
}

func sendBuilt(c *fiber.Ctx, p Public, build Build) error {
	return Page(c, func(v ui.View) templ.Component {
		v.Mine = p.Mine
		return build(v)
	}, p.Fragment)
}

// makeKept makes a page for the view of anybody.
func makeKept(ctx context.Context, v ui.View, p Public, fragment string) (*kept, error) {
	build, err := p.Find(ctx)
	if errors.Is(err, ErrOnlyNow) {
		return nil, &onlyNow{build}
	}
	if err != nil {
		return nil, err
	}
	pieces, fills, err := ui.Record(ctx, func(ctx context.Context, w io.Writer) error {
		return renderPart(ctx, w, build(v), fragment)
	})
	if err != nil {
		return nil, err
	}
	k := &kept{page: keep.NewPage(pieces), fills: fills}
	if v.Nobody() && fragment == "" {
		var b bytes.Buffer
		holes, err := k.fill(ctx, &b, v, "", nil)
		if err != nil {
			return nil, err
		}
		body := k.page.Plain(nil, holes)
		k.still = &still{plain: body, gzip: fasthttp.AppendGzipBytesLevel(nil, body, fasthttp.CompressBestSpeed), tag: etag(body)}
	}
	return k, nil
}

// fill makes what goes into the slots, and after a fragment what goes along with it. b holds the bytes.
func (k *kept) fill(ctx context.Context, b *bytes.Buffer, v ui.View, fragment string, shared share) ([]keep.Piece, error) {
	parts := make([]templ.Component, 0, len(k.fills)+1)
	for _, fill := range k.fills {
		parts = append(parts, fill(v))
	}
	if fragment != "" {
		parts = append(parts, besides(v))
	}
	holes, ends := make([]keep.Piece, len(parts)), make([]int, len(parts))
	for i, part := range parts {
		var err error
		if one, ok := part.(ui.Shared); ok && shared != nil {
			holes[i], err = shared(ctx, one)
		} else {
			err = part.Render(ctx, b)
		}
		if err != nil {
			return nil, err
		}
		ends[i] = b.Len()
	}
	from := 0
	for i, end := range ends {
		if end > from {
			holes[i], from = keep.Fresh(b.Bytes()[from:end]), end
		}
	}
	return holes, nil
}

// share finds or makes what a slot shares with others.
type share func(context.Context, ui.Shared) (keep.Piece, error)

// sharing keeps shared parts along with the pages of a key.
func (p *Pages) sharing(key pageKey) share {
	return func(ctx context.Context, part ui.Shared) (keep.Piece, error) {
		key := pageKey{path: "part " + part.Key, lang: key.lang, version: key.version}
		found, err := p.cache.Get(ctx, key, func(ctx context.Context) (*kept, error) {
			var b bytes.Buffer
			err := part.Render(ctx, &b)
			return &kept{page: keep.NewPage([][]byte{b.Bytes()})}, err
		})
		if err != nil {
			return keep.Piece{}, err
		}
		return found.page.Whole(), nil
	}
}

// send answers with the page for one person.
func (k *kept) send(c *fiber.Ctx, v ui.View, key pageKey) error {
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderVary, vary)
	zip := AcceptsGzip(c)
	if zip {
		c.Response().Header.SetContentEncoding("gzip")
	}
	if k.still != nil && v.Nobody() {
		if keepable(c, http.StatusOK, func() string { return k.still.tag }) {
			c.Response().Header.Del(fiber.HeaderContentEncoding)
			return c.SendStatus(http.StatusNotModified)
		}
		body := k.still.plain
		if zip {
			body = k.still.gzip
		}
		c.Response().SetBodyRaw(body) // nobody writes into it
		return nil
	}
	b := takeBuffer()
	defer giveBuffer(b)
	holes, err := k.fill(context.WithoutCancel(c.UserContext()), b, v, key.fragment, siteOf(c).Pages.sharing(key))
	if err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	tag := func() string { return etag(k.page.Plain(nil, holes)) }
	if keepable(c, http.StatusOK, tag) {
		c.Response().Header.Del(fiber.HeaderContentEncoding)
		return c.SendStatus(http.StatusNotModified)
	}
	whole := takeBuffer()
	defer giveBuffer(whole)
	write := k.page.Plain
	if zip {
		write = k.page.Gzip
	}
	whole.Write(write(whole.AvailableBuffer(), holes)) // in place, where there is room
	c.Response().SetBody(whole.Bytes())
	return nil
}

// AcceptsGzip says whether the browser takes a compressed answer.
func AcceptsGzip(c *fiber.Ctx) bool {
	for part := range strings.SplitSeq(c.Get(fiber.HeaderAcceptEncoding), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			q, _ := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return q == "" || strings.Trim(q, "0.") != ""
		}
	}
	return false
}
