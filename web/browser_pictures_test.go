package web_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"dashop/store/demo"
	"dashop/web/webtest"
)

// watchShifts adds up how far the page's parts jump while it loads.
const watchShifts = `window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(e => window.shift += e.value)).observe({type: "layout-shift", buffered: true})`

// inSight says whether a picture can be seen before anybody scrolls.
const inSight = `const inSight = i => {
	const r = i.getBoundingClientRect(), strip = i.closest(".banners__row, .gallery__stage")
	return r.width > 0 && i.checkVisibility() && r.top < innerHeight - 40 && r.left < (strip ? strip.getBoundingClientRect().right : innerWidth) - 40
}
`

// misplaced lists the pictures in sight that are lazy, and those two windows down that are not. The shop's own marks
// are in sight somewhere on every page.
const misplaced = `(() => {` + inSight + `return [...document.images].filter(i => i.checkVisibility() && !i.src.includes("/static/") && (
	i.loading === "lazy" ? inSight(i) : i.getBoundingClientRect().top > 2 * innerHeight
)).map(i => i.loading + " " + i.getAttribute("src") + " at " + Math.round(i.getBoundingClientRect().top)).join("; ")})()`

// further lists the lazy pictures that cannot be seen yet: how many of them a browser fetches beforehand is its own choice.
const further = `(() => {` + inSight + `return [...document.images].filter(i => i.loading === "lazy" && !inSight(i)).map(i => i.currentSrc).join(" ")})()`

// wire counts what a tab fetches.
type wire struct {
	mu    sync.Mutex
	open  map[network.RequestID]string // what is on its way, by address
	bytes map[string]int64
}

func (w *wire) hear(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.open[e.RequestID] = e.Request.URL
	case *network.EventLoadingFailed:
		delete(w.open, e.RequestID)
	case *network.EventLoadingFinished:
		w.bytes[w.open[e.RequestID]] += int64(e.EncodedDataLength)
		delete(w.open, e.RequestID)
	}
}

func (w *wire) clear() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open, w.bytes = map[network.RequestID]string{}, map[string]int64{}
}

// quiet waits until nothing has been on its way for a while.
func (w *wire) quiet() {
	for calm := 0; calm < 4; calm++ {
		time.Sleep(50 * time.Millisecond)
		w.mu.Lock()
		if len(w.open) > 0 {
			calm = -1
		}
		w.mu.Unlock()
	}
}

// sum is how many kilobytes came in all, and how many without those from some addresses.
func (w *wire) sum(without string) (all, needed int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	skipped := map[string]bool{}
	for _, address := range strings.Fields(without) {
		skipped[address] = true
	}
	for address, n := range w.bytes {
		all += n
		if !skipped[address] {
			needed += n
		}
	}
	return all / 1000, needed / 1000
}

// What a stranger's first look at a page costs: few bytes, no jumps, and what is in sight does not wait for what is not.
func TestBrowserFirstView(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	if err := demo.PutPictures(context.Background(), s.Store.Media, func(string, int, int) {}); err != nil {
		t.Fatal(err)
	}
	for _, width := range []int64{390, 1440} {
		b := chromium(t, s, width, true)
		var w wire
		w.clear()
		chromedp.ListenTarget(b.ctx, w.hear)
		b.do(network.Enable(), network.SetCacheDisabled(true), chromedp.ActionFunc(func(ctx context.Context) error {
			_, err := page.AddScriptToEvaluateOnNewDocument(watchShifts).Do(ctx)
			return err
		}))
		for _, path := range []string{"/", "/categories/5", "/products/1001", "/search?q=%E8%80%B3%E6%9C%BA", "/products/1001/reviews"} {
			w.clear()
			b.open(path)
			b.until("its pictures are there",
				"document.readyState === 'complete' && [...document.images].every(i => i.loading === 'lazy' || i.complete && i.naturalWidth)")
			w.quiet()
			all, needed := w.sum(b.eval(further))
			t.Logf("%s at %d px: %d KB on the wire, %d KB for what is in sight, shift %s", path, width, all, needed, b.eval("window.shift"))
			if needed > 200 || all > 260 || needed < 30 {
				t.Errorf("%s at %d px: %d KB for the first view, %d KB in all", path, width, needed, all)
			}
			if b.eval("window.shift < 0.01") != "true" {
				t.Errorf("%s at %d px jumps by %s", path, width, b.eval("window.shift"))
			}
			if wrong := b.eval(misplaced); wrong != "" {
				t.Errorf("%s at %d px: %s", path, width, wrong)
			}
		}
	}
}
