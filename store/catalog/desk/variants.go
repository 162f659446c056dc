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
	"dashop/store/stock"
	"dashop/store/typed"
)

// NewSKUs says what SKUs the merchant wants: one combination of options, or all that are missing.
type NewSKUs struct {
	Price    money.Fen
	Market   money.Fen // to strike; 0: none
	Launched bool
	Options  []int64 // one of each spec; nil: all combinations that no SKU has
}

// AddSKUs makes SKUs of a product at one price and says how many came to be. Each shows the pictures of the one with which it shares
// the most options. Wrong fields are named price, market and options.
func (d *Desk) AddSKUs(ctx context.Context, staffID, spuID int64, in NewSKUs) (made int, err error) {
	c := newChecks()
	c.price(in.Price, in.Market, "")
	if err := c.OrNil(); err != nil {
		return 0, err
	}
	err = d.editProduct(ctx, staffID, spuID, anyVersion, "skus_added", func(tx *db.Tx, now time.Time) (string, error) {
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", err
		}
		combos, err := e.wanted(in.Options)
		if err != nil {
			return "", err
		}
		for _, combo := range combos {
			if err := addSKU(ctx, tx, e, in, combo, now); err != nil {
				return "", err
			}
		}
		made = len(combos)
		return fmt.Sprintf("%d SKUs at %s", made, in.Price), ensureMainPicture(ctx, tx, spuID)
	})
	return made, err
}

// wanted are the combinations to make.
func (e Editing) wanted(options []int64) ([][]EditingOption, error) {
	missing := e.MissingCombinations()
	if options != nil {
		if !e.isComplete(options) {
			return nil, fault.Field("options", "请为每个规格选一个选项")
		}
		missing = slices.DeleteFunc(missing, func(combo []EditingOption) bool {
			return slices.ContainsFunc(combo, func(o EditingOption) bool { return !slices.Contains(options, o.ID) })
		})
	}
	switch {
	case len(missing) == 0:
		return nil, fault.Field("options", "这些款式都已经有了")
	case len(e.SKUs)+len(missing) > MaxSKUs:
		return nil, fault.Field("options", "一件商品最多 %d 款", MaxSKUs)
	}
	return missing, nil
}

func addSKU(ctx context.Context, tx *db.Tx, e Editing, in NewSKUs, combo []EditingOption, now time.Time) error {
	options := make([]catalog.Option, len(combo))
	for i, o := range combo {
		options[i] = o.Option
	}
	words, wordsEN := catalog.SpecWords(options)
	image, images := e.closestPictures(combo)
	id, err := tx.Insert(ctx,
		"INSERT INTO skus (spu_id, name, name_en, price_fen, market_fen, image, is_launched, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		e.ID, typed.Clip(skuName(e.Input.Name, words), skuNameLength), typed.Clip(skuNameEN(e.Input, wordsEN), skuNameENLength), in.Price,
		in.Market, image, in.Launched, now)
	if err != nil {
		return fmt.Errorf("new SKU: %w", err)
	}
	tx.Changed(catalog.SKUsOf(e.ID))
	for _, o := range combo {
		if _, err := tx.Exec(ctx, "INSERT INTO sku_specs (sku_id, spec_id, option_id) VALUES (?, ?, ?)", id, o.SpecID, o.ID); err != nil {
			return fmt.Errorf("option of SKU %d: %w", id, err)
		}
	}
	return insertPictures(ctx, tx, id, images)
}

// closestPictures are the pictures of the SKU that shares the most options with a combination, if it shares one at all.
func (e Editing) closestPictures(combo []EditingOption) (image string, images []string) {
	best := 0
	for _, k := range e.SKUs {
		shared := 0
		for _, o := range combo {
			if slices.Contains(k.OptionIDs, o.ID) {
				shared++
			}
		}
		if shared > best && k.Image != "" {
			best, image, images = shared, k.Image, k.Images
		}
	}
	return image, images
}

// skuName is what a SKU is called: its product's name and its options.
func skuName(product, words string) string {
	return typed.Clip(strings.TrimSpace(product+" "+strings.ReplaceAll(words, " / ", " ")), skuNameLength)
}

// skuNameEN is skuName in English, or "" where the product has no English name.
func skuNameEN(in ProductInput, words string) string {
	if in.NameEN == "" {
		return ""
	}
	if words == "" {
		return in.NameEN
	}
	return typed.Clip(in.NameEN+", "+strings.ReplaceAll(words, " / ", ", "), skuNameENLength)
}

// RemoveSKU takes a variant away. One that ever had stock, and so may be named by an order or lie in a cart, is taken off
// sale instead: kept says so.
func (d *Desk) RemoveSKU(ctx context.Context, staffID, spuID, skuID int64) (kept bool, err error) {
	err = d.editProduct(ctx, staffID, spuID, anyVersion, "sku_removed", func(tx *db.Tx, _ time.Time) (string, error) {
		if kept, err = removeSKU(ctx, tx, spuID, skuID); err != nil {
			return "", err
		}
		return fmt.Sprintf("sku %d, kept off sale %t", skuID, kept), nil
	})
	return kept, err
}

func removeSKU(ctx context.Context, tx *db.Tx, spuID, skuID int64) (kept bool, err error) {
	if err := tx.Get(ctx, &skuID, "SELECT id FROM skus WHERE id = ? AND spu_id = ?", skuID, spuID); err != nil {
		return false, err
	}
	// Stock that is booked at this moment comes either before the look at its past or finds it gone.
	if err := tx.Hold(ctx, "skus", skuID); err != nil {
		return false, err
	}
	if kept, err = hasPast(ctx, tx, spuID, skuID); err != nil {
		return false, err
	}
	if kept {
		_, err := tx.Exec(ctx, "UPDATE skus SET is_launched = 0 WHERE id = ?", skuID)
		return true, err
	}
	tx.Changed(catalog.SKUsOf(spuID))
	for _, table := range []string{"sku_images", "sku_specs", "stocks"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE sku_id = ?", skuID); err != nil {
			return false, fmt.Errorf("remove SKU %d: %w", skuID, err)
		}
	}
	_, err = tx.Exec(ctx, "DELETE FROM skus WHERE id = ?", skuID)
	return false, err
}

// hasPast says whether anything may name a SKU: its stock, without which nothing can be put into a cart or ordered, or reviews
// that came with the shop.
func hasPast(ctx context.Context, tx *db.Tx, spuID, skuID int64) (bool, error) {
	stocked, err := stock.HasPast(ctx, tx, skuID)
	if err != nil || stocked {
		return stocked, err
	}
	var reviews int
	if err := tx.Get(ctx, &reviews, "SELECT COUNT(*) FROM reviews WHERE spu_id = ? AND sku_id = ?", spuID, skuID); err != nil {
		return false, fmt.Errorf("count reviews of SKU %d: %w", skuID, err)
	}
	return reviews > 0, nil
}
