package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// The bounds of one statement: SQLite takes 32,766 placeholders and MySQL 65,535; MariaDB takes 16 MB of text.
const (
	mostPlaceholders = 6000 // more at once is no faster
	mostBytes        = 4 << 20
)

// InsertMany adds rows to a table, with one statement for as many as both databases take at once. Each row has a value for each column.
func (t *Tx) InsertMany(ctx context.Context, table string, columns []string, rows [][]any) error {
	return t.insertMany(ctx, table, columns, rows, "")
}

// AddMany adds numbers to counters: each row is a key and a number, and makes the counter where the table has none for the key yet.
func (t *Tx) AddMany(ctx context.Context, table, key, counter string, rows [][]any) error {
	add := fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s = %s + excluded.%s", key, counter, counter, counter)
	if t.driver == MySQL {
		add = fmt.Sprintf(" ON DUPLICATE KEY UPDATE %s = %s + VALUES(%s)", counter, counter, counter)
	}
	return t.insertMany(ctx, table, []string{key, counter}, rows, add)
}

// KeepLatest keeps the latest time for each key: each row is a key, of one column or more, and a time. It is made where the table has none
// for the key yet, and moves only forward.
func (t *Tx) KeepLatest(ctx context.Context, table string, key []string, at string, rows [][]any) error {
	later := fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET %s = MAX(%s, excluded.%s)", strings.Join(key, ", "), at, at, at)
	if t.driver == MySQL {
		later = fmt.Sprintf(" ON DUPLICATE KEY UPDATE %s = GREATEST(%s, VALUES(%s))", at, at, at)
	}
	return t.insertMany(ctx, table, append(slices.Clone(key), at), rows, later)
}

func (t *Tx) insertMany(ctx context.Context, table string, columns []string, rows [][]any, end string) error {
	into := "INSERT INTO " + table + " (" + strings.Join(columns, ", ") + ") VALUES "
	one := "(" + strings.TrimSuffix(strings.Repeat("?,", len(columns)), ",") + ")"
	for len(rows) > 0 {
		n := atOnce(rows)
		args := make([]any, 0, n*len(columns))
		for _, row := range rows[:n] {
			if len(row) != len(columns) {
				return fmt.Errorf("insert into %s: %d values for %d columns", table, len(row), len(columns))
			}
			args = append(args, row...)
		}
		if _, err := t.Exec(ctx, into+one+strings.Repeat(","+one, n-1)+end, args...); err != nil {
			return err
		}
		rows = rows[n:]
	}
	return nil
}

// atOnce is how many of the rows go into the next statement, at least one.
func atOnce(rows [][]any) (n int) {
	for placeholders, bytes := 0, 0; n < len(rows); n++ {
		placeholders += len(rows[n])
		for _, value := range rows[n] {
			switch v := value.(type) {
			case string:
				bytes += len(v)
			case []byte:
				bytes += len(v)
			}
		}
		if n > 0 && (placeholders > mostPlaceholders || bytes > mostBytes) {
			break
		}
	}
	return n
}
