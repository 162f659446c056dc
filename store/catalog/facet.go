package catalog

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"dashop/store/db"
	"dashop/store/fault"
)

// What can be chosen from is counted by a job and kept, a row a category: to count a category of a hundred thousand
// within a request would cost more than the rest of the page. The figures are of the category without other filters, and
// as old as the pause between two runs.

// The bounds of what a page offers to narrow a list by.
const (
	mostBrands = 20
	mostSpecs  = 3
	mostValues = 12
)

// Facets are what a list can be narrowed by.
type Facets struct {
	Brands  []BrandFacet
	Specs   []SpecFacet
	AtLeast bool `json:"-"` // the counts are of the first products found only
}

// BrandFacet is a brand with how many products of the list are of it.
type BrandFacet struct {
	ID     int64  `db:"id"`
	Name   string `db:"name"`
	NameEN string `db:"name_en"`
	Count  int64  `db:"products"`
}

// SpecFacet is a spec with its commonest values.
type SpecFacet struct {
	Name, NameEN string
	Values       []ValueFacet
}

// ValueFacet is a value of a spec with how many products of the list have it.
type ValueFacet struct {
	Value, ValueEN string
	Count          int64
}

// facets reads what was counted for a category; 0 is the whole shop.
func (s *Service) facets(ctx context.Context, categoryID int64) (f Facets, err error) {
	var text string
	err = s.db.Get(ctx, &text, "SELECT facets FROM category_facets WHERE category_id = ?", categoryID)
	if fault.Is(err, fault.NotFound) {
		return f, nil
	}
	if err == nil {
		err = json.Unmarshal([]byte(text), &f)
	}
	return f, err
}

// tally adds up counts for one category.
type tally struct {
	brands map[int64]BrandFacet
	specs  map[string]map[string]specRow
}

type specRow struct {
	Name    string `db:"name"`
	NameEN  string `db:"name_en"`
	Value   string `db:"value"`
	ValueEN string `db:"value_en"`
	Count   int64  `db:"products"`
}

const (
	brandCounts = `SELECT b.id, b.name, b.name_en, COUNT(*) AS products FROM spus p JOIN brands b ON b.id = p.brand_id
		WHERE %s GROUP BY b.id, b.name, b.name_en`
	specCounts = `SELECT d.name, MAX(d.name_en) AS name_en, o.value, MAX(o.value_en) AS value_en, COUNT(DISTINCT p.id) AS products
		FROM spus p JOIN skus k ON k.spu_id = p.id AND k.is_launched = 1 JOIN sku_specs c ON c.sku_id = k.id
		JOIN specs d ON d.id = c.spec_id JOIN spec_options o ON o.id = c.option_id
		WHERE %s GROUP BY d.name, o.value`
)

func newTally() *tally {
	return &tally{brands: map[int64]BrandFacet{}, specs: map[string]map[string]specRow{}}
}

func (t *tally) add(brands []BrandFacet, specs []specRow) {
	for _, b := range brands {
		b.Count += t.brands[b.ID].Count
		t.brands[b.ID] = b
	}
	for _, r := range specs {
		if t.specs[r.Name] == nil {
			t.specs[r.Name] = map[string]specRow{}
		}
		r.Count += t.specs[r.Name][r.Value].Count
		t.specs[r.Name][r.Value] = r
	}
}

// facets are the commonest brands, specs and values of a tally. A spec with one value does not narrow anything.
func (t *tally) facets() Facets {
	var f Facets
	f.Brands = slices.SortedFunc(maps.Values(t.brands), func(a, b BrandFacet) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.ID, b.ID))
	})
	f.Brands = f.Brands[:min(mostBrands, len(f.Brands))]
	total := map[string]int64{}
	for name, values := range t.specs {
		if len(values) < 2 {
			continue
		}
		rows := slices.SortedFunc(maps.Values(values), func(a, b specRow) int {
			return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
		})
		spec := SpecFacet{Name: name, NameEN: rows[0].NameEN}
		for _, r := range rows[:min(mostValues, len(rows))] {
			spec.Values = append(spec.Values, ValueFacet{r.Value, r.ValueEN, r.Count})
			total[name] += r.Count
		}
		f.Specs = append(f.Specs, spec)
	}
	slices.SortFunc(f.Specs, func(a, b SpecFacet) int {
		return cmp.Or(cmp.Compare(total[b.Name], total[a.Name]), cmp.Compare(a.Name, b.Name))
	})
	f.Specs = f.Specs[:min(mostSpecs, len(f.Specs))]
	return f
}

// facetsOf counts among some products.
func (s *Service) facetsOf(ctx context.Context, spuIDs []int64) (Facets, error) {
	if len(spuIDs) == 0 {
		return Facets{}, nil
	}
	t := newTally()
	err := tallySome(ctx, s.db, []*tally{t}, launchedOf, spuIDs)
	return t.facets(), err
}

// tallySome counts under a condition and adds that to the tallies.
func tallySome(ctx context.Context, q db.Queryer, to []*tally, where string, arg any) error {
	var brands []BrandFacet
	query, args := db.In(fmt.Sprintf(brandCounts, where), arg)
	if err := q.Select(ctx, &brands, query, args...); err != nil {
		return fmt.Errorf("count brands: %w", err)
	}
	var specs []specRow
	query, args = db.In(fmt.Sprintf(specCounts, where), arg)
	if err := q.Select(ctx, &specs, query, args...); err != nil {
		return fmt.Errorf("count specs: %w", err)
	}
	for _, t := range to {
		t.add(brands, specs)
	}
	return nil
}

// RefreshFacets counts again what lists can be narrowed by, one category of the lowest level at a time. A recurring job calls
// it; it is safe to repeat at any time.
func (s *Service) RefreshFacets(ctx context.Context) (err error) {
	defer fault.Wrap(&err, "refresh facets")
	tallies, err := tallyAll(ctx, s.db)
	if err != nil {
		return err
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return writeFacets(ctx, tx, tallies) })
}

// CountFacets is RefreshFacets within a transaction, for the loading of a shop.
func CountFacets(ctx context.Context, tx *db.Tx) (err error) {
	defer fault.Wrap(&err, "count facets")
	tallies, err := tallyAll(ctx, tx)
	if err != nil {
		return err
	}
	return writeFacets(ctx, tx, tallies)
}

func tallyAll(ctx context.Context, q db.Queryer) (map[int64]*tally, error) {
	var paths []struct {
		C1 int64 `db:"category1_id"`
		C2 int64 `db:"category2_id"`
		C3 int64 `db:"category3_id"`
	}
	if err := q.Select(ctx, &paths, "SELECT DISTINCT category1_id, category2_id, category3_id FROM spus WHERE is_launched = 1"); err != nil {
		return nil, err
	}
	tallies := map[int64]*tally{}
	for _, p := range paths {
		var to []*tally
		for _, id := range []int64{0, p.C1, p.C2, p.C3} {
			if tallies[id] == nil {
				tallies[id] = newTally()
			}
			to = append(to, tallies[id])
		}
		if err := tallySome(ctx, q, to, "p.category3_id = ? AND p.is_launched = 1", p.C3); err != nil {
			return nil, err
		}
	}
	return tallies, nil
}

func writeFacets(ctx context.Context, tx *db.Tx, tallies map[int64]*tally) error {
	var old []struct {
		ID   int64  `db:"category_id"`
		Text string `db:"facets"`
	}
	if err := tx.Select(ctx, &old, "SELECT category_id, facets FROM category_facets ORDER BY category_id"); err != nil {
		return err
	}
	was := map[int64]string{}
	for _, o := range old {
		was[o.ID] = o.Text
		if tallies[o.ID] == nil {
			MarkChanged(ctx, tx)
			if _, err := tx.Exec(ctx, "DELETE FROM category_facets WHERE category_id = ?", o.ID); err != nil {
				return err
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(tallies)) {
		text, err := json.Marshal(tallies[id].facets())
		if err != nil {
			return err
		}
		before, there := was[id]
		switch {
		case !there:
			MarkChanged(ctx, tx)
			_, err = tx.Exec(ctx, "INSERT INTO category_facets (category_id, facets) VALUES (?, ?)", id, string(text))
			if db.IsDuplicate(err) {
				err = nil // another node counts at the same time
			}
		case before != string(text):
			MarkChanged(ctx, tx)
			_, err = tx.Exec(ctx, "UPDATE category_facets SET facets = ? WHERE category_id = ?", string(text), id)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
