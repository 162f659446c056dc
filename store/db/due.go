package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Expired says which rows of a table may be removed: those whose time, and Keep after it, has passed.
type Expired struct {
	Table string
	Key   []string      // the primary key: one column or two
	At    string        // the column that holds the time, which has an index
	Keep  time.Duration // how long a row is kept after its time
	Where string        // what else has to hold; "" is nothing
}

// The bounds of a clean-up.
const (
	pieceRows    = 500                    // that one transaction removes, so that nobody waits long for it
	longestRest  = 100 * time.Millisecond // between two pieces
	deadlineRoom = 10 * time.Second       // a piece begins only as long before the deadline as a statement may take
)

// DeleteExpired removes what may go by now, table by table in turns, in pieces that each are a short transaction. After a piece it rests as
// long as the piece took, so that others get their share of the database. A table that fails stops no other; the errors come
// joined. Shortly before the deadline of ctx it ends, and says that there is more to do.
func (d *DB) DeleteExpired(ctx context.Context, now time.Time, tables ...Expired) (more bool, err error) {
	open := make([]*cleaning, len(tables))
	for i, e := range tables {
		open[i] = &cleaning{Expired: e, before: now.Add(-e.Keep)}
	}
	var failed []error
	for len(open) > 0 {
		var rest []*cleaning
		for _, c := range open {
			if deadline, ok := ctx.Deadline(); ctx.Err() != nil || ok && time.Until(deadline) < deadlineRoom {
				return true, errors.Join(append(failed, ctx.Err())...)
			}
			began := time.Now()
			full, err := c.piece(ctx, d)
			if err != nil {
				failed = append(failed, fmt.Errorf("clean up %s: %w", c.Table, err))
			} else if full {
				rest = append(rest, c)
				sleep(ctx, min(time.Since(began), longestRest))
			}
		}
		open = rest
	}
	return false, errors.Join(failed...)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// cleaning is how far the clean-up of a table has come.
type cleaning struct {
	Expired
	before time.Time
	from   time.Time // all rows of an earlier time that may go are gone
}

// keyRow is the key of a row that may go, with its time.
type keyRow struct {
	One string    `db:"one"`
	Two string    `db:"two"`
	At  time.Time `db:"at"`
}

// piece removes some of the rows, and says whether there may be more.
func (c *cleaning) piece(ctx context.Context, d *DB) (full bool, err error) {
	query, args := c.find()
	var rows []keyRow
	if err := d.Select(ctx, &rows, query, args...); err != nil || len(rows) == 0 {
		return false, err
	}
	query, args = c.remove(d.driver, rows)
	if _, err := d.Exec(ctx, query, args...); err != nil {
		return false, err
	}
	c.from = rows[len(rows)-1].At
	return len(rows) == pieceRows, nil
}

// find is the query for the keys of the next piece. It begins where the last one ended: else the rows that Where spares would
// be read again for each piece.
func (c *cleaning) find() (query string, args []any) {
	second := "''"
	if len(c.Key) > 1 {
		second = c.Key[1]
	}
	query = fmt.Sprintf("SELECT %s AS one, %s AS two, %s AS at FROM %s WHERE %[3]s <= ?", c.Key[0], second, c.At, c.Table)
	args = []any{c.before}
	if !c.from.IsZero() {
		query += " AND " + c.At + " >= ?"
		args = append(args, c.from)
	}
	if c.Where != "" {
		query += " AND " + c.Where
	}
	return query + " ORDER BY " + c.At + " LIMIT ?", append(args, pieceRows)
}

// remove is the statement that removes rows by their keys, unless their time was changed meanwhile.
func (c *cleaning) remove(driver string, rows []keyRow) (query string, args []any) {
	key, one, list := c.Key[0], "?", ""
	if len(c.Key) > 1 {
		key, one = "("+strings.Join(c.Key, ", ")+")", "(?,?)"
		if driver == SQLite {
			list = "VALUES "
		}
	}
	for _, r := range rows {
		args = append(args, r.One)
		if len(c.Key) > 1 {
			args = append(args, r.Two)
		}
	}
	places := strings.TrimSuffix(strings.Repeat(one+",", len(rows)), ",")
	query = fmt.Sprintf("DELETE FROM %s WHERE %s IN (%s%s) AND %s <= ?", c.Table, key, list, places, c.At)
	return query, append(args, c.before)
}
