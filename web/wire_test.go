package web_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/storetest"
	"dashop/web/webtest"
)

// patience is far above any time-out of the shop, so that only a request that would hang for ever is called so.
const patience = 40 * time.Second

// The wire between the shop and MariaDB breaks while orders are placed, at one query after the other and in each way: nobody
// waits for ever, everybody learns by trying again what became of the order, and the books hold.
func TestWireBreaksWhileOrdersArePlaced(t *testing.T) {
	t.Parallel()
	w := wireStory{T: t}
	s := webtest.Start(t, webtest.Config{Driver: db.MySQL, Log: io.Discard, Reach: func(c db.Config) db.Config {
		w.wire, c = storetest.NewWire(t, c)
		return c
	}})
	s.Wire.ResponseHeaderTimeout = patience
	w.sku = storetest.SKU(t, s.DB, 9900, 1000)
	for i := range 3 {
		name := fmt.Sprintf("buyer-%d", i)
		storetest.Address(t, s.DB, s.User(name, account.Shopper))
		w.buyers = append(w.buyers, s.Login(name))
	}
	for what, how := range map[string]breakage{"refused": {storetest.Refuse, false}, "reset": {storetest.Reset, false},
		"down": {storetest.Reset, true}} {
		nth := int64(1)
		for w.round(how, "", nth) && nth < 300 && !t.Failed() {
			nth += 3
		}
		if nth < 30 || nth >= 300 {
			t.Errorf("%s: three orders took about %d queries; is the wire used?", what, nth)
		}
	}
	for what, how := range map[string]storetest.Verdict{"mute": storetest.Mute, "black hole": storetest.Blackhole} {
		if !w.round(breakage{how, false}, "COMMIT", 1) {
			t.Errorf("%s: no COMMIT", what)
		}
	}
	if orders := s.Int("SELECT COUNT(*) FROM orders"); orders != w.placed.Load() {
		t.Errorf("%d orders, and %d were placed", orders, w.placed.Load())
	}
	storetest.CheckBooks(t, s.DB)
}

// breakage is what happens to a query, and whether no connection is to be had after it.
type breakage struct {
	verdict storetest.Verdict
	down    bool
}

type wireStory struct {
	*testing.T
	wire   *storetest.Wire
	sku    int64
	buyers []*webtest.Browser
	placed atomic.Int64
}

// round has each buyer place an order, and breaks the wire at the nth query that begins with a word. Without so many it
// says false.
func (w *wireStory) round(how breakage, word string, nth int64) (struck bool) {
	w.Helper()
	strike := make(chan struct{})
	var queries atomic.Int64
	var unknown atomic.Bool // whether nobody knows what became of a transaction
	w.wire.Judge(func(query string) storetest.Verdict {
		if !strings.HasPrefix(query, word) || queries.Add(1) != nth {
			return storetest.Pass
		}
		unknown.Store(query == "COMMIT")
		close(strike)
		return how.verdict
	})
	var heard, bought sync.WaitGroup // heard: that it cannot be now, or that the order is placed
	for _, b := range w.buyers {
		heard.Add(1)
		told := sync.OnceFunc(heard.Done)
		bought.Go(func() {
			defer told()
			if err := buyUntilTold(b, w.sku, &unknown, told); err != nil {
				w.Errorf("%+v at query %d that begins with %q: %v", how, nth, word, err)
				return
			}
			w.placed.Add(1)
		})
	}
	done := make(chan struct{})
	go func() {
		bought.Wait()
		close(done)
	}()
	select {
	case <-strike:
		struck = true
		if how.down {
			w.wire.Cut()
			heard.Wait() // the shop finds out by itself
		}
	case <-done:
	}
	if how.down {
		w.wire.Heal()
	}
	<-done
	return struck
}

// buyUntilTold buys one piece. It tries again, with the same confirmation, as long as the shop says that it cannot now, or,
// where that may be, that it does not know; each such answer calls failed.
func buyUntilTold(b *webtest.Browser, sku int64, unknown *atomic.Bool, failed func()) error {
	var confirmation *webtest.Order
	for begun := time.Now(); time.Since(begun) < 3*patience; {
		var err error
		if confirmation == nil {
			confirmation, err = b.Confirm(sku)
		} else if _, err = b.Place(confirmation); err == nil {
			return nil
		}
		var refused *webtest.Refused
		switch {
		case err == nil:
		case errors.As(err, &refused) && (refused.Status == http.StatusServiceUnavailable && refused.RetryAfter != "" ||
			refused.Status == http.StatusInternalServerError && unknown.Load()):
			failed()
			time.Sleep(20 * time.Millisecond)
		default:
			return err
		}
	}
	return errors.New("the shop could not for ever")
}
