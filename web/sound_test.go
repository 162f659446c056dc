package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/web/webtest"
)

// unsound lists what is wrong with a page.
func unsound(p *webtest.Page) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	for selector, want := range map[string]int{"h1": 1, "main": 1, "title": 1, "meta[name=viewport]": 1, "body": 1} {
		if n := p.Count(selector); n != want {
			say("%d × %s", n, selector)
		}
	}
	for selector, what := range map[string]string{
		"[style]": "inline style", "style": "inline style", "script:not([src]):not([type='application/ld+json'])": "inline script",
		"[href^='javascript:']": "script in a link",
		"img:not([alt])":        "picture without alt", "html:not([lang])": "no language", "a:not([href])": "link to nowhere",
		"input[type=image]": "button without words",
		"[tabindex]:not([tabindex='-1']):not([tabindex='0'])": "tab order", "form:not([method]):not([action])": "form to nowhere",
	} {
		p.Find(selector).Each(func(_ int, e *goquery.Selection) { say("%s: %s", what, outline(e)) })
	}
	ids := map[string]int{}
	p.Find("[id]").Each(func(_ int, e *goquery.Selection) { ids[e.AttrOr("id", "")]++ })
	for id, n := range ids {
		if n > 1 || id == "" {
			say("%d × id %q", n, id)
		}
	}
	p.Find("*").Each(func(_ int, e *goquery.Selection) {
		for _, a := range e.Get(0).Attr {
			switch a.Key {
			case "for", "form", "list", "aria-labelledby", "aria-describedby", "aria-controls":
				for _, id := range strings.Fields(a.Val) {
					if ids[id] == 0 {
						say("%s=%q names nothing: %s", a.Key, id, outline(e))
					}
				}
			case "hx-target":
				if id, ok := strings.CutPrefix(a.Val, "#"); ok && ids[id] == 0 {
					say("htmx would swap #%s, which is not there", id)
				}
			case "href":
				if id, ok := strings.CutPrefix(a.Val, "#"); ok && ids[id] == 0 {
					say("a link leads to #%s, which is not there", id)
				}
			}
			if strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
				say("%s on %s", a.Key, outline(e))
			}
		}
	})
	p.Find("input, select, textarea").Each(func(_ int, e *goquery.Selection) {
		if e.AttrOr("type", "") != "hidden" && !labelled(p, e) {
			say("field without a label: %s", outline(e))
		}
	})
	p.Find("a, button, summary").Each(func(_ int, e *goquery.Selection) {
		alt := e.Find("img[alt]").AttrOr("alt", "")
		if strings.TrimSpace(e.Text()+e.AttrOr("aria-label", "")+alt) == "" {
			say("nothing to read on %s", outline(e))
		}
	})
	// A form within a form, or a link within a link, is taken apart by the parser.
	for tag, selector := range map[string]string{"<form": "form", "<a ": "a", "<button": "button"} {
		if written, read := strings.Count(p.Body, tag), p.Count(selector); written != read {
			say("%d × %s are written, %d are read", written, selector, read)
		}
	}
	return wrong
}

// The checks above see what they are there to see.
func TestUnsoundPagesAreSeen(t *testing.T) {
	sound := `<!DOCTYPE html><html lang="en"><head><meta name="viewport" content="x"><title>t</title></head><body><main><h1>h</h1>%s</main></body></html>`
	see := func(part string) []string {
		body := fmt.Sprintf(sound, part)
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		return unsound(&webtest.Page{Document: doc, Body: body})
	}
	if wrong := see(`<form method="post"><label for="a">A</label><input id="a"><label><input type="radio">B</label><button>C</button></form>`); len(wrong) > 0 {
		t.Errorf("a sound page: %v", wrong)
	}
	for _, part := range []string{
		`<h1>again</h1>`, `<p style="color: red">x</p>`, `<style>p {}</style>`, `<script>x()</script>`, `<a href="javascript:x()">x</a>`,
		`<img src="x">`, `<a href="/"></a>`,
		`<p id="a"></p><p id="a"></p>`, `<button onclick="x()">x</button>`, `<input name="x">`, `<label for="a"></label><input id="a">`,
		`<label for="b">B</label>`, `<select></select>`,
		`<div hx-get="/" hx-target="#b"></div>`, `<p aria-describedby="b"></p>`, `<a href="#b">x</a>`, `<button><svg></svg></button>`,
		`<form action="/"><form action="/"></form></form>`,
		`<a href="/"><a href="/">x</a></a>`, `<button form="b">x</button>`,
	} {
		if len(see(part)) == 0 {
			t.Errorf("nothing is seen wrong with %s", part)
		}
	}
}

func labelled(p *webtest.Page, e *goquery.Selection) bool {
	if e.AttrOr("aria-label", "") != "" || e.AttrOr("aria-labelledby", "") != "" {
		return true
	}
	if label := e.Closest("label"); strings.TrimSpace(label.Text()) != "" {
		return true
	}
	id := e.AttrOr("id", "")
	return id != "" && p.Text("label[for='"+id+"']") != ""
}

func outline(e *goquery.Selection) string {
	html, _ := goquery.OuterHtml(e)
	return html[:min(len(html), 160)]
}
