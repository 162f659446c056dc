package db

import (
	"context"
	"fmt"
	"time"
)

// The bounds of one clean-up: rows a transaction, and transactions.
const (
	dueRows   = 500
	dueRounds = 200
)

// DeleteDue removes the rows of a table whose column at is not after before, some at a time so that nobody waits long
// for the locks, and says how many there were. key is the primary key. What is left over goes next time.
func (d *DB) DeleteDue(ctx context.Context, table, key, at string, before time.Time) (n int64, err error) {
	for range dueRounds {
		var keys []string
		find := fmt.Sprintf("SELECT %s FROM %s WHERE %s <= ? ORDER BY %s LIMIT ?", key, table, at, at)
		if err := d.Select(ctx, &keys, find, before, dueRows); err != nil || len(keys) == 0 {
			return n, err
		}
		query, args := In(fmt.Sprintf("DELETE FROM %s WHERE %s IN (?) AND %s <= ?", table, key, at), keys, before)
		gone, err := d.Exec(ctx, query, args...)
		if err != nil {
			return n, fmt.Errorf("clean up %s: %w", table, err)
		}
		n += gone
		if len(keys) < dueRows {
			break
		}
	}
	return n, nil
}
