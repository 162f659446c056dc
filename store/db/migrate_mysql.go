package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"
)

// What MySQL keeps of a migration under way: who runs it, and how many statements of a file are done.
var migrationTables = []string{
	versionTable[MySQL],
	`CREATE TABLE IF NOT EXISTS migration_lease (
		id INT NOT NULL PRIMARY KEY,
		owner VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
		expires_at DATETIME(3) NOT NULL) ENGINE=InnoDB`,
	`CREATE TABLE IF NOT EXISTS migration_progress (
		version BIGINT NOT NULL PRIMARY KEY,
		statements INT NOT NULL) ENGINE=InnoDB`,
	"INSERT IGNORE INTO migration_lease (id, owner, expires_at) VALUES (1, '', '2000-01-01')",
}

// The errors with which MySQL answers a change of the schema that was made before.
const (
	mysqlTableExists  = 1050
	mysqlColumnExists = 1060
	mysqlKeyExists    = 1061
	mysqlNothingThere = 1091 // to drop
)

// untracked is the last file that earlier programs ran without noting their progress.
const untracked = 15

// migrateMySQL runs the missing files statement by statement, holding the lease. MySQL commits each change of the schema
// by itself, so what is done is noted after each statement: data and note are one transaction. Last it sees that all text
// is compared as SQLite compares it, whatever the files say.
func (d *DB) migrateMySQL(ctx context.Context, files []migration) error {
	collation, err := d.exactCollation(ctx)
	if err != nil {
		return err
	}
	missing, err := d.missing(ctx, files)
	if err != nil {
		return err
	}
	if inexact, err := d.inexact(ctx, files, collation); err != nil || len(missing)+len(inexact) == 0 {
		return err
	}
	patient, err := d.patient()
	if err != nil {
		return err
	}
	defer patient.Close()
	for _, s := range migrationTables {
		if _, err := patient.Exec(ctx, s); err != nil {
			return fmt.Errorf("make the tables of migrations: %w", err)
		}
	}
	lease, err := d.lease(ctx)
	if err != nil {
		return err
	}
	ctx, end := lease.keep(ctx)
	defer end()
	if _, err := patient.Exec(ctx, addZeroVersion); err != nil {
		return fmt.Errorf("first version: %w", err)
	}
	missing, err = patient.missing(ctx, files) // again: another program may have run them meanwhile
	if err != nil {
		return err
	}
	for _, f := range missing {
		if err := patient.resume(ctx, f, lease); err != nil {
			return fmt.Errorf("migrate %s: %w", f.name, errors.Join(err, context.Cause(ctx)))
		}
	}
	return patient.makeExact(ctx, files, collation, lease)
}

// patient is d on a pool of its own that waits for an answer as long as it takes: to change a large table takes minutes.
// For the right to change a table it waits only seconds, since all who use the table wait behind it.
func (d *DB) patient() (*DB, error) {
	c := d.mysql.Clone()
	c.ReadTimeout, c.WriteTimeout = 0, 0
	c.Params["lock_wait_timeout"] = "10"
	pool, err := sqlx.Open("mysql", c.FormatDSN())
	if err != nil {
		return nil, err
	}
	return &DB{driver: MySQL, write: pool, read: pool}, nil
}

// resume runs those statements of a file that are not done yet, and notes the version.
func (d *DB) resume(ctx context.Context, f migration, lease *lease) error {
	if _, err := d.Exec(ctx, "INSERT IGNORE INTO migration_progress (version, statements) VALUES (?, 0)", f.version); err != nil {
		return err
	}
	var done int
	if err := d.Get(ctx, &done, "SELECT statements FROM migration_progress WHERE version = ?", f.version); err != nil {
		return err
	}
	// The run that was broken off may have come as far as this statement without noting it.
	repeated := done
	for i := done; i < len(f.statements); i++ {
		again := i == repeated || f.version <= untracked
		err := d.Tx(ctx, func(tx *Tx) error {
			_, err := tx.Exec(ctx, f.statements[i])
			if err != nil && !(again && alreadyDone(err)) {
				return err
			}
			again = true // the transaction may be tried again, and a change of the schema stays
			if err := lease.check(ctx, tx); err != nil {
				return err
			}
			_, err = tx.Exec(ctx, "UPDATE migration_progress SET statements = ? WHERE version = ?", i+1, f.version)
			return err
		})
		if err != nil {
			return fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return d.Tx(ctx, func(tx *Tx) error {
		if err := lease.check(ctx, tx); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, addVersion, f.version); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "DELETE FROM migration_progress WHERE version = ?", f.version)
		return err
	})
}

// alreadyDone says whether a change of the schema failed because it is there already.
func alreadyDone(err error) bool {
	return slices.Contains([]uint16{mysqlTableExists, mysqlColumnExists, mysqlKeyExists, mysqlNothingThere}, mysqlCode(err))
}

// A lease that is not renewed ends after leaseTime; variables for tests.
var leaseTime, leaseRenewal = 30 * time.Second, 5 * time.Second

// lease is the right to migrate, which one program has at a time. It is a row that is really written, since on a cluster
// GET_LOCK and FOR UPDATE keep nobody on another node away; and its time is the database's, since nodes' clocks differ.
type lease struct {
	db    *DB
	owner string
}

var errLeaseLost = errors.New("another program has taken the migration over")

// lease waits until no other program migrates.
func (d *DB) lease(ctx context.Context) (*lease, error) {
	l := &lease{d, strings.ToLower(rand.Text())}
	for end := time.Now().Add(migrationWait); time.Now().Before(end); {
		taken, err := d.Exec(ctx, `UPDATE migration_lease SET owner = ?, expires_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND
			WHERE id = 1 AND expires_at <= UTC_TIMESTAMP(3)`, l.owner, leaseTime.Microseconds())
		if err != nil {
			return nil, fmt.Errorf("take the migration lease: %w", err)
		}
		if taken == 1 {
			return l, nil
		}
		select {
		case <-time.After(leaseRenewal / 20):
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return nil, errors.New("another program is still migrating this database")
}

// keep renews the lease until end is called, which gives it back. The context ends when the lease is lost.
func (l *lease) keep(ctx context.Context) (held context.Context, end func()) {
	held, cancel := context.WithCancelCause(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		last := time.Now()
		for {
			select {
			case <-held.Done():
				return
			case <-time.After(leaseRenewal):
			}
			err := l.db.Tx(held, func(tx *Tx) error { return l.check(held, tx) })
			if err == nil {
				last = time.Now()
			}
			if errors.Is(err, errLeaseLost) || time.Since(last) > leaseTime {
				cancel(errors.Join(errLeaseLost, err))
				return
			}
		}
	}()
	return held, func() {
		cancel(nil)
		<-stopped
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), leaseRenewal)
		defer cancel()
		// Where this fails the lease runs out by itself.
		_, _ = l.db.Exec(ctx, "UPDATE migration_lease SET owner = '', expires_at = UTC_TIMESTAMP(3) WHERE id = 1 AND owner = ?", l.owner)
	}
}

// check renews the lease as part of tx, or fails when another program has it.
func (l *lease) check(ctx context.Context, tx *Tx) error {
	n, err := tx.Exec(ctx, "UPDATE migration_lease SET expires_at = UTC_TIMESTAMP(3) + INTERVAL ? MICROSECOND WHERE id = 1 AND owner = ?",
		leaseTime.Microseconds(), l.owner)
	if err == nil && n == 0 {
		return errLeaseLost
	}
	return err
}
