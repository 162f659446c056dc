package db

import (
	"context"
	"database/sql"
	"errors"
	"reflect"

	"dashop/store/fault"
)

// Get scans one row into dst; without a row it is fault.Missing.
func (d *DB) Get(ctx context.Context, dst any, query string, args ...any) error {
	d.tell(query, args)
	return found(d.reading(ctx, func(ctx context.Context, from source) error {
		switch dst.(type) {
		case *int, *int64, *string: // without the search for fields
			return from.QueryRowContext(ctx, query, args...).Scan(dst)
		}
		return from.GetContext(ctx, dst, query, args...)
	}))
}

// Select scans all rows into the slice at dst.
func (d *DB) Select(ctx context.Context, dst any, query string, args ...any) error {
	d.tell(query, args)
	if ids, ok := dst.(*[]int64); ok {
		before := *ids
		return d.reading(ctx, func(ctx context.Context, from source) error {
			*ids = before
			return selectIDs(ctx, from, ids, query, args)
		})
	}
	list := reflect.ValueOf(dst).Elem()
	before := list.Len()
	return d.reading(ctx, func(ctx context.Context, from source) error {
		list.SetLen(before) // without what an earlier try has read
		return from.SelectContext(ctx, dst, query, args...)
	})
}

func (d *DB) tell(statement string, args []any) {
	if d.heard != nil {
		d.heard(statement, args)
	}
}

// PointRead is a context for a read of a few rows by key. On SQLite the deadline then holds for the wait for a connection alone:
// such a read is over in microseconds, and to watch the deadline meanwhile would cost as much again. On MySQL there is a wire,
// and it is ctx itself.
func (d *DB) PointRead(ctx context.Context) context.Context {
	if d.driver == SQLite {
		return pointRead{ctx}
	}
	return ctx
}

type pointRead struct{ context.Context }

// source is what is read from: a pool, or one connection of it.
type source interface {
	GetContext(ctx context.Context, dst any, query string, args ...any) error
	SelectContext(ctx context.Context, dst any, query string, args ...any) error
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reading reads once, and once more where the first try met a conflict or a connection that was dead.
func (d *DB) reading(ctx context.Context, read func(ctx context.Context, from source) error) error {
	d.outside("a read from the pool")
	err := d.readOnce(ctx, read)
	if err != nil && (retryable(err) || lost(err)) && ctx.Err() == nil {
		err = d.readOnce(ctx, read)
	}
	return unavailable(err)
}

func (d *DB) readOnce(ctx context.Context, read func(ctx context.Context, from source) error) error {
	point, ok := ctx.(pointRead)
	if !ok {
		return read(ctx, d.read)
	}
	conn, err := d.read.Connx(point.Context)
	if err != nil {
		return err
	}
	defer conn.Close()
	return read(context.WithoutCancel(point.Context), conn)
}

// selectIDs is Select for a list of numbers, without the search for fields that each row costs otherwise.
func selectIDs(ctx context.Context, from source, ids *[]int64, query string, args []any) error {
	rows, err := from.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		*ids = append(*ids, id)
	}
	return rows.Err()
}

func found(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return fault.Missing()
	}
	return err
}
