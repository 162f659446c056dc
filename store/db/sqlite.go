package db

import (
	"database/sql"
	"errors"
	"net/url"
	"os"
	"path/filepath"

	"github.com/jmoiron/sqlx"
	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// sqliteReaders is the size of the pool that reads beside the one writer.
const sqliteReaders = 8

func openSQLite(file string) (*DB, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return nil, err
	}
	write, err := sqlitePool(sqliteDSN(file, "_txlock", "immediate"), 1)
	if err != nil {
		return nil, err
	}
	// The writer makes the file and puts it into WAL mode before the first reader opens it.
	if err := write.Ping(); err != nil {
		return nil, errors.Join(err, write.Close())
	}
	read, err := sqlitePool(sqliteDSN(file, "_pragma", "query_only(1)"), sqliteReaders)
	if err != nil {
		return nil, errors.Join(err, write.Close())
	}
	d := &DB{driver: SQLite, write: write, read: read}
	d.writer = startWriter(d)
	return d, nil
}

func sqlitePool(dsn string, connections int) (*sqlx.DB, error) {
	connector, err := sqlite.NewConnector(dsn)
	if err != nil {
		return nil, err
	}
	pool := sqlx.NewDb(sql.OpenDB(cachingConnector{connector}), "sqlite")
	pool.SetMaxOpenConns(connections)
	pool.SetMaxIdleConns(connections)
	return pool, nil
}

func sqliteDSN(file, key, value string) string {
	q := url.Values{"_time_format": {"sqlite"}, "_pragma": {
		"busy_timeout(5000)",
		"journal_mode(WAL)",
		"synchronous(FULL)", // an order that was answered survives a power cut
		"foreign_keys(1)",
		"mmap_size(2147483648)",
	}}
	q.Add(key, value)
	return "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + q.Encode()
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func sqliteDuplicate(err error) bool {
	code := sqliteCode(err)
	return code == lib.SQLITE_CONSTRAINT_UNIQUE || code == lib.SQLITE_CONSTRAINT_PRIMARYKEY
}

func sqliteRetryable(err error) bool {
	code := sqliteCode(err) & 0xff
	return code == lib.SQLITE_BUSY || code == lib.SQLITE_LOCKED
}

// sqliteOutage says whether err is about the file and its disk, not about the statement.
func sqliteOutage(err error) bool {
	switch sqliteCode(err) & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_READONLY, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_NOMEM, lib.SQLITE_PROTOCOL:
		return true
	}
	return false
}

// sqliteEnds says whether SQLite may have rolled back the whole transaction by itself, after which each further statement would
// be committed alone. Outages do so, too.
func sqliteEnds(err error) bool {
	switch sqliteCode(err) & 0xff {
	case lib.SQLITE_INTERRUPT, lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return true
	}
	return false
}

func sqliteUncommitted(err error) bool {
	switch sqliteCode(err) & 0xff {
	case lib.SQLITE_FULL, lib.SQLITE_READONLY, lib.SQLITE_CANTOPEN:
		return true
	}
	return false
}
