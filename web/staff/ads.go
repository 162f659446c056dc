package staff

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Ads shows what stands in a place of the shop: GET /admin/ads. place says where; without it, it is the first of the page.
func (p Pages) Ads(c *fiber.Ctx) error {
	page := staff.AdsPage{Place: askedPlace(c)}
	var err error
	if page.Ads, err = p.Store.Desk.EditingAds(c.UserContext(), page.Place.Key); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Ads(v, page) }, "")
}

// askedPlace is the place that the address names. Anything strange is the first.
func askedPlace(c *fiber.Ctx) catalog.Place {
	if place, known := catalog.PlaceOf(c.Query("place")); known {
		return place
	}
	return catalog.Places[0]
}

// NewAd asks for an advertisement: GET /admin/ads/new.
func (p Pages) NewAd(c *fiber.Ctx) error { return p.showAd(c, 0, staff.AdPage{Place: askedPlace(c)}) }

// Ad shows the form of an advertisement: GET /admin/ads/{ad}.
func (p Pages) Ad(c *fiber.Ctx) error {
	id, err := form.PathID(c, "ad")
	if err != nil {
		return err
	}
	return p.showAd(c, id, staff.AdPage{})
}

func (p Pages) showAd(c *fiber.Ctx, id int64, page staff.AdPage) (err error) {
	if id > 0 {
		if page.Ad, err = p.Store.Desk.EditingAd(c.UserContext(), id); err != nil {
			return err
		}
		page.Place, _ = catalog.PlaceOf(page.Ad.Place)
	} else if err := p.putLast(c, &page); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Ad(v, page) }, "")
}

// putLast proposes for a new advertisement the place behind those that there are.
func (p Pages) putLast(c *fiber.Ctx, page *staff.AdPage) error {
	ads, err := p.Store.Desk.EditingAds(c.UserContext(), page.Place.Key)
	for _, a := range ads {
		page.Ad.Sequence = max(page.Ad.Sequence, a.Sequence+1)
	}
	return err
}

// AddAd makes an advertisement: POST /admin/ads.
func (p Pages) AddAd(c *fiber.Ctx) error {
	typed := form.Typed(c)
	place, known := catalog.PlaceOf(typed.Get("place"))
	if !known {
		place = catalog.Places[0] // the store says what is wrong
	}
	return p.saveAd(c, 0, staff.AdPage{Place: place})
}

// SaveAd keeps an advertisement: POST /admin/ads/{ad}.
func (p Pages) SaveAd(c *fiber.Ctx) error {
	id, err := form.PathID(c, "ad")
	if err != nil {
		return err
	}
	if _, err := p.Store.Desk.EditingAd(c.UserContext(), id); err != nil {
		return err
	}
	return p.saveAd(c, id, staff.AdPage{})
}

func (p Pages) saveAd(c *fiber.Ctx, id int64, page staff.AdPage) error {
	typed, kind := form.Typed(c), media.Logo
	if place, _ := catalog.PlaceOf(typed.Get("place")); place.Wide {
		kind = media.Banner
	}
	err := p.withPicture(c, kind, func(name string) error {
		_, err := p.Store.Desk.SaveAd(c.UserContext(), session.Of(c).UserID(), id, desk.AdInput{
			Version: form.Int(typed.Get("version")), Place: typed.Get("place"), Title: typed.Get("title"), TitleEN: typed.Get("title_en"),
			Text: typed.Get("text"), TextEN: typed.Get("text_en"), Image: name, TargetType: typed.Get("target_type"),
			TargetID: form.IntOr(typed.Get("target_id"), 0),
			Sequence: form.IntOr(typed.Get("sequence"), 0), Shown: typed.Get("shown") == "true",
		})
		return err
	})
	if fault.Refused(err) {
		f := fault.Of(err)
		if f.Fields["place"].Msg != "" {
			f = f.First() // no field of the form, but where it stands
		}
		page.Form = staff.Form{Typed: typed, Fault: f}
		return p.showAd(c, id, page)
	}
	return saved(c, err, "已保存", staff.AdsHref(typed.Get("place")))
}

// DeleteAd takes an advertisement away: POST /admin/ads/{ad}/delete.
func (p Pages) DeleteAd(c *fiber.Ctx) error {
	id, err := form.PathID(c, "ad")
	if err != nil {
		return err
	}
	ad, err := p.Store.Desk.EditingAd(c.UserContext(), id)
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteAd(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showAd(c, id, staff.AdPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "已删除", staff.AdsHref(ad.Place))
}
