package storefront

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/entitlement"
	"dashop/store/fault"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Purchases lists the courses and downloads that the shopper has: GET /account/purchases.
func (p Pages) Purchases(c *fiber.Ctx) error {
	shelf, err := p.Store.Courses.Shelf(c.UserContext(), session.Of(c).UserID(), form.Page(c))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.Purchases(v, shelf) }, "")
}

// Purchase opens one of them: GET /account/purchases/{spu}. The address names the chapter to read.
func (p Pages) Purchase(c *fiber.Ctx) error {
	spu, err := form.PathID(c, "spu")
	if err != nil {
		return err
	}
	return p.showPurchase(c, spu, http.StatusOK, nil)
}

// showPurchase shows what somebody has of a product; what has expired or was taken back shows its records only.
func (p Pages) showPurchase(c *fiber.Ctx, spu int64, status int, wrong *fault.Error) error {
	ctx, user := c.UserContext(), session.Of(c).UserID()
	owning, err := p.Store.Courses.Owning(ctx, user, spu)
	if err != nil {
		return err
	}
	shown := page.CoursePage{Owning: owning, Fault: wrong}
	if owning.Open(p.now()) {
		if shown.Materials, err = p.Store.Catalog.Materials(ctx, spu); err != nil {
			return err
		}
		shown.Links = p.fileLinks(user, spu, shown.Materials)
		chapter, _ := form.Number(c.Query("chapter"))
		shown.Choose(chapter)
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return page.Course(v, shown) }, "")
}

// fileLinks are signed links to the downloads among some materials, by the materials' ids.
func (p Pages) fileLinks(user, spu int64, materials []catalog.Material) map[int64]string {
	links, until := map[int64]string{}, p.now().Add(linkLife)
	for _, m := range materials {
		if m.Kind == catalog.KindDownload {
			links[m.ID] = fmt.Sprintf("/account/purchases/%d/files/%d?until=%d&seal=%s", spu, m.ID, until.Unix(),
				p.Links.seal(file{user, spu, m.ID}, until))
		}
	}
	return links
}

// Download sends a file to whom a link was made for, while it works and the person may use the product: GET
// /account/purchases/{spu}/files/{material}.
func (p Pages) Download(c *fiber.Ctx) error {
	spu, err := form.PathID(c, "spu")
	if err != nil {
		return err
	}
	id, err := form.PathID(c, "material")
	if err != nil {
		return err
	}
	user := session.Of(c).UserID()
	owning, err := p.Store.Courses.Owning(c.UserContext(), user, spu)
	if err != nil {
		return err
	}
	seconds, _ := form.Number(c.Query("until"))
	until := time.Unix(seconds, 0)
	switch {
	case !p.Links.genuine(file{user, spu, id}, until, c.Query("seal")):
		return p.showPurchase(c, spu, http.StatusForbidden, fault.New(fault.Forbidden, 0, "这个下载链接不对，请用下面的新链接"))
	case !p.now().Before(until):
		return p.showPurchase(c, spu, http.StatusForbidden, fault.New(fault.Forbidden, 0, "这个下载链接已经过期，请用下面的新链接"))
	case !owning.Open(p.now()):
		return p.showPurchase(c, spu, http.StatusForbidden, nil)
	}
	return p.sendFile(c, owning, id)
}

func (p Pages) sendFile(c *fiber.Ctx, owning entitlement.Owning, id int64) error {
	materials, err := p.Store.Catalog.Materials(c.UserContext(), owning.SPUID)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(materials, func(m catalog.Material) bool { return m.ID == id && m.Kind == catalog.KindDownload })
	if at < 0 {
		return fault.Missing()
	}
	content, size, err := p.Store.Media.OpenFile(materials[at].File)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/octet-stream") // a browser saves it and runs nothing in it
	c.Set(fiber.HeaderContentDisposition, mime.FormatMediaType("attachment", map[string]string{"filename": materials[at].FileName}))
	c.Set(fiber.HeaderXContentTypeOptions, "nosniff")
	c.Set(fiber.HeaderCacheControl, "private, no-store")
	return c.SendStream(content, int(size))
}
