package ui

import (
	"net/url"

	"dashop/store/catalog"
)

// Page describes a page to its layout.
type Page struct {
	Title       string // in the reader's language; the window says Title - ShopName
	Description string // for search engines
	Nav         string // where one is: home, categories, cart, mine, or ""
	BarTitle    bool   // on a phone the head shows ← and Title in place of logo and search box
	Back        string // where that ← leads, "" is the home page; without BarTitle it stands in place of the logo alone
	ActionBar   bool   // the page has an .actionbar of its own, so phones get no bottom bar
	Bleed       bool   // children fill the window's width; they use .wrap themselves
	Aside       *Aside // in the quiet head
	Canonical   string // the path under which search engines and others should know the page, or ""
	Image       string // stored path of the picture that stands for the page where others show it, or ""
	Kind        string // what the page is to others, in the words of Open Graph; "" is a website
	Preload     string // stored path of the picture that one sees first, or ""
	Sizes       string // how wide that picture is shown, as Widths takes it
	Data        any    // the page's subject as JSON-LD, or nil
}

// Aside is a question with a link, such as 还没有账号？注册.
type Aside struct {
	Text string
	Link Link
}

// title is what the window is called.
func (p Page) title(v View) string {
	if p.Title == "" {
		return v.ShopName
	}
	return p.Title + " - " + v.ShopName
}

func (p Page) back() string {
	if p.Back == "" {
		return "/"
	}
	return p.Back
}

// groupIcons belong to the lines of the category menu, from the top.
var groupIcons = []string{"smartphone", "sofa", "apple", "shirt", "sparkles", "book-open", "flower-2"}

func groupIcon(i int) string {
	if i < len(groupIcons) {
		return groupIcons[i]
	}
	return "layout-grid"
}

// topCategories are the first categories of the menu's groups, for the head and the foot.
func topCategories(v View, n int) []catalog.Category {
	var out []catalog.Category
	for _, g := range v.Menu {
		if len(g.Categories) > 0 && len(out) < n {
			out = append(out, g.Categories[0].Category)
		}
	}
	return out
}

// ThemeName is what a theme is called; "" follows the device.
func ThemeName(v View, theme string) string {
	switch theme {
	case "light":
		return v.T("浅色")
	case "dark":
		return v.T("深色")
	}
	return v.T("跟随系统")
}

func queryEscape(s string) string { return url.QueryEscape(s) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
