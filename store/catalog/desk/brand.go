package desk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

const (
	brandsSize = 50
	// mostBrandChoices bounds the list to choose a product's brand from.
	mostBrandChoices = 2000
)

// BrandInput is what the merchant says of a brand.
type BrandInput struct {
	Version int64  `db:"version"` // of the brand that the form shows
	Name    string `db:"name"`
	NameEN  string `db:"name_en"`
	Letter  string `db:"first_letter"` // A to Z, under which it is looked up; or empty
	Logo    string `db:"logo"`         // the new picture; "" keeps the one there is
	Intro   string `db:"intro"`
	IntroEN string `db:"intro_en"`
}

// EditingBrand is a brand in the merchant's forms.
type EditingBrand struct {
	ID int64 `db:"id"`
	BrandInput
}

// BrandList is a piece of the list of brands. After is where the next one begins, 0 if there is none.
type BrandList struct {
	Brands []EditingBrand
	After  int64
}

const editingBrandColumns = "SELECT id, version, name, name_en, first_letter, logo, intro, intro_en FROM brands"

// EditingBrands lists brands by number, from the one after the brand named. q finds those that have it in their name.
func (d *Desk) EditingBrands(ctx context.Context, q string, after int64) (list BrandList, err error) {
	defer fault.Wrap(&err, "list brands")
	where, args := " WHERE id > ?", []any{max(0, after)}
	if q = typed.Line(q); q != "" {
		named, words := d.db.Contains(typed.Clip(q, catalog.MaxQuery), "name", "name_en")
		where, args = where+" AND "+named, append(args, words...)
	}
	err = d.db.Select(ctx, &list.Brands, editingBrandColumns+where+" ORDER BY id LIMIT ?", append(args, brandsSize+1)...)
	if len(list.Brands) > brandsSize {
		list.Brands = list.Brands[:brandsSize]
		list.After = list.Brands[brandsSize-1].ID
	}
	return list, err
}

// BrandChoices are the brands that a product may have, by letter and name.
func (d *Desk) BrandChoices(ctx context.Context) (list []EditingBrand, err error) {
	defer fault.Wrap(&err, "list brands to choose from")
	err = d.db.Select(ctx, &list, editingBrandColumns+" ORDER BY first_letter, name, id LIMIT ?", mostBrandChoices)
	return list, err
}

// EditingBrand reads a brand for the merchant's form.
func (d *Desk) EditingBrand(ctx context.Context, id int64) (b EditingBrand, err error) {
	defer fault.Wrap(&err, "read brand %d", id)
	return b, d.db.Get(ctx, &b, editingBrandColumns+" WHERE id = ?", id)
}

// SaveBrand keeps a brand, or with id 0 makes a new one, and returns its id. Its products are found by its new name: at once
// where they are few, else by FollowJob. Wrong fields are named name, name_en, letter, intro and intro_en.
func (d *Desk) SaveBrand(ctx context.Context, staffID, id int64, in BrandInput) (int64, error) {
	in.Name, in.NameEN, in.Intro, in.IntroEN = typed.Line(in.Name), typed.Line(in.NameEN), typed.Line(in.Intro), typed.Line(in.IntroEN)
	in.Letter = strings.ToUpper(typed.Line(in.Letter))
	c := newChecks()
	c.length("name", in.Name, 1, 60)
	c.length("name_en", in.NameEN, 0, 120)
	c.length("intro", in.Intro, 0, 200)
	c.length("intro_en", in.IntroEN, 0, 300)
	if in.Letter != "" && (len(in.Letter) != 1 || in.Letter < "A" || in.Letter > "Z") {
		c.With("letter", "首字母是 A 到 Z 中的一个")
	}
	if err := c.OrNil(); err != nil {
		return 0, err
	}
	saved := id
	err := d.edit(ctx, staffID, "brand_saved", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		var same int
		if err := tx.Get(ctx, &same, "SELECT COUNT(*) FROM brands WHERE name = ? AND id <> ?", in.Name, id); err != nil {
			return "", "", err
		}
		if same > 0 {
			return "", "", fault.Field("name", "已经有同名的品牌")
		}
		if id == 0 {
			saved, err = tx.Insert(ctx, "INSERT INTO brands (name, name_en, first_letter, logo, intro, intro_en) VALUES (?, ?, ?, ?, ?, ?)",
				in.Name, in.NameEN, in.Letter, in.Logo, in.Intro, in.IntroEN)
		} else {
			err = d.changeBrand(ctx, tx, id, in, now)
		}
		return fmt.Sprintf("brand %d", saved), in.Name, err
	})
	return saved, err
}

func (d *Desk) changeBrand(ctx context.Context, tx *db.Tx, id int64, in BrandInput, now time.Time) error {
	if err := BumpVersion(ctx, tx, "brands", id, in.Version); err != nil {
		return err
	}
	var was EditingBrand
	if err := tx.Get(ctx, &was, editingBrandColumns+" WHERE id = ?", id); err != nil {
		return err
	}
	if in.Logo == "" {
		in.Logo = was.Logo
	} else if err := enqueuePictureRemoval(ctx, tx, was.Logo, now); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "UPDATE brands SET name = ?, name_en = ?, first_letter = ?, logo = ?, intro = ?, intro_en = ? WHERE id = ?",
		in.Name, in.NameEN, in.Letter, in.Logo, in.Intro, in.IntroEN, id); err != nil {
		return fmt.Errorf("save brand %d: %w", id, err)
	}
	if in.Name == was.Name && in.NameEN == was.NameEN {
		return nil
	}
	return d.followChange(ctx, tx, "brand_id", id, now)
}

// DeleteBrand takes away a brand that no product has.
func (d *Desk) DeleteBrand(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "brand_deleted", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "brands", id, version); err != nil {
			return "", "", err
		}
		var was EditingBrand
		if err := tx.Get(ctx, &was, editingBrandColumns+" WHERE id = ?", id); err != nil {
			return "", "", err
		}
		if err := refuseIfAny(ctx, tx, "还有商品属于这个品牌，不能删除", "SELECT id FROM spus WHERE brand_id = ? LIMIT 1", id); err != nil {
			return "", "", err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM brands WHERE id = ?", id); err != nil {
			return "", "", fmt.Errorf("delete brand %d: %w", id, err)
		}
		return fmt.Sprintf("brand %d", id), was.Name, enqueuePictureRemoval(ctx, tx, was.Logo, now)
	})
}
