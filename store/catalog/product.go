package catalog

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/db"
	"dashop/store/fault"
)

const relatedSize = 5

// Product is what the page of a launched product shows. A product that is not launched, or none of whose SKUs is, is NotFound.
func (s *Service) Product(ctx context.Context, spuID int64) (Product, error) {
	return s.product(ctx, spuID, false)
}

// StaffProduct is Product for the merchant, who also sees what is not launched. Nothing of that can be bought.
func (s *Service) StaffProduct(ctx context.Context, spuID int64) (Product, error) {
	return s.product(ctx, spuID, true)
}

func (s *Service) product(ctx context.Context, spuID int64, hidden bool) (_ Product, err error) {
	defer fault.Wrap(&err, "read product %d", spuID)
	var row struct {
		Product
		CategoryID int64 `db:"category3_id"`
	}
	err = s.db.Get(ctx, &row, `SELECT p.id, p.name, p.name_en, p.caption, p.caption_en, p.description, p.description_en,
			p.image, p.sales, p.is_launched, p.category3_id, `+ratingColumns+
		`, COALESCE(b.name, '') AS brand, COALESCE(b.name_en, '') AS brand_en
		FROM spus p LEFT JOIN brands b ON b.id = p.brand_id WHERE p.id = ?`, spuID)
	if err != nil {
		return Product{}, err
	}
	p := row.Product
	if !p.Launched && !hidden {
		return Product{}, fault.Missing()
	}
	p.DescriptionHTML, p.Params = describe(p.Description)
	if err := s.variants(ctx, &p, hidden); err != nil {
		return Product{}, err
	}
	all, err := s.tree(ctx)
	if err != nil {
		return Product{}, err
	}
	if p.Path, err = all.path(row.CategoryID); err != nil && !fault.Is(err, fault.NotFound) {
		return Product{}, err
	}
	if p.Related, err = s.related(ctx, spuID, p.Path); err != nil {
		return Product{}, fmt.Errorf("read related products: %w", err)
	}
	return p, nil
}

// variants reads the launched SKUs of p with their galleries, and the specs by which they differ. Where none is launched
// there are all of them for those who may see hidden ones.
func (s *Service) variants(ctx context.Context, p *Product, hidden bool) error {
	var err error
	if p.SKUs, err = ProductSKUs(ctx, s.db, p.ID); err != nil {
		return err
	}
	offered := slices.DeleteFunc(slices.Clone(p.SKUs), func(k SKU) bool { return !k.Offered })
	if len(offered) > 0 || !hidden {
		p.SKUs = offered
	}
	if len(offered) == 0 {
		p.Launched = false
	}
	if len(p.SKUs) == 0 {
		return fault.Missing()
	}
	if err := s.galleries(ctx, p.SKUs); err != nil {
		return err
	}
	return s.specs(ctx, p)
}

func (s *Service) galleries(ctx context.Context, skus []SKU) error {
	var ids []int64
	for _, k := range skus {
		ids = append(ids, k.ID)
	}
	var images []struct {
		SKUID int64  `db:"sku_id"`
		Image string `db:"image"`
	}
	query, args := db.In("SELECT sku_id, image FROM sku_images WHERE sku_id IN (?) ORDER BY sequence, id", ids)
	if err := s.db.Select(ctx, &images, query, args...); err != nil {
		return err
	}
	for _, i := range images {
		at := slices.Index(ids, i.SKUID)
		skus[at].Images = append(skus[at].Images, i.Image)
	}
	for i := range skus {
		if len(skus[i].Images) == 0 {
			skus[i].Images = []string{skus[i].Image}
		}
	}
	return nil
}

// specs reads the specs of p. An option that no launched SKU has is not shown, since it could not be chosen.
func (s *Service) specs(ctx context.Context, p *Product) error {
	var specs []Spec
	if err := s.db.Select(ctx, &specs,
		"SELECT id, name, name_en FROM specs WHERE spu_id = ? ORDER BY sequence, id", p.ID); err != nil {
		return err
	}
	var options []Option
	if err := s.db.Select(ctx, &options, `SELECT o.id, o.spec_id, o.value, o.value_en, o.color
		FROM spec_options o JOIN specs d ON d.id = o.spec_id WHERE d.spu_id = ? ORDER BY o.sequence, o.id`, p.ID); err != nil {
		return err
	}
	for _, spec := range specs {
		for _, o := range options {
			if o.SpecID == spec.ID && slices.ContainsFunc(p.SKUs, func(k SKU) bool { return k.has(o.ID) }) {
				spec.Options = append(spec.Options, o)
			}
		}
		if len(spec.Options) > 0 {
			p.Specs = append(p.Specs, spec)
		}
	}
	return nil
}

// related are other products in stock, the best-selling of the same third-level category before those of the one above it.
func (s *Service) related(ctx context.Context, spuID int64, path []Category) ([]Card, error) {
	if len(path) < 3 {
		return nil, nil
	}
	cards, err := s.bestInStock(ctx, path[2], relatedSize+1) // the product itself may be among them
	if err == nil && len(cards) <= relatedSize {             // these are all there are
		var above []Card
		above, err = s.bestInStock(ctx, path[1], len(cards)+relatedSize+1)
		cards = append(cards, slices.DeleteFunc(above, func(a Card) bool {
			return slices.ContainsFunc(cards, func(c Card) bool { return c.SPUID == a.SPUID })
		})...)
	}
	cards = slices.DeleteFunc(cards, func(c Card) bool { return c.SPUID == spuID })
	return cards[:min(len(cards), relatedSize)], err
}

// bestInStock are the n best-selling products of a category that are in stock. There is an index for each of the two lower levels.
func (s *Service) bestInStock(ctx context.Context, in Category, n int) (cards []Card, err error) {
	query := fmt.Sprintf("SELECT "+CardColumns+` FROM spus p WHERE p.category%d_id = ? AND p.is_launched = 1 AND p.in_stock = 1
		ORDER BY p.sales DESC, p.id DESC LIMIT ?`, in.Level)
	err = s.db.Select(ctx, &cards, query, in.ID, n)
	return cards, err
}
