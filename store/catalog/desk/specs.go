package desk

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// What one product may have of each.
const (
	MaxSpecs   = 4
	MaxOptions = 30
	MaxSKUs    = 200
)

// SpecInput is what the merchant says of a spec of a product.
type SpecInput struct {
	ID           int64 // 0: a new one
	Name, NameEN string
	Sequence     int64
	Remove       bool
	Options      []OptionInput
}

// OptionInput is what the merchant says of a value of a spec.
type OptionInput struct {
	ID             int64 // 0: a new one
	Value, ValueEN string
	Color          string // #rrggbb or empty
	Sequence       int64
	Remove         bool
}

var colorForm = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)

// SpecsChange is what became of what the merchant wanted removed.
type SpecsChange struct {
	Kept int // SKUs with past stock or reviews: taken off sale instead of removed
}

// SaveSpecs keeps the specs of a product as the merchant has filled them in, together with new ones; those that the form does
// not name stay as they are. The SKUs of a removed option go with it; one that ever had stock is kept for the orders and
// carts that name it, off sale. A removed spec leaves the SKUs that are sold, which must not differ in it. The SKUs that
// there are take the first option of a new spec.
//
// Wrong fields are named spec_7, spec_en_7, spec_order_7, remove_spec_7 and add_7 of the spec 7, option_9, option_en_9, color_9,
// order_9 and remove_9 of the option 9, new_spec, new_spec_en and new_options of the first new spec, and new_spec_2 … of the second.
func (d *Desk) SaveSpecs(ctx context.Context, staffID, spuID, version int64, specs []SpecInput) (done SpecsChange, err error) {
	c := newChecks()
	c.specs(specs)
	if err := c.OrNil(); err != nil {
		return done, err
	}
	err = d.editProduct(ctx, staffID, spuID, version, "specs_saved", func(tx *db.Tx, _ time.Time) (string, error) {
		done = SpecsChange{}
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", err
		}
		if err := e.checkAgainst(specs); err != nil {
			return "", err
		}
		if done, err = saveSpecs(ctx, tx, e, specs); err != nil {
			return "", err
		}
		return fmt.Sprintf("%d specs, %d SKUs kept off sale", len(specs), done.Kept), renameSKUs(ctx, tx, e)
	})
	return done, err
}

func saveSpecs(ctx context.Context, tx *db.Tx, e Editing, specs []SpecInput) (done SpecsChange, err error) {
	for _, in := range specs {
		switch {
		case in.ID == 0:
			continue
		case in.Remove:
			err = removeSpec(ctx, tx, e, in.ID)
		default:
			var kept int
			kept, err = saveSpec(ctx, tx, e, in)
			done.Kept += kept
		}
		if err != nil {
			return done, err
		}
	}
	var skus []int64
	if err := tx.Select(ctx, &skus, "SELECT id FROM skus WHERE spu_id = ? ORDER BY id", e.ID); err != nil {
		return done, err
	}
	added := slices.DeleteFunc(slices.Clone(specs), func(in SpecInput) bool { return in.ID != 0 })
	if err := addSpecs(ctx, tx, e.ID, added, skus); err != nil {
		return done, err
	}
	return done, checkDistinct(ctx, tx, e.ID)
}

// addSpecs adds new specs to a product; the SKUs that it has take the first option of each.
func addSpecs(ctx context.Context, tx *db.Tx, spuID int64, specs []SpecInput, skus []int64) error {
	for _, in := range specs {
		id, err := tx.Insert(ctx, "INSERT INTO specs (spu_id, name, name_en, sequence) VALUES (?, ?, ?, ?)", spuID, typed.Line(in.Name),
			typed.Line(in.NameEN), in.Sequence)
		if err != nil {
			return fmt.Errorf("new spec: %w", err)
		}
		first := int64(0)
		for i, o := range in.Options {
			option, err := addOption(ctx, tx, id, o, int64(i+1))
			if err != nil {
				return err
			}
			if i == 0 {
				first = option
			}
		}
		for _, sku := range skus {
			if _, err := tx.Exec(ctx, "INSERT INTO sku_specs (sku_id, spec_id, option_id) VALUES (?, ?, ?)", sku, id, first); err != nil {
				return fmt.Errorf("option of SKU %d: %w", sku, err)
			}
		}
	}
	return nil
}

func addOption(ctx context.Context, tx *db.Tx, specID int64, o OptionInput, sequence int64) (id int64, err error) {
	id, err = tx.Insert(ctx, "INSERT INTO spec_options (spec_id, value, value_en, color, sequence) VALUES (?, ?, ?, ?, ?)",
		specID, typed.Line(o.Value), typed.Line(o.ValueEN), o.Color, sequence)
	if err != nil {
		return 0, fmt.Errorf("new option: %w", err)
	}
	return id, nil
}

// saveSpec keeps the words of a spec and its options, and says how many SKUs of removed options were kept off sale.
func saveSpec(ctx context.Context, tx *db.Tx, e Editing, in SpecInput) (kept int, err error) {
	if _, err := tx.Exec(ctx, "UPDATE specs SET name = ?, name_en = ?, sequence = ? WHERE id = ?", typed.Line(in.Name),
		typed.Line(in.NameEN), in.Sequence, in.ID); err != nil {
		return 0, fmt.Errorf("save spec %d: %w", in.ID, err)
	}
	last := int64(0)
	for _, o := range in.Options {
		last = max(last, o.Sequence)
	}
	for _, o := range in.Options {
		switch {
		case o.ID == 0:
			last++
			_, err = addOption(ctx, tx, in.ID, o, last)
		case o.Remove:
			var n int
			n, err = removeOption(ctx, tx, e, o.ID)
			kept += n
		default:
			_, err = tx.Exec(ctx, "UPDATE spec_options SET value = ?, value_en = ?, color = ?, sequence = ? WHERE id = ? AND spec_id = ?",
				typed.Line(o.Value), typed.Line(o.ValueEN), o.Color, o.Sequence, o.ID, in.ID)
		}
		if err != nil {
			return kept, fmt.Errorf("save option %d: %w", o.ID, err)
		}
	}
	return kept, nil
}

// removeOption takes an option away with its SKUs; where one of these is kept, so is the option, for its words.
func removeOption(ctx context.Context, tx *db.Tx, e Editing, optionID int64) (kept int, err error) {
	for _, k := range e.SKUs {
		if !slices.Contains(k.OptionIDs, optionID) {
			continue
		}
		stays, err := removeSKU(ctx, tx, e.ID, k.ID)
		if err != nil {
			return kept, err
		}
		if stays {
			kept++
		}
	}
	if kept > 0 {
		return kept, nil
	}
	_, err = tx.Exec(ctx, "DELETE FROM spec_options WHERE id = ?", optionID)
	return 0, err
}

// removeSpec takes a spec from the SKUs of a product, which must not differ in it; those that were sold and are off sale keep it.
func removeSpec(ctx context.Context, tx *db.Tx, e Editing, specID int64) error {
	at := slices.IndexFunc(e.Specs, func(d EditingSpec) bool { return d.ID == specID })
	retired, options := 0, map[int64]bool{}
	var living []int64
	for _, k := range e.SKUs {
		o := slices.IndexFunc(e.Specs[at].Options, func(o EditingOption) bool { return slices.Contains(k.OptionIDs, o.ID) })
		if o < 0 {
			continue
		}
		past, err := hasPast(ctx, tx, e.ID, k.ID)
		if err != nil {
			return err
		}
		if past && !k.Launched {
			retired++
			continue
		}
		options[e.Specs[at].Options[o].ID] = true
		living = append(living, k.ID)
	}
	if len(options) > 1 {
		return fault.Field(fmt.Sprintf("remove_spec_%d", specID), "还有几款在这一规格上不同。先移除或下架它们，只留一个选项，再移除规格")
	}
	if len(living) > 0 {
		query, args := db.In("DELETE FROM sku_specs WHERE spec_id = ? AND sku_id IN (?)", specID, living)
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	if retired > 0 {
		_, err := tx.Exec(ctx, "UPDATE specs SET is_removed = 1 WHERE id = ?", specID)
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM spec_options WHERE spec_id = ?", specID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "DELETE FROM specs WHERE id = ?", specID)
	return err
}

// checkDistinct refuses two SKUs of a product with the same combination of options.
func checkDistinct(ctx context.Context, tx *db.Tx, spuID int64) error {
	e, err := editing(ctx, tx, spuID)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, k := range e.SKUs {
		ids := slices.Sorted(slices.Values(k.OptionIDs))
		if key := fmt.Sprint(ids); seen[key] {
			return fault.New(fault.Invalid, 0, "这样会有两款的规格完全相同")
		} else {
			seen[key] = true
		}
	}
	return nil
}

// renameSKUs lets the names of SKUs follow the words of their options, where they were made of the former words.
func renameSKUs(ctx context.Context, tx *db.Tx, was Editing) error {
	now, err := editing(ctx, tx, was.ID)
	if err != nil {
		return err
	}
	for _, k := range now.SKUs {
		at := slices.IndexFunc(was.SKUs, func(old EditingSKU) bool { return old.ID == k.ID })
		if at < 0 {
			continue
		}
		name, nameEN := k.Name, k.NameEN
		if old := was.SKUs[at]; name == skuName(was.Input.Name, old.Spec) {
			name = skuName(was.Input.Name, k.Spec)
		}
		if old := was.SKUs[at]; nameEN != "" && nameEN == skuNameEN(was.Input, old.SpecEN) {
			nameEN = skuNameEN(was.Input, k.SpecEN)
		}
		if err := nameSKU(ctx, tx, k, name, nameEN); err != nil {
			return err
		}
	}
	return nil
}

// checkAgainst refuses specs and options that are not this product's, names used twice, and more specs than it may have.
func (e Editing) checkAgainst(specs []SpecInput) error {
	c, count, names := newChecks(), 0, map[string]bool{}
	for _, d := range e.Specs {
		if !slices.ContainsFunc(specs, func(in SpecInput) bool { return in.ID == d.ID }) {
			count, names[d.Name] = count+1, true
		}
	}
	fresh := 0
	for _, in := range specs {
		at := slices.IndexFunc(e.Specs, func(d EditingSpec) bool { return d.ID == in.ID })
		if in.ID != 0 && at < 0 {
			return staleForm()
		}
		field := "new_spec" + newSpecSuffix(&fresh, in.ID)
		if in.ID != 0 {
			field = fmt.Sprintf("spec_%d", in.ID)
			for _, o := range in.Options {
				if o.ID != 0 && !slices.ContainsFunc(e.Specs[at].Options, func(had EditingOption) bool { return had.ID == o.ID }) {
					return staleForm()
				}
			}
		}
		if in.Remove {
			continue
		}
		if name := typed.Line(in.Name); names[name] {
			c.With(field, "已经有这个规格了")
		} else {
			names[name] = true
		}
		if count++; count > MaxSpecs {
			c.With(field, "一件商品最多 %d 个规格", MaxSpecs)
		}
	}
	return c.OrNil()
}

// newSpecSuffix is the end of the names of a new spec's fields: none for the first.
func newSpecSuffix(fresh *int, id int64) string {
	if id != 0 {
		return ""
	}
	if *fresh++; *fresh > 1 {
		return fmt.Sprintf("_%d", *fresh)
	}
	return ""
}

// specs looks at the words of specs and their options.
func (c *checks) specs(specs []SpecInput) {
	fresh := 0
	for _, in := range specs {
		if in.Remove {
			continue
		}
		end := newSpecSuffix(&fresh, in.ID)
		name, nameEN, order, add := "new_spec"+end, "new_spec_en"+end, "new_spec"+end, "new_options"+end
		if in.ID != 0 {
			name, nameEN = fmt.Sprintf("spec_%d", in.ID), fmt.Sprintf("spec_en_%d", in.ID)
			order, add = fmt.Sprintf("spec_order_%d", in.ID), fmt.Sprintf("add_%d", in.ID)
		}
		c.length(name, typed.Line(in.Name), 1, 40)
		c.length(nameEN, typed.Line(in.NameEN), 0, 80)
		c.sequence(order, in.Sequence)
		c.options(in.Options, add)
	}
}

// options looks at the options of one spec; what is wrong with new ones is said beside the field add.
func (c *checks) options(options []OptionInput, add string) {
	values, left := map[string]bool{}, 0
	for _, o := range options {
		if o.Remove {
			continue
		}
		left++
		field, fieldEN := add, add
		if o.ID != 0 {
			field, fieldEN = fmt.Sprintf("option_%d", o.ID), fmt.Sprintf("option_en_%d", o.ID)
			c.sequence(fmt.Sprintf("order_%d", o.ID), o.Sequence)
		}
		value := typed.Line(o.Value)
		c.length(field, value, 1, 60)
		c.length(fieldEN, typed.Line(o.ValueEN), 0, 120)
		if o.Color != "" && !colorForm.MatchString(o.Color) {
			c.With(fmt.Sprintf("color_%d", o.ID), "颜色要写成 #rrggbb，如 #303138")
		}
		if values[value] {
			c.With(field, "选项不能重复")
		}
		values[value] = true
	}
	switch {
	case left > MaxOptions:
		c.With(add, "一个规格最多 %d 个选项", MaxOptions)
	case left == 0:
		c.With(add, "至少要有一个选项")
	}
}
