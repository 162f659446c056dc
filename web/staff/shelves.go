package staff

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Categories shows the tree of categories: GET /admin/categories.
func (p Pages) Categories(c *fiber.Ctx) error {
	tree, err := p.Store.Desk.EditingCategories(c.UserContext())
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Categories(v, staff.CategoriesPage{Tree: tree}) }, "")
}

// NewCategory asks for a category: GET /admin/categories/new. parent says below which it is to stand.
func (p Pages) NewCategory(c *fiber.Ctx) error {
	var page staff.CategoryPage
	page.Category.ParentID = max(0, form.Int(c.Query("parent")))
	return p.showCategory(c, 0, page)
}

// Category shows the form of a category: GET /admin/categories/{category}.
func (p Pages) Category(c *fiber.Ctx) error {
	id, err := form.PathID(c, "category")
	if err != nil {
		return err
	}
	return p.showCategory(c, id, staff.CategoryPage{})
}

func (p Pages) showCategory(c *fiber.Ctx, id int64, page staff.CategoryPage) (err error) {
	if id > 0 {
		if page.Category, err = p.Store.Desk.EditingCategory(c.UserContext(), id); err != nil {
			return err
		}
	}
	if page.Tree, err = p.Store.Desk.EditingCategories(c.UserContext()); err != nil {
		return err
	}
	if id == 0 { // behind those that there are
		for _, other := range page.Tree {
			if other.ParentID == page.Category.ParentID {
				page.Category.Sequence = max(page.Category.Sequence, other.Sequence+1)
			}
		}
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Category(v, page) }, "")
}

// AddCategory makes a category: POST /admin/categories.
func (p Pages) AddCategory(c *fiber.Ctx) error { return p.saveCategory(c, 0) }

// SaveCategory keeps a category: POST /admin/categories/{category}.
func (p Pages) SaveCategory(c *fiber.Ctx) error {
	id, err := form.PathID(c, "category")
	if err != nil {
		return err
	}
	return p.saveCategory(c, id)
}

func (p Pages) saveCategory(c *fiber.Ctx, id int64) error {
	typed := form.Typed(c)
	err := p.withPicture(c, media.Logo, func(name string) error {
		_, err := p.Store.Desk.SaveCategory(c.UserContext(), session.Of(c).UserID(), id, desk.CategoryInput{
			Version: form.Int(typed.Get("version")), ParentID: form.Int(typed.Get("parent_id")), Name: typed.Get("name"),
			NameEN:   typed.Get("name_en"),
			Sequence: form.IntOr(typed.Get("sequence"), 0), Icon: name,
		})
		return err
	})
	if fault.Refused(err) {
		return p.showCategory(c, id, staff.CategoryPage{Form: staff.Form{Typed: typed, Fault: fault.Of(err)}})
	}
	return saved(c, err, "分类已保存", staff.CategoryHref(0))
}

// DeleteCategory takes an empty category away: POST /admin/categories/{category}/delete.
func (p Pages) DeleteCategory(c *fiber.Ctx) error {
	id, err := form.PathID(c, "category")
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteCategory(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showCategory(c, id, staff.CategoryPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "分类已删除", staff.CategoryHref(0))
}

// saved leads on with a word of how it went, unless it failed.
func saved(c *fiber.Ctx, err error, done, to string) error {
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", done)
	return respond.SeeOther(c, to)
}

// Brands lists brands: GET /admin/brands.
func (p Pages) Brands(c *fiber.Ctx) error {
	page := staff.BrandsPage{Q: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	var err error
	if page.List, err = p.Store.Desk.EditingBrands(c.UserContext(), page.Q, form.Int(c.Query("after"))); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Brands(v, page) }, "")
}

// NewBrand asks for a brand: GET /admin/brands/new.
func (p Pages) NewBrand(c *fiber.Ctx) error { return p.showBrand(c, 0, staff.BrandPage{}) }

// Brand shows the form of a brand: GET /admin/brands/{brand}.
func (p Pages) Brand(c *fiber.Ctx) error {
	id, err := form.PathID(c, "brand")
	if err != nil {
		return err
	}
	return p.showBrand(c, id, staff.BrandPage{})
}

func (p Pages) showBrand(c *fiber.Ctx, id int64, page staff.BrandPage) (err error) {
	if id > 0 {
		if page.Brand, err = p.Store.Desk.EditingBrand(c.UserContext(), id); err != nil {
			return err
		}
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Brand(v, page) }, "")
}

// AddBrand makes a brand: POST /admin/brands.
func (p Pages) AddBrand(c *fiber.Ctx) error { return p.saveBrand(c, 0) }

// SaveBrand keeps a brand: POST /admin/brands/{brand}.
func (p Pages) SaveBrand(c *fiber.Ctx) error {
	id, err := form.PathID(c, "brand")
	if err != nil {
		return err
	}
	return p.saveBrand(c, id)
}

func (p Pages) saveBrand(c *fiber.Ctx, id int64) error {
	typed := form.Typed(c)
	err := p.withPicture(c, media.Logo, func(name string) error {
		_, err := p.Store.Desk.SaveBrand(c.UserContext(), session.Of(c).UserID(), id, desk.BrandInput{
			Version: form.Int(typed.Get("version")), Name: typed.Get("name"), NameEN: typed.Get("name_en"), Letter: typed.Get("letter"),
			Logo: name, Intro: typed.Get("intro"), IntroEN: typed.Get("intro_en"),
		})
		return err
	})
	if fault.Refused(err) {
		return p.showBrand(c, id, staff.BrandPage{Form: staff.Form{Typed: typed, Fault: fault.Of(err)}})
	}
	return saved(c, err, "品牌已保存", staff.BrandHref(0))
}

// DeleteBrand takes a brand without products away: POST /admin/brands/{brand}/delete.
func (p Pages) DeleteBrand(c *fiber.Ctx) error {
	id, err := form.PathID(c, "brand")
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteBrand(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showBrand(c, id, staff.BrandPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "品牌已删除", staff.BrandHref(0))
}

// Groups shows the lines of the category menu: GET /admin/channels.
func (p Pages) Groups(c *fiber.Ctx) error {
	var page staff.GroupsPage
	var err error
	if page.Groups, err = p.Store.Desk.EditingGroups(c.UserContext()); err != nil {
		return err
	}
	if page.Tree, err = p.Store.Desk.EditingCategories(c.UserContext()); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Groups(v, page) }, "")
}

// NewGroup asks for a channel group: GET /admin/channels/new.
func (p Pages) NewGroup(c *fiber.Ctx) error { return p.showGroup(c, 0, staff.GroupPage{}) }

// Group shows the form of a channel group: GET /admin/channels/{group}.
func (p Pages) Group(c *fiber.Ctx) error {
	id, err := form.PathID(c, "group")
	if err != nil {
		return err
	}
	return p.showGroup(c, id, staff.GroupPage{})
}

func (p Pages) showGroup(c *fiber.Ctx, id int64, page staff.GroupPage) (err error) {
	groups, err := p.Store.Desk.EditingGroups(c.UserContext())
	if err != nil {
		return err
	}
	for _, g := range groups {
		switch id {
		case 0: // behind those that there are
			page.Group.Sequence = max(page.Group.Sequence, g.Sequence+1)
		case g.ID:
			page.Group = g
		}
	}
	if id != page.Group.ID {
		return fault.Missing()
	}
	if page.Tree, err = p.Store.Desk.EditingCategories(c.UserContext()); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Group(v, page) }, "")
}

// AddGroup makes a channel group: POST /admin/channels.
func (p Pages) AddGroup(c *fiber.Ctx) error { return p.saveGroup(c, 0) }

// SaveGroup keeps a channel group: POST /admin/channels/{group}.
func (p Pages) SaveGroup(c *fiber.Ctx) error {
	id, err := form.PathID(c, "group")
	if err != nil {
		return err
	}
	return p.saveGroup(c, id)
}

func (p Pages) saveGroup(c *fiber.Ctx, id int64) error {
	typed := form.Typed(c)
	_, err := p.Store.Desk.SaveGroup(c.UserContext(), session.Of(c).UserID(), id, desk.GroupInput{
		Version: form.Int(typed.Get("version")), Name: typed.Get("name"), NameEN: typed.Get("name_en"),
		Sequence: form.IntOr(typed.Get("sequence"), 0), Channels: channels(typed),
	})
	if fault.Refused(err) {
		return p.showGroup(c, id, staff.GroupPage{Form: staff.Form{Typed: typed, Fault: fault.Of(err)}})
	}
	return saved(c, err, "频道组已保存", staff.GroupHref(0))
}

// channels are the categories chosen for a group, in order.
func channels(typed url.Values) (ids []int64) {
	for i := range desk.MaxChannels {
		if text := typed.Get(staff.ChannelField(i)); text != "" {
			ids = append(ids, form.Int(text))
		}
	}
	return ids
}

// DeleteGroup takes a line out of the menu: POST /admin/channels/{group}/delete.
func (p Pages) DeleteGroup(c *fiber.Ctx) error {
	id, err := form.PathID(c, "group")
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteGroup(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showGroup(c, id, staff.GroupPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "频道组已删除", staff.GroupHref(0))
}
