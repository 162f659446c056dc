package webtest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// clerk is a testing.TB that notes a failure and stops there, so that a test can see the browser refuse.
type clerk struct {
	testing.TB
	said string
}

func (c *clerk) Helper() {}
func (c *clerk) Fatalf(format string, args ...any) {
	c.said = fmt.Sprintf(format, args...)
	panic(c)
}

// shown is a browser at a page with this main part; forms are answered with what was sent.
func shown(t *testing.T, main string) (*Browser, *clerk) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", "form-action 'self' http://pay.example")
		switch r.URL.Path {
		case "/":
			_, _ = fmt.Fprintf(w, "<main>%s</main>", main)
		case "/away":
			http.Redirect(w, r, "http://elsewhere.example/", http.StatusSeeOther)
		case "/part":
			_, _ = fmt.Fprintf(w, `<p id="a">new</p><hx-partial hx-target="#b" hx-swap="innerHTML">%s</hx-partial>`,
				r.Header.Get("HX-Request-Type"))
		default:
			_ = r.ParseForm()
			_, _ = fmt.Fprintf(w, "<p>%s %s %s site=%s</p>", r.Method, r.URL.Path, r.Form.Encode(), r.Header.Get("Sec-Fetch-Site"))
		}
	}))
	t.Cleanup(server.Close)
	c := &clerk{TB: t}
	b := (&Shop{T: c, URL: server.URL, Wire: &http.Transport{}}).Visitor()
	b.Get("/")
	return b, c
}

func TestFormsAreSentAsBrowsersDo(t *testing.T) {
	const form = `<form id="f" method="post" action="/to">
		<input type="hidden" name="h" value="1"><input name="t" value="x"><input name="off" value="1" disabled><input value="nameless">
		<fieldset disabled><input name="deep" value="1"></fieldset>
		<input type="checkbox" name="c" value="yes" checked><input type="checkbox" name="d"><input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>
		<select name="s"><option value="">choose</option><option value="7">seven</option></select><textarea name="a">
two
lines</textarea>
		<button name="b" value="ok">Send</button><button formaction="/buy" formmethod="get" name="b" value="buy">Buy</button><button type="button">Nothing</button>
	</form><input name="far" value="away" form="f"><form action="/other"><button>Other</button></form>`
	for what, want := range map[string]string{
		"Send": "POST /to a=two%0D%0Alines&b=ok&c=yes&far=away&h=1&r=2&s=&t=x site=same-origin",
		"Buy":  "GET /buy a=two%0D%0Alines&b=buy&c=yes&far=away&h=1&r=2&s=&t=x site=same-origin",
	} {
		b, _ := shown(t, form)
		if got := b.Press(what).Text("p"); got != want {
			t.Errorf("%s sends\n%s, want\n%s", what, got, want)
		}
	}
	b, _ := shown(t, form)
	if got := b.Press("Send", "t", "新", "s", "seven", "r", "1", "c", "", "d", "true", "a",
		"z").Text("p"); got != "POST /to a=z&b=ok&d=on&far=away&h=1&r=1&s=7&t=%E6%96%B0 site=same-origin" {
		t.Errorf("filled in it sends %s", got)
	}
	for why, fields := range map[string][]string{
		"no field":           {"nothing", "1"},
		"nobody can change":  {"h", "2"},
		"does not offer":     {"s", "8"},
		`no field "off"`:     {"off", "2"},
		`does not offer "3"`: {"r", "3"},
	} {
		refuses(t, form, why, func(b *Browser) { b.Press("Send", fields...) })
	}
}

func TestBrowserRefusesWhatBrowsersRefuse(t *testing.T) {
	refuses(t, `<form><input name="q" required><button>Go</button></form>`, "q is empty", func(b *Browser) { b.Press("Go") })
	refuses(t, `<form><input name="q" type="number" max="3" value="4"><button>Go</button></form>`, "q=4",
		func(b *Browser) { b.Press("Go") })
	refuses(t, `<form><input name="q" maxlength="2"><button>Go</button></form>`, "takes 2", func(b *Browser) { b.Press("Go", "q", "abc") })
	refuses(t, `<form method="post" action="http://evil.example/"><button>Go</button></form>`, "form-action",
		func(b *Browser) { b.Press("Go") })
	refuses(t, `<form method="post" action="/away"><button>Go</button></form>`, "form-action", func(b *Browser) { b.Press("Go") })
	refuses(t, `<form action="/a"><button>Go</button></form><form action="/b"><button>Go</button></form>`, "more than one form",
		func(b *Browser) { b.Press("Go") })
	refuses(t, `<a href="/a">Go</a><a href="/b">Go</a>`, "has links", func(b *Browser) { b.Click("Go") })
	refuses(t, `<form><button disabled>Go</button></form>`, "no button", func(b *Browser) { b.Press("Go") })
}

// refuses checks that the browser stops and says why.
func refuses(t *testing.T, main, why string, do func(b *Browser)) {
	t.Helper()
	b, c := shown(t, main)
	defer func() {
		t.Helper()
		if p := recover(); p != nil && p != any(c) {
			panic(p)
		}
		if !strings.Contains(c.said, why) {
			t.Errorf("%s: the browser says %q, not %q", main, c.said, why)
		}
	}()
	do(b)
}

func TestHTMXSwapsParts(t *testing.T) {
	b, _ := shown(t, `<p id="a">old</p><p id="b"></p><a href="/plain" hx-get="/part" hx-target="#a" hx-swap="outerHTML" hx-push-url="true">Go</a>`)
	b.HX = true
	b.Click("Go")
	if got := b.Page.Text("#a") + " " + b.Page.Text("#b") + " " + b.Page.At(); got != "new partial /part" || b.Page.Count("#a") != 1 ||
		b.Page.Has("hx-partial") {
		t.Errorf("after the swap: %s", got)
	}
	b.HX = false
	b.Get("/")
	if got := b.Click("Go").Text("p"); !strings.HasPrefix(got, "GET /plain") {
		t.Errorf("without the script: %s", got)
	}
}
