package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/search"
)

const (
	// followInRequest is how many products follow a renamed brand or a moved category in its own transaction.
	followInRequest = 100
	// followBatch is how many follow in one transaction of the job, and followStep in one run of it.
	followBatch = 100
	followStep  = 2000
)

// followChange updates all products with this value in a column after a change of what it refers to: few at once, many by jobs.
func (d *Desk) followChange(ctx context.Context, tx *db.Tx, column string, id int64, now time.Time) error {
	if err := enqueueRecount(ctx, tx, now); err != nil {
		return err
	}
	var products []int64
	if err := tx.Select(ctx, &products, "SELECT id FROM spus WHERE "+column+" = ? LIMIT ?", id, followInRequest+1); err != nil {
		return err
	}
	if len(products) <= followInRequest {
		return d.followProducts(ctx, tx, products)
	}
	return enqueueFollow(ctx, tx, column, id, 0, now)
}

// enqueueFollow enqueues a job for the products with an id above after. Its key holds the time, so that a later
// change of the same thing gets a job of its own, even while this one runs.
func enqueueFollow(ctx context.Context, tx *db.Tx, column string, id, after int64, now time.Time) error {
	payload := fmt.Sprintf("%s %d %d", column, id, after)
	return job.Enqueue(ctx, tx, FollowKind, fmt.Sprintf("%s %d", payload, now.UnixMilli()), payload, now, now)
}

// FollowJob updates up to followStep products after a change of their brand or category, and leaves the rest to another job. It is
// safe to repeat.
func (d *Desk) FollowJob(ctx context.Context, payload string) (err error) {
	defer fault.Wrap(&err, "update products by %s", payload)
	var column string
	var id, after int64
	if n, err := fmt.Sscan(payload, &column, &id, &after); n != 3 || !slices.Contains(followColumns, column) {
		return fmt.Errorf("not a job of this kind: %w", err)
	}
	var products []int64
	if err := d.db.Select(ctx, &products, "SELECT id FROM spus WHERE "+column+" = ? AND id > ? ORDER BY id LIMIT ?", id, after,
		followStep); err != nil {
		return err
	}
	for batch := range slices.Chunk(products, followBatch) {
		err := d.db.Tx(ctx, func(tx *db.Tx) error {
			catalog.MarkChanged(ctx, tx)
			return d.followProducts(ctx, tx, batch)
		})
		if err != nil {
			return err
		}
	}
	if len(products) < followStep {
		return nil
	}
	now := d.clock()
	return d.db.Tx(ctx, func(tx *db.Tx) error { return enqueueFollow(ctx, tx, column, id, products[len(products)-1], now) })
}

// followColumns are the columns of a product that something else's change can be about.
var followColumns = []string{"brand_id", "category1_id", "category2_id", "category3_id"}

// followProducts sets the upper categories of products by their lowest one as the tree has it now, and indexes them again.
func (d *Desk) followProducts(ctx context.Context, tx *db.Tx, spuIDs []int64) error {
	if len(spuIDs) == 0 {
		return nil
	}
	var rows []struct {
		ID int64 `db:"id"`
		C3 int64 `db:"category3_id"`
		C2 int64 `db:"category2_id"`
		C1 int64 `db:"category1_id"`
	}
	query, args := db.In("SELECT id, category1_id, category2_id, category3_id FROM spus WHERE id IN (?) ORDER BY id", spuIDs)
	if err := tx.Select(ctx, &rows, query, args...); err != nil {
		return err
	}
	paths := map[int64][2]int64{}
	for _, r := range rows {
		path, known := paths[r.C3]
		if !known {
			err := tx.Get(ctx, &path[1], "SELECT parent_id FROM categories WHERE id = ?", r.C3)
			if err == nil {
				err = tx.Get(ctx, &path[0], "SELECT parent_id FROM categories WHERE id = ?", path[1])
			}
			if fault.Is(err, fault.NotFound) {
				path = [2]int64{r.C1, r.C2} // a category that never was: nothing to follow
			} else if err != nil {
				return err
			}
			paths[r.C3] = path
		}
		if path == [2]int64{r.C1, r.C2} {
			continue
		}
		// One that is moved to another category at this moment is put in its place by that.
		if _, err := tx.Exec(ctx, "UPDATE spus SET category1_id = ?, category2_id = ? WHERE id = ? AND category3_id = ?",
			path[0], path[1], r.ID, r.C3); err != nil {
			return fmt.Errorf("place product %d: %w", r.ID, err)
		}
	}
	if err := d.reprice(ctx, tx, d.clock, spuIDs...); err != nil {
		return err
	}
	return search.Index(ctx, tx, spuIDs...)
}
