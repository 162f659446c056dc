package catalog

import "slices"

// Places of advertisements, the key of each in the ads table.
const (
	placeBanner  = "home_banner"
	placeNotice  = "home_notice"
	placeEntry   = "home_quick_entry"
	placeHotWord = "search_hot_word"
)

var chosenSections = []struct{ key, place string }{
	{SectionNew, "home_new_arrival"},
	{SectionPick, "home_editor_pick"},
	{SectionFresh, "home_fresh"},
}

// Place is a place on the shop's pages that the merchant fills.
type Place struct {
	Key     string
	Name    string // in Chinese
	Wide    bool   // its pictures are banners
	Picture bool   // an entry needs a picture
	Product bool   // an entry is a product, which shows itself
	Word    bool   // an entry is a word to search for
	Target  bool   // an entry must lead somewhere
}

// Places are all places that the home page and the head of each page have, in the order of the page.
var Places = []Place{
	{Key: placeHotWord, Name: "热门搜索", Word: true},
	{Key: placeBanner, Name: "首页轮播", Wide: true, Picture: true},
	{Key: placeNotice, Name: "商城快讯"},
	{Key: placeEntry, Name: "快捷入口", Picture: true, Target: true},
	{Key: chosenSections[0].place, Name: "新品首发", Product: true},
	{Key: chosenSections[1].place, Name: "编辑精选", Product: true},
	{Key: chosenSections[2].place, Name: "当季鲜味", Product: true},
}

// PlaceOf is the place with a key.
func PlaceOf(key string) (Place, bool) {
	at := slices.IndexFunc(Places, func(p Place) bool { return p.Key == key })
	if at < 0 {
		return Place{}, false
	}
	return Places[at], true
}
