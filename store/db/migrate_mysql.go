package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/jmoiron/sqlx"
)

// progressTable says how many statements of a file are done that is under way.
const progressTable = `CREATE TABLE IF NOT EXISTS migration_progress (
	version BIGINT NOT NULL PRIMARY KEY,
	statements INT NOT NULL) ENGINE=InnoDB`

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
	return d.alone(ctx, func(ctx context.Context, lease *lease) error {
		for _, s := range []string{versionTable[MySQL], progressTable, addZeroVersion} {
			if _, err := patient.Exec(ctx, s); err != nil {
				return fmt.Errorf("make the tables of migrations: %w", err)
			}
		}
		missing, err := patient.missing(ctx, files) // again: another program may have run them meanwhile
		if err != nil {
			return err
		}
		for _, f := range missing {
			if err := patient.resume(ctx, f, lease); err != nil {
				return fmt.Errorf("migrate %s: %w", f.name, err)
			}
		}
		return patient.makeExact(ctx, files, collation, lease)
	})
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
