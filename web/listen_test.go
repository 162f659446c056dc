package web_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/web"
	"dashop/web/webtest"
)

// Who sends too much reads that it was too much, even when all of it is sent before anything is read.
func TestTooMuchIsToldNotCut(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	body := bytes.Repeat([]byte("x"), 8<<20)
	for _, path := range []string{"/cart/items", "/payments/alipay/notify"} {
		for range 20 {
			conn, err := net.DialTimeout("tcp", strings.TrimPrefix(s.URL, "http://"), time.Second)
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
			fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n",
				path, strings.TrimPrefix(s.URL, "http://"), len(body))
			if _, err := conn.Write(body); err != nil {
				t.Errorf("%s: cut while sending: %v", path, err)
			}
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Errorf("%s: cut before the answer was read: %v", path, err)
			} else if answer.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("%s: %d", path, answer.StatusCode)
			}
			_ = conn.Close()
		}
	}
}

// ended reads from a connection until it is ended, and says whether that was within the time.
func ended(conn net.Conn, within time.Duration) bool {
	_ = conn.SetReadDeadline(time.Now().Add(within))
	_, err := io.Copy(io.Discard, conn)
	return err == nil || !errors.Is(err, os.ErrDeadlineExceeded)
}

// ask sends a request on a connection and gives the status of the answer.
func ask(t *testing.T, conn net.Conn, path string) int {
	t.Helper()
	_ = conn.SetDeadline(time.Now().Add(5 * time.Second))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n\r\n", path, conn.RemoteAddr())
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Errorf("%s: %v", path, err)
		return 0
	}
	_, _ = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode
}

// Connections that only wait give way to new ones, the longest waiting first: by address, unless it is a proxy's, and in all.
func TestIdleConnectionsShutNobodyOut(t *testing.T) {
	s := webtest.Start(t, webtest.Config{Driver: db.SQLite})
	open := func(limits web.ConnLimits) (dial func(from string) net.Conn) {
		l, err := web.Listen("127.0.0.1:0", limits)
		if err != nil {
			t.Fatal(err)
		}
		app, err := web.New(s.Deps)
		if err != nil {
			t.Fatal(err)
		}
		go func() { _ = app.Listener(l) }()
		t.Cleanup(func() { _ = app.ShutdownWithTimeout(5 * time.Second) })
		return func(from string) net.Conn {
			d := net.Dialer{Timeout: time.Second, LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
			conn, err := d.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = conn.Close() })
			return conn
		}
	}
	t.Run("one address", func(t *testing.T) {
		dial := open(web.ConnLimits{Total: 100, PerAddress: 3})
		first, second := dial("127.0.0.2"), dial("127.0.0.2")
		if ask(t, second, "/healthz") != 200 || ask(t, first, "/healthz") != 200 { // the second waits longest
			t.Error("a connection within the bounds is not answered")
		}
		other := dial("127.0.0.3")
		third, fourth := dial("127.0.0.2"), dial("127.0.0.2")
		if !ended(second, 3*time.Second) {
			t.Error("the connection that waits longest stays")
		}
		for what, conn := range map[string]net.Conn{"first": first, "third": third, "fourth": fourth, "other": other} {
			if ask(t, conn, "/healthz") != 200 {
				t.Errorf("the %s connection is not answered", what)
			}
		}
	})
	t.Run("a proxy", func(t *testing.T) {
		dial := open(web.ConnLimits{Total: 100, PerAddress: 3, Trusted: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}})
		var all []net.Conn
		for range 20 {
			all = append(all, dial("127.0.0.2"))
		}
		for _, conn := range all {
			if ask(t, conn, "/healthz") != 200 {
				t.Fatal("a proxy's connection was ended")
			}
		}
	})
	t.Run("in all", func(t *testing.T) {
		dial := open(web.ConnLimits{Total: 50, PerAddress: 3})
		var all []net.Conn
		for i := range 300 {
			all = append(all, dial(fmt.Sprintf("127.0.1.%d", 1+i%250)))
		}
		if !ended(all[0], 3*time.Second) {
			t.Error("the connection that waits longest stays")
		}
		if ask(t, dial("127.0.0.9"), "/healthz") != 200 || ask(t, all[299], "/healthz") != 200 {
			t.Error("a new connection is not answered while others wait")
		}
	})
}
