package webtest

import (
	"bytes"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// Browser shows one page at a time and keeps cookies, as a browser does. Without HX it is one whose JavaScript is switched
// off. It heeds the form-action policy of the page whose form it sends. It is for one goroutine at a time.
type Browser struct {
	Shop   *Shop
	Page   *Page       // the one it shows; nil at first
	HX     bool        // links and forms with hx- attributes are sent as htmx does, and only parts of the page change
	Header http.Header // sent with every request, on top of the browser's own
	jar    *cookiejar.Jar
}

// Visitor opens a browser that has never been here.
func (s *Shop) Visitor() *Browser {
	s.T.Helper()
	jar, err := cookiejar.New(nil)
	must(s.T, err)
	return &Browser{Shop: s, Header: http.Header{}, jar: jar}
}

// Hop is a redirect on the way to a page.
type Hop struct {
	Status   int
	Location string
}

// Page is an answer. Its parts may be asked for even if it is no HTML; then they are empty.
type Page struct {
	*goquery.Document
	Status int
	URL    *url.URL
	Header http.Header
	Body   string
	Via    []Hop
}

// Get goes to an address of the shop, or to a full one, as if it were typed.
func (b *Browser) Get(path string) *Page {
	b.Shop.T.Helper()
	return b.goTo(request{method: http.MethodGet, to: b.address(path)})
}

// Post sends a form that stands on no page, as somebody would who plays with the shop's forms.
func (b *Browser) Post(path string, form url.Values) *Page {
	b.Shop.T.Helper()
	return b.goTo(request{method: http.MethodPost, to: b.address(path), form: form, from: b.address("/")})
}

// Send makes one request and follows nothing; the browser goes on showing what it shows. form is nil for a GET. It may be
// called by many goroutines.
func (b *Browser) Send(method, path string, form url.Values, header ...string) (*Page, error) {
	r := request{method: method, to: b.address(path), form: form, from: b.address("/"), header: http.Header{}}
	for i := 0; i+1 < len(header); i += 2 {
		r.header.Set(header[i], header[i+1])
	}
	return b.roundTrip(r)
}

// Cookie is the value of one of the shop's cookies, or "".
func (b *Browser) Cookie(name string) string {
	for _, c := range b.jar.Cookies(b.address("/")) {
		if c.Name == name {
			return c.Value
		}
	}
	return ""
}

func (b *Browser) setCookies(cookies []*http.Cookie) { b.jar.SetCookies(b.address("/"), cookies) }

func (b *Browser) address(path string) *url.URL {
	base, _ := url.Parse(b.Shop.URL)
	u, err := base.Parse(path)
	if err != nil {
		return base
	}
	return u
}

// request is one request of a browser. from is the page it comes from, nil for an address that was typed.
type request struct {
	method string
	to     *url.URL
	form   url.Values
	from   *url.URL
	header http.Header
	policy []string // the sources that form-action allows, of the page whose form is sent
	site   string   // Sec-Fetch-Site of the hops before
}

// goTo makes a request, follows redirects, and shows where they end.
func (b *Browser) goTo(r request) *Page {
	b.Shop.T.Helper()
	p := b.follow(r)
	b.Page = p
	return p
}

func (b *Browser) follow(r request) *Page {
	b.Shop.T.Helper()
	var via []Hop
	for range 10 {
		if r.policy != nil && !allowed(r.policy, r.from, r.to) {
			b.Shop.T.Fatalf("the browser stops the form on %s from leading to %s: form-action allows only %v", r.from, r.to, r.policy)
		}
		p, err := b.roundTrip(r)
		must(b.Shop.T, err)
		p.Via = via
		to := p.Header.Get("Location")
		if p.Status < 300 || p.Status > 399 || to == "" {
			return p
		}
		via = append(via, Hop{p.Status, to})
		r.site = site(r)
		if r.to, err = r.to.Parse(to); err != nil {
			b.Shop.T.Fatalf("redirect to %q: %v", to, err)
		}
		if p.Status < 307 {
			r.method, r.form = http.MethodGet, nil
		}
	}
	b.Shop.T.Fatalf("too many redirects: %v", via)
	return nil
}

// roundTrip makes one request.
func (b *Browser) roundTrip(r request) (*Page, error) {
	var body io.Reader
	if r.form != nil {
		body = strings.NewReader(r.form.Encode())
	}
	req, err := http.NewRequest(r.method, r.to.String(), body)
	if err != nil {
		return nil, err
	}
	h := req.Header
	h.Set("Accept", "text/html,application/xhtml+xml")
	h.Set("Accept-Language", "zh-CN,zh;q=0.9")
	h.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) webtest")
	h.Set("Sec-Fetch-Site", site(r))
	h.Set("Sec-Fetch-Mode", "navigate")
	h.Set("Sec-Fetch-Dest", "document")
	if r.form != nil {
		h.Set("Content-Type", "application/x-www-form-urlencoded")
		h.Set("Origin", origin(r.from))
	}
	if r.from != nil {
		h.Set("Referer", referrer(r.from, r.to))
	}
	for _, more := range []http.Header{b.Header, r.header} {
		for name, values := range more {
			h[name] = slices.Clone(values)
			if len(values) == 1 && values[0] == "" {
				h.Del(name)
			}
		}
	}
	client := http.Client{Transport: b.Shop.Wire, Jar: b.jar, CheckRedirect: func(*http.Request,
		[]*http.Request) error {
		return http.ErrUseLastResponse
	}}
	answer, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, err
	}
	doc, err := goquery.NewDocumentFromReader(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return &Page{Document: doc, Status: answer.StatusCode, URL: r.to, Header: answer.Header, Body: string(text)}, nil
}

// site is the request's Sec-Fetch-Site: once a redirect chain has left the site, it stays abroad.
func site(r request) string {
	switch {
	case r.from == nil:
		return "none"
	case r.site != "" && r.site != "same-origin":
		return r.site
	case origin(r.from) == origin(r.to):
		return "same-origin"
	case r.from.Hostname() == r.to.Hostname():
		return "same-site"
	}
	return "cross-site"
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// referrer is what the policy strict-origin-when-cross-origin tells.
func referrer(from, to *url.URL) string {
	if origin(from) != origin(to) {
		return origin(from) + "/"
	}
	here := *from
	here.Fragment = ""
	return here.String()
}

// formPolicy is the list of sources to which a page's forms may lead; nil is anywhere.
func (p *Page) formPolicy() []string {
	for _, rule := range strings.Split(p.Header.Get("Content-Security-Policy"), ";") {
		if words := strings.Fields(rule); len(words) > 0 && words[0] == "form-action" {
			return words[1:]
		}
	}
	return nil
}

func allowed(policy []string, from, to *url.URL) bool {
	for _, source := range policy {
		if source == "'self'" && origin(from) == origin(to) || source == origin(to) {
			return true
		}
		if domain, ok := strings.CutPrefix(source, to.Scheme+"://*."); ok && strings.HasSuffix(to.Host, "."+domain) {
			return true
		}
	}
	return false
}
