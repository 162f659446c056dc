package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
)

// output is a stdout that can be read while the program writes it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

func environment(dir string, more ...string) []string {
	return append([]string{
		"SHOP_SERVER_ADDR=127.0.0.1:0", "SHOP_SERVER_PRIVATE_ADDR=", "SHOP_SANDBOX_ADDR=127.0.0.1:0",
		"SHOP_DATABASE_DSN=" + filepath.Join(dir, "shop.db"), "SHOP_MEDIA_DIR=" + filepath.Join(dir, "media"), "SHOP_LOG_LEVEL=error",
	}, more...)
}

var openLine = regexp.MustCompile(`is open: (http://\S+)`)

// begin runs the shop in dir until the end of the test, or until stop, which gives what run returned.
func begin(t *testing.T, dir string, more ...string) (url string, out *output, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	out = &output{}
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, []string{"shop"}, environment(dir, more...), nil, out) }()
	stop = sync.OnceValue(func() error {
		cancel()
		select {
		case err := <-ended:
			return err
		case <-time.After(15 * time.Second):
			return fmt.Errorf("still running 15 s after it was to stop")
		}
	})
	t.Cleanup(func() { _ = stop() })
	for end := time.Now().Add(60 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if m := openLine.FindStringSubmatch(out.String()); m != nil {
			return m[1], out, stop
		}
		select {
		case err := <-ended:
			t.Fatalf("run ended with %v\n%s", err, out)
		default:
		}
	}
	t.Fatalf("not open after a minute:\n%s", out)
	return "", nil, nil
}

func TestServe(t *testing.T) {
	dir := t.TempDir()
	url, out, stop := begin(t, dir)
	for _, want := range []string{"xiaoming", "owner", "staff", "teacher", "dashop-demo", "sandbox"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the greeting does not name %q:\n%s", want, out)
		}
	}
	for path, want := range map[string]int{"/": 200, "/healthz": 200, "/readyz": 200, "/categories": 200, "/cart": 200, "/nowhere": 404} {
		res, err := http.Get(url + path)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != want || len(body) == 0 {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}

	// A request whose end comes after the stop has begun is answered all the same.
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	body := "username=xiaoming&password=dashop-demo"
	fmt.Fprintf(conn, "POST /login HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:10])
	time.Sleep(100 * time.Millisecond)
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	time.Sleep(200 * time.Millisecond)
	fmt.Fprint(conn, body[10:])
	_ = conn.SetReadDeadline(time.Now().Add(10 * time.Second))
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != http.StatusSeeOther {
		t.Errorf("request in flight: %v, %v", res, err)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stop: %v", err)
	}
	if _, err := http.Get(url + "/healthz"); err == nil {
		t.Error("it answers after its end")
	}

	// The second start finds everything there.
	key, err := os.ReadFile(filepath.Join(dir, "session.key"))
	if err != nil {
		t.Fatal(err)
	}
	_, out, stop = begin(t, dir)
	if strings.Contains(out.String(), "Loading") {
		t.Errorf("the second start loads again:\n%s", out)
	}
	if again, err := os.ReadFile(filepath.Join(dir, "session.key")); err != nil || !bytes.Equal(key, again) {
		t.Errorf("the session key has changed (%v)", err)
	}
	if err := stop(); err != nil {
		t.Errorf("second stop: %v", err)
	}
}

func TestAddressInUse(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := t.TempDir()
	preparedDemo(t, dir)
	for _, name := range []string{"SHOP_SERVER_ADDR", "SHOP_SANDBOX_ADDR", "SHOP_SERVER_PRIVATE_ADDR"} {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		err := run(ctx, []string{"shop"}, environment(dir, name+"="+l.Addr().String()), nil, io.Discard)
		cancel()
		if err == nil || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("%s in use: %v", name, err)
		}
	}
}

// preparedDemo marks a database as one that has its demo, which saves the time of loading it.
func preparedDemo(t *testing.T, dir string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Config{Driver: db.SQLite, DSN: filepath.Join(dir, "shop.db")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if err := d.Migrate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Exec(t.Context(), "INSERT INTO settings (name, value) VALUES ('demo', '1')"); err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCommands(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	for _, c := range []struct {
		args string
		env  []string
		want string // in the error; "" is none
	}{
		{"shop migrate", nil, ""},
		{"shop migrate", nil, ""},
		{"shop help", nil, ""},
		{"shop sreve", nil, "sreve"},
		{"shop migrate now", nil, "now"},
		{"shop -config none.ini migrate", nil, "none.ini"},
		{"shop --config=none.ini", nil, "none.ini"},
		{"shop demo", []string{"SHOP_SERVER_ENV=production"}, "production"},
		{"shop", []string{"SHOP_SERVER_ENV=production"}, "nobody could pay"},
	} {
		out.Reset()
		err := run(t.Context(), strings.Fields(c.args), environment(dir, c.env...), nil, &out)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", c.args, err, c.want)
		}
	}
}

func TestDemoAccountsStayOutOfProduction(t *testing.T) {
	d := preparedDemo(t, t.TempDir())
	accounts := account.New(d, db.SystemClock, account.Options{})
	if err := refuseDemoAccounts(t.Context(), accounts); err != nil {
		t.Errorf("without demo accounts: %v", err)
	}
	if err := accounts.EnsureDemoAccounts(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := refuseDemoAccounts(t.Context(), accounts); err == nil || !strings.Contains(err.Error(), "xiaoming, owner, staff, teacher") {
		t.Errorf("with demo accounts: %v", err)
	}
}
