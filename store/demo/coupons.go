package demo

import (
	"context"
	"fmt"
	"time"

	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
)

// coupons are those of the centre; their windows count from the day on which the shop is made.
func (s *shop) coupons() error {
	t := s.table(`coupons (id, name, name_en, off_fen, percent, cap_fen, threshold_fen, scope, total, per_person, starts_at, ends_at,
		description, description_en, is_public, is_published, created_at)`)
	targets := s.table("coupon_targets (coupon_id, target_id)")
	return each("coupons.csv", func(r record) {
		off, percent := r.int("value"), int64(0)
		if r.text("type") == "percent" {
			off, percent = 0, off
		}
		t.add(r.int("id"), r.text("name"), r.text("name_en"), off, percent, r.int("max_discount"), r.int("threshold"), r.text("scope_type"),
			r.int("total"), r.int("per_user_limit"), s.in(r.int("start_offset_days")), s.in(r.int("end_offset_days")),
			r.text("description"), r.text("description_en"), true, r.int("status") == 1, s.now)
		if id := r.maybe("scope_id"); id != 0 {
			targets.add(r.int("id"), id)
		}
	})
}

func (s *shop) in(days int64) time.Time { return s.now.AddDate(0, 0, int(days)) }

// shopperHolds are the coupons of the demo's shopper: one for anything, two that need more or certain goods, and one that has run out.
var shopperHolds = []int64{1, 4, 6, 15}

// shopperCredits are those of the demo's shopper.
const shopperCredits = 820

// shopperMarker is the setting that says that the demo's shopper has got coupons.
const shopperMarker = "demo_shopper"

// GiveShopper gives the demo's shopper some coupons and credits, once, so that there is something to choose from. Without the demo's
// coupons, or the account, it does nothing.
func GiveShopper(ctx context.Context, d *db.DB, username string, now time.Time) error {
	if _, err := db.Setting(ctx, d, shopperMarker); !fault.Is(err, fault.NotFound) {
		return err
	}
	now = db.Cut(now)
	err := d.Tx(ctx, func(tx *db.Tx) error {
		var user int64
		if err := tx.Get(ctx, &user, "SELECT id FROM users WHERE username = ?", username); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", shopperMarker, version); err != nil {
			return err
		}
		for _, id := range shopperHolds {
			if err := giveCoupon(ctx, tx, user, id, now); err != nil {
				return fmt.Errorf("demo coupon %d: %w", id, err)
			}
		}
		return credits.Grant(ctx, tx, user, shopperCredits, "新会员礼包", shopperMarker, now)
	})
	if fault.Is(err, fault.NotFound) || db.IsDuplicate(err) { // another program did it
		return nil
	}
	return err
}

func giveCoupon(ctx context.Context, tx *db.Tx, user, id int64, now time.Time) error {
	var window struct {
		StartsAt time.Time `db:"starts_at"`
		EndsAt   time.Time `db:"ends_at"`
	}
	if err := tx.Get(ctx, &window, "SELECT starts_at, ends_at FROM coupons WHERE id = ?", id); err != nil {
		return err
	}
	claimed := now
	if !now.Before(window.EndsAt) { // claimed while that could be done
		claimed = window.StartsAt
	}
	if _, err := tx.Exec(ctx, "UPDATE coupons SET claimed = claimed + 1 WHERE id = ?", id); err != nil {
		return err
	}
	_, err := tx.Insert(ctx, `INSERT INTO user_coupons (coupon_id, user_id, nth, how, claimed_at, starts_at, ends_at)
		VALUES (?, ?, 1, 'claimed', ?, ?, ?)`, id, user, claimed, claimed, window.EndsAt)
	return err
}
