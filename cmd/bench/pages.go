package main

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// page is a page, or a kind of pages of which each request asks for another one.
type page struct {
	name   string
	holds  string           // what the answer must contain
	path   func(int) string // of the n-th request
	count  int              // how many paths there are before they repeat; 0 is one path, whose answer is always the same
	once   bool             // none of them may be asked for twice
	member bool             // each client is a shopper who is logged in
	kept   bool             // asked for before each turn, so that it is kept
	gzip   bool
}

// The parts of pages by which a right answer is known.
const (
	holdsCard    = `class="pcard__name"`
	holdsList    = `id="list"`
	holdsProduct = `id="buy"`
	holdsFound   = `<mark>`
)

// The lines that are compared with each other.
const (
	sameProduct    = "product, logged in"
	anotherProduct = "another product, logged in"
)

// keptProducts is how many products a line asks for in turn whose pages are kept.
const keptProducts = 32

// writtenBy is the time within which a shop has written down what somebody has seen.
const writtenBy = 1500 * time.Millisecond

// pageLines are the lines of pages: those that are kept, the same one each time; and those that are not.
func pageLines(ctx context.Context, s *stage) ([]*line, error) {
	pages, err := s.pages()
	if err != nil {
		return nil, err
	}
	// Each client has a shopper for the pages that are always the same, and another one for those that leave traces.
	if err := s.withShoppers(ctx, 2*s.clients); err != nil {
		return nil, err
	}
	lines := make([]*line, len(pages))
	for i, p := range pages {
		lines[i] = &line{name: p.name, per: "request", length: s.turn, pairs: s.pagePairs()}
		lines[i].sides = []*side{s.bareSide(lines[i], p)}
	}
	for _, one := range s.shops {
		if err := fillCarts(one, s.goods.skus[0]); err != nil {
			return nil, fmt.Errorf("%s: fill carts: %w", one.who, err)
		}
		samples, err := record(ctx, one, pages, s.clients)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", one.who, err)
		}
		for i, p := range pages {
			if one == s.shops[0] {
				lines[i].sample = samples[i]
			}
			lines[i].sides = append(lines[i].sides, s.pageSide(one, p, samples[i]))
		}
	}
	for i, p := range pages {
		lines[i].sides = append(lines[i].sides, s.bareSide(lines[i], p))
	}
	return lines, nil
}

// pagePairs compares each shop with bare Fiber, and the shops with each other.
func (s *stage) pagePairs() (pairs []pair) {
	for _, one := range s.shops {
		pairs = append(pairs, pair{one.who, isBare})
	}
	return append(pairs, s.shopPairs()...)
}

// pages are all that are asked for.
func (s *stage) pages() (all []page, err error) {
	zips, ok := map[string][]bool{"yes": {true}, "no": {false}, "both": {true, false}}[s.gzip]
	if !ok {
		return nil, fmt.Errorf("-gzip: %q is none of yes, no, both", s.gzip)
	}
	for _, zip := range zips {
		all = append(all, s.goods.keptPages(zip)...)
	}
	others := s.goods.changingPages()
	if s.skus > 0 { // the demo has too few pages for none to be asked for twice
		others = append(others, s.goods.newPages()...)
	}
	for _, p := range others {
		p.gzip = zips[0]
		all = append(all, p)
	}
	return all, nil
}

// keptPages are the same ones each time.
func (g *goods) keptPages(gzip bool) (all []page) {
	for _, f := range []struct{ name, path, holds string }{
		{"home", "/", holdsCard}, {"category", "/categories/1", holdsList}, {"product", productPath(g.product), holdsProduct},
		{"search", "/search?q=" + url.QueryEscape("耳机"), holdsFound},
	} {
		for _, who := range []string{"stranger", "logged in"} {
			all = append(all, page{name: f.name + ", " + who + map[bool]string{true: ", gzip", false: ", plain"}[gzip], holds: f.holds,
				path: func(int) string { return f.path }, member: who != "stranger", gzip: gzip})
		}
	}
	return all
}

// changingPages have another address each time, and need not be made anew.
func (g *goods) changingPages() []page {
	tracked := page{name: "product ?utm_source=, stranger", holds: holdsProduct, count: math.MaxInt, path: func(n int) string {
		return fmt.Sprintf("%s?utm_source=letter&utm_campaign=%d", productPath(g.product), n)
	}}
	member := tracked
	member.name, member.member = "product ?utm_source=, logged in", true
	return []page{tracked, member, {name: anotherProduct, holds: holdsProduct, path: g.productAt(0), count: min(keptProducts, len(g.products)),
		member: true, kept: true}}
}

// newPages are asked for once each. Strangers and shoppers take their own halves of the products, and none of those that are kept.
func (g *goods) newPages() []page {
	half := (len(g.products) - keptProducts) / 2
	return []page{
		{name: "product not kept, stranger", holds: holdsProduct, path: g.productAt(keptProducts), count: half, once: true},
		{name: "product not kept, logged in", holds: holdsProduct, path: g.productAt(keptProducts + half), count: half, once: true, member: true},
		{name: "category not kept, stranger", holds: holdsList, path: func(n int) string { return g.lists[n] }, count: len(g.lists), once: true},
		{name: "search not kept, stranger", holds: holdsFound, path: func(n int) string { return "/search?q=" + url.QueryEscape(g.searches[n]) },
			count: len(g.searches), once: true},
	}
}

func productPath(id int64) string { return fmt.Sprintf("/products/%d", id) }

// productAt gives the paths of the products from a place on.
func (g *goods) productAt(from int) func(int) string {
	return func(n int) string { return productPath(g.products[from+n]) }
}

// fillCarts puts two pieces into the cart of each shopper, and looks at the cart, so that there is a count to show and no notice.
func fillCarts(one *shop, sku int64) error {
	http := connect(one.server, 1)
	defer http.CloseIdleConnections()
	for _, who := range one.shoppers {
		added, err := who.send(http, "/cart/items", fmt.Appendf(nil, "sku_id=%d&count=2", sku))
		if err != nil {
			return err
		}
		err = expect(added, "POST /cart/items", fasthttp.StatusSeeOther)
		fasthttp.ReleaseResponse(added)
		if err != nil {
			return err
		}
		r, err := who.send(http, "/cart", nil)
		if err != nil {
			return err
		}
		fasthttp.ReleaseResponse(r)
	}
	return nil
}

// bareSide is what the bare server does for a line: it returns the line's sample.
func (s *stage) bareSide(l *line, p page) *side {
	return &side{who: isBare, server: func() *server { return s.bare }, work: func(ctx context.Context, length time.Duration) (load, error) {
		return closedLoop(ctx, s.bare, s.clients, length, sameEachTime(barePath(l.name), p.gzip, nil, l.sample.Body))
	}}
}

// pageSide is what a shop does for a line of pages.
func (s *stage) pageSide(one *shop, p page, sample answer) *side {
	people := p.people(one, s.clients)
	do := sameEachTime(p.path(0), p.gzip, people, sample.Body)
	if p.count > 0 {
		do = p.anotherEachTime(people)
	}
	work := &side{who: one.who, server: func() *server { return one.server },
		work: func(ctx context.Context, length time.Duration) (load, error) {
			return closedLoop(ctx, one.server, s.clients, length, do)
		}}
	if p.kept {
		work.prepare = func(context.Context) error { return p.askAll(one.server, people[0]) }
	}
	return work
}

// people are who asks for a page: a shopper for each client, or nobody.
func (p page) people(one *shop, clients int) []*shopper {
	switch {
	case !p.member:
		return nil
	case p.count == 0:
		return one.shoppers[:clients]
	}
	return one.shoppers[clients : 2*clients]
}

// record asks everybody for every page and returns the last answers. It does so three times, since what a page shows may depend on what
// was seen before, and waits in between, since that may be written down a moment later. A page that may be asked for once is.
func record(ctx context.Context, one *shop, pages []page, clients int) ([]answer, error) {
	http := connect(one.server, 1)
	defer http.CloseIdleConnections()
	samples := make([]answer, len(pages))
	for try := range 3 {
		if try == 2 {
			time.Sleep(writtenBy)
		}
		for i, p := range pages {
			people := p.people(one, clients)
			switch {
			case p.once && try > 0:
				continue
			case people == nil:
				people = []*shopper{nil}
			case p.count > 0:
				people = people[:1]
			}
			for _, who := range people {
				r, err := p.get(http, p.path(0), who)
				if err != nil {
					return nil, fmt.Errorf("%s: %w", p.name, err)
				}
				samples[i] = answer{headersOf(r), bytes.Clone(r.Body())}
				fasthttp.ReleaseResponse(r)
			}
		}
	}
	return samples, ctx.Err()
}

// get gets one page and checks what it holds. The caller releases the answer.
func (p page) get(http *fasthttp.HostClient, path string, who *shopper) (*fasthttp.Response, error) {
	cookies := ""
	if who != nil {
		cookies = who.header
	}
	q, r := browserRequest("http://"+http.Addr+path, p.gzip, cookies), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(q)
	err := http.Do(q, r)
	if err == nil && r.StatusCode() == fasthttp.StatusServiceUnavailable {
		err = errBusy
	}
	if err == nil {
		body, unzip := r.BodyUncompressed()
		if unzip != nil || r.StatusCode() != fasthttp.StatusOK || !bytes.Contains(body, []byte(p.holds)) {
			err = fmt.Errorf("a wrong answer: %s: %d, %d bytes without %s (%v)", path, r.StatusCode(), len(body), p.holds, unzip)
		}
	}
	if err != nil {
		fasthttp.ReleaseResponse(r)
		return nil, err
	}
	return r, nil
}

// anotherEachTime asks for the next of many pages.
func (p page) anotherEachTime(people []*shopper) step {
	var next atomic.Int64 // the sample was the first
	return func(_ context.Context, http *fasthttp.HostClient, client int) error {
		n := int(next.Add(1))
		if p.once && n >= p.count {
			return fmt.Errorf("all %d pages have been asked for: make a larger shop, or a shorter run", p.count)
		}
		var who *shopper
		if len(people) > 0 {
			who = people[client]
		}
		r, err := p.get(http, p.path(n%p.count), who)
		if err == nil {
			fasthttp.ReleaseResponse(r)
		}
		return err
	}
}

// askAll asks for all pages twice, so that those are kept which are kept at their second asking.
func (p page) askAll(s *server, who *shopper) error {
	http := connect(s, 1)
	defer http.CloseIdleConnections()
	for range 2 {
		for n := range p.count {
			r, err := p.get(http, p.path(n), who)
			if err != nil {
				return err
			}
			fasthttp.ReleaseResponse(r)
		}
	}
	return nil
}

// sameEachTime asks for one page, whose answer must be the same to the last byte, compressed in one way or another.
func sameEachTime(path string, gzip bool, people []*shopper, want []byte) step {
	return func(_ context.Context, http *fasthttp.HostClient, client int) error {
		cookies := ""
		if len(people) > 0 {
			cookies = people[client].header
		}
		q, r := browserRequest("http://"+http.Addr+path, gzip, cookies), fasthttp.AcquireResponse()
		defer fasthttp.ReleaseRequest(q)
		defer fasthttp.ReleaseResponse(r)
		if err := http.Do(q, r); err != nil {
			return err
		}
		if r.StatusCode() != fasthttp.StatusOK || !bytes.Equal(r.Body(), want) && !sayTheSame(r, want, gzip) {
			return fmt.Errorf("a wrong answer: %d, %d bytes in place of %d", r.StatusCode(), len(r.Body()), len(want))
		}
		return nil
	}
}

// sayTheSame says whether an answer and one that was recorded are the same page: one that is not kept is compressed otherwise.
func sayTheSame(r *fasthttp.Response, recorded []byte, zipped bool) bool {
	if !zipped {
		return false
	}
	got, err1 := r.BodyUncompressed()
	want, err2 := fasthttp.AppendGunzipBytes(nil, recorded)
	return err1 == nil && err2 == nil && bytes.Equal(got, want)
}
