package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// shopper is somebody who is logged in, with the cookies of the browser. One client at a time uses it.
type shopper struct {
	id      int64
	cookies map[string]string
	header  string // the cookies as they are sent
}

const (
	mostShoppers = 256
	demoPassword = "dashop-demo"
	demoShopper  = "xiaoming"
)

func shopperName(i int) string { return fmt.Sprintf("bench_%03d", i) }

// keep keeps the cookies of an answer, as a browser does.
func (s *shopper) keep(r *fasthttp.Response) {
	changed := false
	for _, value := range r.Header.Cookies() {
		c, err := http.ParseSetCookie(string(value))
		if err != nil {
			continue
		}
		if s.cookies == nil {
			s.cookies = map[string]string{}
		}
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(s.cookies, c.Name)
		} else {
			s.cookies[c.Name] = c.Value
		}
		changed = true
	}
	if !changed {
		return
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(s.cookies)) {
		pairs = append(pairs, name+"="+s.cookies[name])
	}
	s.header = strings.Join(pairs, "; ")
}

// send sends a form, or gets a page where there is none, and keeps the cookies. The caller releases the answer.
func (s *shopper) send(client *fasthttp.HostClient, path string, form []byte) (*fasthttp.Response, error) {
	q := browserRequest("http://"+client.Addr+path, true, s.header)
	defer fasthttp.ReleaseRequest(q)
	if form != nil {
		q.Header.SetMethod("POST")
		q.Header.SetContentType("application/x-www-form-urlencoded")
		q.Header.Set("Sec-Fetch-Site", "same-origin")
		q.SetBody(form)
	}
	r := fasthttp.AcquireResponse()
	if err := client.Do(q, r); err != nil {
		fasthttp.ReleaseResponse(r)
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	s.keep(r)
	return r, nil
}

// login logs in by the form. Where many do so at once it waits for its turn.
func (s *shopper) login(at *server, name string) error {
	client := connect(at, 1)
	defer client.CloseIdleConnections()
	for range 20 {
		r, err := s.send(client, "/login", []byte("username="+name+"&password="+demoPassword))
		if err != nil {
			return err
		}
		code := r.StatusCode()
		fasthttp.ReleaseResponse(r)
		switch code {
		case fasthttp.StatusSeeOther:
			return nil
		case fasthttp.StatusServiceUnavailable, fasthttp.StatusTooManyRequests:
			time.Sleep(busyPause)
		default:
			return fmt.Errorf("POST /login: %d", code)
		}
	}
	return errBusy
}

// browserRequest is a request as a browser sends it.
func browserRequest(url string, gzip bool, cookies string) *fasthttp.Request {
	r := fasthttp.AcquireRequest()
	r.SetRequestURI(url)
	r.Header.Set("Accept", "text/html,application/xhtml+xml")
	r.Header.Set("Accept-Language", "zh-CN,zh;q=0.9")
	r.Header.Set("User-Agent", "Mozilla/5.0 (X11; Linux x86_64) dashop-bench")
	if gzip {
		r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	}
	if cookies != "" {
		r.Header.Set("Cookie", cookies)
	}
	return r
}
