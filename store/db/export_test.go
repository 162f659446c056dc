package db

import (
	"context"
	"database/sql"
	"slices"
	"strconv"
	"strings"
	"time"
)

// MigrateTo runs the migrations up to a version.
func (d *DB) MigrateTo(ctx context.Context, version int64) error {
	files, err := migrations(d.driver)
	if err != nil {
		return err
	}
	return d.migrate(ctx, slices.DeleteFunc(files, func(f migration) bool { return f.version > version }))
}

// MigrateAsGoose runs the migrations up to a version as earlier programs did, by goose: without notes, and without a care for
// how text is compared.
func (d *DB) MigrateAsGoose(ctx context.Context, version int64) error {
	files, err := migrations(d.driver)
	if err != nil {
		return err
	}
	statements := []string{versionTable[d.driver], addZeroVersion}
	for _, f := range files {
		if f.version <= version {
			statements = append(statements, f.statements...)
			statements = append(statements, strings.ReplaceAll(addVersion, "?", strconv.FormatInt(f.version, 10)))
		}
	}
	for _, s := range statements {
		if _, err := d.Exec(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// MigrateText runs one migration of a test.
func (d *DB) MigrateText(ctx context.Context, version int64, text string) error {
	statements, err := split(text)
	if err != nil {
		return err
	}
	return d.migrate(ctx, []migration{{version, "test.sql", statements}})
}

// Versions are the numbers of all migrations, in order.
func Versions(driver string) (all []int64, err error) {
	files, err := migrations(driver)
	for _, f := range files {
		all = append(all, f.version)
	}
	return all, err
}

// Statements are the statements of all migrations of a driver.
func Statements(driver string) (all []string, err error) {
	files, err := migrations(driver)
	for _, f := range files {
		all = append(all, f.statements...)
	}
	return all, err
}

// Lease takes the migration lease as a program does that dies at once.
func (d *DB) Lease(ctx context.Context) error {
	_, err := d.lease(ctx)
	return err
}

// FreeLease lets the lease of a dead program run out.
func (d *DB) FreeLease(ctx context.Context) error {
	if d.driver != MySQL {
		return nil
	}
	_, err := d.Exec(ctx, "UPDATE migration_lease SET expires_at = '2000-01-01'")
	if mysqlCode(err) == 1146 {
		return nil // it was killed before there was a lease
	}
	return err
}

// SetLeaseTime sets how long a lease lasts, and gives what sets it back.
func SetLeaseTime(d time.Duration) (undo func()) {
	t, r := leaseTime, leaseRenewal
	leaseTime, leaseRenewal = d, d/6
	return func() { leaseTime, leaseRenewal = t, r }
}

// LeaseLost is what a migration ends with when another program took it over.
var LeaseLost = errLeaseLost

// Prepared says whether some connection that reads keeps a query prepared, and how many statements each keeps at most.
func Prepared(d *DB, query string) (kept bool, most int) {
	var open []*sql.Conn
	for range sqliteReaders {
		conn, err := d.read.DB.Conn(context.Background())
		if err != nil {
			panic(err)
		}
		open = append(open, conn)
		_ = conn.Raw(func(c any) error {
			r := c.(*cachingConn)
			kept = kept || r.plain.byKey[query] != nil || r.lists.byKey[query] != nil
			most = max(most, len(r.plain.byKey)+len(r.lists.byKey))
			return nil
		})
	}
	for _, conn := range open {
		_ = conn.Close()
	}
	return kept, most
}

// MostStatements is the bound of Prepared.
const MostStatements = mostPrepared + mostLists

// CheckDSN is the check of the parameters of a MySQL DSN.
var CheckDSN = checkDSN

// ForgetRefusal lets the time pass for which a refused write counts as news.
func (d *DB) ForgetRefusal() { d.refused.Store(nil) }
