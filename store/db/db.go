// Package db opens the shop's database, SQLite or MySQL, and runs transactions on it; all that differs between the two is in here.
package db

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"

	"dashop/store/recent"
)

// The drivers that Open knows.
const (
	SQLite = "sqlite"
	MySQL  = "mysql"
)

// Config says which database to open.
type Config struct {
	Driver string // SQLite or MySQL
	DSN    string // a file name for SQLite; user:password@tcp(host:port)/name for MySQL
}

// Clock tells the time: UTC, cut to milliseconds, which is what both databases keep.
type Clock func() time.Time

// SystemClock is the machine's clock.
func SystemClock() time.Time { return Cut(time.Now()) }

// Cut makes t a time as the database keeps it, so that what was written equals what is read.
func Cut(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Queryer reads; a *DB does so by itself, a *Tx within its transaction.
type Queryer interface {
	// Get scans one row into dst; without a row it is fault.Missing.
	Get(ctx context.Context, dst any, query string, args ...any) error
	// Select scans all rows into the slice at dst.
	Select(ctx context.Context, dst any, query string, args ...any) error
}

// DB is the shop's database. It is safe for concurrent use.
type DB struct {
	driver string
	write  *sqlx.DB // on SQLite the one connection that writes
	writer *writer  // that uses it; nil on MySQL
	read   *sqlx.DB // on SQLite a pool of readers beside it; on MySQL the same as write
	mysql  *mysql.Config

	refused   atomic.Pointer[refusal]
	committed sync.Map // *atomic.Int64 by name, see Tx.BeforeCommit
	changes   recent.Changes
	onCommit  func(statements, names []string)
	heard     func(statement string, args []any)
}

// Open connects to the database and checks that it answers. It does not migrate.
func Open(ctx context.Context, c Config) (*DB, error) {
	open, ok := map[string]func(string) (*DB, error){SQLite: openSQLite, MySQL: openMySQL}[c.Driver]
	if !ok {
		return nil, fmt.Errorf("unknown database driver %q: want %s or %s", c.Driver, SQLite, MySQL)
	}
	d, err := open(c.DSN)
	if err != nil {
		return nil, fmt.Errorf("open %s database: %w", c.Driver, err)
	}
	if err := d.read.PingContext(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("reach %s database: %w", c.Driver, err), d.Close())
	}
	return d, nil
}

// Driver is SQLite or MySQL.
func (d *DB) Driver() string { return d.driver }

// Close ends what is being written, refuses what waits to be, and closes all connections.
func (d *DB) Close() error {
	if d.writer == nil {
		return d.write.Close()
	}
	d.writer.close()
	return errors.Join(d.read.Close(), d.write.Close())
}

// Exec runs one writing statement in a transaction of its own and says how many rows it matched.
func (d *DB) Exec(ctx context.Context, query string, args ...any) (rows int64, err error) {
	err = d.Tx(ctx, func(tx *Tx) error {
		rows, err = tx.Exec(ctx, query, args...)
		return err
	})
	return rows, err
}

// Pools are the handles below, for metrics and for tests that look at the schema.
func (d *DB) Pools() (write, read *sqlx.DB) { return d.write, d.read }

// OnStatement calls f with each statement that is sent to be read or written, in a transaction or not, and its arguments. It is
// for tests that look at all of them, is called before the database is used, and f may be called by many goroutines.
func (d *DB) OnStatement(f func(statement string, args []any)) { d.heard = f }

// In expands slices among args into lists of placeholders, as sqlx.In does. An empty slice is the caller's mistake.
func In(query string, args ...any) (string, []any) {
	q, a, err := sqlx.In(query, args...)
	if err != nil {
		panic(fmt.Sprintf("db.In(%q): %v", query, err))
	}
	return q, a
}
