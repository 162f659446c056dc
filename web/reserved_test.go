package web

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"
)

const notifyPath = "/payments/" + testPay + "/notify"

// vital are the requests that must get through whatever else goes on. The gateway's is refused, by its signature.
var vital = []struct {
	method, path string
	status       int
}{{"GET", "/healthz", 200}, {"GET", "/readyz", 200}, {"POST", notifyPath, 400}}

// hanging adds pages that answer only when the test says so, or ends. entered hears of each request that hangs.
func hanging(t *testing.T, s *testShop) (app *fiber.App, entered chan struct{}, release func()) {
	entered, end := make(chan struct{}), make(chan struct{})
	hang := func(c *fiber.Ctx) error {
		entered <- struct{}{}
		<-end
		return c.SendString("at last")
	}
	routes := append(s.srv.routes(), Route{"GET", "/hang", Anyone, hang}, Route{"POST", "/hang", Anyone.hashing(), hang})
	var ended bool
	release = func() {
		if !ended {
			ended = true
			close(end)
		}
	}
	t.Cleanup(release)
	return s.srv.app(routes), entered, release
}

// However many pages hang, health checks and what gateways post are answered.
func TestHangingPagesKeepOutNeitherHealthNorNotify(t *testing.T) {
	s := one(t, nil)
	app, entered, release := hanging(t, s)
	s.app = app
	crowd := make(chan struct{})
	for method, lane := range map[string]lane{"GET": s.srv.pageLane, "POST": s.srv.loginLane} {
		for range cap(lane) {
			go func() {
				s.browser().do(method, "/hang", url.Values{})
				crowd <- struct{}{}
			}()
			<-entered
		}
	}
	b := s.browser()
	if got := b.get("/cart").StatusCode; got != http.StatusServiceUnavailable {
		t.Fatalf("the lane is not full: a page is answered with %d", got)
	}
	for _, v := range vital {
		if got := b.do(v.method, v.path, url.Values{}); got.StatusCode != v.status {
			t.Errorf("%s %s: %d, want %d", v.method, v.path, got.StatusCode, v.status)
		}
	}
	release()
	for range cap(s.srv.pageLane) + cap(s.srv.loginLane) {
		<-crowd
	}
}

// Where all places are taken by requests at work, a few are left for health checks and what gateways post, and for nothing else.
func TestReservedPlaces(t *testing.T) {
	s := one(t, nil)
	app, entered, release := hanging(t, s)
	app.Server().ReadTimeout = time.Minute // of slow senders, so that a slow machine does not end them before the test has looked
	bound, err := Listen("127.0.0.1:0", ConnLimits{Total: 3, Reserved: 2, PerAddress: 100})
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(bound) }()
	t.Cleanup(func() {
		release()
		_ = app.ShutdownWithTimeout(5 * time.Second)
	})
	dialFrom := func(address, text string) net.Conn {
		t.Helper()
		from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
		conn, err := from.Dial("tcp", bound.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		_ = conn.SetDeadline(time.Now().Add(time.Minute)) // a hang is a failure, not a stop of all tests
		fmt.Fprint(conn, text)
		return conn
	}
	dial := func(text string) net.Conn { t.Helper(); return dialFrom("127.0.0.1", text) }
	// askOn sends a request on a connection, and waits until the shop has ended it.
	askOn := func(conn net.Conn, method, path string) *http.Response {
		t.Helper()
		fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nSec-Fetch-Site: same-origin\r\nContent-Length: 0\r\n\r\n", method,
			path)
		read := bufio.NewReader(conn)
		answer, err := http.ReadResponse(read, nil)
		if err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		_, _ = io.Copy(io.Discard, answer.Body)
		if !answer.Close {
			t.Errorf("%s %s: the connection keeps its place", method, path)
		} else if _, err := io.Copy(io.Discard, read); err != nil {
			t.Errorf("%s %s: %v", method, path, err)
		}
		return answer
	}
	ask := func(method, path string) *http.Response { t.Helper(); return askOn(dial(""), method, path) }

	slow := dial("GET / HTTP/1.1\r\nHo") // is at work with its first byte
	for l, waits := bound.(*listener), true; waits; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		waits = l.open != 1 || l.waiting.Len() > 0
		l.mu.Unlock()
	}
	for range 2 {
		dial("GET /hang HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n")
		<-entered
	}
	for range 2 { // the place is given back
		for _, v := range vital {
			if got := ask(v.method, v.path); got.StatusCode != v.status {
				t.Errorf("%s %s: %d, want %d", v.method, v.path, got.StatusCode, v.status)
			}
		}
	}
	for _, path := range []string{"/", "/static/nothing", "/robots.txt", notifyPath} {
		if got := ask("GET", path); got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") == "" {
			t.Errorf("%s in a reserved place: %d, Retry-After %q", path, got.StatusCode, got.Header.Get("Retry-After"))
		}
	}
	sendSlowly := func(from string) {
		t.Helper()
		conn := dialFrom(from, "POST "+notifyPath+
			" HTTP/1.1\r\nHost: 127.0.0.1:8000\r\nExpect: 100-continue\r\nContent-Length: 100\r\n\r\n")
		if line, err := bufio.NewReader(conn).ReadString('\n'); !strings.Contains(line, "100 Continue") {
			t.Fatalf("the shop does not read the connection from %s: %q, %v", from, line, err)
		}
	}
	sendSlowly("127.0.0.2")
	early := dial("")
	for range 5 {
		sendSlowly("127.0.0.2")
	}
	if got := askOn(early, "GET", "/healthz"); got.StatusCode != http.StatusOK {
		t.Errorf("health on a connection from before another address flooded the reserved places: %d", got.StatusCode)
	}
	sendSlowly("127.0.0.3")
	if got := ask("GET", "/healthz"); got.StatusCode != http.StatusOK {
		t.Errorf("health while others send slowly into all reserved places: %d", got.StatusCode)
	}

	_ = slow.Close() // leaves an ordinary place
	for l, full := bound.(*listener), true; full; time.Sleep(time.Millisecond) {
		l.mu.Lock()
		full = l.open > 2
		l.mu.Unlock()
	}
	conn := dial("GET /robots.txt HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n")
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || answer.StatusCode != http.StatusOK || answer.Close {
		t.Errorf("with an ordinary place again: %v, %v", answer, err)
	} else if text, _ := io.ReadAll(answer.Body); !strings.Contains(string(text), "Disallow") {
		t.Errorf("robots.txt is %q", text)
	}
}

// A node that stops takes no more connections first, and then answers what is at work; to have closed twice is no failure.
func TestShutdownAfterClose(t *testing.T) {
	s := one(t, nil)
	app, entered, release := hanging(t, s)
	l, err := Listen("127.0.0.1:0", DefaultConnLimits(nil))
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = app.Listener(l) }()
	conn, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprint(conn, "GET /hang HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n")
	<-entered
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- app.ShutdownWithTimeout(time.Minute) }()
	release()
	if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the request at work: %v, %v", answer, err)
	}
	if err := <-ended; err != nil {
		t.Errorf("shutdown: %v", err)
	}
}
