package web

import (
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"dashop/static"
	"dashop/store/fault"
	"dashop/web/respond"
	"dashop/web/session"
)

// identify gives the request a name of the server's own making.
func (s *server) identify(c *fiber.Ctx) error {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	id := hex.EncodeToString(b[:])
	respond.SetRequestID(c, id)
	c.Set(fiber.HeaderXRequestID, id)
	return c.Next()
}

// closeWhenStopping has proxies use another node from the moment when this one is no longer ready: what comes on a connection
// that was kept is answered, but nothing more comes on it.
func (s *server) closeWhenStopping(c *fiber.Ctx) error {
	if s.Ready != nil && !s.Ready() {
		c.Response().SetConnectionClose()
	}
	return c.Next()
}

// logAccess counts each request, and logs it unless it is for an asset or by a probe. Nothing in the log tells of a
// person: no query, no address.
func (s *server) logAccess(c *fiber.Ctx) error {
	start := time.Now()
	err := c.Next()
	if err != nil {
		err = s.fail(c, err)
	}
	took := time.Since(start)
	s.meters.count(c, took)
	if path := c.Path(); strings.HasPrefix(path, "/static/") || strings.HasPrefix(path, "/media/") || isProbe(path) {
		return err
	}
	s.Log.LogAttrs(c.UserContext(), slog.LevelInfo, "request", slog.String("method", c.Method()), slog.String("path", logPath(c)),
		slog.Int("status", c.Response().StatusCode()), slog.Int64("ms", took.Milliseconds()), slog.String("request", respond.RequestID(c)))
	return err
}

// isProbe says whether a path is one by which machines watch the shop.
func isProbe(path string) bool { return path == "/healthz" || path == "/readyz" }

func logPath(c *fiber.Ctx) string {
	path := c.Path()
	return path[:min(len(path), 200)]
}

// ownHost refuses, in production, requests for a host that is not the shop's, so that nothing can be made to bear its name.
func (s *server) ownHost(c *fiber.Ctx) error {
	if s.Config.Production && c.Hostname() != s.base.Host && !isProbe(c.Path()) {
		return c.Status(http.StatusMisdirectedRequest).SendString("this address does not belong to this shop")
	}
	return c.Next()
}

// refuseCrossSite refuses writes that come from another site's page. Browsers say so in Sec-Fetch-Site; where that is
// missing, Origin has to be the shop's own. Gateways post from no page at all: they are exempt by exact path.
func (s *server) refuseCrossSite(exempt map[string]bool) fiber.Handler {
	return func(c *fiber.Ctx) error {
		switch c.Method() {
		case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
			return c.Next()
		}
		if exempt[c.Path()] || s.fromOwnPage(c) {
			return c.Next()
		}
		return s.fail(c, fault.New(fault.Forbidden, 0, "这个请求不是从本店的页面发出的，请从页面上重新操作"))
	}
}

func (s *server) fromOwnPage(c *fiber.Ctx) bool {
	switch c.Get("Sec-Fetch-Site") {
	case "same-origin", "none":
		return true
	case "":
	default:
		return false
	}
	origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
	if err != nil || origin.Host == "" {
		return false
	}
	// In development the shop may be reached under more names than one, such as localhost.
	return origin.Scheme == s.base.Scheme && (origin.Host == s.base.Host ||
		!s.Config.Production && origin.Host == string(c.Request().Host()))
}

// clientIP is who asks: behind trusted proxies the last address in X-Forwarded-For that is none of theirs.
func (s *server) clientIP(c *fiber.Ctx) string {
	ip := session.DirectIP(c)
	hops := strings.Split(c.Get(fiber.HeaderXForwardedFor), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		ip = hop.Unmap().String()
	}
	return ip
}

func (s *server) trusted(ip string) bool {
	addr, err := netip.ParseAddr(ip)
	if err != nil {
		return false
	}
	for _, p := range s.Config.TrustedProxies {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

// smallestGzip is the size from which compressing is worth its header.
const smallestGzip = 1000

// gzipPages compresses pages, by gzip at its quickest: brotli would cost twice the time for a few bytes less.
func gzipPages(c *fiber.Ctx) error {
	err := c.Next()
	r := c.Response()
	body := r.Body()
	if err != nil || len(body) < smallestGzip || len(r.Header.ContentEncoding()) > 0 ||
		!static.Accepts(c.Get(fiber.HeaderAcceptEncoding), "gzip") ||
		!strings.HasPrefix(string(r.Header.ContentType()), fiber.MIMETextHTML) {
		return err
	}
	r.SetBodyRaw(fasthttp.AppendGzipBytesLevel(make([]byte, 0, len(body)/3), body, fasthttp.CompressBestSpeed))
	r.Header.SetContentEncoding("gzip")
	return nil
}
