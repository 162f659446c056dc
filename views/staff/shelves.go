package staff

import (
	"net/url"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/media"
	"dashop/views/ui"
)

// CategoriesPage is the tree of categories.
type CategoriesPage struct {
	Tree []desk.EditingCategory
}

// branches are the categories of the first level, each with those below it.
func (p CategoriesPage) branches() (list [][]desk.EditingCategory) {
	for _, c := range p.Tree {
		if c.Level == 1 || len(list) == 0 {
			list = append(list, nil)
		}
		list[len(list)-1] = append(list[len(list)-1], c)
	}
	return list
}

// CategoryPage is the form of one category; without an ID it is a new one.
type CategoryPage struct {
	Form
	Category desk.EditingCategory
	Tree     []desk.EditingCategory
}

// CategoryHref leads to the form of a category; that of none is the list.
func CategoryHref(id int64) string { return hrefOf("/admin/categories", id) }

// BrandHref leads to the form of a brand; that of none is the list.
func BrandHref(id int64) string { return hrefOf("/admin/brands", id) }

// GroupHref leads to the form of a channel group; that of none is the list.
func GroupHref(id int64) string { return hrefOf("/admin/channels", id) }

func hrefOf(list string, id int64) string {
	if id == 0 {
		return list
	}
	return list + "/" + ui.ID(id)
}

// parents are the categories below which this one may stand.
func (p CategoryPage) parents(v ui.View) []ui.Choice {
	if p.Category.Level == 1 {
		return []ui.Choice{{Value: "0", Label: v.T("没有：它是一级分类")}}
	}
	if p.Category.Level > 1 {
		return categoryChoices(v, p.Tree, p.Category.Level-1)
	}
	out := []ui.Choice{{Value: "0", Label: v.T("没有：它是一级分类")}}
	for _, c := range p.Tree {
		if c.Level < desk.Levels {
			names := categoryChoices(v, p.Tree, c.Level)
			for _, n := range names {
				if n.Value == ui.ID(c.ID) {
					out = append(out, n)
				}
			}
		}
	}
	return out
}

func (p CategoryPage) title(v ui.View) string {
	if p.Category.ID == 0 {
		return v.T("新建分类")
	}
	return v.Pick(p.Category.Name, p.Category.NameEN)
}

// BrandsPage is the list of brands.
type BrandsPage struct {
	Q    string
	List desk.BrandList
}

// BrandsHref leads to the list, with a search and from after a brand on.
func BrandsHref(q string, after int64) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	v.Set("after", ui.ID(after))
	return "/admin/brands?" + v.Encode()
}

// BrandPage is the form of one brand; without an ID it is a new one.
type BrandPage struct {
	Form
	Brand desk.EditingBrand
}

func (p BrandPage) title(v ui.View) string {
	if p.Brand.ID == 0 {
		return v.T("新建品牌")
	}
	return v.Pick(p.Brand.Name, p.Brand.NameEN)
}

// GroupsPage are the lines of the category menu.
type GroupsPage struct {
	Groups []desk.EditingGroup
	Tree   []desk.EditingCategory
}

// GroupPage is the form of one channel group; without an ID it is a new one.
type GroupPage struct {
	Form
	Group desk.EditingGroup
	Tree  []desk.EditingCategory
}

func (p GroupPage) title(v ui.View) string {
	if p.Group.ID == 0 {
		return v.T("新建频道组")
	}
	return v.Pick(p.Group.Name, p.Group.NameEN)
}

// channel is the category at a place of the group, "" for none.
func (p GroupPage) channel(i int) string {
	if i < len(p.Group.Channels) {
		return ui.ID(p.Group.Channels[i])
	}
	return ""
}

// ChannelField is the name of the field for the category at a place of a group, from 0.
func ChannelField(i int) string { return "channel_" + ui.ID(i+1) }

// categoryNames are the names of some categories, in their order.
func categoryNames(v ui.View, tree []desk.EditingCategory, ids []int64) (names []string) {
	for _, id := range ids {
		for _, c := range tree {
			if c.ID == id {
				names = append(names, v.Pick(c.Name, c.NameEN))
			}
		}
	}
	return names
}

// AdsPage is what stands in one place.
type AdsPage struct {
	Place catalog.Place
	Ads   []desk.EditingAd
}

// AdsHref leads to what stands in a place.
func AdsHref(place string) string { return "/admin/ads?place=" + url.QueryEscape(place) }

// AdHref leads to the form of an advertisement.
func AdHref(id int64) string { return "/admin/ads/" + ui.ID(id) }

// AdPage is the form of one advertisement; without an ID it is a new one.
type AdPage struct {
	Form
	Ad    desk.EditingAd
	Place catalog.Place
}

func (p AdPage) title(v ui.View) string {
	if p.Ad.ID == 0 {
		return v.T("新建：%s", v.T(p.Place.Name))
	}
	if title := v.Pick(p.Ad.Title, p.Ad.TitleEN); title != "" {
		return title
	}
	return v.T(p.Place.Name)
}

func (a AdsPage) tabs(v ui.View) (tabs []ui.Tab) {
	for _, p := range catalog.Places {
		tabs = append(tabs, ui.Tab{Label: v.T(p.Name), Href: AdsHref(p.Key), Current: p.Key == a.Place.Key})
	}
	return tabs
}

// targetChoices are the sorts of places that an advertisement may lead to.
func targetChoices(v ui.View) []ui.Choice {
	return []ui.Choice{
		{Value: "", Label: v.T("哪里也不去")}, {Value: "spu", Label: v.T("一件商品")}, {Value: "category", Label: v.T("一个分类")},
		{Value: "search", Label: v.T("搜索它的标题")},
	}
}

// adTarget says in words where an advertisement leads.
func adTarget(v ui.View, a desk.EditingAd) string {
	switch a.TargetType {
	case "spu", "category":
		if a.Target == "" {
			return v.T("已经不在了")
		}
		return v.Pick(a.Target, a.TargetEN)
	case "search":
		return v.T("搜索")
	}
	return v.T("哪里也不去")
}

func targetID(a desk.EditingAd) string {
	if a.TargetID == 0 {
		return ""
	}
	return ui.ID(a.TargetID)
}

// AdHrefNew leads to the form of a new advertisement in a place.
func AdHrefNew(place string) string { return "/admin/ads/new?place=" + url.QueryEscape(place) }

const maxMB = media.MaxUpload >> 20

// now is how the picture that is kept is shown.
func now(p catalog.Place) string {
	if p.Wide {
		return "wide"
	}
	return "icon"
}

// nowWidth is about how wide a picture of that shape is shown; the style sheet says it exactly.
func nowWidth(shape string) string {
	if shape == "wide" {
		return "293"
	}
	return "88"
}

// adPicture is the word for an advertisement's picture; a wide one is cut to its shape, so that is said.
func adPicture(v ui.View, p catalog.Place) string {
	if p.Wide {
		return v.T("广告图片，最好是 1600 × 480 像素")
	}
	return v.T("广告图片")
}

// target is the field for the number of what an advertisement leads to, with its name below.
func (p AdPage) target(v ui.View, a desk.EditingAd, label string) ui.Input {
	in := ui.Input{Name: "target_id", Label: label, Value: p.value("target_id", targetID(a)), InputMode: "numeric", MaxLength: 16,
		Wrong: p.wrong(v, "target_id"), Hint: p.hint(v, "target_id", targetID(a))}
	if in.Hint == "" && a.Target != "" {
		in.Hint = v.Pick(a.Target, a.TargetEN)
	}
	return in
}

// letter is the field for the letter of a brand.
func (p BrandPage) letter(v ui.View, kept string) ui.Input {
	in := p.text(v, "letter", v.T("首字母"), kept, 1)
	in.Aside = v.T("选填")
	return in
}
