package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// The bounds of the writer.
const (
	mostGrouped  = 128                    // functions in one transaction
	groupFor     = 100 * time.Millisecond // after which a transaction takes in nobody more, so that few wait for a slow function
	mostWaiting  = 2048                   // callers in the queue; at their usual pace the last of them waits about two seconds
	nestedAfter  = time.Second            // of waiting, a caller looks whether it waits for itself
	slowFunction = 500 * time.Millisecond // is worth a warning …
	slowPause    = 10 * time.Second       // … so often
)

// writer runs the functions of all transactions on SQLite, which has room for one at a time, in one goroutine: first come, first
// served. Those that have queued up while it was busy share a transaction and its wait for the disk, each in a savepoint of its
// own, and nobody hears what came of it before the COMMIT: so nobody acts on what is undone later.
//
//   - A function that fails, panics, or whose caller has gone undoes itself alone.
//   - A COMMIT that fails fails all that are in it.
//   - Where SQLite gives up the whole transaction because of one function (it does so on a full disk), the others run again.
type writer struct {
	db    *DB
	queue chan *call
	ended chan struct{} // closed when the writer has ended

	mu     sync.RWMutex // guards closed, so that nobody comes after the last
	closed bool

	// What follows belongs to the writer's goroutine.
	open  *group
	again []*call              // to be run once more, each in a transaction of its own
	slow  map[string]time.Time // when a warning of a slow function was last given, by its name

	goroutine          atomic.Uint64 // the number of the writer's goroutine
	functions, commits atomic.Int64
}

// WriterStats are figures of what writes on SQLite: how many wait for their turn, how many functions it has run, and with how many
// commits. On MySQL they are 0.
func (d *DB) WriterStats() (waiting int, functions, commits int64) {
	if d.writer == nil {
		return 0, 0, 0
	}
	return len(d.writer.queue), d.writer.functions.Load(), d.writer.commits.Load()
}

// group is a transaction that is open, with the functions that were run in it.
type group struct {
	conn  *sqlx.Conn
	began time.Time
	calls []*call
	alone bool // takes in nobody more
	works bool // some function has come to a good end
}

// call is a function on its way through the writer.
type call struct {
	ctx   context.Context
	fn    func(*Tx) error
	taken atomic.Bool   // by the writer, to be run, or by its caller, who waits no more
	ended chan struct{} // closed when all is known:

	tx       *Tx
	err      error // of the function, or why it was not committed
	panicked any   // what the function panicked with
	exited   bool  // the function ended its goroutine, as t.FailNow does
	sent     bool  // a COMMIT was sent with it
	repeated bool
}

var (
	errClosed = errors.New("the database is closed")
	errNested = errors.New("a transaction was begun within a transaction, which would wait for itself")
)

func startWriter(d *DB) *writer {
	w := &writer{db: d, queue: make(chan *call, mostWaiting), ended: make(chan struct{}), slow: map[string]time.Time{}}
	go w.loop()
	return w
}

// do has the writer run fn, and returns when its transaction was committed or given up. A caller whose time is up while it waits
// for its turn leaves, and fn never runs; after that it stays until the outcome is known.
func (w *writer) do(ctx context.Context, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c := &call{ctx: ctx, fn: fn, ended: make(chan struct{})}
	if err := w.enqueue(c); err != nil {
		return err
	}
	if err := w.wait(c); err != nil {
		return err
	}
	switch {
	case c.panicked != nil:
		panic(c.panicked)
	case c.exited:
		runtime.Goexit()
	case c.sent:
		w.db.count(c.tx)
	}
	if c.err != nil {
		return c.err
	}
	return injected(ctx, "COMMITTED")
}

func (w *writer) enqueue(c *call) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return errClosed
	}
	select {
	case w.queue <- c:
		return nil
	default:
		return tooBusy(errors.New("too many transactions wait to be run"))
	}
}

// wait returns when c has ended, or with an error when its caller has left the queue.
func (w *writer) wait(c *call) error {
	nested := time.NewTimer(nestedAfter)
	defer nested.Stop()
	for done := c.ctx.Done(); ; {
		var left error
		select {
		case <-c.ended:
			return nil
		case <-done:
			left, done = c.ctx.Err(), nil
		case <-nested.C:
			if goroutine() == w.goroutine.Load() {
				left = errNested
			}
		}
		if left != nil && c.taken.CompareAndSwap(false, true) {
			return left
		}
	}
}

// close refuses all that waits, and returns when what is being run was committed.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) isClosed() bool {
	w.mu.RLock()
	defer w.mu.RUnlock()
	return w.closed
}

// loop is the writer's goroutine. A function may end it by runtime.Goexit, and then it goes on in another.
func (w *writer) loop() {
	w.goroutine.Store(goroutine())
	finished := false
	defer func() {
		if finished {
			close(w.ended)
		} else {
			go w.loop()
		}
	}()
	for {
		c := w.next()
		switch {
		case c != nil:
			w.run(c)
		case w.open != nil:
			w.commit()
		default: // the queue is closed
			finished = true
			return
		}
	}
}

// next is the call to be run next. It is nil when the open transaction is to be committed, or there will be no more calls.
func (w *writer) next() *call {
	g := w.open
	if g != nil && (g.alone || len(g.calls) >= mostGrouped || time.Since(g.began) > groupFor) {
		return nil
	}
	if len(w.again) > 0 {
		if g != nil {
			return nil
		}
		c := w.again[0]
		w.again = w.again[1:]
		return c
	}
	if g == nil {
		return <-w.queue
	}
	select {
	case c := <-w.queue:
		return c
	default:
		return nil
	}
}

// run runs a call in the open transaction, or begins one.
func (w *writer) run(c *call) {
	if c.taken.Load() && !c.repeated {
		return // its caller has left
	}
	if w.isClosed() {
		w.refuse(c, errClosed)
		return
	}
	if w.open == nil && !w.begin(c) {
		return
	}
	if !c.repeated && !c.taken.CompareAndSwap(false, true) {
		return
	}
	if len(w.open.calls) > 0 { // the first undoes the whole, in which nobody else is yet: at low load that saves a sixth of the time
		if c.err = w.exec("SAVEPOINT call"); c.err != nil {
			w.broken(c)
			return
		}
	}
	w.functions.Add(1)
	c.tx = w.db.tx(w.open.conn)
	began := time.Now()
	returned := false
	defer func() { // also when the function panics, or ends this goroutine
		if !returned {
			c.panicked = recover()
			c.exited = c.panicked == nil
		}
		if c.panicked != nil {
			slog.Error("the function of a transaction panicked", "function", c.name(), "stack", string(debug.Stack()))
		}
		w.warn(c, time.Since(began))
		w.ran(c)
	}()
	c.err = c.tx.run(c.ctx, c.fn)
	returned = true
}

// begin opens a transaction for c. If that fails nobody who waits now would do better: they all get the error.
func (w *writer) begin(c *call) bool {
	conn, err := w.db.begin(context.Background())
	if err != nil {
		err = fmt.Errorf("begin: %w", err)
		w.refuse(c, err)
		for _, c := range w.again {
			w.refuse(c, err)
		}
		w.again = nil
		for n := len(w.queue); n > 0; n-- {
			w.refuse(<-w.queue, err)
		}
		return false
	}
	w.open = &group{conn: conn, began: time.Now(), alone: c.repeated}
	return true
}

// refuse ends a call that was not run.
func (w *writer) refuse(c *call, err error) {
	if c.repeated || c.taken.CompareAndSwap(false, true) {
		c.err = err
		close(c.ended)
	}
}

// ran keeps or undoes what a call has done.
func (w *writer) ran(c *call) {
	first := len(w.open.calls) == 0
	switch {
	case c.failed() && first:
		w.broken(c)
		return
	case c.failed():
		err := w.exec("ROLLBACK TO SAVEPOINT call")
		if err == nil {
			err = w.exec("RELEASE SAVEPOINT call")
		}
		if err != nil {
			if !c.final() && !ends(c.err) {
				c.doubt(err)
			}
			w.broken(c)
			return
		}
	case !first:
		if c.err = w.exec("RELEASE SAVEPOINT call"); c.err != nil {
			w.broken(c)
			return
		}
	}
	w.open.works = w.open.works || !c.failed()
	w.open.calls = append(w.open.calls, c)
}

// broken gives up the open transaction, which SQLite may have done already, because of c. The others run again.
func (w *writer) broken(c *call) {
	g := w.open
	w.open = nil
	release(g.conn, rollback(context.Background(), g.conn) == nil)
	close(c.ended)
	var again []*call
	for _, other := range g.calls {
		if other.final() {
			close(other.ended)
			continue
		}
		other.err, other.repeated = nil, true
		again = append(again, other)
	}
	w.again = append(again, w.again...)
}

// commit ends the open transaction, and tells all that are in it.
func (w *writer) commit() {
	g := w.open
	w.open = nil
	var err error
	if g.works {
		w.commits.Add(1)
		err = w.db.commit(context.Background(), g.conn)
		release(g.conn, err == nil)
	} else {
		release(g.conn, rollback(context.Background(), g.conn) == nil)
	}
	for _, c := range g.calls {
		switch {
		case !c.failed():
			c.sent, c.err = true, err
		case err != nil && !c.final():
			c.doubt(err)
		}
		close(c.ended)
	}
}

// exec runs a statement that steers the open transaction.
func (w *writer) exec(statement string) error {
	_, err := w.open.conn.ExecContext(context.Background(), statement)
	return err
}

// warn logs that a function has kept the others waiting for long.
func (w *writer) warn(c *call, took time.Duration) {
	if took < slowFunction {
		return
	}
	name := c.name()
	if last, ok := w.slow[name]; !ok || time.Since(last) > slowPause {
		w.slow[name] = time.Now()
		slog.Warn("a transaction has kept all others waiting", "function", name, "took", took)
	}
}

// name is what the program calls the function of c.
func (c *call) name() string { return runtime.FuncForPC(reflect.ValueOf(c.fn).Pointer()).Name() }

// failed says that nothing of c is to be committed.
func (c *call) failed() bool { return c.err != nil || c.panicked != nil || c.exited }

// doubt replaces the error of c when all has failed with err: what c failed at may have been written by another of whom nothing is there
// now, so nobody may act on it, such as on a duplicate.
func (c *call) doubt(err error) {
	c.err = tooBusy(fmt.Errorf("%w (what it failed at: %v)", err, c.err))
}

// final says that c is not to be run again.
func (c *call) final() bool { return c.panicked != nil || c.exited }
