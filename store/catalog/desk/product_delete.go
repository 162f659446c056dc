package desk

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/search"
)

// DeleteProduct takes away a product that was made by mistake: one that is not launched, of which nothing was ever in
// stock, and that has no review, is no favourite and is not advertised. Any other can only be taken off sale.
func (d *Desk) DeleteProduct(ctx context.Context, staffID, spuID, version int64) error {
	return d.edit(ctx, staffID, "product_deleted", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "spus", spuID, version); err != nil {
			return "", "", err
		}
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", "", err
		}
		if err := e.checkUnused(ctx, tx); err != nil {
			return "", "", err
		}
		return fmt.Sprintf("spu %d", spuID), e.Input.Name, e.delete(ctx, tx, now)
	})
}

// checkUnused refuses to delete a product that is on sale, reviewed, a favourite or advertised.
func (e Editing) checkUnused(ctx context.Context, tx *db.Tx) error {
	if e.Input.Launched {
		return fault.New(fault.Conflict, 0, "商品还在售，先下架再删除")
	}
	for _, use := range []struct{ query, why string }{
		{"SELECT id FROM reviews WHERE spu_id = ? LIMIT 1", "这件商品有评价，只能下架，不能删除"},
		{"SELECT user_id FROM favourites WHERE spu_id = ? LIMIT 1", "这件商品有人收藏，只能下架，不能删除"},
		{"SELECT id FROM ads WHERE target_type = 'spu' AND target_id = ? LIMIT 1", "还有广告指向它，不能删除"},
	} {
		if err := refuseIfAny(ctx, tx, use.why, use.query, e.ID); err != nil {
			return err
		}
	}
	return nil
}

// delete removes the rows of a product, and its pictures some time later.
func (e Editing) delete(ctx context.Context, tx *db.Tx, now time.Time) error {
	images := map[string]bool{e.Image: true}
	for _, k := range e.SKUs {
		kept, err := removeSKU(ctx, tx, e.ID, k.ID)
		if err != nil {
			return err
		}
		if kept {
			return fault.New(fault.Conflict, 0, "这件商品进过货或卖过，只能下架，不能删除")
		}
		for _, image := range k.Images {
			images[image] = true
		}
	}
	for image := range images { // no order names them
		if err := enqueuePictureRemoval(ctx, tx, image, now); err != nil {
			return err
		}
	}
	var specs []int64
	if err := tx.Select(ctx, &specs, "SELECT id FROM specs WHERE spu_id = ?", e.ID); err != nil {
		return err
	}
	for _, spec := range specs {
		if _, err := tx.Exec(ctx, "DELETE FROM spec_options WHERE spec_id = ?", spec); err != nil {
			return fmt.Errorf("delete options of spec %d: %w", spec, err)
		}
	}
	for _, query := range []string{
		"DELETE FROM specs WHERE spu_id = ?",
		"DELETE FROM spus WHERE id = ?", // rows of browsing histories stay, are shown no more, and are trimmed in time
	} {
		if _, err := tx.Exec(ctx, query, e.ID); err != nil {
			return fmt.Errorf("delete product %d: %w", e.ID, err)
		}
	}
	return search.Remove(ctx, tx, e.ID)
}
