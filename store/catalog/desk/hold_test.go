package desk_test

import (
	"context"
	"testing"

	"dashop/store/catalog/desk"
	"dashop/store/stock"
	"dashop/store/storetest"
)

// What is deleted while something is attached to it is gone before, or stays.
func TestDeletedWhileSomethingIsAttached(t *testing.T) {
	for name, c := range map[string]struct {
		at     string
		attach func(ctx context.Context, b *bench) error
		remove func(b *bench) error
		loose  string // counts what is attached to nothing
	}{
		"product to category": {
			at: "UPDATE spus SET category1_id",
			attach: func(ctx context.Context, b *bench) error {
				e := b.editing()
				e.Input.CategoryID = b.low2
				return b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil)
			},
			remove: func(b *bench) error { return b.desk.DeleteCategory(ctx, 9, b.low2, 0) },
			loose:  "SELECT COUNT(*) FROM spus WHERE category3_id NOT IN (SELECT id FROM categories)",
		},
		"product to brand": {
			at: "UPDATE spus SET brand_id",
			attach: func(ctx context.Context, b *bench) error {
				e := b.editing()
				e.Input.BrandID = b.int("SELECT id FROM brands WHERE id <> ?", b.brand)
				return b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil)
			},
			remove: func(b *bench) error {
				return b.desk.DeleteBrand(ctx, 9, b.int("SELECT id FROM brands WHERE id <> ?", b.brand), 0)
			},
			loose: "SELECT COUNT(*) FROM spus WHERE brand_id <> 0 AND brand_id NOT IN (SELECT id FROM brands)",
		},
		"category to category": {
			at: "INSERT INTO categories",
			attach: func(ctx context.Context, b *bench) error {
				_, err := b.desk.SaveCategory(ctx, 9, 0, desk.CategoryInput{ParentID: b.int("SELECT id FROM categories WHERE name = '空'"),
					Name: "新"})
				return err
			},
			remove: func(b *bench) error {
				return b.desk.DeleteCategory(ctx, 9, b.int("SELECT id FROM categories WHERE name = '空'"), 0)
			},
			loose: "SELECT COUNT(*) FROM categories WHERE parent_id <> 0 AND parent_id NOT IN (SELECT id FROM categories)",
		},
		"advertisement to product": {
			at: "INSERT INTO ads",
			attach: func(ctx context.Context, b *bench) error {
				_, err := b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_new_arrival", TargetID: b.spu})
				return err
			},
			remove: func(b *bench) error { return b.desk.DeleteProduct(ctx, 9, b.spu, b.editing().Input.Version) },
			loose:  "SELECT COUNT(*) FROM ads WHERE target_type = 'spu' AND target_id NOT IN (SELECT id FROM spus)",
		},
		"stock to variant": {
			at: "INSERT INTO stock_ledger",
			attach: func(ctx context.Context, b *bench) error {
				return stock.NewKeeper(b.d, b.clock.Now).Receive(ctx, 9, "", b.int("SELECT MIN(id) FROM skus"), 5)
			},
			remove: func(b *bench) error {
				_, err := b.desk.RemoveSKU(ctx, 9, b.spu, b.int("SELECT MIN(id) FROM skus"))
				return err
			},
			loose: "SELECT COUNT(*) FROM stock_ledger WHERE sku_id NOT IN (SELECT id FROM skus)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			eachBench(t, func(b *bench) {
				_, err := b.desk.SaveBrand(ctx, 9, 0, desk.BrandInput{Name: "白石"})
				b.must(err)
				_, err = b.desk.SaveCategory(ctx, 9, 0, desk.CategoryInput{ParentID: b.top, Name: "空"})
				b.must(err)
				if name == "stock to variant" {
					_, err = b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 100, Options: []int64{b.red, b.s1}})
					b.must(err)
				}
				attached, removed := storetest.Meanwhile(c.at, func(ctx context.Context) error { return c.attach(ctx, b) },
					func() error { return c.remove(b) })
				if n := b.int(c.loose); n != 0 {
					b.t.Errorf("%d are attached to nothing: %v, %v", n, attached, removed)
				}
				if attached != nil {
					b.t.Errorf("what came first was refused: %v", attached)
				}
			})
		})
	}
}
