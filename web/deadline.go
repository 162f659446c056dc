package web

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// handlerDeadline bounds how long an answer may take.
const handlerDeadline = 8 * time.Second

// deadline bounds how long a handler may take; everything that a handler calls heeds its context.
func deadline(c *fiber.Ctx) error {
	ctx := &deadlineContext{at: time.Now().Add(handlerDeadline)}
	defer ctx.end()
	c.SetUserContext(ctx)
	return c.Next()
}

// deadlineContext is what context.WithDeadline makes, made when somebody waits for its end: most answers are kept pages, for which nobody
// does, and to set a timer and to stop it takes longer than the rest of what is done here for them.
type deadlineContext struct {
	at time.Time

	mu     sync.Mutex
	inner  context.Context
	cancel context.CancelFunc
	ended  bool // the handler has returned
}

func (d *deadlineContext) made() context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.inner == nil {
		d.inner, d.cancel = context.WithDeadline(context.Background(), d.at)
		if d.ended {
			d.cancel()
		}
	}
	return d.inner
}

func (d *deadlineContext) end() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.ended = true
	if d.cancel != nil {
		d.cancel()
	}
}

func (d *deadlineContext) Deadline() (time.Time, bool) { return d.at, true }
func (d *deadlineContext) Done() <-chan struct{}       { return d.made().Done() }
func (d *deadlineContext) Err() error                  { return d.made().Err() }

// Value has contexts that are derived from this one find the one inside, for whose end they have asked before; no value is in it.
func (d *deadlineContext) Value(key any) any {
	d.mu.Lock()
	inner := d.inner
	d.mu.Unlock()
	if inner == nil {
		return nil
	}
	return inner.Value(key)
}
