package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// mostAds bounds what one place may hold.
const mostAds = 100

// AdInput is what the merchant says of an advertisement.
type AdInput struct {
	Version    int64  `db:"version"` // of the advertisement that the form shows
	Place      string `db:"place"`
	Title      string `db:"title"`
	TitleEN    string `db:"title_en"`
	Text       string `db:"text"`
	TextEN     string `db:"text_en"`
	Image      string `db:"image"`       // the new picture; "" keeps the one there is
	TargetType string `db:"target_type"` // spu, category, search or empty
	TargetID   int64  `db:"target_id"`
	Sequence   int64  `db:"sequence"`
	Shown      bool   `db:"is_shown"`
}

// EditingAd is an advertisement in the merchant's forms.
type EditingAd struct {
	ID int64 `db:"id"`
	AdInput
	Target   string `db:"target"` // the name of the product or category that it leads to
	TargetEN string `db:"target_en"`
	OnSale   bool   `db:"on_sale"` // the product is; shoppers do not see what leads to one that is not
}

const editingAdColumns = `SELECT a.id, a.version, a.place, a.title, a.title_en, a.text, a.text_en, a.image, a.target_type, a.target_id,
	a.sequence, a.is_shown,
	COALESCE(p.name, c.name, '') AS target, COALESCE(p.name_en, c.name_en, '') AS target_en, COALESCE(p.is_launched, 1) AS on_sale
	FROM ads a LEFT JOIN spus p ON a.target_type = 'spu' AND p.id = a.target_id
	LEFT JOIN categories c ON a.target_type = 'category' AND c.id = a.target_id`

// EditingAds are the advertisements of a place, hidden ones too, in their order.
func (d *Desk) EditingAds(ctx context.Context, place string) (ads []EditingAd, err error) {
	defer fault.Wrap(&err, "list ads of %s", place)
	err = d.db.Select(ctx, &ads, editingAdColumns+" WHERE a.place = ? ORDER BY a.sequence, a.id LIMIT ?", place, mostAds)
	return ads, err
}

// EditingAd reads an advertisement for the merchant's form. One of a place that no page has is NotFound.
func (d *Desk) EditingAd(ctx context.Context, id int64) (a EditingAd, err error) {
	defer fault.Wrap(&err, "read ad %d", id)
	if err = d.db.Get(ctx, &a, editingAdColumns+" WHERE a.id = ?", id); err != nil {
		return a, err
	}
	if _, known := catalog.PlaceOf(a.Place); !known {
		return a, fault.Missing()
	}
	return a, nil
}

// SaveAd keeps an advertisement, or with id 0 makes a new one, and returns its id. In a place for products the title is the
// product's name where none is given, and a word to search for is its own target. Wrong fields are named as in the form:
// place, title, title_en, text, text_en, picture, target_type, target_id and sequence.
func (d *Desk) SaveAd(ctx context.Context, staffID, id int64, in AdInput) (int64, error) {
	place, known := catalog.PlaceOf(in.Place)
	if !known {
		return 0, fault.Field("place", "请选择位置")
	}
	in = in.tidy(place)
	if err := in.check(place); err != nil {
		return 0, err
	}
	saved := id
	err := d.edit(ctx, staffID, "ad_saved", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		in := in // fn may run again
		if err := in.resolveTarget(ctx, tx); err != nil {
			return "", "", err
		}
		if in.Title == "" {
			return "", "", fault.Field("title", "这里要填写，最多 %d 个字", 120)
		}
		if id == 0 {
			saved, err = newAd(ctx, tx, place, in)
		} else {
			err = changeAd(ctx, tx, place, id, in, now)
		}
		return fmt.Sprintf("ad %d", saved), fmt.Sprintf("%s: %s, shown %t", in.Place, in.Title, in.Shown), err
	})
	return saved, err
}

func (in AdInput) tidy(p catalog.Place) AdInput {
	in.Title, in.TitleEN, in.Text, in.TextEN = typed.Line(in.Title), typed.Line(in.TitleEN), typed.Line(in.Text), typed.Line(in.TextEN)
	switch {
	case p.Product:
		in.TargetType = "spu"
	case p.Word:
		in.TargetType = "search"
	}
	if in.TargetType != "spu" && in.TargetType != "category" {
		in.TargetID = 0
	}
	return in
}

func (in AdInput) check(p catalog.Place) error {
	c := newChecks()
	least := 1
	if p.Product {
		least = 0
	}
	c.length("title", in.Title, least, 120)
	c.length("title_en", in.TitleEN, 0, 200)
	c.length("text", in.Text, 0, 200)
	c.length("text_en", in.TextEN, 0, 300)
	c.sequence("sequence", in.Sequence)
	if !slices.Contains([]string{"", "spu", "category", "search"}, in.TargetType) {
		c.With("target_type", "请选择它指向哪里")
	}
	if p.Target && in.TargetType == "" {
		c.With("target_type", "快捷入口要指向商品、分类或搜索")
	}
	return c.OrNil()
}

// resolveTarget refuses a target that does not exist, and takes its name as the title where none is given.
func (in *AdInput) resolveTarget(ctx context.Context, tx *db.Tx) error {
	table := map[string]string{"spu": "spus", "category": "categories"}[in.TargetType]
	if table == "" {
		return nil
	}
	var target struct {
		Name   string `db:"name"`
		NameEN string `db:"name_en"`
	}
	err := tx.Hold(ctx, table, in.TargetID)
	if err == nil {
		err = tx.Get(ctx, &target, "SELECT name, name_en FROM "+table+" WHERE id = ?", in.TargetID)
	}
	if fault.Is(err, fault.NotFound) {
		return fault.Field("target_id", "没有这个编号的商品或分类")
	}
	if err == nil && in.Title == "" {
		in.Title, in.TitleEN = typed.Clip(target.Name, 120), typed.Clip(target.NameEN, 200)
	}
	return err
}

func newAd(ctx context.Context, tx *db.Tx, place catalog.Place, in AdInput) (id int64, err error) {
	if place.Picture && in.Image == "" {
		return 0, fault.Field("picture", "请选择图片")
	}
	if err := checkRoomFor(ctx, tx, in.Place); err != nil {
		return 0, err
	}
	return tx.Insert(ctx, `INSERT INTO ads (place, title, title_en, text, text_en, image, target_type, target_id, sequence, is_shown)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, in.Place, in.Title, in.TitleEN, in.Text, in.TextEN, in.Image, in.TargetType, in.TargetID,
		in.Sequence, in.Shown)
}

func checkRoomFor(ctx context.Context, tx *db.Tx, place string) error {
	var there int
	if err := tx.Get(ctx, &there, "SELECT COUNT(*) FROM ads WHERE place = ?", place); err != nil {
		return err
	}
	if there >= mostAds {
		return fault.Field("place", "一个位置最多 %d 条", mostAds)
	}
	return nil
}

func changeAd(ctx context.Context, tx *db.Tx, place catalog.Place, id int64, in AdInput, now time.Time) error {
	if err := BumpVersion(ctx, tx, "ads", id, in.Version); err != nil {
		return err
	}
	var was AdInput
	if err := tx.Get(ctx, &was, "SELECT place, image FROM ads WHERE id = ?", id); err != nil {
		return err
	}
	if in.Place != was.Place {
		if err := checkRoomFor(ctx, tx, in.Place); err != nil {
			return err
		}
	}
	if in.Image == "" {
		in.Image = was.Image
	} else if err := enqueuePictureRemoval(ctx, tx, was.Image, now); err != nil {
		return err
	}
	if place.Picture && in.Image == "" {
		return fault.Field("picture", "请选择图片")
	}
	_, err := tx.Exec(ctx, `UPDATE ads SET place = ?, title = ?, title_en = ?, text = ?, text_en = ?, image = ?, target_type = ?,
		target_id = ?, sequence = ?, is_shown = ?
		WHERE id = ?`, in.Place, in.Title, in.TitleEN, in.Text, in.TextEN, in.Image, in.TargetType, in.TargetID, in.Sequence, in.Shown, id)
	return err
}

// DeleteAd takes an advertisement away.
func (d *Desk) DeleteAd(ctx context.Context, staffID, id, version int64) error {
	return d.edit(ctx, staffID, "ad_deleted", func(tx *db.Tx, now time.Time) (subject, detail string, err error) {
		if err := BumpVersion(ctx, tx, "ads", id, version); err != nil {
			return "", "", err
		}
		var was AdInput
		if err := tx.Get(ctx, &was, "SELECT place, title, image FROM ads WHERE id = ?", id); err != nil {
			return "", "", err
		}
		if _, err := tx.Exec(ctx, "DELETE FROM ads WHERE id = ?", id); err != nil {
			return "", "", fmt.Errorf("delete ad %d: %w", id, err)
		}
		return fmt.Sprintf("ad %d", id), was.Place + ": " + was.Title, enqueuePictureRemoval(ctx, tx, was.Image, now)
	})
}
