package account

import (
	"context"

	"dashop/store/db"
)

// Areas lists the areas right under parent, by id; parent 0 gives the provinces, an unknown one nothing.
func (s *Service) Areas(ctx context.Context, parent int64) ([]Area, error) {
	var areas []Area
	err := s.db.Select(ctx, &areas, "SELECT id, parent_id, name FROM areas WHERE parent_id = ? ORDER BY id", parent)
	return areas, err
}

// areaFaults says which of the three areas does not hang below the one before it.
func areaFaults(ctx context.Context, q db.Queryer, in AddressInput) (badProvince, badCity, badDistrict bool, err error) {
	query, args := db.In("SELECT id, parent_id, name FROM areas WHERE id IN (?)", []int64{in.ProvinceID, in.CityID, in.DistrictID})
	var areas []Area
	if err := q.Select(ctx, &areas, query, args...); err != nil {
		return false, false, false, err
	}
	parent := map[int64]int64{}
	for _, a := range areas {
		parent[a.ID] = a.ParentID
	}
	under := func(id, want int64) bool { p, ok := parent[id]; return ok && p == want }
	return !under(in.ProvinceID, 0),
		in.ProvinceID == 0 || !under(in.CityID, in.ProvinceID),
		in.CityID == 0 || !under(in.DistrictID, in.CityID), nil
}
