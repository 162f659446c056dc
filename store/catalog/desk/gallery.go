package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
)

// What the merchant may upload: MaxUploads pictures at once, and MaxGallery for each SKU.
const (
	MaxUploads = 5
	MaxGallery = 10
)

// PictureMove says what becomes of a picture of some SKUs.
type PictureMove string

// The moves of a picture.
const (
	PictureEarlier PictureMove = "earlier"
	PictureLater   PictureMove = "later"
	PictureRemove  PictureMove = "remove"
)

// Target is which SKUs of a product get pictures: those that any of its fields names.
type Target struct {
	All        bool
	Unpictured bool // those without a picture
	OptionID   int64
	SKUIDs     []int64
}

func (t Target) includes(k EditingSKU) bool {
	return t.All || t.Unpictured && len(k.Images) == 0 || slices.Contains(k.OptionIDs, t.OptionID) || slices.Contains(t.SKUIDs, k.ID)
}

// AddPictures puts uploaded pictures behind those of some SKUs of a product. The first picture of a SKU stands for it, and the
// first of the product for that, until the merchant chooses another. Wrong fields are named pictures and target.
func (d *Desk) AddPictures(ctx context.Context, staffID, spuID int64, target Target, names []string) error {
	if len(names) == 0 {
		return fault.Field("pictures", "请选择图片")
	}
	return d.editProduct(ctx, staffID, spuID, anyVersion, "pictures_added", func(tx *db.Tx, _ time.Time) (string, error) {
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", err
		}
		skus := slices.DeleteFunc(slices.Clone(e.SKUs), func(k EditingSKU) bool { return !target.includes(k) })
		if len(skus) == 0 || slices.ContainsFunc(target.SKUIDs, func(id int64) bool { return !e.Has(id) }) {
			return "", fault.Field("target", "请选择图片给哪些款式")
		}
		for _, k := range skus {
			all := slices.Concat(k.Images, names)
			if len(all) > MaxGallery {
				return "", fault.Field("pictures", "每一款最多 %d 张图片", MaxGallery)
			}
			if err := replacePictures(ctx, tx, k.ID, all); err != nil {
				return "", err
			}
		}
		return fmt.Sprintf("%d pictures of %d SKUs", len(names), len(skus)), ensureMainPicture(ctx, tx, spuID)
	})
}

// MovePicture moves a picture of some SKUs of a product one place on, or takes it away. The file stays: orders name it. SKUs that
// do not show the picture stay as they are.
func (d *Desk) MovePicture(ctx context.Context, staffID, spuID int64, skuIDs []int64, image string, to PictureMove) error {
	return d.editProduct(ctx, staffID, spuID, anyVersion, "picture_moved", func(tx *db.Tx, _ time.Time) (string, error) {
		e, err := editing(ctx, tx, spuID)
		if err != nil {
			return "", err
		}
		moved := 0
		for _, k := range e.SKUs {
			at := slices.Index(k.Images, image)
			if at < 0 || !slices.Contains(skuIDs, k.ID) {
				continue
			}
			images := slices.Clone(k.Images)
			switch to {
			case PictureEarlier:
				images[max(0, at-1)], images[at] = images[at], images[max(0, at-1)]
			case PictureLater:
				last := min(len(images)-1, at+1)
				images[last], images[at] = images[at], images[last]
			case PictureRemove:
				images = slices.Delete(images, at, at+1)
			default:
				return "", fault.Missing()
			}
			moved++
			if err := replacePictures(ctx, tx, k.ID, images); err != nil {
				return "", err
			}
		}
		if moved == 0 {
			return "", fault.Missing()
		}
		return fmt.Sprintf("%s of %d SKUs: %s", image, moved, to), ensureMainPicture(ctx, tx, spuID)
	})
}

// SetMainPicture lets one of the pictures of a product's SKUs stand for the product.
func (d *Desk) SetMainPicture(ctx context.Context, staffID, spuID int64, image string) error {
	return d.editProduct(ctx, staffID, spuID, anyVersion, "main_picture", func(tx *db.Tx, _ time.Time) (string, error) {
		var shown int
		if err := tx.Get(ctx, &shown, "SELECT COUNT(*) FROM skus k JOIN sku_images i ON i.sku_id = k.id WHERE k.spu_id = ? AND i.image = ?",
			spuID, image); err != nil {
			return "", err
		}
		if shown == 0 {
			return "", fault.Missing()
		}
		_, err := tx.Exec(ctx, "UPDATE spus SET image = ? WHERE id = ?", image, spuID)
		return image, err
	})
}

// replacePictures gives a SKU exactly these pictures; the first becomes its own.
func replacePictures(ctx context.Context, tx *db.Tx, skuID int64, images []string) error {
	if _, err := tx.Exec(ctx, "DELETE FROM sku_images WHERE sku_id = ?", skuID); err != nil {
		return fmt.Errorf("pictures of SKU %d: %w", skuID, err)
	}
	first := ""
	if len(images) > 0 {
		first = images[0]
	}
	if _, err := tx.Exec(ctx, "UPDATE skus SET image = ? WHERE id = ?", first, skuID); err != nil {
		return fmt.Errorf("picture of SKU %d: %w", skuID, err)
	}
	return insertPictures(ctx, tx, skuID, images)
}

func insertPictures(ctx context.Context, tx *db.Tx, skuID int64, images []string) error {
	for i, image := range images {
		if _, err := tx.Exec(ctx, "INSERT INTO sku_images (sku_id, image, sequence) VALUES (?, ?, ?)", skuID, image, i+1); err != nil {
			return fmt.Errorf("pictures of SKU %d: %w", skuID, err)
		}
	}
	return nil
}

// ensureMainPicture lets the first picture of the first SKU that has one stand for a product whose own picture none of them shows.
func ensureMainPicture(ctx context.Context, tx *db.Tx, spuID int64) error {
	var main string
	if err := tx.Get(ctx, &main, "SELECT image FROM spus WHERE id = ?", spuID); err != nil {
		return err
	}
	var shown []string
	if err := tx.Select(ctx, &shown, "SELECT i.image FROM skus k JOIN sku_images i ON i.sku_id = k.id WHERE k.spu_id = ? "+
		"ORDER BY k.id, i.sequence, i.id", spuID); err != nil {
		return err
	}
	if len(shown) == 0 || slices.Contains(shown, main) {
		return nil
	}
	_, err := tx.Exec(ctx, "UPDATE spus SET image = ? WHERE id = ?", shown[0], spuID)
	return err
}
