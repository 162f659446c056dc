package main

import (
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/db"
	"dashop/store/storetest"
)

// asShop makes this test program be the shop: then it is the very program that people run, as a process of its own.
const asShop = "DASHOP_TEST_AS_SHOP"

func TestMain(m *testing.M) {
	if os.Getenv(asShop) != "" {
		os.Args = []string{"shop"}
		main()
		return
	}
	storetest.Main(m)
}

// process runs the shop as a process on a database until the end of the test, and returns its address.
func process(t *testing.T, c db.Config, dir string) string {
	t.Helper()
	address, _ := launch(t, c, dir)
	return address()
}

// launch is process in two: it starts the shop, and gives what waits until it is open, and what kills it as kill -9 does.
func launch(t *testing.T, c db.Config, dir string) (address func() string, kill func()) {
	t.Helper()
	out := &output{}
	cmd := exec.Command(os.Args[0])
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
	cmd.Env = append(environment(dir, asShop+"=1", "SHOP_DATABASE_DRIVER="+c.Driver, "SHOP_DATABASE_DSN="+c.DSN,
		"SHOP_SESSION_KEYS="+strings.Repeat("5ba7c1d9", 5)), "HOME="+dir)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait()
		close(ended)
	}()
	end := func(how os.Signal) {
		_ = cmd.Process.Signal(how)
		<-ended
	}
	t.Cleanup(func() { end(os.Interrupt) })
	address = func() string {
		t.Helper()
		for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
			if m := openLine.FindStringSubmatch(out.String()); m != nil {
				return m[1]
			}
			select {
			case <-ended:
				t.Fatalf("the shop ended:\n%s", out.String())
			default:
			}
		}
		t.Fatalf("the shop did not open:\n%s", out.String())
		return ""
	}
	return address, func() { end(os.Kill) }
}

// person is a browser; cookies know no ports, so both processes see the same one.
type person struct {
	*testing.T
	http *http.Client
	db   *db.DB
}

func newPerson(t *testing.T, d *db.DB) person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return person{t, &http.Client{Jar: jar, CheckRedirect: stay, Timeout: 20 * time.Second}, d}
}

func (p person) send(method, address string, form url.Values) (status int, page *goquery.Document) {
	p.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(p.Context(), method, address, body)
	if err != nil {
		p.Fatal(err)
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := p.http.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer res.Body.Close()
	page, err = goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		p.Fatal(err)
	}
	return res.StatusCode, page
}

// captcha is the captcha of a page, read off as a person reads the picture.
func (p person) captcha(page *goquery.Document, form url.Values) {
	p.Helper()
	id, _ := page.Find("input[name=captcha_id]").Attr("value")
	var answer string
	if err := p.db.Get(context.Background(), &answer, "SELECT answer FROM captchas WHERE id = ?", id); err != nil {
		p.Fatalf("captcha %q: %v", id, err)
	}
	form.Set("captcha_id", id)
	form.Set("captcha", answer)
}

// askCode asks one process for a code, with a captcha of the other one, and returns the status.
func (p person) askCode(here, there, mobile string) int {
	p.Helper()
	_, page := p.send(http.MethodGet, there+"/register", nil)
	form := url.Values{"mobile": {mobile}, "purpose": {"register"}}
	p.captcha(page, form)
	r, err := http.NewRequestWithContext(p.Context(), http.MethodPost, here+"/sms-codes", strings.NewReader(form.Encode()))
	if err != nil {
		p.Fatal(err)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded",
		"HX-Request": "true"} {
		r.Header.Set(name, value)
	}
	res, err := p.http.Do(r)
	if err != nil {
		p.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// Two processes on one database are one shop: what counts against somebody at one counts at the other, a captcha made by
// one is answered at the other, and a session that ends is dead on both.
func TestTwoProcessesAreOneShop(t *testing.T) {
	c := storetest.Config(t, db.MySQL)
	d := storetest.Open(t, c)
	a := process(t, c, t.TempDir())
	b := process(t, c, t.TempDir())

	first, second := newPerson(t, d), newPerson(t, d)
	if status := first.askCode(a, b, "13700137000"); status != http.StatusOK {
		t.Errorf("first code: %d", status)
	}
	if status := second.askCode(b, a, "13700137000"); status != http.StatusTooManyRequests {
		t.Errorf("second code within a minute, at the other process: %d", status)
	}

	wrong := url.Values{"username": {"xiaoming"}, "password": {"wrong horse battery"}}
	for range 3 {
		if status, _ := first.send(http.MethodPost, a+"/login", wrong); status != http.StatusUnprocessableEntity {
			t.Fatalf("wrong password: %d", status)
		}
	}
	right := url.Values{"username": {"xiaoming"}, "password": {"dashop-demo"}}
	status, page := second.send(http.MethodPost, b+"/login", right)
	if status != http.StatusUnprocessableEntity || page.Find("input[name=captcha]").Length() != 1 {
		t.Fatalf("after three failures at one process the other asks for no captcha: %d", status)
	}
	second.captcha(page, right)
	if status, _ := second.send(http.MethodPost, a+"/login", right); status != http.StatusSeeOther {
		t.Errorf("login with a captcha of the other process: %d", status)
	}
	inside := func(at string) bool {
		status, _ := second.send(http.MethodGet, at+"/account", nil)
		return status == http.StatusOK
	}
	if !inside(a) || !inside(b) {
		t.Error("a session of one process is none at the other")
	}
	shell := shell{t, filepath.Join(t.TempDir())}
	err := run(t.Context(), []string{"shop", "user", "disable", "xiaoming"},
		environment(shell.dir, "SHOP_DATABASE_DRIVER="+c.Driver, "SHOP_DATABASE_DSN="+c.DSN), nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if inside(a) || inside(b) {
		t.Error("a session outlived its user at one of the processes")
	}
}

// Two programs that start on one empty database at once both open, on one shop that was migrated and filled once.
func TestTwoProcessesPrepareOneShop(t *testing.T) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) {
			c := storetest.Empty(t, driver)
			var addresses []func() string
			for range 2 {
				address, _ := launch(t, c, t.TempDir())
				addresses = append(addresses, address)
			}
			d := storetest.Open(t, c)
			p := newPerson(t, d)
			for _, address := range addresses {
				if status, page := p.send(http.MethodGet, address()+"/products/1001", nil); status != http.StatusOK ||
					page.Find("h1").Length() != 1 {
					t.Errorf("a product of the demo answers %d", status)
				}
			}
			var once, accounts int
			err := d.Get(context.Background(), &once, "SELECT COUNT(*) FROM stock_ledger WHERE sku_id = 100101")
			if err == nil {
				err = d.Get(context.Background(), &accounts, "SELECT COUNT(*) FROM users")
			}
			if err != nil || once != 1 || accounts != 4 {
				t.Errorf("received %d times, %d accounts, %v", once, accounts, err)
			}
		})
	}
}
