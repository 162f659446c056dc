package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/valyala/fasthttp"

	"dashop/store/db"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(asBare); file != "" {
		exit(serveBare(file))
		return
	}
	storetest.Main(m)
}

// The shop is built once for all that is run with it.
func TestRuns(t *testing.T) {
	program := filepath.Join(t.TempDir(), "shop")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "dashop/cmd/shop").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Run("all there is", func(t *testing.T) { testShortRun(t, program) })
	t.Run("on MariaDB", func(t *testing.T) { testShortRunOnMariaDB(t, program) })
	t.Run("wrong books", func(t *testing.T) { testWrongBooks(t, program) })
}

// short are the options of a run that is as short as can be.
func short(shop string) options {
	return options{rounds: 1, turn: 30 * time.Millisecond, clients: 2, crowd: 4, orderAt: "1,4", gzip: "both", shop: shop, skus: 3000}
}

// A short run measures all there is of two programs, keeps the made shop, and removes all else.
func testShortRun(t *testing.T, program string) {
	o := short(program)
	o.what, o.against, o.dir, o.keep = "beside,orders,pages", o.shop, t.TempDir(), t.TempDir()
	var out bytes.Buffer
	if err := run(t.Context(), o, &out); err != nil && !errors.Is(err, errVoid) { // so short a run may well be void
		t.Fatalf("%v\n%s", err, out.String())
	}
	want := []string{"product ?utm_source=, stranger", "product ?utm_source=, logged in", anotherProduct, "product not kept, stranger",
		"product not kept, logged in", "category not kept, stranger", "search not kept, stranger", "order flow, many SKUs, 1",
		"order flow, one SKU, 4",
		"checkout + place, many SKUs, 4", "checkout + place, one SKU, 1", isShop + isBeside, isAgainst + " ÷ "}
	for _, page := range []string{"home", "category", "product", "search"} {
		for _, who := range []string{"stranger", "logged in"} {
			want = append(want, page+", "+who+", gzip", page+", "+who+", plain")
		}
	}
	for _, w := range want {
		if strings.Count(out.String(), w) < 2 { // what was measured, and its ratios
			t.Errorf("no line for %s", w)
		}
	}
	if t.Failed() {
		t.Log(out.String())
	}
	if left, err := os.ReadDir(o.dir); len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
	if kept, err := os.ReadDir(o.keep); len(kept) != 1 || err != nil {
		t.Errorf("kept: %v, %v", kept, err)
	}
}

// On MariaDB the databases that a run makes are gone afterwards, but for one that is to be kept and serves the next run.
func testShortRunOnMariaDB(t *testing.T, program string) {
	c, err := mysql.ParseDSN(storetest.Config(t, db.MySQL).DSN)
	if err != nil {
		t.Fatal(err)
	}
	c.DBName = ""
	o := short(program)
	o.dsn, o.dir, o.keep, o.skus = c.FormatDSN(), t.TempDir(), "yes", 997
	o.what, o.only = "pages,orders", "^product not kept, stranger|order flow"
	t.Cleanup(func() {
		if err := (&data{server: c, name: "dashop_bench_997_skus"}).drop(); err != nil {
			t.Error(err)
		}
	})
	for range 2 {
		var out bytes.Buffer
		if err := run(t.Context(), o, &out); err != nil && !errors.Is(err, errVoid) {
			t.Fatalf("%v\n%s", err, out.String())
		}
		for _, w := range []string{"MariaDB, whose CPU counts", "product not kept, stranger", "order flow, one SKU, 4"} {
			if !strings.Contains(out.String(), w) {
				t.Errorf("the report does not say %q:\n%s", w, out.String())
			}
		}
	}
	server, err := (&data{server: c, name: "information_schema"}).open()
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	left, err := texts(t.Context(), server, "SELECT schema_name FROM schemata WHERE schema_name LIKE ?", ownDatabase("%"))
	if len(left) > 0 || err != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// A wrong answer fails the run.
func TestWrongAnswersAreNoticed(t *testing.T) {
	right := answer{Body: []byte("right")}
	bare, err := startBare(t.Context(), t.TempDir(), map[string]answer{"/": right})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.stop()
	for _, c := range []struct {
		name string
		do   step
		ok   bool
	}{
		{"same", sameEachTime("/", false, nil, right.Body), true},
		{"other bytes", sameEachTime("/", false, nil, []byte("wrong")), false},
		{"no such page", sameEachTime("/gone", false, nil, right.Body), false},
		{"what it holds", page{holds: "igh", count: 9, path: func(int) string { return "/" }}.anotherEachTime(nil), true},
		{"what it does not hold", page{holds: "wrong", count: 9, path: func(int) string { return "/" }}.anotherEachTime(nil), false},
		{"pages used up", page{holds: "igh", count: 9, once: true, path: func(int) string { return "/" }}.anotherEachTime(nil), false},
	} {
		done, err := closedLoop(t.Context(), bare, 2, 20*time.Millisecond, c.do)
		if (err == nil) != c.ok || c.ok && len(done.waits) == 0 {
			t.Errorf("%s: %d answers, %v", c.name, len(done.waits), err)
		}
	}
}

// Orders that are lost, doubled or not whole, and stock that is not where it has to be, fail the run.
func testWrongBooks(t *testing.T, program string) {
	o := short(program)
	o.skus, o.dir = 0, t.TempDir()
	s, err := openStage(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	}()
	if err := s.withShoppers(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	one := s.shops[0]
	for _, flow := range []bool{true, false} {
		done, err := closedLoop(t.Context(), one.server, 2, 50*time.Millisecond, one.order(s.goods.skus, flow, false))
		if err != nil || len(done.waits) == 0 {
			t.Fatalf("%d orders, %v", len(done.waits), err)
		}
	}
	if err := s.checkBooks(t.Context()); err != nil {
		t.Fatal(err)
	}
	change := func(statement string) {
		t.Helper()
		if _, err := one.books.db.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	const last = "(SELECT MAX(id) FROM orders)"
	for name, sql := range map[string][2]string{
		"an order that nobody was told of": {"UPDATE orders SET order_no = '1' || SUBSTR(order_no, 2) WHERE id = " + last,
			"UPDATE orders SET order_no = '2' || SUBSTR(order_no, 2) WHERE id = " + last},
		"stock that is gone": {"UPDATE stocks SET quantity = quantity - 1 WHERE quantity > 100000",
			"UPDATE stocks SET quantity = quantity + 1 WHERE quantity > 100000"},
		"a piece too many": {"UPDATE order_items SET count = count + 1", "UPDATE order_items SET count = count - 1"},
		"a wrong sum":      {"UPDATE orders SET payable_fen = payable_fen + 1", "UPDATE orders SET payable_fen = payable_fen - 1"},
		"a wrong ledger":   {"UPDATE stock_ledger SET delta = delta + 1", "UPDATE stock_ledger SET delta = delta - 1"},
		"a lost event": {"UPDATE order_events SET order_id = -order_id WHERE order_id = " + last,
			"UPDATE order_events SET order_id = -order_id WHERE order_id < 0"},
	} {
		change(sql[0])
		if err := s.checkBooks(t.Context()); !errors.Is(err, errBooks) {
			t.Errorf("%s: %v", name, err)
		}
		change(sql[1])
	}
	if err := s.checkBooks(t.Context()); err != nil {
		t.Fatalf("the test has not mended what it broke: %v", err)
	}
	one.books.acknowledge("20261129000000000000")
	if err := s.checkBooks(t.Context()); !errors.Is(err, errBooks) {
		t.Errorf("a lost order: %v", err)
	}
}

// In an open loop a wait counts from the moment when something was due, and what was due and never begun is counted.
func TestOpenLoop(t *testing.T) {
	bare, err := startBare(t.Context(), t.TempDir(), map[string]answer{"/": {}})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.stop()
	slow := func(context.Context, *fasthttp.HostClient, int) error {
		time.Sleep(20 * time.Millisecond)
		return nil
	}
	done, err := openLoop(t.Context(), bare, 1, 200, 400*time.Millisecond, slow) // which is four times as much as can be done
	if err != nil || len(done.waits) < 3 || done.missing < 20 {
		t.Fatalf("%d done, %d missing, %v", len(done.waits), done.missing, err)
	}
	if longest := done.waits[len(done.waits)-1]; longest < 100*time.Millisecond {
		t.Errorf("the last one waited %s", longest)
	}
}

func TestForm(t *testing.T) {
	page := []byte(`<p><input name="other" value="1"></p><input type="hidden" name="early" value="a &amp; b" form="place"/>` +
		`<form id="place" class="x" action="/orders"><input type="hidden" name="sku_id" value="7"/>` +
		`<input type="hidden" name="count" value="2"/>` +
		`<input type="radio" name="way" value="no"/><input type="radio" name="way" value="yes" checked/>` +
		`<input type="checkbox" name="tick"><input name="elsewhere" form="search" value="1">` +
		`<input value="&lt; form &#34;" name="note" required>` +
		`<button>ok</button></form><input name="late" value="" form="place"><input name="later" value="1">`)
	form, err := formOf(page, "place")
	if want := "early=a+%26+b&sku_id=7&count=2&way=yes&note=%3C+form+%22&late="; err != nil || string(form) != want {
		t.Errorf("%s, %v", form, err)
	}
	for _, wrong := range []string{"", `<form id="place2">`, `<form id="place">`} {
		if _, err := formOf([]byte(wrong), "place"); err == nil {
			t.Errorf("%q has the form", wrong)
		}
	}
}

func newAnswer(cookies ...string) *fasthttp.Response {
	r := &fasthttp.Response{}
	for _, c := range cookies {
		r.Header.Add("Set-Cookie", c)
	}
	return r
}

func TestCookiesAreKept(t *testing.T) {
	s := &shopper{}
	s.keep(newAnswer("sid=1; path=/", "device=2; max-age=60"))
	s.keep(newAnswer("note=3; path=/"))
	s.keep(newAnswer("sid=; max-age=-1", "note=; expires=Thu, 01 Jan 1970 00:00:00 GMT"))
	if s.header != "device=2" {
		t.Errorf("%q", s.header)
	}
}

func TestFigures(t *testing.T) {
	if m, least, most := spread([]float64{5, 1, 3, 2}); m != 2.5 || least != 1 || most != 5 {
		t.Errorf("spread: %v %v %v", m, least, most)
	}
	for _, c := range []struct {
		name        string
		cpu, rate   float64 // of the control's last turns; the first ones have 40
		void, rates bool
	}{{"quiet", 44, 44, false, false}, {"restless", 50, 40, true, false}, {"rates only", 40, 30, false, true}} {
		l := &line{name: "x", sides: []*side{{who: isBare}, {who: isShop}, {who: isBare}}, pairs: []pair{{isShop, isBare}}}
		for i := range 5 {
			l.sides[0].cpu, l.sides[0].rate = append(l.sides[0].cpu, 40+float64(i)), append(l.sides[0].rate, 40)
			l.sides[1].cpu, l.sides[1].rate = append(l.sides[1].cpu, 84), append(l.sides[1].rate, 20)
			l.sides[2].cpu, l.sides[2].rate = append(l.sides[2].cpu, c.cpu), append(l.sides[2].rate, c.rate)
		}
		if l.void() != c.void || l.ratesVoid() != c.rates {
			t.Errorf("%s: void %v, rates void %v", c.name, l.void(), l.ratesVoid())
		}
		var out bytes.Buffer
		s := &stage{shops: []*shop{{who: isShop, server: &server{}}}}
		if err := report(&out, s, []*line{l}); errors.Is(err, errVoid) != c.void {
			t.Errorf("%s: %v", c.name, err)
		}
		if c.name == "quiet" && !regexp.MustCompile(`shop ÷ bare +1\.95`).MatchString(out.String()) {
			t.Errorf("84 beside 43, the middle of the means of 40 to 44 and 44:\n%s", out.String())
		}
	}
}
