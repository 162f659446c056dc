package keep_test

import (
	"context"
	"fmt"
	"io"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/views/ui"
	"dashop/web/keep"
	"dashop/web/respond"
)

// site is an app of pages that are as long as a shop's and may be kept: /anything is a page.
type site struct {
	t       *testing.T
	app     *fiber.App
	pages   *keep.Pages
	now     time.Time
	version int64
	slow    time.Duration // for each page to be made
	made    atomic.Int64
}

func newSite(t *testing.T) *site {
	s := &site{t: t, app: fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true}), now: time.Now(), version: 1}
	s.pages = keep.NewPages(func(context.Context) (int64, error) { return s.version, nil }, func() time.Time { return s.now })
	shop := &respond.Site{Clock: func() time.Time { return s.now }}
	s.app.Get("/*", func(c *fiber.Ctx) error {
		shop.Attach(c)
		path := c.Path()
		return s.pages.Send(c, keep.Public{Path: path, Live: c.Query("stock"), Find: func(context.Context) (keep.Build, error) {
			s.made.Add(1)
			time.Sleep(s.slow)
			if strings.HasPrefix(path, "/missing") {
				return nil, fault.Missing()
			}
			return func(v ui.View) templ.Component { return synthetic(v, path) }, nil
		}})
	})
	return s
}

// cards is half of a page, of the size of a product's.
var cards = func() string {
	var b strings.Builder
	for i := range 500 {
		fmt.Fprintf(&b, "<li class=\"card\"><a href=\"/%d\">%x</a></li>\n", i, i*i*2654435761)
	}
	return b.String()
}()

// synthetic is a page with a slot.
func synthetic(v ui.View, path string) templ.Component {
	number := ui.Slot(v, func(v ui.View) templ.Component { return templ.Raw(fmt.Sprint(v.CartCount)) })
	return templ.Join(templ.Raw(path), templ.Raw(cards), number, templ.Raw(cards))
}

func (s *site) get(path string) {
	r := httptest.NewRequest("GET", path, nil)
	r.Header.Set("Accept-Encoding", "gzip")
	res, err := s.app.Test(r, -1)
	if err != nil || res.StatusCode != 200 && !strings.HasPrefix(path, "/missing") {
		s.t.Errorf("%s: %v, %v", path, res, err)
	}
}

// asked gets a page so many times, and says how many times it was made.
func (s *site) asked(times int, path string) int64 {
	before := s.made.Load()
	for range times {
		s.get(path)
	}
	return s.made.Load() - before
}

// What stands on all pages is made and compressed for the first few and then kept, though none of the pages is; what only one page has is
// not kept.
func TestWhatStandsEverywhereIsKeptForPagesThatAreNot(t *testing.T) {
	var menus, hearts atomic.Int64
	counted := func(n *atomic.Int64, text string) templ.Component {
		return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
			n.Add(1)
			return templ.Raw(text).Render(ctx, w)
		})
	}
	now, version := time.Now(), int64(1)
	pages := keep.NewPages(func(context.Context) (int64, error) { return version, nil }, func() time.Time { return now })
	app := fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true})
	app.Get("/*", func(c *fiber.Ctx) error {
		path := c.Path()
		return pages.Send(c, keep.Public{Path: path, Find: func(context.Context) (keep.Build, error) {
			return func(v ui.View) templ.Component {
				menu := ui.Slot(v, func(ui.View) templ.Component {
					return ui.Shared{Component: counted(&menus, cards), Key: "menu", Everywhere: true}
				})
				heart := ui.Slot(v, func(ui.View) templ.Component {
					return ui.Shared{Component: counted(&hearts, "heart"), Key: "heart " + path}
				})
				return templ.Join(templ.Raw(path), menu, templ.Raw(cards), heart)
			}, nil
		}})
	})
	ask := func(path string) {
		r := httptest.NewRequest("GET", path, nil)
		r.Header.Set("Accept-Encoding", "gzip")
		res, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if res.Header.Get("Content-Encoding") == "gzip" {
			body, err = unzip(body)
		}
		if want := path + cards + cards + "heart"; err != nil || string(body) != want {
			t.Fatalf("%s: %v, %d bytes, want %d", path, err, len(body), len(want))
		}
	}
	for i := range 50 {
		ask(fmt.Sprint("/", i))
	}
	if menus.Load() != 2 || hearts.Load() != 50 {
		t.Errorf("for 50 pages the menu was made %d times, their own parts %d times", menus.Load(), hearts.Load())
	}
	if n := pages.Weight(); n == 0 || n > 2*len(cards) {
		t.Errorf("%d bytes are kept, the menu has %d", n, len(cards))
	}
	version++
	ask("/changed")
	if menus.Load() != 3 {
		t.Errorf("the menu of before stands on a page of a changed catalogue")
	}
}

func TestAPageIsKeptWhenAskedForAgain(t *testing.T) {
	s := newSite(t)
	for i := range 100 {
		s.get(fmt.Sprint("/once/", i))
		s.get(fmt.Sprint("/missing/", i))
	}
	if n := s.pages.Weight(); n != 0 {
		t.Errorf("%d bytes are kept of pages that were asked for once", n)
	}
	if n := s.asked(5, "/again"); n != 2 || s.pages.Weight() < 20_000 {
		t.Errorf("made %d times for five, %d bytes are kept", n, s.pages.Weight())
	}
	s.version++
	if n := s.asked(5, "/again"); n != 1 {
		t.Errorf("a page that everybody wants was made %d times when the catalogue had changed", n)
	}
	if n := s.asked(5, "/again?stock=2"); n != 1 {
		t.Errorf("a page that everybody wants was made %d times when the stock had changed", n)
	}
	s.get("/late")
	s.now = s.now.Add(10 * time.Minute)
	before := s.pages.Weight()
	s.get("/late")
	if after := s.pages.Weight(); after != before {
		t.Errorf("kept %d bytes for having been asked for long before", after-before)
	}
}

// A crowd that asks for the same page makes it once: also one that is new, and also when the catalogue has just changed.
func TestACrowdMakesANewPageOnce(t *testing.T) {
	s := newSite(t)
	s.slow = 50 * time.Millisecond
	crowd := func() int64 {
		before := s.made.Load()
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { s.get("/crowd") })
		}
		all.Wait()
		return s.made.Load() - before
	}
	for i, when := range []string{"at first", "again", "later", "after a change", "after another"} {
		if i >= 3 {
			s.version++
		}
		if n, most := crowd(), int64(1); n > most || i < 2 && n != most {
			t.Errorf("%s: made %d times", when, n)
		}
	}
}

// What pages take of memory is what is counted, and that stays within the bound: looked at where it counts, in the heap.
func TestTheBoundIsWhatTheHeapHolds(t *testing.T) {
	heap := func() int {
		var m runtime.MemStats
		for range 3 { // pools are emptied by the second
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc)
	}
	s := newSite(t)
	for i := range 3_000 {
		s.asked(2, fmt.Sprint("/page/", i))
	}
	counted, with := s.pages.Weight(), heap()
	runtime.KeepAlive(s)
	s = nil
	held := with - heap()
	t.Logf("%d bytes are counted, %d held", counted, held)
	if counted > keep.Bound || counted < keep.Bound*3/4 {
		t.Errorf("%d bytes are counted, the bound is %d", counted, keep.Bound)
	}
	if most := counted*21/20 + 1<<20; held > most || held < counted*3/4 {
		t.Errorf("%d bytes are held in memory, %d were counted", held, counted)
	}
}
