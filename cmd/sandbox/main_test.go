package main

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// screen is a buffer that a goroutine writes while the test reads.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

func TestRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	ctx, stop := context.WithCancel(t.Context())
	var out screen
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"-addr", "127.0.0.1:0", "-keys", dir}, &out, io.Discard) }()
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+`)
	for range 1000 {
		if address.MatchString(out.String()) {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	for _, page := range []string{"/", "/phone"} {
		resp, err := http.Get(address.FindString(out.String()) + page)
		if err != nil {
			t.Fatalf("%s: %v", out.String(), err)
		}
		resp.Body.Close()
		if resp.StatusCode != 200 {
			t.Errorf("%s: %d", page, resp.StatusCode)
		}
	}
	if !strings.Contains(out.String(), "/phone") {
		t.Errorf("nobody learns where messages arrive: %s", out.String())
	}
	for _, name := range []string{"app-private.pem", "alipay-public.pem", "wx-merchant-private.pem", "wx-platform-public.pem",
		"sandbox.ini"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	stop()
	if err := <-ended; err != nil {
		t.Errorf("stopped: %v", err)
	}
}

func TestRunRefuses(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	for _, c := range []struct {
		want string
		args []string
	}{
		{"loopback", []string{"-addr", "0.0.0.0:0", "-keys", dir}},
		{"loopback", []string{"-addr", ":8001", "-keys", dir}},
		{"-keys", []string{"-addr", "127.0.0.1:0"}},
		{"-speed", []string{"-speed", "0", "-keys", dir}},
		{"unknown argument", []string{"-keys", dir, "more"}},
		{"not defined", []string{"-port", "1"}},
	} {
		if err := run(t.Context(), c.args, io.Discard, io.Discard); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v: %v", c.args, err)
		}
	}
	t.Setenv("SHOP_SERVER_ENV", "production")
	if err := run(t.Context(), []string{"-addr", "127.0.0.1:0", "-keys", dir}, io.Discard, io.Discard); err == nil ||
		!strings.Contains(err.Error(), "production") {
		t.Errorf("production: %v", err)
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("a refused start must leave nothing behind")
	}
}
