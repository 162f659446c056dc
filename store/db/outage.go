package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"
	"time"

	"github.com/go-sql-driver/mysql"

	"dashop/store/fault"
)

// retryAfter is when a client may try again during an outage, and how long a refused write counts as recent.
const retryAfter = 5 * time.Second

// retryable says whether the transaction certainly did nothing and may be run again.
func retryable(err error) bool { return mysqlRetryable(err) || sqliteRetryable(err) }

// ends says whether a transaction whose statement met err is over: it was rolled back, or nobody knows, and nothing may be
// done in it any more. After other errors, such as a duplicate key, only that one statement is undone.
func ends(err error) bool { return expired(err) || outage(err) || sqliteEnds(err) }

// outage says whether err is none of the shop's doing: the database is gone, full, only to be read, or too busy.
func outage(err error) bool {
	return !expired(err) && (retryable(err) || lost(err) || mysqlOutage(err) || sqliteOutage(err))
}

// IsOutage says whether err, as the functions of this package return it, is an outage of the database.
func IsOutage(err error) bool { return outage(err) }

// uncommitted says whether the error of a COMMIT means that nothing was committed.
func uncommitted(err error) bool { return mysqlUncommitted(err) || sqliteUncommitted(err) }

func expired(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// lost says whether the connection to the database is gone, or could not be made.
func lost(err error) bool {
	var wire net.Error
	return dead(err) || errors.Is(err, sql.ErrConnDone) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.As(err, &wire) && !expired(err)
}

// dead says whether a connection turned out to be broken when it was used.
func dead(err error) bool {
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn)
}

// unavailable is err, as fault.Unavailable where it is an outage and not yet a fault.
func unavailable(err error) error {
	var known *fault.Error
	if err == nil || errors.As(err, &known) || !outage(err) {
		return err
	}
	return tooBusy(err)
}

// tooBusy is fault.Unavailable because of err: nothing was done, and it can be tried again.
func tooBusy(err error) error {
	f := fault.New(fault.Unavailable, 0, "现在有点忙").Wrap(err)
	f.RetryAfter = retryAfter
	return f
}

// refusal is a write that the database refused, though it answers.
type refusal struct {
	err error
	at  time.Time
}

// noteRefusal remembers, for Ping, that the database refused to write: a full disk is found in no other way. What is written
// successfully meanwhile proves nothing, since some writes need no more space.
func (d *DB) noteRefusal(err error) {
	if outage(err) && !retryable(err) && !lost(err) {
		d.refused.Store(&refusal{err, time.Now()})
	}
}

// Ping asks whether the database can serve the shop: it answers, is not only to be read, belongs to the majority if it is
// of a cluster, and has refused no write in the last seconds. It opens no transaction and waits for no other node.
func (d *DB) Ping(ctx context.Context) error {
	if r := d.refused.Load(); r != nil && time.Since(r.at) < retryAfter {
		return unavailable(r.err)
	}
	if d.driver == SQLite {
		var tables int
		return d.Get(ctx, &tables, "SELECT COUNT(*) FROM sqlite_master")
	}
	return d.pingMySQL(ctx)
}
