package db

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"time"
)

// A lease that is not renewed ends after leaseTime; variables for tests.
var leaseTime, leaseRenewal = 30 * time.Second, 5 * time.Second

// lease is the right to migrate and prepare this database, which one program has at a time. It is a row that is really
// written, since on a cluster GET_LOCK and FOR UPDATE keep nobody on another node away. Its time is the database's, since
// nodes' clocks differ.
type lease struct {
	db    *DB
	owner string
}

var errLeaseLost = errors.New("another program has taken over the preparing of this database")

// leaseSQL differs between the databases: the table with its one row, what time it is, and a number of seconds later.
var leaseSQL = map[string]struct{ table, row, now, later string }{
	SQLite: {
		`CREATE TABLE IF NOT EXISTS migration_lease (id INT NOT NULL PRIMARY KEY, owner VARCHAR(32) NOT NULL, expires_at DATETIME NOT NULL)`,
		"INSERT OR IGNORE INTO migration_lease (id, owner, expires_at) VALUES (1, '', '2000-01-01')",
		"strftime('%Y-%m-%d %H:%M:%f', 'now')", "strftime('%Y-%m-%d %H:%M:%f', 'now', ? || ' seconds')",
	},
	MySQL: {
		`CREATE TABLE IF NOT EXISTS migration_lease (id INT NOT NULL PRIMARY KEY,
			owner VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL, expires_at DATETIME(3) NOT NULL) ENGINE=InnoDB`,
		"INSERT IGNORE INTO migration_lease (id, owner, expires_at) VALUES (1, '', '2000-01-01')",
		"UTC_TIMESTAMP(3)", "UTC_TIMESTAMP(3) + INTERVAL ? SECOND",
	},
}

// Alone runs fn while no other program runs something alone on this database, or migrates it: it waits for that one, or
// takes over after half a minute when that one died. The context of fn ends when the right is lost. fn should look whether
// it still has anything to do.
func (d *DB) Alone(ctx context.Context, fn func(ctx context.Context) error) error {
	return d.alone(ctx, func(ctx context.Context, _ *lease) error { return fn(ctx) })
}

func (d *DB) alone(ctx context.Context, fn func(ctx context.Context, lease *lease) error) error {
	lease, err := d.lease(ctx)
	if err != nil {
		return err
	}
	held, end := lease.keep(ctx)
	defer end()
	err = fn(held, lease)
	if cause := context.Cause(held); err != nil && cause != nil {
		err = errors.Join(err, cause)
	}
	return err
}

// lease waits until no other program has it.
func (d *DB) lease(ctx context.Context) (*lease, error) {
	words := leaseSQL[d.driver]
	exec := func(query string, args ...any) (rows int64, err error) {
		err = patiently(ctx, func() error {
			rows, err = d.Exec(ctx, query, args...)
			return err
		})
		return rows, err
	}
	for _, s := range []string{words.table, words.row} {
		if _, err := exec(s); err != nil {
			return nil, fmt.Errorf("make the lease: %w", err)
		}
	}
	l := &lease{d, strings.ToLower(rand.Text())}
	for end := time.Now().Add(migrationWait); time.Now().Before(end); {
		taken, err := exec("UPDATE migration_lease SET owner = ?, expires_at = "+words.later+" WHERE id = 1 AND expires_at <= "+words.now,
			l.owner, leaseTime.Seconds())
		if err != nil {
			return nil, fmt.Errorf("take the lease: %w", err)
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
	return nil, errors.New("another program is still preparing this database")
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
			began := time.Now()
			err := l.db.Tx(held, func(tx *Tx) error { return l.check(held, tx) })
			if err == nil {
				last = began // it may have waited for the answer since
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
		_, _ = l.db.Exec(ctx, "UPDATE migration_lease SET owner = '', expires_at = "+leaseSQL[l.db.driver].now+
			" WHERE id = 1 AND owner = ?", l.owner)
	}
}

// check renews the lease as part of tx, or fails when another program has it.
func (l *lease) check(ctx context.Context, tx *Tx) error {
	n, err := tx.Exec(ctx, "UPDATE migration_lease SET expires_at = "+leaseSQL[l.db.driver].later+" WHERE id = 1 AND owner = ?",
		leaseTime.Seconds(), l.owner)
	if err == nil && n == 0 {
		return errLeaseLost
	}
	return err
}
