// Package respond turns what a handler found into an answer: a page or a fragment of it, a redirect, a notice.
package respond

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash/maphash"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/views/ui"
	"dashop/web/session"
)

// vary names all that a page depends on besides its address.
const vary = "Cookie, HX-Request, HX-Request-Type, Accept-Language, Accept-Encoding"

// Page answers 200 with a page, or with the named fragment of it when htmx asks for a part.
func Page(c *fiber.Ctx, build func(v ui.View) templ.Component, fragment string) error {
	return PageStatus(c, http.StatusOK, build, fragment)
}

// PageStatus is Page with another status, such as 422 for a form that is shown again. A fragment named "" is always the
// whole page.
func PageStatus(c *fiber.Ctx, status int, build func(v ui.View) templ.Component, fragment string) error {
	v := View(c)
	if !IsFragment(c) {
		fragment = ""
	}
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error {
		if err := renderPart(ctx, b, build(v), fragment); err != nil || fragment == "" {
			return err
		}
		return besides(v).Render(ctx, b)
	})
}

// renderPart renders a page, or the named fragment of it.
func renderPart(ctx context.Context, w io.Writer, page templ.Component, fragment string) error {
	if fragment == "" {
		return page.Render(ctx, w)
	}
	return templ.RenderFragments(ctx, w, page, fragment)
}

// besides is what goes along with a fragment: the number beside the cart, and a notice that was kept for this page.
func besides(v ui.View) templ.Component {
	parts := []templ.Component{ui.CartCountSwap(v)}
	if v.Flash != nil {
		parts = append(parts, ui.ToastSwap(v, *v.Flash))
	}
	return templ.Join(parts...)
}

// Part answers 200 with a piece of HTML that is no fragment of any page.
func Part(c *fiber.Ctx, part templ.Component) error { return PartStatus(c, http.StatusOK, part) }

// PartStatus is Part with another status, such as 422.
func PartStatus(c *fiber.Ctx, status int, part templ.Component) error {
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error { return part.Render(ctx, b) })
}

// RetryAfter says when to try again, as a fault does.
func RetryAfter(c *fiber.Ctx, f *fault.Error) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int((f.RetryAfter+time.Second-1)/time.Second))))
}

// Notice answers htmx with a fault as a note at the top of the page it is on.
func Notice(c *fiber.Ctx, status int, e *fault.Error) error {
	v := View(c)
	c.Set("HX-Retarget", "#notices")
	c.Set("HX-Reswap", "innerHTML")
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error { return ui.FaultNote(v, e).Render(ctx, b) })
}

// IsFragment says whether htmx asks for a part of a page.
func IsFragment(c *fiber.Ctx) bool {
	return c.Get("HX-Request") == "true" && c.Get("HX-Request-Type") != "full"
}

// SeeOther leads the browser on with a GET; htmx follows by itself and keeps its headers.
func SeeOther(c *fiber.Ctx, to string) error {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Redirect(to, http.StatusSeeOther)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled keeps one huge page from holding its memory for ever.
const maxPooled = 1 << 20

func takeBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

func giveBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
}

// render writes HTML into a buffer first, so that a page is answered whole or not at all.
func render(c *fiber.Ctx, status int, write func(ctx context.Context, b *bytes.Buffer) error) error {
	b := takeBuffer()
	defer giveBuffer(b)
	// A page that tells of a deadline has passed it.
	if err := write(context.WithoutCancel(c.UserContext()), b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
	c.Set(fiber.HeaderVary, vary)
	if keepable(c, status, func() string { return etag(b.Bytes()) }) {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Status(status)
	c.Response().SetBody(b.Bytes())
	return nil
}

var etagSeed = maphash.MakeSeed()

// etag names the bytes of a page, whatever they are compressed to.
func etag(body []byte) string {
	var sum [8]byte
	binary.BigEndian.PutUint64(sum[:], maphash.Bytes(etagSeed, body))
	return `W/"` + hex.EncodeToString(sum[:]) + `"`
}

// keepable sets how long an answer may be kept: one that is Personal, or for a browser that the shop remembers, not at all; others may be kept
// if asked after each time, by their tag. It says whether the browser has this very page already.
func keepable(c *fiber.Ctx, status int, tag func() string) bool {
	if status != http.StatusOK || !session.Of(c).Empty() || c.Locals(personalKey) != nil || (c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead) {
		c.Set(fiber.HeaderCacheControl, "private, no-store")
		return false
	}
	c.Set(fiber.HeaderCacheControl, "public, max-age=0, must-revalidate")
	name := tag()
	c.Set(fiber.HeaderETag, name)
	return c.Get(fiber.HeaderIfNoneMatch) == name
}
