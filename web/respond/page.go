// Package respond turns what a handler found into an answer: a page or a fragment of it, a redirect, a notice.
package respond

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/views/ui"
)

// Vary names all that a page depends on besides its address.
const Vary = "Cookie, HX-Request, HX-Request-Type, Accept-Language, Accept-Encoding"

// Page answers 200 with a page, or with the named fragment of it when htmx asks for a part.
func Page(c *fiber.Ctx, build func(v ui.View) templ.Component, fragment string) error {
	return PageStatus(c, http.StatusOK, build, fragment)
}

// PageStatus is Page with another status, such as 422 for a form that is shown again. A fragment named "" is always the
// whole page.
func PageStatus(c *fiber.Ctx, status int, build func(v ui.View) templ.Component, fragment string) error {
	v := withFlash(c, View(c))
	if !IsFragment(c) {
		fragment = ""
	}
	return render(c, status, func(ctx context.Context, b *bytes.Buffer) error {
		if err := Render(ctx, b, build(v), fragment); err != nil || fragment == "" {
			return err
		}
		return FragmentExtras(v).Render(ctx, b)
	})
}

// Render renders a page, or the named fragment of it, with nothing around it.
func Render(ctx context.Context, w io.Writer, page templ.Component, fragment string) error {
	if fragment == "" {
		return page.Render(ctx, w)
	}
	return templ.RenderFragments(ctx, w, page, fragment)
}

// RetryAfter says when to try again, as a fault does.
func RetryAfter(c *fiber.Ctx, f *fault.Error) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(max(1, int((f.RetryAfter+time.Second-1)/time.Second))))
}

// SeeOther leads the browser on with a GET; htmx follows by itself and keeps its headers.
func SeeOther(c *fiber.Ctx, to string) error {
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.Redirect(to, http.StatusSeeOther)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled keeps one huge page from holding its memory for ever.
const maxPooled = 1 << 18

// TakeBuffer is an empty buffer to write an answer into; give it back with GiveBuffer.
func TakeBuffer() *bytes.Buffer {
	b := buffers.Get().(*bytes.Buffer)
	b.Reset()
	return b
}

// GiveBuffer takes a buffer back that nothing reads any more.
func GiveBuffer(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		buffers.Put(b)
	}
}

// render writes HTML into a buffer first, so that a page is answered whole or not at all.
func render(c *fiber.Ctx, status int, write func(ctx context.Context, b *bytes.Buffer) error) error {
	b := TakeBuffer()
	defer GiveBuffer(b)
	// A page that tells of a deadline has passed it.
	if err := write(context.WithoutCancel(c.UserContext()), b); err != nil {
		return fmt.Errorf("render page: %w", err)
	}
	AsPage(c)
	if NotModified(c, status, func() string { return ETag(b.Bytes()) }) {
		return c.SendStatus(http.StatusNotModified)
	}
	c.Status(status)
	c.Response().SetBody(b.Bytes())
	return nil
}
