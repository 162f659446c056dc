package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// pages are what is measured: a path, and a text that the answer must contain.
var pages = []struct{ name, path, holds string }{
	{"home", "/", `class="pcard__name"`},
	{"category", "/categories/1", `id="list"`},
	{"product", "/products/1001", `id="buy"`},
	{"search", "/search?q=%E8%80%B3%E6%9C%BA", `<mark>`},
}

// cell is one line of the report: a page, requested by a visitor or a user, compressed or not.
type cell struct {
	page, path, who string
	gzip            bool
	cookie          string
	answer          answer

	bare, shop, again figures
}

func (c *cell) name() string {
	return c.page + ", " + c.who + map[bool]string{true: ", gzip", false: ", plain"}[c.gzip]
}

// barePath is the path of the answer on the bare server.
func (c *cell) barePath() string {
	return "/" + strings.NewReplacer(", ", "-", " ", "-").Replace(c.name())
}

// request asks for the page as the person of the cell does.
func (c *cell) request(path string) *fasthttp.Request {
	r := fasthttp.AcquireRequest()
	r.SetRequestURI(path)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Accept-Language", "zh-CN,zh;q=0.9")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) dashop-bench")
	if c.gzip {
		r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	}
	if c.cookie != "" {
		r.Header.Set("Cookie", c.cookie)
	}
	return r
}

func client(s *server, clients int) *fasthttp.HostClient {
	return &fasthttp.HostClient{Addr: s.addr, MaxConns: clients, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second,
		MaxIdemponentCallAttempts: 1}
}

// record logs in, fills a cart, and records the shop's answer for each page. Each page is requested twice before, so that its content
// does not depend on whether it was visited before.
func record(ctx context.Context, shop *server, o options) ([]*cell, error) {
	cookie, err := login(shop)
	if err != nil {
		return nil, err
	}
	var cells []*cell
	for _, zip := range map[string][]bool{"yes": {true}, "no": {false}, "both": {true, false}}[o.gzip] {
		for _, p := range pages {
			for who, cookie := range [2]string{"", cookie} {
				cells = append(cells, &cell{page: p.name, path: p.path, who: [2]string{"stranger", "logged in"}[who], gzip: zip,
					cookie: cookie})
			}
		}
	}
	http := client(shop, 1)
	defer http.CloseIdleConnections()
	for try := range 3 {
		for i, c := range cells {
			r := fasthttp.AcquireResponse()
			if err := http.DoTimeout(c.request("http://"+shop.addr+c.path), r, 10*time.Second); err != nil {
				return nil, fmt.Errorf("%s: %w", c.name(), err)
			}
			body, err := r.BodyUncompressed()
			if holds := pages[i/2%len(pages)].holds; err != nil || r.StatusCode() != 200 || !bytes.Contains(body, []byte(holds)) {
				return nil, fmt.Errorf("%s: %d without %s (%v)", c.name(), r.StatusCode(), holds, err)
			}
			if try == 2 {
				c.answer = answer{headersOf(r), bytes.Clone(r.Body())}
			}
			fasthttp.ReleaseResponse(r)
		}
	}
	return cells, ctx.Err()
}

// login gives the cookies of the demo's shopper, with two things in the cart.
func login(shop *server) (string, error) {
	var cookies []string
	for _, form := range [][2]string{
		{"/login", "username=xiaoming&password=dashop-demo"},
		{"/cart/items", "sku_id=100101&count=2"},
		{"/cart", ""}, // which shows the notice that the last one left
	} {
		r, a := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
		r.SetRequestURI("http://" + shop.addr + form[0])
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Cookie", strings.Join(cookies, "; "))
		if form[1] != "" {
			r.Header.SetMethod("POST")
			r.Header.SetContentType("application/x-www-form-urlencoded")
			r.SetBodyString(form[1])
		}
		if err := fasthttp.DoTimeout(r, a, 10*time.Second); err != nil {
			return "", err
		}
		if code := a.StatusCode(); code != 303 && code != 200 {
			return "", fmt.Errorf("POST %s: %d", form[0], code)
		}
		for _, v := range a.Header.Cookies() {
			pair, _, _ := strings.Cut(string(v), ";")
			cookies = append(cookies, pair)
		}
	}
	return strings.Join(cookies, "; "), nil
}

// turn is the result of one server in one round.
type turn struct {
	requests int
	took     time.Duration
	cpu      time.Duration
	waits    []time.Duration
}

// measure requests a page from a server for the length of a round.
func measure(ctx context.Context, s *server, c *cell, o options) (turn, error) {
	path := c.path
	if s.cmd.Env[0] != "" && strings.HasPrefix(s.cmd.Env[0], asBare) {
		path = c.barePath()
	}
	http := client(s, o.clients)
	defer http.CloseIdleConnections()
	var mu sync.Mutex
	var all turn
	var wrong error
	before, err := s.cpu()
	if err != nil {
		return all, err
	}
	began := time.Now()
	var clients sync.WaitGroup
	for range o.clients {
		clients.Go(func() {
			waits, err := ask(ctx, http, c, "http://"+s.addr+path, began.Add(o.turn))
			mu.Lock()
			defer mu.Unlock()
			all.requests += len(waits)
			all.waits = append(all.waits, waits...)
			if wrong == nil {
				wrong = err
			}
		})
	}
	clients.Wait()
	all.took = time.Since(began)
	after, err := s.cpu()
	all.cpu = after - before
	if wrong == nil {
		wrong = err
	}
	return all, wrong
}

// ask repeats a request until a time, and returns how long each answer took.
func ask(ctx context.Context, http *fasthttp.HostClient, c *cell, url string, until time.Time) (waits []time.Duration, err error) {
	q, r := c.request(url), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(q)
	defer fasthttp.ReleaseResponse(r)
	for from := time.Now(); from.Before(until) && ctx.Err() == nil; {
		if err := http.Do(q, r); err != nil {
			return waits, err
		}
		now := time.Now()
		waits = append(waits, now.Sub(from))
		from = now
		if r.StatusCode() != 200 || !bytes.Equal(r.Body(), c.answer.Body) {
			return waits, fmt.Errorf("a wrong answer: %d, %d bytes in place of %d", r.StatusCode(), len(r.Body()), len(c.answer.Body))
		}
	}
	return waits, ctx.Err()
}
