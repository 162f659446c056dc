package catalog

import (
	"context"
	"fmt"

	"dashop/store/db"
	"dashop/store/fault"
)

// The sections of the home page. All but the last two are chosen by the merchant, product by product.
const (
	SectionNew     = "new"
	SectionPick    = "pick"
	SectionFresh   = "fresh"
	SectionPopular = "popular"
	SectionYours   = "yours" // chosen for one person, by Recommend
)

// sectionSize is two rows of the widest grid.
const sectionSize = 10

const adColumns = "id, place, title, title_en, text, text_en, image, target_type, target_id"

// Home is what the home page shows. An advertisement whose product or category is not on sale is left out.
func (s *Service) Home(ctx context.Context) (_ Home, err error) {
	defer fault.Wrap(&err, "read home page")
	var h Home
	all, err := s.tree(ctx)
	if err != nil {
		return h, err
	}
	if err := s.advertise(ctx, &h, all); err != nil {
		return h, fmt.Errorf("read advertisements: %w", err)
	}
	if h.Sections, err = s.sections(ctx); err != nil {
		return h, fmt.Errorf("read sections of the home page: %w", err)
	}
	if h.Brands, err = s.brands(ctx); err != nil {
		return h, fmt.Errorf("read brands of the home page: %w", err)
	}
	return h, nil
}

func (s *Service) advertise(ctx context.Context, h *Home, all *categoryTree) error {
	var ads []struct {
		Ad
		Launched bool `db:"launched"`
	}
	query, args := db.In(`SELECT a.id, a.place, a.title, a.title_en, a.text, a.text_en, a.image, a.target_type, a.target_id,
			COALESCE(p.is_launched, 0) AS launched
		FROM ads a LEFT JOIN spus p ON a.target_type = 'spu' AND p.id = a.target_id
		WHERE a.place IN (?) AND a.is_shown = 1 ORDER BY a.sequence, a.id`, []string{placeBanner, placeNotice, placeEntry})
	if err := s.db.Select(ctx, &ads, query, args...); err != nil {
		return err
	}
	for _, a := range ads {
		if a.TargetType == "spu" && !a.Launched || a.TargetType == "category" && !all.onSale[a.TargetID] {
			continue
		}
		switch a.Place {
		case placeBanner:
			h.Banners = append(h.Banners, a.Ad)
		case placeNotice:
			h.Notices = append(h.Notices, a.Ad)
		case placeEntry:
			h.Entries = append(h.Entries, a.Ad)
		}
	}
	return nil
}

func (s *Service) sections(ctx context.Context) ([]Section, error) {
	var places []string
	for _, c := range chosenSections {
		places = append(places, c.place)
	}
	var rows []struct {
		Card
		Place string `db:"place"`
	}
	query, args := db.In("SELECT a.place, "+CardColumns+` FROM ads a JOIN spus p ON p.id = a.target_id
		WHERE a.place IN (?) AND a.is_shown = 1 AND a.target_type = 'spu' AND p.is_launched = 1
		ORDER BY a.sequence, a.id`, places)
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	var sections []Section
	for _, c := range chosenSections {
		section := Section{Key: c.key}
		for _, r := range rows {
			if r.Place == c.place && len(section.Cards) < sectionSize {
				section.Cards = append(section.Cards, r.Card)
			}
		}
		sections = append(sections, section)
	}
	popular, err := s.Popular(ctx, sectionSize)
	return append(sections, Section{Key: SectionPopular, Cards: popular}), err
}

// Popular are the n best-selling products.
func (s *Service) Popular(ctx context.Context, n int) (cards []Card, err error) {
	defer fault.Wrap(&err, "read popular products")
	err = s.db.Select(ctx, &cards, "SELECT "+CardColumns+` FROM spus p
		WHERE p.is_launched = 1 ORDER BY p.sales DESC, p.id DESC LIMIT ?`, n)
	return cards, err
}

// Brand is a maker of products.
type Brand struct {
	ID      int64  `db:"id"`
	Name    string `db:"name"`
	NameEN  string `db:"name_en"`
	Logo    string `db:"logo"`
	Intro   string `db:"intro"`
	IntroEN string `db:"intro_en"`
}

// homeBrands is how many brands the home page shows.
const homeBrands = 12

// brands are the first brands with something on sale.
func (s *Service) brands(ctx context.Context) (list []Brand, err error) {
	err = s.db.Select(ctx, &list, `SELECT b.id, b.name, b.name_en, b.logo, b.intro, b.intro_en FROM brands b
		WHERE EXISTS (SELECT 1 FROM spus p WHERE p.brand_id = b.id AND p.is_launched = 1) ORDER BY b.id LIMIT ?`, homeBrands)
	return list, err
}
