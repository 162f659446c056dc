package web

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

// serve runs an app with these routes on a listener of the shop's, and gives its address.
func (s *testShop) serve(routes ...Route) (addr string) {
	s.t.Helper()
	l, err := Listen("127.0.0.1:0", DefaultConnLimits(nil))
	if err != nil {
		s.t.Fatal(err)
	}
	app := s.srv.app(routes)
	go func() { _ = app.Listener(l) }()
	s.t.Cleanup(func() { _ = app.ShutdownWithTimeout(5 * time.Second) })
	return l.Addr().String()
}

// 256 pages are made at once, and no more: the next visitors are sent away with a Retry-After, long before the server itself
// would refuse them without one. Health answers meanwhile.
func TestThePagesLaneHasItsSize(t *testing.T) {
	const places, visitors = 256, 276
	s := one(t, nil)
	inside, finish := make(chan struct{}, visitors), make(chan struct{})
	s.app = s.srv.app([]Route{{"GET", "/hold", Public, func(c *fiber.Ctx) error {
		inside <- struct{}{}
		<-finish
		return c.SendString("done")
	}}})
	var answers sync.WaitGroup
	refused, served := make(chan string, visitors), make(chan int, visitors)
	for range visitors {
		answers.Go(func() {
			res, err := s.app.Test(httptest.NewRequest(http.MethodGet, "/hold", nil), -1)
			switch {
			case err != nil:
				refused <- err.Error()
			case res.StatusCode == http.StatusServiceUnavailable:
				refused <- res.Header.Get("Retry-After")
			default:
				served <- res.StatusCode
			}
		})
	}
	var retry []string
	for n := 0; n < visitors; n++ { // each is either at work or sent away
		select {
		case <-inside:
		case after := <-refused:
			retry = append(retry, after)
		}
	}
	if len(retry) != visitors-places {
		t.Errorf("%d of %d are sent away while the others are served, want %d", len(retry), visitors, visitors-places)
	}
	for _, after := range retry {
		if after == "" || strings.Trim(after, "0123456789") != "" {
			t.Fatalf("sent away with Retry-After %q", after)
		}
	}
	if res := s.browser().get("/healthz"); res.StatusCode != http.StatusOK {
		t.Errorf("health meanwhile: %d", res.StatusCode)
	}
	close(finish)
	answers.Wait()
	close(served)
	for status := range served {
		if status != http.StatusOK {
			t.Errorf("one of those inside: %d", status)
		}
	}
}

// A client that sends its request slowly, or stops in the middle of it, is let go: in the head, in the body, and byte by byte.
func TestSlowClientsAreLetGo(t *testing.T) {
	t.Parallel() // it waits for the server's time limit
	s := one(t, nil)
	addr := s.serve(Route{"POST", "/form", Public, func(c *fiber.Ctx) error { return c.SendString(c.FormValue("a")) }})
	head := "POST /form HTTP/1.1\r\nHost: " + addr + "\r\nContent-Type: application/x-www-form-urlencoded\r\n"
	var clients sync.WaitGroup
	defer clients.Wait()
	for what, c := range map[string]struct{ sent, trickle string }{
		"nothing":           {"", ""},
		"half a head":       {head, ""},
		"half a body":       {head + "Content-Length: 100\r\n\r\na=1", ""},
		"a head in trickle": {head + "X-More: ", "x"},
		"a body in trickle": {head + "Content-Length: 1000\r\n\r\na=", "x"},
	} {
		clients.Go(func() {
			conn, err := net.Dial("tcp", addr)
			if err != nil {
				t.Error(err)
				return
			}
			defer conn.Close()
			// Only a guard against waiting for ever; a server without time limits would wait longer than this.
			_ = conn.SetDeadline(time.Now().Add(40 * time.Second))
			_, _ = io.WriteString(conn, c.sent)
			stop := make(chan struct{})
			defer close(stop)
			go func() {
				tick := time.NewTicker(250 * time.Millisecond)
				defer tick.Stop()
				for c.trickle != "" {
					select {
					case <-tick.C:
						_, _ = io.WriteString(conn, c.trickle)
					case <-stop:
						return
					}
				}
			}()
			if _, err := io.Copy(io.Discard, conn); os.IsTimeout(err) {
				t.Errorf("a client that sends %s is waited for without end", what)
			}
		})
	}
}

// A text that a handler took from a request stays what it was when later requests use the same memory.
func TestTextsOutliveTheirRequest(t *testing.T) {
	s := one(t, nil)
	var kept [][]string
	addr := s.serve(Route{"POST", "/keep/:name", Public, func(c *fiber.Ctx) error {
		kept = append(kept, []string{c.Params("name"), c.Path(), c.OriginalURL(), c.Query("q"), c.FormValue("field"), c.Get("X-Text"),
			c.Cookies("text"), c.Hostname()})
		return c.SendString("kept")
	}})
	client := http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}} // one connection, whose memory is used again and again
	defer client.CloseIdleConnections()
	letters := []string{"a", "b", "c", "d", "e"}
	for _, letter := range letters {
		text := strings.Repeat(letter, 40)
		r, err := http.NewRequest(http.MethodPost, "http://"+addr+"/keep/"+text+"?q="+text,
			strings.NewReader(url.Values{"field": {text}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = text + ".example"
		r.Header = http.Header{"Content-Type": {fiber.MIMEApplicationForm}, "Sec-Fetch-Site": {"same-origin"}, "X-Text": {text},
			"Cookie": {"text=" + text}}
		res, err := client.Do(r)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
	}
	for i, letter := range letters {
		text := strings.Repeat(letter, 40)
		want := []string{text, "/keep/" + text, "/keep/" + text + "?q=" + text, text, text, text, text, text + ".example"}
		if got := kept[i]; !slices.Equal(got, want) {
			t.Errorf("what request %d was kept of has become\n%s, want\n%s", i+1, got, want)
		}
	}
}
