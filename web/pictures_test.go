package web_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/web/webtest"
)

// publicPages are those that begin with pictures, by what holds their first one; "" is a page that need not have any there.
var publicPages = map[string]string{
	"/": ".banner", "/categories/5": ".pgrid", "/categories/501": ".pgrid", "/search": ".pgrid", "/search?q=%E6%89%8B%E6%9C%BA": ".pgrid", "/products/1001": ".gallery__stage",
	"/products/1163": ".gallery__stage", "/products/1001?sku=100103": ".gallery__stage", "/search?q=nothing+like+it": "", "/products/1001/reviews": "", "/categories": "", "/cart": "", "/login": "", "/terms": "",
}

// Every picture of a public page keeps its place before it arrives, says what it shows, comes in the sizes there are, and
// comes early or late as it is seen early or late. A page has one stylesheet and at most two scripts.
func TestPicturesOfPublicPages(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	s.Exec("UPDATE ads SET image = 'uploads/full/aaaaaaaaaaaaaaaaaaaaaaaaaa-0123456789abcdef0123456789abcdef.webp' WHERE id = (SELECT id FROM (SELECT MIN(id) AS id FROM ads WHERE place = 'home_banner') first)")
	for path, first := range publicPages {
		p := s.Visitor().Get(path)
		for _, wrong := range wrongPictures(p.Find("html"), first) {
			t.Errorf("%s: %s", path, wrong)
		}
	}
}

// wrongPictures is what a page does wrong with its pictures.
func wrongPictures(page *goquery.Selection, first string) (wrong []string) {
	if sheets, scripts := page.Find("link[rel=stylesheet]").Length(), page.Find("script[src]").Length(); sheets != 1 || scripts > 2 {
		wrong = append(wrong, fmt.Sprintf("%d stylesheets, %d scripts", sheets, scripts))
	}
	page.Find("img").Each(func(_ int, e *goquery.Selection) {
		if fault := wrongPicture(e); fault != "" {
			wrong = append(wrong, e.AttrOr("src", "?")+" "+fault)
		}
	})
	early := page.Find("main img:not([loading=lazy])")
	if first == "" {
		return wrong
	}
	opening := page.Find("main " + first + " img").First()
	link := page.Find("link[rel=preload][as=image]")
	if opening.Length() == 0 || opening.AttrOr("loading", "") != "" || opening.AttrOr("fetchpriority", "") != "high" || page.Find("img[fetchpriority]").Length() != 1 {
		wrong = append(wrong, "the first picture does not come first")
	}
	if link.Length() != 1 || link.AttrOr("imagesrcset", "") != opening.AttrOr("srcset", "") || link.AttrOr("imagesizes", "") != opening.AttrOr("sizes", "") ||
		link.AttrOr("href", opening.AttrOr("src", "")) != opening.AttrOr("src", "") {
		wrong = append(wrong, "what is preloaded is not the first picture")
	}
	early.Each(func(_ int, e *goquery.Selection) {
		inFirstRow := e.Closest(".pgrid").Length() > 0 && e.Closest(".pcard").PrevAll().Length() < 4 && first == ".pgrid"
		if !e.IsSelection(opening) && !inFirstRow && !e.HasClass("spec__picture") {
			wrong = append(wrong, e.AttrOr("src", "?")+" is not on the first screen and comes at once")
		}
	})
	if first == ".pgrid" && early.Length() < min(4, page.Find("main .pgrid .pcard").Length()) {
		wrong = append(wrong, "the first row comes late")
	}
	return wrong
}

// wrongPicture is what is wrong with one picture by itself.
func wrongPicture(e *goquery.Selection) string {
	width, errW := strconv.Atoi(e.AttrOr("width", ""))
	height, errH := strconv.Atoi(e.AttrOr("height", ""))
	_, says := e.Attr("alt")
	src := e.AttrOr("src", "")
	twoSizes := strings.Contains(src, "/products/") || strings.Contains(src, "/thumbs/") || strings.Contains(src, "/uploads/full/") || strings.Contains(src, "/uploads/small/")
	switch {
	case errW != nil || errH != nil || width < 1 || height < 1:
		return "has no size"
	case !says:
		return "has no alt"
	case strings.Contains(src, "/full/") && width <= 320, strings.Contains(src, "/media/images/products/") && width <= 320:
		return "is larger than it is shown"
	case twoSizes && width > 120 && (strings.Count(e.AttrOr("srcset", ""), "w, ") != 1 || e.AttrOr("sizes", "") == ""):
		return "comes in one size of two"
	}
	return ""
}

// What the test above looks for is found in pages that have it.
func TestWrongPicturesAreSeen(t *testing.T) {
	const right = `<link rel=stylesheet><link rel=preload as=image imagesrcset="a 320w, b 800w" imagesizes=1px><main><div class=pgrid><article class=pcard><img src=/media/images/thumbs/1.webp srcset="a 320w, b 800w" sizes=1px width=9 height=9 alt="" fetchpriority=high></article></div></main>`
	for old, new := range map[string]string{
		"": "", "width=9": "", "height=9": "", `alt=""`: "", "fetchpriority=high": "loading=lazy", "<main>": "<link rel=stylesheet><main>", "as=image imagesrcset": "as=image data-x",
		"</main>": "<img src=x width=1 height=1 alt=''></main>", `srcset="a 320w, b 800w" sizes=1px width=9`: "width=320", "</article>": "</article><script src=1></script><script src=2></script><script src=3></script>",
	} {
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(strings.Replace(right, old, new, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if wrong := wrongPictures(doc.Find("html"), ".pgrid"); len(wrong) > 0 != (old != "") {
			t.Errorf("%q instead of %q: %v", new, old, wrong)
		}
	}
}
