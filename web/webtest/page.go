package webtest

import (
	"strconv"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Text is the text of the elements of a selector, with single blanks.
func (p *Page) Text(selector string) string { return words(p.Find(selector)) }

// Has says whether there is an element of a selector.
func (p *Page) Has(selector string) bool { return p.Find(selector).Length() > 0 }

// Count is how many elements of a selector there are.
func (p *Page) Count(selector string) int { return p.Find(selector).Length() }

// Attr is an attribute of the first element of a selector, or "".
func (p *Page) Attr(selector, name string) string { return p.Find(selector).First().AttrOr(name, "") }

// Fen is the amount that the first element of a selector shows, or -1.
func (p *Page) Fen(selector string) int64 {
	n, err := strconv.ParseInt(p.Attr(selector, "data-fen"), 10, 64)
	if err != nil {
		return -1
	}
	return n
}

// Code is the code of the page's first alert that has one, or 0.
func (p *Page) Code() int {
	n, _ := strconv.Atoi(p.Attr("[role=alert][data-code]", "data-code"))
	return n
}

// Alert is what the page's alerts say.
func (p *Page) Alert() string { return p.Text("[role=alert]") }

// At is the address of the page, without the host.
func (p *Page) At() string { return p.URL.RequestURI() }

func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// called finds elements of a kind by what a person calls them: their whole text or label, else a part of the text; or by a
// selector, if nothing is called so.
func (b *Browser) called(kind, what string) *goquery.Selection {
	all := b.Page.Find(kind)
	for _, fits := range []func(e *goquery.Selection) bool{
		func(e *goquery.Selection) bool { return words(e) == what || e.AttrOr("aria-label", "") == what },
		func(e *goquery.Selection) bool { return what != "" && strings.Contains(words(e), what) },
	} {
		found := all.FilterFunction(func(_ int, e *goquery.Selection) bool { return fits(e) })
		if found.Length() > 0 {
			return found
		}
	}
	return all.Filter(what)
}

// Click follows a link, called by its text, its label or a selector. Links that lead to different places may not share the name.
func (b *Browser) Click(what string) *Page {
	b.Shop.T.Helper()
	links := b.called("a[href]", what)
	if links.Length() == 0 {
		b.Shop.T.Fatalf("%s (%d) has no link %q", b.Page.At(), b.Page.Status, what)
	}
	link := links.First()
	href := link.AttrOr("href", "")
	links.Each(func(_ int, l *goquery.Selection) {
		if l.AttrOr("href", "") != href {
			b.Shop.T.Fatalf("%s has links %q to %s and to %s", b.Page.At(), what, href, l.AttrOr("href", ""))
		}
	})
	if b.HX && link.AttrOr("hx-get", "") != "" {
		return b.htmx(link, nil)
	}
	to, err := b.Page.URL.Parse(href)
	must(b.Shop.T, err)
	return b.goTo(request{method: "GET", to: to, from: b.Page.URL})
}
