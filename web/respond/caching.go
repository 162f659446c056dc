package respond

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/gofiber/fiber/v2"

	"dashop/web/session"
)

// ETag names the bytes of a page, whatever they are compressed to. Every node and every run of the shop gives the same bytes the same name.
func ETag(body []byte) string {
	sum := sha256.Sum256(body)
	return `W/"` + hex.EncodeToString(sum[:8]) + `"`
}

// NotModified sets how long an answer may be kept: one that is Personal, or for a browser that the shop remembers, not at all; others may
// be kept if asked after each time, by their tag. It says whether the browser has this very page already.
func NotModified(c *fiber.Ctx, status int, tag func() string) bool {
	if status != http.StatusOK || !session.Of(c).Empty() || c.Locals(personalKey) != nil ||
		(c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead) {
		c.Response().Header.SetCanonical(cacheControl, noStore)
		return false
	}
	name := tag()
	c.Response().Header.SetCanonical(cacheControl, revalidate)
	c.Response().Header.SetCanonical(etag, []byte(name))
	return string(c.Request().Header.Peek(fiber.HeaderIfNoneMatch)) == name
}

// Headers of every page, as they go over the wire.
var (
	vary, varyOn = []byte(fiber.HeaderVary), []byte(Vary)
	cacheControl = []byte(fiber.HeaderCacheControl)
	noStore      = []byte("private, no-store")
	revalidate   = []byte("public, max-age=0, must-revalidate")
	etag         = []byte("Etag")
)

// AsPage sets the headers that all pages have.
func AsPage(c *fiber.Ctx) {
	c.Response().Header.SetContentType(fiber.MIMETextHTMLCharsetUTF8)
	c.Response().Header.SetCanonical(vary, varyOn)
}
