package storefront_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
)

// The filter of a category is a form whose address says all; each filter that is on has a way to switch it off.
func TestNarrowedCategory(t *testing.T) {
	eachWindow(t, func(w window) {
		path := "/categories/1?brand=1&brand=3&max=2000&min=300&spec=" + url.QueryEscape("颜色:曜石黑") + "&stock=1&sort=price"
		doc := w.page(path)
		if got := values(doc.Find(".pcard__name a"), "href"); !slices.Equal(got, []string{"/products/1005"}) {
			w.t.Errorf("found %v", got)
		}
		form := doc.Find("form#filter")
		if form.AttrOr("action", "") != "/categories/1" || form.AttrOr("method", "") != "get" ||
			form.Find("button[type=submit]").Length() != 1 {
			w.t.Error("the filter is no form that works alone")
		}
		if got := values(form.Find("[name=brand][checked], [name=spec][checked], [name=stock][checked], [name=min], [name=max], [name=sort]"), "value"); !slices.Equal(got, []string{"price", "1", "3", "颜色:曜石黑", "300", "2000", "1"}) {
			w.t.Errorf("the form holds %v", got)
		}
		form.Find("input:not([type=hidden])").Each(func(_ int, in *goquery.Selection) {
			if in.Closest("label").Length() == 0 {
				w.t.Errorf("the field %s has no label", in.AttrOr("name", ""))
			}
		})
		if count := form.Find("label:has([name=brand][value='1']) .filter__count").Text(); count != "2" {
			w.t.Errorf("云梯 counts %q", count)
		}
		chips := doc.Find(".list__chips .chip")
		if chips.Length() != 5 {
			w.t.Fatalf("%d chips", chips.Length())
		}
		chips.Each(func(_ int, chip *goquery.Selection) {
			href := chip.AttrOr("href", "")
			if next := w.page(href); next.Find(".list__chips .chip").Length() != 4 || !strings.Contains(href, "sort=price") {
				w.t.Errorf("%s: %d chips are left", href, next.Find(".list__chips .chip").Length())
			}
		})
		if got := doc.Find(".list__clear").AttrOr("href", ""); got != "/categories/1?sort=price" {
			w.t.Errorf("all are cleared by %s", got)
		}
		// Too narrow: each way out is there, and something to look at.
		doc = w.page("/categories/1?brand=1&min=90000")
		ways := values(doc.Find(".list__ways a"), "href")
		if !slices.Contains(ways, "/categories/1?min=90000") || !slices.Contains(ways, "/categories/1?brand=1") ||
			!slices.Contains(ways, "/categories/1") || doc.Find(".list__popular .pcard").Length() == 0 {
			w.t.Errorf("the ways out are %v", ways)
		}
	})
}

func TestPagesGoOnAfterACursor(t *testing.T) {
	eachWindow(t, func(w window) {
		seen := map[string]bool{}
		path, pages := "/categories/5?sort=sales", 0
		for path != "" && pages < 20 {
			doc := w.page(path)
			for _, href := range values(doc.Find("#list .pcard__name a"), "href") {
				if seen[href] {
					w.t.Errorf("%s again on %s", href, path)
				}
				seen[href] = true
			}
			path, pages = doc.Find(".pager a[aria-label='下一页']").AttrOr("href", ""), pages+1
			if path != "" && !strings.Contains(path, "after=") {
				w.t.Errorf("the next page %s has no cursor", path)
			}
		}
		if len(seen) < 30 || pages < 2 {
			w.t.Errorf("%d products on %d pages", len(seen), pages)
		}
		// A page that only a cursor leads to has no number.
		next, _ := url.Parse(w.page("/categories/5?sort=sales").Find(".pager a[aria-label='下一页']").AttrOr("href", ""))
		q := next.Query()
		q.Del("page")
		doc := w.page("/categories/5?" + q.Encode())
		if doc.Find(".pager").Length() != 0 || doc.Find(".list__after a").First().AttrOr("href", "") != "/categories/5?sort=sales" {
			w.t.Error("a page without a number does not lead back")
		}
		for _, bad := range []string{"/categories/5?after=x", "/search?q=" + url.QueryEscape("茶") + "&after=x",
			"/categories/5?sort=price&after=" + q.Get("after")} {
			if status, _ := w.get(bad); status != http.StatusNotFound {
				w.t.Errorf("%s: %d, want 404", bad, status)
			}
		}
	})
}

func TestSearchResults(t *testing.T) {
	eachWindow(t, func(w window) {
		doc := w.page("/search?q=" + url.QueryEscape("降噪耳机"))
		if got := doc.Find(".pcard__name mark").Text(); got != "降噪耳机" {
			w.t.Errorf("%q is marked", got)
		}
		if doc.Find(".list__near").Length() != 0 || doc.Find(".sorts [aria-current]").Text() == "" {
			w.t.Error("an exact find says that it is near, or has no order")
		}
		if got := doc.Find(".sorts [aria-current]").Text(); !strings.Contains(got, "综合") {
			w.t.Errorf("the order is %q", got)
		}
		doc = w.page("/search?q=" + url.QueryEscape("耳几"))
		if !strings.Contains(doc.Find(".list__near").Text(), "没有完全匹配，以下是相近的结果") || doc.Find(".pcard").Length() == 0 {
			w.t.Error("what only comes close does not say so")
		}
		doc = w.page("/search?q=erji&brand=3")
		if got := values(doc.Find(".pcard__name a"), "href"); !slices.Equal(got, []string{"/products/1005"}) ||
			doc.Find("form#filter [name=q]").AttrOr("value", "") != "erji" {
			w.t.Errorf("narrowed: %v", got)
		}
		doc = w.page("/search/suggest?q=ej")
		if got := doc.Find(".suggest__name mark").First().Text(); got != "耳机" {
			w.t.Errorf("suggestions mark %q", got)
		}
	})
}

// Hostile texts in the query and in every filter change nothing but the list, and never become part of the page.
func TestHostileLists(t *testing.T) {
	hostile := []string{`'`, `"`, `\`, `%`, `_`, `%%%`, `\0`, "\x00", "a\x00b", "\xff\xfe", `' OR 1=1 --`, `'; DROP TABLE spus; --`,
		`UNION SELECT 1,2,3`, `) OR (1=1`, "💥💥💥",
		"\u202eabc", "\u200f耳机", "\r\nX: y", strings.Repeat("长", 64), strings.Repeat("长", 65), strings.Repeat("长", 300),
		strings.Repeat("xian", 16), strings.Repeat("a", 64),
		`"><b id=xss>`, `<script id=xss>alert(1)</script>`, "颜色:", ":黑", ":", "颜色:' OR 1=1", "-1", "1e9", "0x10", "99999999999999999999",
		"１２", "1,5", "1.005", "NaN", "ﷺ", "́", "a-b-c-d-e-f-g", "NULL"}
	eachWindow(t, func(w window) {
		before := w.page("/categories/1").Find(".pcard").Length()
		for _, text := range hostile {
			for _, field := range []string{"q", "brand", "min", "max", "spec", "stock", "sort", "after", "page"} {
				for _, path := range []string{"/search?q=" + url.QueryEscape("手机") + "&", "/search?", "/categories/1?",
					"/search/suggest?"} {
					if field == "q" && strings.Contains(path, "q=") {
						continue
					}
					status, doc := w.get(path + field + "=" + url.QueryEscape(text))
					if status >= 500 || status != 200 && status != 404 && status != 422 {
						w.t.Errorf("%s%s=%.40q: %d", path, field, text, status)
					}
					if doc != nil && doc.Find("#xss").Length() != 0 {
						w.t.Errorf("%s%s=%.40q breaks out", path, field, text)
					}
				}
			}
		}
		if after := w.page("/categories/1").Find(".pcard").Length(); after != before {
			w.t.Errorf("%d products before, %d after", before, after)
		}
		many := "/categories/1?" + strings.Repeat("brand=1&spec=a:b&", 100)
		if status, _ := w.get(many); status != http.StatusOK {
			w.t.Errorf("two hundred filters: %d", status)
		}
	})
}
