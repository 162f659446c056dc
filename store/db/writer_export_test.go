package db

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/jmoiron/sqlx"
)

// The bounds of the writer.
const (
	MostGrouped = mostGrouped
	MostWaiting = mostWaiting
)

// What the writer says to those whom it does not serve.
var (
	ErrClosed = errClosed
	ErrNested = errNested
)

// AroundCommit has f run around each COMMIT on the connection that writes. It is called before d is used.
func AroundCommit(d *DB, f func(commit func() error) error) { Around(d, "COMMIT", f) }

// Around is AroundCommit for another statement.
func Around(d *DB, statement string, f func(run func() error) error) {
	pool := sqlx.NewDb(sql.OpenDB(interceptor{d.write.DB, statement, f}), "sqlite")
	pool.SetMaxOpenConns(1)
	d.write = pool
}

// interceptor opens connections by way of a pool that it takes them from.
type interceptor struct {
	from      *sql.DB
	statement string
	f         func(run func() error) error
}

func (i interceptor) Driver() driver.Driver { return i.from.Driver() }

func (i interceptor) Connect(ctx context.Context) (conn driver.Conn, err error) {
	taken, err := i.from.Conn(ctx) // and never given back
	if err != nil {
		return nil, err
	}
	err = taken.Raw(func(c any) error {
		conn = &intercepted{c.(*cachingConn), taken, i}
		return nil
	})
	return conn, err
}

type intercepted struct {
	*cachingConn
	taken *sql.Conn
	by    interceptor
}

func (c *intercepted) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (r driver.Result, err error) {
	if query != c.by.statement {
		return c.cachingConn.ExecContext(ctx, query, args)
	}
	err = c.by.f(func() error {
		r, err = c.cachingConn.ExecContext(ctx, query, args)
		return err
	})
	return r, err
}

func (c *intercepted) Close() error {
	_ = c.taken.Raw(func(any) error { return driver.ErrBadConn })
	return c.taken.Close()
}

// WriterKeeps says whether the connection that writes keeps a statement prepared.
func WriterKeeps(d *DB, statement string) (kept bool) {
	conn, err := d.write.DB.Conn(context.Background())
	if err != nil {
		panic(err)
	}
	defer conn.Close()
	_ = conn.Raw(func(c any) error {
		kept = c.(*cachingConn).plain.byKey[statement] != nil
		return nil
	})
	return kept
}

// Unwatch lets programs behave as in production, until watch is called.
func Unwatch() (watch func()) {
	watching.Store(false)
	return Watch
}
