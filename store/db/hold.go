package db

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/fault"
)

// heldTables are those whose rows can be held. Each has a column held that nobody reads.
var heldTables = []string{"brands", "categories", "orders", "payments", "skus", "spus", "users"}

// Hold keeps a row as it is until the transaction ends, for work that rests on the row without changing it: others who change
// or delete the row meanwhile wait. Read the row after it is held. Without such a row it is fault.NotFound.
//
// The row is really changed, by a counter. A SELECT … FOR UPDATE would lock it on this node of a cluster only, and then two
// nodes can commit what may not stand together; of two that change the same row, one has to begin again.
func (t *Tx) Hold(ctx context.Context, table string, id int64) error {
	rows, err := t.hold(ctx, table, []int64{id}, "")
	if err == nil && rows == 0 {
		return fault.Missing()
	}
	return err
}

// HoldWhere is Hold for a row that also meets a condition about its columns; one that does not is fault.NotFound.
func (t *Tx) HoldWhere(ctx context.Context, table string, id int64, condition string) error {
	rows, err := t.hold(ctx, table, []int64{id}, " AND "+condition)
	if err == nil && rows == 0 {
		return fault.Missing()
	}
	return err
}

// HoldAll is Hold for several rows, the lowest id first. Ids without a row are passed over.
func (t *Tx) HoldAll(ctx context.Context, table string, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := t.hold(ctx, table, slices.Sorted(slices.Values(ids)), "")
	return err
}

func (t *Tx) hold(ctx context.Context, table string, ids []int64, and string) (rows int64, err error) {
	if !slices.Contains(heldTables, table) {
		return 0, fmt.Errorf("rows of %s cannot be held", table)
	}
	if t.driver == SQLite { // nobody else writes during this transaction
		query, args := In("SELECT COUNT(*) FROM "+table+" WHERE id IN (?)"+and, ids)
		err = t.Get(ctx, &rows, query, args...)
	} else {
		query, args := In("UPDATE "+table+" SET held = held + 1 WHERE id IN (?)"+and, ids)
		rows, err = t.exec(ctx, query, args...) // which OnCommit need not know
	}
	if err != nil {
		return 0, fmt.Errorf("hold %s %v: %w", table, ids, err)
	}
	return rows, nil
}
