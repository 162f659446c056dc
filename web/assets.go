package web

import (
	"context"
	"net/http"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/static"
)

// serveStatic sends the style sheet, the script, icons: GET /static/….
func serveStatic(c *fiber.Ctx) error {
	asset, ok := static.Lookup(c.Path(), c.Get(fiber.HeaderAcceptEncoding))
	if !ok {
		return c.SendStatus(http.StatusNotFound)
	}
	c.Set(fiber.HeaderContentType, asset.Type)
	c.Set(fiber.HeaderVary, fiber.HeaderAcceptEncoding)
	if asset.Encoding != "" {
		c.Set(fiber.HeaderContentEncoding, asset.Encoding)
	}
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if asset.Immutable {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	return c.Send(asset.Body)
}

// favicon is for browsers that ask for it without having read a page: GET /favicon.ico.
func favicon(c *fiber.Ctx) error {
	return c.Redirect(static.URL("img/favicon.svg"), http.StatusFound)
}

// healthz says that the program runs: GET /healthz.
func healthz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	return c.SendString("ok\n")
}

// readyz says whether to send people here: GET /readyz. While the shop stops, its database is away or its clock is wrong, it is 503.
func (s *server) readyz(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "no-store")
	ctx, cancel := context.WithTimeout(c.UserContext(), time.Second)
	defer cancel()
	if s.Ready != nil && !s.Ready() {
		return c.Status(http.StatusServiceUnavailable).SendString("stopping\n")
	}
	if err := s.Store.Trouble(); err != nil {
		return c.Status(http.StatusServiceUnavailable).SendString(err.Error() + "\n")
	}
	if err := s.Store.DB.Ping(ctx); err != nil {
		s.Log.WarnContext(ctx, "not ready", "error", err)
		return c.Status(http.StatusServiceUnavailable).SendString("no database\n")
	}
	return c.SendString("ready\n")
}

// robots tells crawlers to leave alone what is somebody's own: GET /robots.txt.
func (s *server) robots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.SendString("User-agent: *\nDisallow: /account\nDisallow: /admin\nDisallow: /cart\nDisallow: /checkout\n" +
		"Disallow: /login\nDisallow: /orders\nDisallow: /search\n\n" +
		"Sitemap: " + s.site.Base + "/sitemap.xml\n")
}
