package storetest

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	"modernc.org/libc"
	lib "modernc.org/sqlite/lib"

	"dashop/store/db"
)

// Meter measures what a statement costs its database: the rows that are read to answer it, counted by the database itself, so that neither
// the machine nor its load matter. What a statement changes is undone.
type Meter interface {
	// Rows runs a statement and says how many rows it read.
	Rows(statement string, args []any) (int64, error)
}

// NewMeter measures on the database of c, which nothing else writes to meanwhile.
func NewMeter(t testing.TB, c db.Config) Meter {
	t.Helper()
	if c.Driver == db.SQLite {
		return newSQLiteMeter(t, c.DSN)
	}
	d, err := db.Open(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	pool, _ := d.Pools()
	conn, err := pool.Connx(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return mysqlMeter{conn}
}

// mysqlMeter reads the counters of its session: rows read by index or without one, and rows of temporary tables.
type mysqlMeter struct{ conn *sqlx.Conn }

func (m mysqlMeter) Rows(statement string, args []any) (int64, error) {
	ctx := context.Background()
	if _, err := m.conn.ExecContext(ctx, "START TRANSACTION"); err != nil {
		return 0, err
	}
	before, err := m.counters(ctx)
	if err != nil {
		return 0, err
	}
	failed := m.run(ctx, statement, args)
	after, err := m.counters(ctx)
	_, undone := m.conn.ExecContext(ctx, "ROLLBACK")
	return after - before, errors.Join(failed, err, undone)
}

func (m mysqlMeter) run(ctx context.Context, statement string, args []any) error {
	rows, err := m.conn.QueryContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

func (m mysqlMeter) counters(ctx context.Context) (sum int64, err error) {
	var rows []struct {
		Name  string `db:"Variable_name"`
		Value int64  `db:"Value"`
	}
	err = m.conn.SelectContext(ctx, &rows, `SHOW SESSION STATUS WHERE Variable_name IN ('Handler_read_first', 'Handler_read_key', 'Handler_read_last',
		'Handler_read_next', 'Handler_read_prev', 'Handler_read_rnd', 'Handler_read_rnd_next', 'Handler_tmp_write')`)
	for _, r := range rows {
		sum += r.Value
	}
	return sum, err
}

// sqliteMeter is a connection of its own to a file, since database/sql does not tell what a statement did.
type sqliteMeter struct {
	tls *libc.TLS
	db  uintptr
}

// stepsARow is how many steps of SQLite's machine a row takes, with the columns that pages read and the checks of a join.
const stepsARow = 20

func newSQLiteMeter(t testing.TB, file string) *sqliteMeter {
	t.Helper()
	m := &sqliteMeter{tls: libc.NewTLS()}
	name, err := libc.CString(file)
	if err != nil {
		t.Fatal(err)
	}
	defer libc.Xfree(m.tls, name)
	out := m.tls.Alloc(8)
	defer m.tls.Free(8)
	if code := lib.Xsqlite3_open_v2(m.tls, name, out, lib.SQLITE_OPEN_READWRITE, 0); code != lib.SQLITE_OK {
		t.Fatalf("open %s: %d", file, code)
	}
	m.db = libc.AtomicLoadPUintptr(out)
	t.Cleanup(func() {
		lib.Xsqlite3_close_v2(m.tls, m.db)
		m.tls.Close()
	})
	return m
}

func (m *sqliteMeter) Rows(statement string, args []any) (int64, error) {
	if _, err := m.steps("SAVEPOINT meter", nil); err != nil {
		return 0, err
	}
	rows, err := m.steps(statement, args)
	_, undone := m.steps("ROLLBACK TO meter", nil)
	_, left := m.steps("RELEASE meter", nil)
	return rows, errors.Join(err, undone, left)
}

// steps runs a statement to its end and counts its steps as rows; a row of a full scan counts at least as one.
func (m *sqliteMeter) steps(statement string, args []any) (rows int64, err error) {
	text, err := libc.CString(statement)
	if err != nil {
		return 0, err
	}
	defer libc.Xfree(m.tls, text)
	out := m.tls.Alloc(8)
	defer m.tls.Free(8)
	if code := lib.Xsqlite3_prepare_v2(m.tls, m.db, text, -1, out, 0); code != lib.SQLITE_OK {
		return 0, m.failed(code)
	}
	stmt := libc.AtomicLoadPUintptr(out)
	defer lib.Xsqlite3_finalize(m.tls, stmt)
	var kept []uintptr
	defer func() {
		for _, p := range kept {
			libc.Xfree(m.tls, p)
		}
	}()
	for i, arg := range args {
		value, err := driver.DefaultParameterConverter.ConvertValue(arg)
		if err != nil {
			return 0, err
		}
		at := int32(i + 1)
		switch v := value.(type) {
		case nil:
			lib.Xsqlite3_bind_null(m.tls, stmt, at)
		case int64:
			lib.Xsqlite3_bind_int64(m.tls, stmt, at, v)
		case bool:
			n := int64(0)
			if v {
				n = 1
			}
			lib.Xsqlite3_bind_int64(m.tls, stmt, at, n)
		case float64:
			lib.Xsqlite3_bind_double(m.tls, stmt, at, v)
		default:
			s := fmt.Sprint(v)
			switch v := v.(type) {
			case []byte:
				s = string(v)
			case time.Time:
				s = v.Format("2006-01-02 15:04:05.999999999-07:00")
			}
			p, err := libc.CString(strings.ReplaceAll(s, "\x00", ""))
			if err != nil {
				return 0, err
			}
			kept = append(kept, p)
			lib.Xsqlite3_bind_text(m.tls, stmt, at, p, -1, 0)
		}
	}
	code := int32(lib.SQLITE_ROW)
	for code == lib.SQLITE_ROW {
		code = lib.Xsqlite3_step(m.tls, stmt)
	}
	steps := int64(lib.Xsqlite3_stmt_status(m.tls, stmt, lib.SQLITE_STMTSTATUS_VM_STEP, 0))
	scanned := int64(lib.Xsqlite3_stmt_status(m.tls, stmt, lib.SQLITE_STMTSTATUS_FULLSCAN_STEP, 0))
	if code != lib.SQLITE_DONE {
		err = m.failed(code)
	}
	return max(steps/stepsARow, scanned), err
}

// Taken says whether a statement that was measured could not insert its row a second time.
func Taken(err error) bool {
	return db.IsDuplicate(err) || strings.Contains(err.Error(), "UNIQUE constraint")
}

func (m *sqliteMeter) failed(code int32) error {
	return fmt.Errorf("%s (%d)", libc.GoString(lib.Xsqlite3_errmsg(m.tls, m.db)), code)
}
