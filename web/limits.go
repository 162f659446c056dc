package web

import (
	"bytes"
	"mime"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"dashop/store/media"
	"dashop/store/review"
)

// How large requests may be, by what they bring.
const (
	bodyLimit       = 1 << 20
	notifyBodyLimit = 64 << 10
	onePicture      = media.MaxUpload + 1<<20 // a bit too large is told beside the field
	manyPictures    = review.MaxPictures*media.MaxUpload + 64<<10
)

// maxFields is how many fields a form or a query may have: several times as many as the largest page of the merchant's.
const maxFields = 2000

// uploadTimeout is how long a request may take that brings pictures: a telephone sends them slowly.
const uploadTimeout = 30 * time.Second

// requestLimits decides, from the head of a request, how large it may be and how long it may take to come. Only a browser that
// seems to have a session may send more than others.
func (s *server) requestLimits(routes []Route, notify map[string]bool) func(*fasthttp.RequestHeader) fasthttp.RequestConfig {
	type largeRoute struct {
		method string
		path   pathPattern
		limits fasthttp.RequestConfig
	}
	var large []largeRoute
	for _, r := range routes {
		if r.Who.size > 0 {
			limits := fasthttp.RequestConfig{MaxRequestBodySize: r.Who.size, ReadTimeout: uploadTimeout}
			large = append(large, largeRoute{r.Method, newPattern(r.Path), limits})
		}
	}
	return func(h *fasthttp.RequestHeader) fasthttp.RequestConfig {
		path, _, _ := strings.Cut(string(h.RequestURI()), "?")
		if notify[path] {
			return fasthttp.RequestConfig{MaxRequestBodySize: notifyBodyLimit}
		}
		if len(h.Cookie(s.sessions.CookieName())) == 0 {
			return fasthttp.RequestConfig{}
		}
		for _, r := range large {
			if r.method == string(h.Method()) && r.path.matches(path) {
				return r.limits
			}
		}
		return fasthttp.RequestConfig{}
	}
}

// pathPattern is the path of a route in its parts, such as "orders" and ":no".
type pathPattern []string

func newPattern(path string) pathPattern { return strings.Split(strings.Trim(path, "/"), "/") }

// matches says whether a path is one of the route's, before Fiber has looked at it.
func (p pathPattern) matches(path string) bool {
	parts := strings.Split(strings.TrimPrefix(path, "/"), "/")
	return slices.EqualFunc(p, parts, func(want, got string) bool { return want == got || strings.HasPrefix(want, ":") && got != "" })
}

// keepReserved has connections in reserved places bring one request each, and none but those that must get through while all
// other places are taken: health checks, and what the gateways post.
func keepReserved(notify map[string]bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		conn, ok := c.Context().Conn().(*conn)
		if !ok || !conn.reserved {
			return c.Next()
		}
		c.Response().SetConnectionClose()
		if path := c.Path(); !isProbe(path) && !(notify[path] && c.Method() == fiber.MethodPost) {
			return busy(c)
		}
		conn.endWait()
		return c.Next()
	}
}

// boundFields refuses forms and queries of too many fields before they are read into maps, which take a hundred times the memory
// of what was sent. A body that is packed is refused too: to unpack it takes memory without bound, and its fields cannot be
// counted before. Neither browsers nor gateways pack what they send.
func boundFields(c *fiber.Ctx) error {
	for _, encoding := range c.Request().Header.PeekAll(fiber.HeaderContentEncoding) {
		if len(encoding) > 0 && !strings.EqualFold(string(encoding), "identity") {
			return fiber.ErrUnsupportedMediaType
		}
	}
	fields := bytes.Count(c.Request().URI().QueryString(), []byte("&"))
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	switch {
	case err != nil:
	case kind == fiber.MIMEApplicationForm:
		fields = max(fields, bytes.Count(c.Body(), []byte("&")))
	case kind == fiber.MIMEMultipartForm && params["boundary"] != "":
		fields = max(fields, bytes.Count(c.Body(), []byte("--"+params["boundary"])))
	}
	if fields > maxFields {
		return fiber.ErrRequestEntityTooLarge
	}
	if kind == fiber.MIMEMultipartForm && len(c.Body()) > 0 {
		if _, err := c.MultipartForm(); err != nil { // said here once; to those who read fields it would look like an empty form
			return fiber.ErrBadRequest
		}
	}
	return c.Next()
}
