package desk

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Target is something that a scope names.
type Target struct {
	ID     int64  `db:"id"`
	Name   string `db:"name"`
	NameEN string `db:"name_en"`
}

// tables are what the ids of scopes are of.
var tables = map[promo.ScopeKind]string{
	promo.ScopeCategory: "categories", promo.ScopeBrand: "brands", promo.ScopeSPU: "spus", promo.ScopeSKU: "skus",
}

// Targets are what a scope names, by number. Those that there are no more are left out.
func (d *Desk) Targets(ctx context.Context, scope promo.Scope) (list []Target, err error) {
	defer fault.Wrap(&err, "read what a promotion is about")
	return targets(ctx, d.db, scope)
}

func targets(ctx context.Context, q db.Queryer, scope promo.Scope) (list []Target, err error) {
	table := tables[scope.Kind]
	if table == "" || len(scope.IDs) == 0 {
		return nil, nil
	}
	query, args := db.In("SELECT id, name, name_en FROM "+table+" WHERE id IN (?) ORDER BY id", scope.IDs[:min(len(scope.IDs), MaxGoods)])
	err = q.Select(ctx, &list, query, args...)
	return list, err
}

// SKUs are SKUs as the catalogue has them, on sale or not.
func (d *Desk) SKUs(ctx context.Context, ids []int64) (map[int64]catalog.SKU, error) {
	return d.catalog.SKUs(ctx, d.db, ids)
}

// ProductSKUs are the SKUs of a product, to choose from.
func (d *Desk) ProductSKUs(ctx context.Context, spuID int64) ([]catalog.SKU, error) {
	return catalog.ProductSKUs(ctx, d.db, spuID)
}

// checkGoods wants targets and SKUs that there are, prices below the ordinary ones, and pieces that are in stock.
func (d *Desk) checkGoods(ctx context.Context, tx *db.Tx, c checks, was, in Input) error {
	if len(in.SKUs) > MaxRows {
		return nil
	}
	if in.OwnPrices {
		if err := d.checkPrices(ctx, tx, c, in); err != nil || in.Kind != promo.KindFlash {
			return err
		}
		return d.checkStock(ctx, tx, c, was, in)
	}
	found, err := targets(ctx, tx, in.Scope)
	if err != nil {
		return err
	}
	var unknown []string
	for _, id := range in.Scope.IDs {
		if !slices.ContainsFunc(found, func(t Target) bool { return t.ID == id }) {
			unknown = append(unknown, strconv.FormatInt(id, 10))
		}
	}
	if _, wrong := c.Fields["targets"]; len(unknown) > 0 && !wrong && tables[in.Scope.Kind] != "" {
		c.With("targets", "没有这些编号：%s", strings.Join(unknown, ", "))
	}
	return nil
}

func (d *Desk) checkPrices(ctx context.Context, tx *db.Tx, c checks, in Input) error {
	skus, err := d.catalog.SKUPrices(ctx, tx, in.Scope.IDs)
	if err != nil {
		return err
	}
	for i, k := range in.SKUs {
		sku, known := skus[k.SKUID]
		switch {
		case !known:
			c.With(SKUField(i), "没有这个编号的款式")
		case k.Price >= sku.Price:
			c.With(PriceField(i), "要低于平时的价格 %s", sku.Price)
		}
	}
	return nil
}

// checkStock wants no more pieces still to sell than there are. Where the form asks for no more than before nothing is compared: goods sold at
// the ordinary price may have used them up.
func (d *Desk) checkStock(ctx context.Context, tx *db.Tx, c checks, was, in Input) error {
	skus, err := d.catalog.SKUs(ctx, tx, in.Scope.IDs)
	if err != nil {
		return err
	}
	for i, k := range in.SKUs {
		before := SKUPrice{}
		if at := slices.IndexFunc(was.SKUs, func(w SKUPrice) bool { return w.SKUID == k.SKUID }); at >= 0 {
			before = was.SKUs[at]
		}
		sku, known := skus[k.SKUID]
		if known && k.Quantity > before.Quantity && k.Quantity-before.Sold > sku.Stock {
			c.With(QuantityField(i), "库存只有 %d 件", sku.Stock)
		}
	}
	return nil
}
