package desk

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
)

// Editing is a product with all that belongs to it, as the merchant's forms show it.
type Editing struct {
	ID      int64
	Image   string
	Virtual bool
	Input   ProductInput
	Specs   []EditingSpec
	SKUs    []EditingSKU
}

// EditingSpec is a spec in those forms, with its options.
type EditingSpec struct {
	ID       int64  `db:"id"`
	Name     string `db:"name"`
	NameEN   string `db:"name_en"`
	Sequence int64  `db:"sequence"`
	Removed  bool   `db:"is_removed"`
	Options  []EditingOption
}

// EditingOption is one value of such a spec.
type EditingOption struct {
	catalog.Option
	Sequence int64 `db:"sequence"`
	SKUs     int   // how many variants have it
}

// EditingSKU is one variant in those forms.
type EditingSKU struct {
	SKUInput
	Name, NameEN string // of the product and the variant together
	Spec, SpecEN string
	Image        string
	Images       []string
	OptionIDs    []int64
	Quantity     int64
	Sold         int64
	Complete     bool // it has one option of each spec of the product and no other, as a variant on sale must
}

// Has says whether a SKU is one of this product.
func (e Editing) Has(skuID int64) bool {
	return slices.ContainsFunc(e.SKUs, func(k EditingSKU) bool { return k.ID == skuID })
}

// Gallery is some SKUs that show the same pictures.
type Gallery struct {
	SKUs   []EditingSKU
	Images []string
}

// Galleries are the pictures of the product, SKUs with the same ones together.
func (e Editing) Galleries() (list []Gallery) {
	for _, k := range e.SKUs {
		at := slices.IndexFunc(list, func(g Gallery) bool { return slices.Equal(g.Images, k.Images) })
		if at < 0 {
			at, list = len(list), append(list, Gallery{Images: k.Images})
		}
		list[at].SKUs = append(list[at].SKUs, k)
	}
	return list
}

// MissingCombinations are the combinations of options, one of each spec, that no SKU has.
func (e Editing) MissingCombinations() (combos [][]EditingOption) {
	all := [][]EditingOption{nil}
	for _, spec := range e.Specs {
		var longer [][]EditingOption
		for _, combo := range all {
			for _, o := range spec.Options {
				longer = append(longer, append(slices.Clone(combo), o))
			}
			if len(longer) > MaxSKUs*MaxOptions { // far more than may ever be made
				break
			}
		}
		all = longer
	}
	for _, combo := range all {
		if !slices.ContainsFunc(e.SKUs, func(k EditingSKU) bool { return k.matches(combo) }) {
			combos = append(combos, combo)
		}
	}
	return combos
}

// matches says whether a SKU is exactly this combination.
func (k EditingSKU) matches(combo []EditingOption) bool {
	return len(k.OptionIDs) == len(combo) &&
		!slices.ContainsFunc(combo, func(o EditingOption) bool { return !slices.Contains(k.OptionIDs, o.ID) })
}

// Editing reads a product for the merchant's forms.
func (d *Desk) Editing(ctx context.Context, spuID int64) (_ Editing, err error) {
	defer fault.Wrap(&err, "read product %d for its forms", spuID)
	return editing(ctx, d.db, spuID)
}

// SpecOptions are the values of a product's specs, in order.
func (d *Desk) SpecOptions(ctx context.Context, spuID int64) (options []catalog.Option, err error) {
	defer fault.Wrap(&err, "read options of product %d", spuID)
	err = d.db.Select(ctx, &options, `SELECT o.id, o.spec_id, o.value, o.value_en, o.color FROM spec_options o
		JOIN specs s ON s.id = o.spec_id WHERE s.spu_id = ? ORDER BY s.sequence, s.id, o.sequence, o.id`, spuID)
	return options, err
}

func editing(ctx context.Context, q db.Queryer, spuID int64) (Editing, error) {
	var row struct {
		ProductInput
		Image   string `db:"image"`
		Virtual bool   `db:"is_virtual"`
	}
	err := q.Get(ctx, &row,
		`SELECT version, name, name_en, category3_id, brand_id, caption, caption_en, description, description_en, is_launched, image, is_virtual
		FROM spus WHERE id = ?`, spuID)
	if err != nil {
		return Editing{}, err
	}
	e := Editing{ID: spuID, Image: row.Image, Virtual: row.Virtual, Input: row.ProductInput}
	if err := e.readSpecs(ctx, q); err != nil {
		return e, fmt.Errorf("read specs: %w", err)
	}
	if err := e.readSKUs(ctx, q); err != nil {
		return e, err
	}
	return e, nil
}

func (e *Editing) readSpecs(ctx context.Context, q db.Queryer) error {
	if err := q.Select(ctx, &e.Specs, "SELECT id, name, name_en, sequence, is_removed FROM specs WHERE spu_id = ? AND is_removed = 0 "+
		"ORDER BY sequence, id", e.ID); err != nil {
		return err
	}
	var options []EditingOption
	if err := q.Select(ctx, &options, `SELECT o.id, o.spec_id, o.value, o.value_en, o.color, o.sequence
		FROM spec_options o JOIN specs d ON d.id = o.spec_id WHERE d.spu_id = ? AND d.is_removed = 0 ORDER BY o.sequence,
		o.id`, e.ID); err != nil {
		return err
	}
	for _, o := range options {
		at := slices.IndexFunc(e.Specs, func(d EditingSpec) bool { return d.ID == o.SpecID })
		if at >= 0 {
			e.Specs[at].Options = append(e.Specs[at].Options, o)
		}
	}
	return nil
}

func (e *Editing) readSKUs(ctx context.Context, q db.Queryer) error {
	skus, err := catalog.ProductSKUs(ctx, q, e.ID)
	if err != nil || len(skus) == 0 {
		return err
	}
	var own []struct {
		ID    int64  `db:"id"`
		Image string `db:"image"`
		Sold  int64  `db:"sold"`
	}
	if err := q.Select(ctx, &own, "SELECT k.id, k.image, COALESCE(s.sold, 0) AS sold FROM skus k LEFT JOIN stocks s ON s.sku_id = k.id "+
		"WHERE k.spu_id = ?", e.ID); err != nil {
		return err
	}
	var pictures []struct {
		SKUID int64  `db:"sku_id"`
		Image string `db:"image"`
	}
	if err := q.Select(ctx, &pictures, "SELECT i.sku_id, i.image FROM skus k JOIN sku_images i ON i.sku_id = k.id WHERE k.spu_id = ? "+
		"ORDER BY i.sku_id, i.sequence, i.id", e.ID); err != nil {
		return err
	}
	for _, k := range skus {
		one := EditingSKU{
			SKUInput: SKUInput{ID: k.ID, Price: k.Price, Market: k.MarketPrice, Launched: k.Offered, Limit: k.MaxPerOrder},
			Name:     k.Name, NameEN: k.NameEN, Spec: k.Spec, SpecEN: k.SpecEN, OptionIDs: k.OptionIDs, Quantity: k.Stock,
		}
		for _, r := range own {
			if r.ID == k.ID {
				one.Image, one.Sold = r.Image, r.Sold
			}
		}
		for _, p := range pictures {
			if p.SKUID == k.ID {
				one.Images = append(one.Images, p.Image)
			}
		}
		one.Complete = e.isComplete(k.OptionIDs)
		e.SKUs = append(e.SKUs, one)
		e.countOptions(k.OptionIDs)
	}
	return nil
}

// isComplete says whether some options are one of each spec and nothing else.
func (e *Editing) isComplete(optionIDs []int64) bool {
	if len(optionIDs) != len(e.Specs) {
		return false
	}
	for _, d := range e.Specs {
		if !slices.ContainsFunc(d.Options, func(o EditingOption) bool { return slices.Contains(optionIDs, o.ID) }) {
			return false
		}
	}
	return true
}

func (e *Editing) countOptions(optionIDs []int64) {
	for _, d := range e.Specs {
		for i, o := range d.Options {
			if slices.Contains(optionIDs, o.ID) {
				d.Options[i].SKUs++
			}
		}
	}
}
