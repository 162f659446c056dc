package db

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"dashop/store/fault"
	"dashop/store/recent"
)

// How long a transaction is tried again, and the bounds of other waits.
const (
	retryFor     = 4 * time.Second        // what a shopper can wait; the pauses grow from 2 to 128 ms
	commitFor    = 3 * time.Second        // at least, for the answer to COMMIT when the time of the request is up
	rollbackFor  = 2 * time.Second        // for the answer to ROLLBACK
	mostBegins   = 3                      // connections that are tried when they turn out to be dead
	longestPause = 128 * time.Millisecond // between two tries
)

// Tx is a transaction that writes. It must not be used by two goroutines at once.
type Tx struct {
	db          *DB
	conn        *sqlx.Conn
	driver      string
	last        []step
	afterCommit []func()
	changed     []recent.Name
	over        error    // the error after which nothing can be done in it any more
	depth       int      // of parts
	watched     bool     // by OnCommit, in tests
	statements  []string // that wrote something, if watched
}

// step is what a transaction has to do before it is committed.
type step struct {
	name string
	do   func() error
}

// Tx runs fn in a transaction and commits it. On a deadlock, a lock wait time-out, a lost snapshot or a busy database it runs
// fn again, for some seconds and not beyond ctx, so fn must touch nothing but the database, and that only through tx. An outage, or
// a conflict that does not end, is fault.Unavailable: nothing was done. When the outcome of the commit cannot be known the error is
// fault.Unknown: look the work up by its key, never run it again.
//
// On SQLite one goroutine runs all functions one after the other (see writer), so fn must be quick: others wait for it. It may
// see what others have written who were not told yet that they are done; if that is not committed, neither is this.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	d.outside("a transaction")
	start, pause := time.Now(), time.Millisecond
	for try := 1; ; try++ {
		err := d.once(ctx, fn)
		d.noteRefusal(err)
		if err == nil || !retryable(err) || try > 1 && time.Since(start) > retryFor {
			return unavailable(err)
		}
		pause = min(2*pause, longestPause)
		select {
		case <-time.After(pause/2 + rand.N(pause)):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// once runs fn in one transaction: on SQLite in that of the writer, on MySQL in one of its own.
func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) error {
	if d.writer != nil {
		return d.writer.do(ctx, fn)
	}
	return d.single(ctx, fn)
}

// single runs fn in a transaction of its own on one connection, and throws the connection away unless the transaction on it has
// surely ended: a cluster node that loses its group refuses ROLLBACK, and then the next to use the connection would commit the half.
func (d *DB) single(ctx context.Context, fn func(tx *Tx) error) error {
	conn, err := d.begin(ctx)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	ended, tried := false, false
	defer func() { // also when fn panics
		if !ended && !tried {
			ended = rollback(ctx, conn) == nil
		}
		release(conn, ended)
	}()
	tx := d.tx(conn)
	if err := tx.run(ctx, fn); err != nil {
		return err
	}
	defer d.count(tx) // also where nobody knows the outcome
	tried = true
	if err := d.commit(ctx, conn); err != nil {
		return err
	}
	ended = true
	return injected(ctx, "COMMITTED")
}

func (d *DB) tx(conn *sqlx.Conn) *Tx {
	return &Tx{db: d, conn: conn, driver: d.driver, watched: d.onCommit != nil}
}

// run runs fn, and what it has put off to the end. After an error nothing of it may be committed.
func (t *Tx) run(ctx context.Context, fn func(tx *Tx) error) error {
	defer enter(t.db)()
	err := fn(t)
	for i := 0; i < len(t.last) && err == nil; i++ {
		err = t.last[i].do()
	}
	if t.over != nil && !errors.Is(err, t.over) {
		return t.over // even if fn ignored it: COMMIT could report success without committing
	}
	if err == nil {
		err = injected(ctx, "COMMIT")
	}
	if err == nil {
		err = ctx.Err() // an ordinary end: nothing was sent yet
	}
	return err
}

// begin takes a connection and begins a transaction on it.
func (d *DB) begin(ctx context.Context) (*sqlx.Conn, error) {
	statement := "START TRANSACTION"
	if d.driver == SQLite {
		statement = "BEGIN IMMEDIATE" // else it could fail in its middle, when another program has written since it read
	}
	for try := 1; ; try++ {
		conn, err := d.write.Connx(ctx)
		if err != nil {
			return nil, err
		}
		if _, err = conn.ExecContext(ctx, statement); err == nil {
			return conn, nil
		}
		release(conn, false)
		if !dead(err) || try == mostBegins {
			return nil, err
		}
	}
}

// commit ends the transaction. It may take somewhat longer than ctx, since what comes of a COMMIT that is broken off is unknown.
func (d *DB) commit(ctx context.Context, conn *sqlx.Conn) error {
	patient := context.WithoutCancel(ctx)
	if d.driver == MySQL {
		end := time.Now().Add(commitFor)
		if deadline, ok := ctx.Deadline(); ok && deadline.After(end) {
			end = deadline
		} else if !ok {
			end = time.Now().Add(mysqlAnswerWait)
		}
		var stop func()
		patient, stop = context.WithDeadline(patient, end)
		defer stop()
	}
	_, err := conn.ExecContext(patient, "COMMIT")
	if err == nil {
		return nil
	}
	err = fmt.Errorf("commit: %w", err)
	if retryable(err) || uncommitted(err) {
		return err
	}
	return fault.New(fault.Unknown, 0, "系统出了点问题，请稍后再试").Wrap(err)
}

func rollback(ctx context.Context, conn *sqlx.Conn) error {
	ctx, stop := context.WithTimeout(context.WithoutCancel(ctx), rollbackFor)
	defer stop()
	_, err := conn.ExecContext(ctx, "ROLLBACK")
	return err
}

// release gives a connection back to its pool if it is sound, and else throws it away, with what is open on it.
func release(conn *sqlx.Conn, sound bool) {
	if !sound {
		_ = conn.Raw(func(any) error { return driver.ErrBadConn })
	}
	_ = conn.Close()
}

// BeforeCommit has do run at the end of the transaction, once under a name however often it is asked for. So rows that all
// transactions of a kind write are locked for a moment only, and always after all else. DB.Committed counts the name.
func (t *Tx) BeforeCommit(name string, do func() error) {
	if !slices.ContainsFunc(t.last, func(s step) bool { return s.name == name }) {
		t.last = append(t.last, step{name, do})
	}
}

// Committed is how many transactions of this program that asked for something under this name by BeforeCommit have ended and
// were committed, or may have been.
func (d *DB) Committed(name string) int64 {
	if n, ok := d.committed.Load(name); ok {
		return n.(*atomic.Int64).Load()
	}
	return 0
}

// AfterCommit has do run when the transaction was committed, or may have been, and before Tx returns: so what this program keeps
// in memory of the database is dropped before anybody knows of the change. do must be quick and ask nothing of the database.
func (t *Tx) AfterCommit(do func()) { t.afterCommit = append(t.afterCommit, do) }

// Changed says what of that which this program keeps for a moment the transaction changes: once it is committed, or may have been,
// and before Tx returns, nothing that tells of it is used any more.
func (t *Tx) Changed(names ...recent.Name) { t.changed = append(t.changed, names...) }

// Changes are what transactions of this program have changed, for what is kept; see Tx.Changed.
func (d *DB) Changes() *recent.Changes { return &d.changes }

// count notes that tx was committed, or may have been.
func (d *DB) count(tx *Tx) {
	d.changes.Note(tx.changed...)
	for _, do := range tx.afterCommit {
		do()
	}
	var names []string
	for _, last := range tx.last {
		n, _ := d.committed.LoadOrStore(last.name, new(atomic.Int64))
		n.(*atomic.Int64).Add(1)
		names = append(names, last.name)
	}
	if d.onCommit != nil {
		for _, n := range tx.changed {
			names = append(names, n.Kind)
		}
		d.onCommit(tx.statements, names)
	}
}

// OnCommit calls f for each transaction that is committed, with the statements that wrote something and the names given to
// BeforeCommit and the kinds of those given to Changed. It is for tests that nothing is forgotten, and is called before the database
// is used.
func (d *DB) OnCommit(f func(statements, names []string)) { d.onCommit = f }

func (t *Tx) note(statement string) {
	if t.watched {
		t.statements = append(t.statements, statement)
	}
}

// before is called before each statement: it refuses them when the transaction is over, and injects the faults of tests.
func (t *Tx) before(ctx context.Context, statement string, args []any) error {
	t.db.tell(statement, args)
	if t.over != nil {
		return t.over
	}
	if err := injected(ctx, statement); err != nil {
		return t.after(err)
	}
	return t.after(ctx.Err())
}

// wire is the context for a statement itself. SQLite gets one that does not end: to break off a statement would undo the whole
// transaction, with what others have in it. So who has gone stops before the next statement.
func (t *Tx) wire(ctx context.Context) context.Context {
	if t.driver == SQLite {
		return context.Background()
	}
	return ctx
}

// after is called with what came of each statement.
func (t *Tx) after(err error) error {
	if err != nil && t.over == nil && ends(err) {
		t.over = err
	}
	return err
}

// Get scans one row into dst; without a row it is fault.Missing.
func (t *Tx) Get(ctx context.Context, dst any, query string, args ...any) error {
	if err := t.before(ctx, query, args); err != nil {
		return err
	}
	return found(t.after(t.conn.GetContext(t.wire(ctx), dst, query, args...)))
}

// Select scans all rows into the slice at dst.
func (t *Tx) Select(ctx context.Context, dst any, query string, args ...any) error {
	if err := t.before(ctx, query, args); err != nil {
		return err
	}
	return t.after(t.conn.SelectContext(t.wire(ctx), dst, query, args...))
}

// Exec runs a writing statement and says how many rows it matched, changed or not.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	if rows, err = t.exec(ctx, query, args...); rows > 0 {
		t.note(query)
	}
	return rows, err
}

func (t *Tx) exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	if err := t.before(ctx, query, args); err != nil {
		return 0, err
	}
	res, err := t.conn.ExecContext(t.wire(ctx), query, args...)
	if err != nil {
		return 0, t.after(err)
	}
	return res.RowsAffected()
}

// Insert adds one row to a table that numbers its rows and returns the number.
func (t *Tx) Insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	if err := t.before(ctx, query, args); err != nil {
		return 0, err
	}
	res, err := t.conn.ExecContext(t.wire(ctx), query, args...)
	if err != nil {
		return 0, t.after(err)
	}
	t.note(query)
	return res.LastInsertId()
}

type faultKey struct{}

// InjectFaults returns a context with which each statement of a transaction first asks f, and fails with what f
// returns. f gets the statement, then COMMIT before and COMMITTED after the commit. It is for tests of the promise
// that nothing is half done.
func InjectFaults(ctx context.Context, f func(statement string) error) context.Context {
	return context.WithValue(ctx, faultKey{}, f)
}

func injected(ctx context.Context, statement string) error {
	if f, ok := ctx.Value(faultKey{}).(func(string) error); ok {
		defer suspendWatch()() // a test may look at the database in the middle of a transaction
		return f(statement)
	}
	return nil
}
