package webtest

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Change fills in a field that htmx watches, such as a list of provinces, and lets htmx send what it sends then.
func (b *Browser) Change(name, value string) *Page {
	b.Shop.T.Helper()
	field := b.Page.Find("[name='" + name + "'][hx-get], [name='" + name + "'][hx-post]")
	if field.Length() == 0 {
		b.Shop.T.Fatalf("%s: htmx watches no field %q", b.Page.At(), name)
	}
	form := b.formOf(field.First())
	b.fill(form, name, value)
	if field.Length() > 1 { // radio buttons
		field = field.Filter("[checked]")
	}
	if has(field, "hx-post") {
		return b.htmx(field, b.entries(form, nil))
	}
	return b.htmx(field, url.Values{name: {valueOf(field)}}) // a GET sends the field alone
}

// Poll asks once what an element that polls asks again and again.
func (b *Browser) Poll() *Page {
	b.Shop.T.Helper()
	e := b.Page.Find("[hx-trigger^=every]")
	if e.Length() != 1 {
		b.Shop.T.Fatalf("%s has %d elements that poll", b.Page.At(), e.Length())
	}
	return b.htmx(e, nil)
}

// htmx sends what an element's hx- attributes say and puts the answer into the page. It gives the answer, or the page to
// which the answer led.
func (b *Browser) htmx(e *goquery.Selection, values url.Values) *Page {
	b.Shop.T.Helper()
	method, href := http.MethodPost, e.AttrOr("hx-post", "")
	if href == "" {
		method, href = http.MethodGet, e.AttrOr("hx-get", "")
	}
	to, err := b.Page.URL.Parse(href)
	must(b.Shop.T, err)
	r := request{method: method, to: to, from: b.Page.URL, header: http.Header{
		"Hx-Request": {"true"}, "Hx-Request-Type": {"partial"}, "Hx-Current-Url": {b.Page.URL.String()}, "Hx-Source": {goquery.NodeName(e)},
		"Accept": {"text/html"}, "Sec-Fetch-Mode": {"cors"}, "Sec-Fetch-Dest": {"empty"},
	}}
	if method == http.MethodPost {
		r.form = values
	} else if values != nil {
		to.RawQuery = values.Encode()
	}
	p := b.follow(r)
	if on := p.Header.Get("HX-Redirect"); on != "" {
		b.Get(on)
		b.Page.Via = append(p.Via, Hop{p.Status, on})
		return b.Page
	}
	if strings.Contains(p.Body, "<html") {
		b.Shop.T.Fatalf("htmx asked %s for a part and got a whole page", p.At())
	}
	if p.Status != http.StatusNoContent {
		b.swap(e, p)
	}
	if has(e, "hx-push-url") {
		b.Page.URL = p.URL
	}
	return p
}

// swap puts an answer where it belongs: what stands in hx-partial elements has targets of its own.
func (b *Browser) swap(e *goquery.Selection, p *Page) {
	b.Shop.T.Helper()
	body := p.Find("body")
	body.Find("hx-partial").Each(func(_ int, part *goquery.Selection) {
		inner, _ := part.Html()
		b.put(part.AttrOr("hx-target", ""), part.AttrOr("hx-swap", "outerHTML"), inner)
		part.Remove()
	})
	how, target := e.AttrOr("hx-swap", "innerHTML"), e.AttrOr("hx-target", "")
	if to := p.Header.Get("HX-Retarget"); to != "" {
		target, how = to, p.Header.Get("HX-Reswap")
	}
	if how == "none" {
		return
	}
	inner, _ := body.Html()
	b.put(target, how, inner)
}

func (b *Browser) put(target, how, html string) {
	b.Shop.T.Helper()
	into := b.Page.Find(target)
	if into.Length() == 0 {
		if target == ".cart-count" || target == "#toasts" {
			return // pages of the quiet kind have none
		}
		b.Shop.T.Fatalf("%s has no %q for htmx to swap", b.Page.At(), target)
	}
	if how == "outerHTML" || how == "outerMorph" {
		into.ReplaceWithHtml(html)
	} else {
		into.SetHtml(html)
	}
}
