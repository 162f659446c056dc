package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"net"

	"github.com/go-sql-driver/mysql"
)

// ends says whether a transaction whose statement met err is over: it was rolled back, or nobody knows, and nothing may be
// done in it any more. After other errors, such as a duplicate key, only that one statement is undone.
func ends(err error) bool {
	return retryable(err) || lost(err) || mysqlOutage(err) || sqliteEnds(err) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, sql.ErrTxDone)
}

// lost says whether the connection to the database is gone, or could not be made.
func lost(err error) bool {
	var wire net.Error
	return errors.Is(err, driver.ErrBadConn) || errors.Is(err, mysql.ErrInvalidConn) || errors.Is(err, sql.ErrConnDone) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.As(err, &wire)
}
