package web_test

import (
	"bufio"
	"bytes"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
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
