// Package desk is what the protocols of the sandbox share: the folder with its keys, the clock, the script of faults, the look of its
// pages, and the work in the background that ends with Shutdown.
package desk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// MaxRemembered is how many trades, visits of buyers, and logins each protocol remembers; the oldest go first.
const MaxRemembered = 10_000

// Options say how a desk is to run. Only Dir is needed.
type Options struct {
	Dir     string           // keys, sandbox.ini and trades live here; made when missing
	BaseURL string           // how browsers and the shop reach the sandbox; "" until SetURL
	Payee   string           // the shop's name on the pages
	Clock   func() time.Time // time.Now
	Log     *slog.Logger     // nil is silent
}

// Desk is shared by all protocols of one sandbox. All its methods may be called by many goroutines, but for SetURL.
type Desk struct {
	Script
	opt  Options
	keys Keys

	ctx  context.Context // ends with Stop
	stop context.CancelFunc
	mu   sync.Mutex // so that no background work begins after Stop
	wg   sync.WaitGroup
}

// New opens the desk that lives in opt.Dir, making its keys when they are missing.
func New(opt Options) (*Desk, error) {
	if opt.Clock == nil {
		opt.Clock = time.Now
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	if opt.Payee == "" {
		opt.Payee = "达达商城"
	}
	k, err := loadKeys(opt.Dir)
	if err != nil {
		return nil, err
	}
	d := &Desk{opt: opt, keys: k}
	d.ctx, d.stop = context.WithCancel(context.Background())
	return d, nil
}

// URL is how the sandbox is reached, such as http://127.0.0.1:8001; "" as long as it is not known.
func (d *Desk) URL() string { return d.opt.BaseURL }

// SetURL says how the sandbox is reached. Call it before the first request.
func (d *Desk) SetURL(url string) { d.opt.BaseURL = url }

// Keys are the key pairs of both sides.
func (d *Desk) Keys() Keys { return d.keys }

// Dir is the folder of the sandbox.
func (d *Desk) Dir() string { return d.opt.Dir }

// Payee is the shop's name on the pages.
func (d *Desk) Payee() string { return d.opt.Payee }

// Log takes what goes wrong in the sandbox itself.
func (d *Desk) Log() *slog.Logger { return d.opt.Log }

// Now is the time by the sandbox's clock.
func (d *Desk) Now() time.Time { return d.opt.Clock() }

// Context ends with Stop.
func (d *Desk) Context() context.Context { return d.ctx }

// Go runs fn in the background; Wait waits for it. It says false, and runs nothing, after Stop.
func (d *Desk) Go(fn func()) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx.Err() != nil {
		return false
	}
	d.wg.Go(fn)
	return true
}

// Stop ends hanging requests and the work in the background; nothing new begins.
func (d *Desk) Stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.stop()
}

// Wait waits, after Stop, for the work in the background.
func (d *Desk) Wait() { d.wg.Wait() }

// Sleep waits and says false when Stop came first.
func (d *Desk) Sleep(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return d.ctx.Err() == nil
	case <-d.ctx.Done():
		return false
	}
}

// WriteFile replaces a file in the sandbox's folder in one step; only its owner may read it.
func (d *Desk) WriteFile(name string, data []byte) error {
	return writeFile(filepath.Join(d.opt.Dir, name), data, 0o600)
}

// Secret derives a lasting secret of n hex digits from the sandbox's own key, so that none need be kept in a file of its own.
func (d *Desk) Secret(name string, n int) string { return d.keys.secret(name, n) }

// Refusal is what a protocol says against a request.
type Refusal struct {
	Code string // of the protocol
	Msg  string // the protocol's own words for Code
	Sub  string // a finer code, where the protocol has one
	Text string // for people, in Chinese
}

// Err is the refusal as an error, for tests that walk a protocol without a browser.
func (r *Refusal) Err() error { return fmt.Errorf("sandbox: %s: %s", r.Sub, r.Text) }
