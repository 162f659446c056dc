package desk

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/typed"
)

// ProductInput is what the merchant says of a product.
type ProductInput struct {
	Version     int64  `db:"version"` // of the product that the form shows
	Name        string `db:"name"`
	NameEN      string `db:"name_en"`
	CategoryID  int64  `db:"category3_id"` // of the third level
	BrandID     int64  `db:"brand_id"`     // 0: none
	Caption     string `db:"caption"`
	CaptionEN   string `db:"caption_en"`
	Description string `db:"description"` // Markdown
	DescriptEN  string `db:"description_en"`
	Launched    bool   `db:"is_launched"`
}

// SKUInput is what the merchant says of a variant.
type SKUInput struct {
	ID       int64     `db:"id"`
	Price    money.Fen `db:"price_fen"`
	Market   money.Fen `db:"market_fen"` // to strike; 0: none
	Launched bool      `db:"is_launched"`
	Limit    int64     `db:"max_per_order"` // pieces that one order may hold; 0: as many as of any other
}

func (in ProductInput) tidy() ProductInput {
	in.Name, in.NameEN, in.Caption, in.CaptionEN = typed.Line(in.Name), typed.Line(in.NameEN), typed.Line(in.Caption),
		typed.Line(in.CaptionEN)
	in.Description, in.DescriptEN = typed.Lines(in.Description), typed.Lines(in.DescriptEN)
	return in
}

// NewProduct makes a product with its specs, not launched and without any SKU, and returns its id. Wrong fields are named as
// in the form; those of specs as SaveSpecs names them.
func (d *Desk) NewProduct(ctx context.Context, staffID int64, in ProductInput, specs []SpecInput) (id int64, err error) {
	in = in.tidy()
	c := newChecks()
	c.product(in)
	c.specs(specs)
	if err := c.OrNil(); err != nil {
		return 0, err
	}
	err = d.edit(ctx, staffID, "product_new", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		path, err := lockPath(ctx, tx, in.CategoryID)
		if err != nil {
			return "", "", err
		}
		if err := lockBrand(ctx, tx, in.BrandID); err != nil {
			return "", "", err
		}
		id, err = tx.Insert(ctx, `INSERT INTO spus (name, name_en, brand_id, category1_id, category2_id, category3_id, caption, caption_en,
			description, description_en, is_launched, is_virtual, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?)`,
			in.Name, in.NameEN, in.BrandID, path[0], path[1], path[2], in.Caption, in.CaptionEN, in.Description, in.DescriptEN, now)
		if err != nil {
			return "", "", fmt.Errorf("new product: %w", err)
		}
		return fmt.Sprintf("spu %d", id), in.Name, addSpecs(ctx, tx, id, specs, nil)
	})
	return id, err
}

// SaveProduct keeps what the merchant says of a product and of its variants, with the figures of its card. Wrong fields
// are named as in the form: name, caption, …, and price_7, market_7 or launched_7 of the SKU 7. A form that is older than
// the product is a Conflict.
func (d *Desk) SaveProduct(ctx context.Context, staffID, spuID int64, in ProductInput, skus []SKUInput) error {
	in = in.tidy()
	return d.editProduct(ctx, staffID, spuID, in.Version, "product_saved", func(tx *db.Tx, _ time.Time) (string, error) {
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", err
		}
		if err := checkProduct(e, in, skus); err != nil {
			return "", err
		}
		_, err = tx.Exec(ctx,
			`UPDATE spus SET name = ?, name_en = ?, caption = ?, caption_en = ?, description = ?, description_en = ?, is_launched = ?
			WHERE id = ?`, in.Name, in.NameEN, in.Caption, in.CaptionEN, in.Description, in.DescriptEN, in.Launched, spuID)
		if err != nil {
			return "", fmt.Errorf("save product %d: %w", spuID, err)
		}
		if err := moveProduct(ctx, tx, e, in); err != nil {
			return "", err
		}
		if err := renameVariants(ctx, tx, e, in); err != nil {
			return "", err
		}
		for _, k := range skus {
			_, err := tx.Exec(ctx, "UPDATE skus SET price_fen = ?, market_fen = ?, is_launched = ?, max_per_order = ? WHERE id = ? AND spu_id = ?",
				k.Price, k.Market, k.Launched, k.Limit, k.ID, spuID)
			if err != nil {
				return "", fmt.Errorf("save SKU %d: %w", k.ID, err)
			}
		}
		return changes(e, in, skus), nil
	})
}

// moveProduct puts a product into another category or under another brand, where the form says so.
func moveProduct(ctx context.Context, tx *db.Tx, e Editing, in ProductInput) error {
	if in.CategoryID != e.Input.CategoryID {
		path, err := lockPath(ctx, tx, in.CategoryID)
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE spus SET category1_id = ?, category2_id = ?, category3_id = ? WHERE id = ?", path[0], path[1],
			path[2], e.ID); err != nil {
			return fmt.Errorf("move product %d: %w", e.ID, err)
		}
	}
	if in.BrandID != e.Input.BrandID {
		if err := lockBrand(ctx, tx, in.BrandID); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, "UPDATE spus SET brand_id = ? WHERE id = ?", in.BrandID, e.ID); err != nil {
			return fmt.Errorf("brand of product %d: %w", e.ID, err)
		}
	}
	return nil
}

// lockPath are the ids from the top down to a category of the third level, and keeps these from being deleted or moved meanwhile.
func lockPath(ctx context.Context, tx *db.Tx, id int64) (path [3]int64, err error) {
	for level := 3; level >= 1; level-- {
		var c catalog.Category
		err := tx.Hold(ctx, "categories", id)
		if err == nil {
			err = tx.Get(ctx, &c, "SELECT id, parent_id, level FROM categories WHERE id = ?", id)
		}
		if fault.Is(err, fault.NotFound) || err == nil && c.Level != level {
			return path, fault.Field("category_id", "请选择分类")
		}
		if err != nil {
			return path, err
		}
		path[level-1], id = c.ID, c.ParentID
	}
	return path, nil
}

// lockBrand refuses a chosen brand that does not exist, and keeps it from being deleted meanwhile.
func lockBrand(ctx context.Context, tx *db.Tx, id int64) error {
	if id == 0 {
		return nil
	}
	err := tx.Hold(ctx, "brands", id)
	if fault.Is(err, fault.NotFound) {
		return fault.Field("brand_id", "请选择品牌")
	}
	return err
}

// renameVariants makes the names of the variants follow the product's, where they begin with it.
func renameVariants(ctx context.Context, tx *db.Tx, e Editing, in ProductInput) error {
	for _, k := range e.SKUs {
		name, nameEN := k.Name, k.NameEN
		if rest, ok := strings.CutPrefix(name, e.Input.Name); ok {
			name = in.Name + rest
		}
		if rest, ok := strings.CutPrefix(nameEN, e.Input.NameEN); ok && e.Input.NameEN != "" {
			nameEN = in.NameEN + rest
		}
		if err := nameSKU(ctx, tx, k, name, nameEN); err != nil {
			return err
		}
	}
	return nil
}

// nameSKU writes the names of a SKU, if they have changed.
func nameSKU(ctx context.Context, tx *db.Tx, k EditingSKU, name, nameEN string) error {
	name, nameEN = typed.Clip(name, skuNameLength), typed.Clip(nameEN, skuNameENLength)
	if name == k.Name && nameEN == k.NameEN {
		return nil
	}
	if _, err := tx.Exec(ctx, "UPDATE skus SET name = ?, name_en = ? WHERE id = ?", name, nameEN, k.ID); err != nil {
		return fmt.Errorf("rename SKU %d: %w", k.ID, err)
	}
	return nil
}

const (
	skuNameLength   = 200
	skuNameENLength = 300
)

// product checks the texts of a product.
func (c *checks) product(in ProductInput) {
	c.length("name", in.Name, 1, 100)
	c.length("name_en", in.NameEN, 0, 200)
	c.length("caption", in.Caption, 0, 150)
	c.length("caption_en", in.CaptionEN, 0, 250)
	c.length("description", in.Description, 0, 10_000)
	c.length("description_en", in.DescriptEN, 0, 10_000)
	if in.CategoryID < 1 {
		c.With("category_id", "请选择分类")
	}
	if in.BrandID < 0 {
		c.With("brand_id", "请选择品牌")
	}
}

// price checks the amounts of a variant; end is the end of the names of its fields.
func (c *checks) price(price, market money.Fen, end string) {
	if price < 1 || price > catalog.MaxPrice {
		c.With("price"+end, "价格要在 0.01 到 %s 元之间", catalog.MaxPrice)
	}
	if market < 0 || market > catalog.MaxPrice {
		c.With("market"+end, "划线价最多 %s 元，不填就没有", catalog.MaxPrice)
	}
}

func checkProduct(e Editing, in ProductInput, skus []SKUInput) error {
	c := newChecks()
	c.product(in)
	launched, pictured := 0, 0
	for _, k := range skus {
		at := slices.IndexFunc(e.SKUs, func(was EditingSKU) bool { return was.ID == k.ID })
		if at < 0 {
			return fault.Missing()
		}
		was := e.SKUs[at]
		c.price(k.Price, k.Market, fmt.Sprintf("_%d", k.ID))
		if k.Limit < 0 || k.Limit > catalog.MostPerOrder {
			c.With(fmt.Sprintf("limit_%d", k.ID), "限购数量填 1 到 %d 的整数，不填就按每单 %d 件", catalog.MostPerOrder, catalog.MaxPerOrder)
		}
		if k.Launched && !was.Launched && !was.Complete {
			c.With(fmt.Sprintf("launched_%d", k.ID), "这一款的规格和现在的不一样，不能再上架")
		}
		if k.Launched {
			launched++
			if was.Image != "" {
				pictured++
			}
		}
	}
	switch {
	case in.Launched && e.Virtual: // an order could not honour it
		c.With("launched", "课程和下载现在还不能出售")
	case in.Launched && launched == 0:
		c.With("launched", "至少要有一个规格在售，商品才能上架")
	case in.Launched && pictured == 0:
		c.With("launched", "在售的款式里至少要有一款有图片，商品才能上架")
	}
	return c.OrNil()
}

// changes describes what is different now, for the audit log.
func changes(e Editing, in ProductInput, skus []SKUInput) string {
	var parts []string
	for _, p := range []struct {
		what     string
		was, now any
	}{
		{"name", e.Input.Name, in.Name}, {"name_en", e.Input.NameEN, in.NameEN}, {"category", e.Input.CategoryID, in.CategoryID},
		{"brand", e.Input.BrandID, in.BrandID},
		{"launched", e.Input.Launched, in.Launched},
	} {
		if p.was != p.now {
			parts = append(parts, fmt.Sprintf("%s %v to %v", p.what, p.was, p.now))
		}
	}
	for _, k := range skus {
		for _, was := range e.SKUs {
			switch {
			case was.ID != k.ID:
			case was.Price != k.Price:
				parts = append(parts, fmt.Sprintf("sku %d %s to %s", k.ID, was.Price, k.Price))
			case was.Limit != k.Limit:
				parts = append(parts, fmt.Sprintf("sku %d limit %d to %d", k.ID, was.Limit, k.Limit))
			case was.Launched != k.Launched:
				parts = append(parts, fmt.Sprintf("sku %d launched %t", k.ID, k.Launched))
			}
		}
	}
	return strings.Join(parts, ", ")
}
