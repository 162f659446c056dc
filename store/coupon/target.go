package coupon

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/db"
	"dashop/store/promo"
)

// terms are those of some coupons, by the coupon's number; a coupon that several hold has several.
type terms map[int64][]*Terms

func (t terms) add(couponID int64, one *Terms) { t[couponID] = append(t[couponID], one) }

func heldTerms(held []UserCoupon) terms {
	t := terms{}
	for i := range held {
		t.add(held[i].CouponID, &held[i].Terms)
	}
	return t
}

// read fills in the ids of what the coupons are for, without names.
func (t terms) read(ctx context.Context, q db.Queryer) error {
	var ids []int64
	for id, list := range t {
		if list[0].ScopeKind != promo.ScopeAll {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	slices.Sort(ids)
	var rows []struct {
		CouponID int64 `db:"coupon_id"`
		TargetID int64 `db:"target_id"`
	}
	query, args := db.In("SELECT coupon_id, target_id FROM coupon_targets WHERE coupon_id IN (?) ORDER BY coupon_id, target_id", ids)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return fmt.Errorf("read what coupons are for: %w", err)
	}
	for _, r := range rows {
		for _, one := range t[r.CouponID] {
			one.Targets = append(one.Targets, Target{ID: r.TargetID})
		}
	}
	return nil
}

// names fills in what the targets are called. One that is gone keeps no name.
func (t terms) names(ctx context.Context, q db.Queryer) error {
	byKind := map[promo.ScopeKind][]*Target{}
	for _, list := range t {
		for _, one := range list {
			for i := range one.Targets {
				byKind[one.ScopeKind] = append(byKind[one.ScopeKind], &one.Targets[i])
			}
		}
	}
	for kind, targets := range byKind {
		if err := nameTargets(ctx, q, kind, targets); err != nil {
			return err
		}
	}
	return nil
}

// targetTables say where the names of targets stand.
var targetTables = map[promo.ScopeKind]string{
	promo.ScopeCategory: "SELECT id, name, name_en, 0 AS spu_id FROM categories WHERE id IN (?)",
	promo.ScopeBrand:    "SELECT id, name, name_en, 0 AS spu_id FROM brands WHERE id IN (?)",
	promo.ScopeSPU:      "SELECT id, name, name_en, id AS spu_id FROM spus WHERE id IN (?)",
	promo.ScopeSKU:      "SELECT id, name, name_en, spu_id FROM skus WHERE id IN (?)",
}

func nameTargets(ctx context.Context, q db.Queryer, kind promo.ScopeKind, targets []*Target) error {
	known, err := readTargetNames(ctx, q, kind, targets)
	if err != nil {
		return err
	}
	for _, target := range targets {
		if i := slices.IndexFunc(known, func(k Target) bool { return k.ID == target.ID }); i >= 0 {
			*target = known[i]
		}
	}
	return nil
}

// readTargetNames are the targets that there are.
func readTargetNames(ctx context.Context, q db.Queryer, kind promo.ScopeKind, targets []*Target) (known []Target, err error) {
	if targetTables[kind] == "" || len(targets) == 0 {
		return nil, nil
	}
	ids := make([]int64, len(targets))
	for i, target := range targets {
		ids[i] = target.ID
	}
	query, args := db.In(targetTables[kind], ids)
	if err := q.Select(ctx, &known, query, args...); err != nil {
		return nil, fmt.Errorf("read names of %s: %w", kind, err)
	}
	return known, nil
}
