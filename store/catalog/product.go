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
	point := s.db.PointRead(ctx)
	err = s.db.Get(point, &row, `SELECT p.id, p.name, p.name_en, p.caption, p.caption_en, p.description, p.description_en,
			p.image, p.sales, p.is_launched, p.is_virtual, p.category3_id, `+ratingColumns+
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
	if err := s.variants(point, &p, hidden); err != nil {
		return Product{}, err
	}
	if p.Virtual {
		if p.Outline, err = s.outline(point, spuID); err != nil {
			return Product{}, err
		}
	}
	all, err := s.tree(ctx)
	if err != nil {
		return Product{}, err
	}
	if p.Path, err = all.path(row.CategoryID); err != nil && !fault.Is(err, fault.NotFound) {
		return Product{}, err
	}
	if p.Related, err = s.related(point, all, spuID, p.Path); err != nil {
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
	var options []struct {
		Option
		Name   string `db:"name"`
		NameEN string `db:"name_en"`
	}
	if err := s.db.Select(ctx, &options, `SELECT o.id, o.spec_id, o.value, o.value_en, o.color, d.name, d.name_en
		FROM specs d JOIN spec_options o ON o.spec_id = d.id WHERE d.spu_id = ? ORDER BY d.sequence, d.id, o.sequence, o.id`,
		p.ID); err != nil {
		return err
	}
	for _, o := range options {
		if !slices.ContainsFunc(p.SKUs, func(k SKU) bool { return k.has(o.ID) }) {
			continue
		}
		if n := len(p.Specs); n == 0 || p.Specs[n-1].ID != o.SpecID {
			p.Specs = append(p.Specs, Spec{ID: o.SpecID, Name: o.Name, NameEN: o.NameEN})
		}
		spec := &p.Specs[len(p.Specs)-1]
		spec.Options = append(spec.Options, o.Option)
	}
	return nil
}

// related are other products in stock, the best-selling of the same third-level category before those of the one above it.
func (s *Service) related(ctx context.Context, all *categoryTree, spuID int64, path []Category) (cards []Card, err error) {
	if len(path) < 3 {
		return nil, nil
	}
	best, err := s.bestInStock(ctx, all, path[2])
	if err != nil {
		return nil, err
	}
	if len(best) <= relatedSize { // these are all there are
		above, err := s.bestInStock(ctx, all, path[1])
		if err != nil {
			return nil, err
		}
		best = slices.Concat(best, above)
	}
	for _, c := range best {
		known := func(k Card) bool { return k.SPUID == c.SPUID }
		if len(cards) < relatedSize && c.SPUID != spuID && !slices.ContainsFunc(cards, known) {
			cards = append(cards, c)
		}
	}
	return cards, nil
}

// bestInStock are the best-selling products of a category that are in stock: as many as related needs, should the product itself and, on
// the second level, all of the third be among them. There is an index for each of the two levels. The answer is shared: do not change it.
func (s *Service) bestInStock(ctx context.Context, all *categoryTree, in Category) (cards []Card, err error) {
	if kept, ok := all.best.Load(in.ID); ok {
		return kept.([]Card), nil
	}
	query := fmt.Sprintf("SELECT "+CardColumns+` FROM spus p WHERE p.category%d_id = ? AND p.is_launched = 1 AND p.in_stock = 1
		ORDER BY p.sales DESC, p.id DESC LIMIT ?`, in.Level)
	if err = s.db.Select(ctx, &cards, query, in.ID, 2*relatedSize+1); err != nil {
		return nil, err
	}
	all.best.Store(in.ID, cards)
	return cards, nil
}
