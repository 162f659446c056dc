package demo

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// promotionsMarker is the setting that says that the demo's promotions were made.
const promotionsMarker = "demo_promotions"

// Promote makes the demo's automatic promotions, once: a 满减 on everything, a percentage on fruit, and a brand at another price for some
// time. They are no part of the demo's tables, since every basket would have another price with them, also in tests.
func Promote(ctx context.Context, d *db.DB, now time.Time) error {
	if _, err := db.Setting(ctx, d, promotionsMarker); !fault.Is(err, fault.NotFound) {
		return err
	}
	now = db.Cut(now)
	err := d.Tx(ctx, func(tx *db.Tx) error {
		promo.Changed(ctx, tx)
		if _, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", promotionsMarker, version); err != nil {
			return err
		}
		var failed error
		err := each("promotions.csv", func(r record) {
			if failed == nil {
				failed = promote(ctx, tx, r, now)
			}
		})
		if err != nil {
			return err
		}
		return failed
	})
	if db.IsDuplicate(err) { // another program did it
		return nil
	}
	return err
}

// promote makes one promotion with its target and steps, such as "49900:6000 99900:13800".
func promote(ctx context.Context, tx *db.Tx, r record, now time.Time) error {
	id, err := tx.Insert(ctx, `INSERT INTO promotions (kind, name, name_en, scope, percent, priority, starts_at, ends_at, is_published, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)`, r.text("kind"), r.text("name"), r.text("name_en"), r.text("scope"), r.int("percent"),
		r.int("priority"), now.AddDate(0, 0, int(r.int("start_offset_days"))), now.AddDate(0, 0, int(r.int("end_offset_days"))), now)
	if err != nil {
		return fmt.Errorf("demo promotion %d: %w", r.int("id"), err)
	}
	if target := r.maybe("target_id"); target != 0 {
		if _, err := tx.Exec(ctx, "INSERT INTO promotion_targets (promotion_id, target_id) VALUES (?, ?)", id, target); err != nil {
			return err
		}
	}
	for _, step := range strings.Fields(r.text("steps")) {
		var from, off money.Fen
		if _, err := fmt.Sscanf(step, "%d:%d", &from, &off); err != nil {
			return fmt.Errorf("demo promotion %d: step %q: %w", r.int("id"), step, err)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO promotion_steps (promotion_id, from_fen, off_fen) VALUES (?, ?, ?)", id, from, off); err != nil {
			return err
		}
	}
	return nil
}
