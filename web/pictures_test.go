package web_test

import (
	"strconv"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/media"
	"dashop/web/webtest"
)

// On every page each picture holds its place before it comes, has words or says that it needs none, and comes in the size that
// is shown; and a page is made of one style sheet and two scripts.
func TestPicturesHoldTheirPlace(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	seen := 0
	for _, v := range gallery(t, s) {
		p := v.b.Get(v.path)
		p.Find("img").Each(func(_ int, img *goquery.Selection) {
			seen++
			for _, wrong := range badPicture(img) {
				t.Errorf("%s: %s: %s", v.path, img.AttrOr("src", ""), wrong)
			}
		})
		if css, js := p.Count("link[rel=stylesheet]"), p.Count("script[src]"); css > 1 || js > 2 {
			t.Errorf("%s: %d style sheets, %d scripts", v.path, css, js)
		}
		if preloaded := p.Find("link[rel=preload][as=image]"); preloaded.Length() > 1 || preloaded.Length() == 1 && !isFirst(p, preloaded) {
			t.Errorf("%s: what is preloaded is not what is shown first", v.path)
		}
	}
	if seen < 500 {
		t.Errorf("only %d pictures", seen)
	}
	for _, path := range []string{"/", "/products/1001"} {
		if p := s.Visitor().Get(path); p.Count("link[rel=preload][as=image][fetchpriority=high]") != 1 {
			t.Errorf("%s preloads nothing", path)
		}
	}
}

// badPicture says what is wrong with a picture. Up to a third of the small size, one file is sharp on every screen.
func badPicture(img *goquery.Selection) (wrong []string) {
	width, err := strconv.Atoi(img.AttrOr("width", ""))
	if _, err2 := strconv.Atoi(img.AttrOr("height", "")); err != nil || err2 != nil {
		wrong = append(wrong, "no width or height")
	}
	if _, ok := img.Attr("alt"); !ok {
		wrong = append(wrong, "no alt")
	}
	if img.AttrOr("loading", "") == "lazy" && img.AttrOr("fetchpriority", "") != "" {
		wrong = append(wrong, "urgent and lazy")
	}
	src, set, sizes := img.AttrOr("src", ""), img.AttrOr("srcset", ""), img.AttrOr("sizes", "")
	stored := strings.TrimPrefix(src, "/media/")
	if (set == "") != (sizes == "") {
		wrong = append(wrong, "srcset and sizes belong together")
	}
	small, _ := media.Widths(strings.Replace(stored, "/thumbs/", "/products/", 1))
	if small == 0 {
		return wrong
	}
	if width*3 > small && set == "" {
		wrong = append(wrong, "no srcset, but there are two sizes")
	}
	if width*3 <= small && media.Thumb(stored) != stored {
		wrong = append(wrong, "larger than it is shown")
	}
	return wrong
}

// isFirst says whether a preloaded picture is the page's first urgent one, and offered in the same sizes.
func isFirst(p *webtest.Page, preloaded *goquery.Selection) bool {
	img := p.Find("img[fetchpriority=high]").First()
	return img.AttrOr("src", "?") == preloaded.AttrOr("href", "") && img.AttrOr("srcset", "") == preloaded.AttrOr("imagesrcset", "") &&
		img.AttrOr("sizes", "") == preloaded.AttrOr("imagesizes", "")
}
