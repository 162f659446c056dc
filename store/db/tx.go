package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"

	"dashop/store/fault"
)

// maxTries bounds how often a transaction is run; the pauses between them grow from 2 to 128 ms.
const maxTries = 8

// Tx is a transaction that writes. It must not be used by two goroutines at once.
type Tx struct {
	tx     *sqlx.Tx
	driver string
	last   []lastly
	seen   func(statement string) // for OnCommit; nil outside of tests
}

// lastly is what a transaction has to do before it is committed.
type lastly struct {
	name string
	do   func() error
}

// Tx runs fn in a transaction and commits it. On a deadlock, a lock wait time-out, a lost snapshot or a busy database
// it runs fn again, some times, so fn must touch nothing but the database. When the outcome of the commit cannot be
// known the error is fault.Unknown: look the work up by its key, never run it again.
func (d *DB) Tx(ctx context.Context, fn func(tx *Tx) error) error {
	for try := 1; ; try++ {
		err := d.once(ctx, fn)
		if err == nil || try == maxTries || !retryable(err) {
			return err
		}
		pause := time.Millisecond << min(try, 7)
		pause = pause/2 + rand.N(pause)
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

func (d *DB) once(ctx context.Context, fn func(tx *Tx) error) error {
	inner, err := d.write.BeginTxx(ctx, d.txOptions())
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = inner.Rollback() }() // does nothing after a commit
	tx := &Tx{tx: inner, driver: d.driver}
	committed := d.watch(tx)
	if err := fn(tx); err != nil {
		return err
	}
	for _, l := range tx.last {
		if err := l.do(); err != nil {
			return err
		}
	}
	if err := injected(ctx, "COMMIT"); err != nil {
		return err
	}
	defer committed() // also where nobody knows the outcome
	if err := inner.Commit(); err != nil {
		if retryable(err) || errors.Is(err, sql.ErrTxDone) {
			return fmt.Errorf("commit: %w", err)
		}
		return fault.New(fault.Unknown, 0, "系统出了点问题，请稍后再试").Wrap(fmt.Errorf("commit: %w", err))
	}
	return injected(ctx, "COMMITTED")
}

// txOptions asks MySQL for READ COMMITTED: the shop's rules stand on guarded updates and unique keys, which need no
// snapshot, and so no gap locks are taken.
func (d *DB) txOptions() *sql.TxOptions {
	if d.driver == MySQL {
		return &sql.TxOptions{Isolation: sql.LevelReadCommitted}
	}
	return nil
}

// Lastly has do run as the last of the transaction, once under a name however often it is asked for: so the rows that
// all transactions of a sort write are locked for a moment only, and in no other order than after all else. DB.Ended then
// counts the name.
func (t *Tx) Lastly(name string, do func() error) {
	if !slices.ContainsFunc(t.last, func(l lastly) bool { return l.name == name }) {
		t.last = append(t.last, lastly{name, do})
	}
}

// Ended is how many transactions of this program ended with what was asked for under a name by Lastly, and may have been committed.
func (d *DB) Ended(name string) int64 {
	if n, ok := d.ended.Load(name); ok {
		return n.(*atomic.Int64).Load()
	}
	return 0
}

// watch gives what is to be done when tx is committed.
func (d *DB) watch(tx *Tx) func() {
	var statements []string
	if d.onCommit != nil {
		tx.seen = func(s string) { statements = append(statements, s) }
	}
	return func() {
		var names []string
		for _, l := range tx.last {
			n, _ := d.ended.LoadOrStore(l.name, new(atomic.Int64))
			n.(*atomic.Int64).Add(1)
			names = append(names, l.name)
		}
		if d.onCommit != nil {
			d.onCommit(statements, names)
		}
	}
}

// OnCommit has f hear of each transaction that is committed: the statements that wrote something, and the names given to Lastly. It is
// for tests that see to it that nothing is forgotten, and is called before the database is used.
func (d *DB) OnCommit(f func(statements, lastly []string)) { d.onCommit = f }

func (t *Tx) see(statement string) {
	if t.seen != nil {
		t.seen(statement)
	}
}

// Get scans one row into dst; without a row it is fault.Missing.
func (t *Tx) Get(ctx context.Context, dst any, query string, args ...any) error {
	if err := injected(ctx, query); err != nil {
		return err
	}
	return found(t.tx.GetContext(ctx, dst, query, args...))
}

// Select scans all rows into the slice at dst.
func (t *Tx) Select(ctx context.Context, dst any, query string, args ...any) error {
	if err := injected(ctx, query); err != nil {
		return err
	}
	return t.tx.SelectContext(ctx, dst, query, args...)
}

// Exec runs a writing statement and says how many rows it matched, changed or not.
func (t *Tx) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	if err := injected(ctx, query); err != nil {
		return 0, err
	}
	res, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	if rows, err = res.RowsAffected(); rows > 0 {
		t.see(query)
	}
	return rows, err
}

// Insert adds one row to a table that numbers its rows and returns the number.
func (t *Tx) Insert(ctx context.Context, query string, args ...any) (id int64, err error) {
	if err := injected(ctx, query); err != nil {
		return 0, err
	}
	t.see(query)
	res, err := t.tx.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return res.LastInsertId()
}

// Lock is what a SELECT ends with to keep the row from others until the commit. SQLite needs nothing: its writers stand in line.
// On a cluster it protects only rows that the transaction also writes.
func (t *Tx) Lock() string {
	if t.driver == MySQL {
		return " FOR UPDATE"
	}
	return ""
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
		return f(statement)
	}
	return nil
}
