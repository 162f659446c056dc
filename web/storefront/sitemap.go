package storefront

import (
	"context"
	"encoding/xml"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/views/ui"
	"dashop/web/form"
)

const sitemapHead = `<?xml version="1.0" encoding="UTF-8"?>` + "\n"

// Sitemap names the files of the site map: GET /sitemap.xml.
func (p Pages) Sitemap(c *fiber.Ctx) error {
	starts, err := p.Store.Catalog.SitemapStarts(c.UserContext())
	if err != nil {
		return err
	}
	files := []string{"/sitemap/categories.xml"}
	for _, after := range starts {
		files = append(files, "/sitemap/products/"+ui.ID(after)+".xml")
	}
	return p.sendSitemap(c, "sitemapindex", "sitemap", files)
}

// SitemapCategories lists the pages that everybody passes: GET /sitemap/categories.xml.
func (p Pages) SitemapCategories(c *fiber.Ctx) error {
	return p.sendPages(c, []string{"/", "/categories"}, p.Store.Catalog.SitemapCategories, ui.CategoryHref)
}

// SitemapProducts lists launched products with greater ids than the file's name: GET /sitemap/products/{after}.xml.
func (p Pages) SitemapProducts(c *fiber.Ctx) error {
	after, ok := form.Number(c.Params("after"))
	if !ok {
		return fault.Missing()
	}
	return p.sendPages(c, nil, func(ctx context.Context) ([]int64, error) { return p.Store.Catalog.SitemapProducts(ctx, after) },
		ui.ProductHref)
}

func (p Pages) sendPages(c *fiber.Ctx, paths []string, find func(context.Context) ([]int64, error), href func(int64) string) error {
	ids, err := find(c.UserContext())
	if err != nil {
		return err
	}
	for _, id := range ids {
		paths = append(paths, href(id))
	}
	return p.sendSitemap(c, "urlset", "url", paths)
}

// sendSitemap writes addresses in the form of sitemaps.org. Crawlers and caches may keep it for an hour.
func (p Pages) sendSitemap(c *fiber.Ctx, root, entry string, paths []string) error {
	var base, b strings.Builder
	if err := xml.EscapeText(&base, []byte(p.Base)); err != nil {
		return err
	}
	b.WriteString(sitemapHead + "<" + root + ` xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">` + "\n")
	for _, path := range paths {
		b.WriteString("<" + entry + "><loc>" + base.String() + path + "</loc></" + entry + ">\n")
	}
	b.WriteString("</" + root + ">\n")
	c.Set(fiber.HeaderContentType, "application/xml; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return c.SendString(b.String())
}
