package storefront

import (
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/media"
)

// Media sends a picture: GET /media/{path}. A merchant may upload anything that calls itself a picture, so the browser is
// told to take it for nothing else and to run nothing in it.
func (p Pages) Media(c *fiber.Ctx) error {
	name, err := url.PathUnescape(c.Params("*"))
	if err != nil {
		return fault.Missing()
	}
	picture, err := p.Store.Media.Open(name)
	if err != nil {
		return err
	}
	tag := fmt.Sprintf(`"%x-%x"`, picture.ModTime.UnixMilli(), picture.Size)
	c.Set(fiber.HeaderContentType, picture.Type)
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'")
	c.Set(fiber.HeaderCacheControl, keepFor(picture))
	c.Set(fiber.HeaderETag, tag)
	c.Set(fiber.HeaderLastModified, picture.ModTime.UTC().Format(http.TimeFormat))
	if known(c, tag, picture.ModTime) {
		_ = picture.Close()
		return c.SendStatus(http.StatusNotModified)
	}
	return c.SendStream(picture, int(picture.Size)) // closes it when it is sent
}

// keepFor is a year for a name that goes with its content, else a day.
func keepFor(picture *media.Picture) string {
	if picture.Hashed {
		return "public, max-age=31536000, immutable"
	}
	return "public, max-age=86400"
}

// known says whether the browser has the picture with this tag already. A tag counts before a date.
func known(c *fiber.Ctx, tag string, changed time.Time) bool {
	if has := c.Get(fiber.HeaderIfNoneMatch); has != "" {
		return has == tag
	}
	since, err := http.ParseTime(c.Get(fiber.HeaderIfModifiedSince))
	return err == nil && !changed.Truncate(time.Second).After(since)
}
