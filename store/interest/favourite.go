package interest

import (
	"context"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/recent"
)

// MaxFavourites is how many products a user may keep.
const MaxFavourites = 500

const favouritesSize = 20

// Favourite is a product that a user has marked to find it again.
type Favourite struct {
	catalog.Card
	Launched bool      `db:"is_launched"` // false: it is no longer on sale
	At       time.Time `db:"kept_at"`
}

// FavouriteList is one page of a user's favourites, the one kept last on top.
type FavouriteList struct {
	Favourites []Favourite
	Page       int
	HasNext    bool
}

// IsFavourite says whether a user keeps a product. Each view of a product's page asks; what other nodes do counts within a second.
func (s *Service) IsFavourite(ctx context.Context, userID, spuID int64) (bool, error) {
	kept, err := s.kept.Get(ctx, userID)
	_, found := slices.BinarySearch(kept, spuID)
	return found, err
}

// favouritesOf names a user's favourites, to those who keep them for a moment.
func favouritesOf(userID int64) recent.Name { return recent.NameOf("favourites", userID) }

func (s *Service) readFavourites(ctx context.Context, userID int64) (ids []int64, of []recent.Name, err error) {
	defer fault.Wrap(&err, "read favourites of user %d", userID)
	err = s.db.Select(s.db.PointRead(ctx), &ids, "SELECT spu_id FROM favourites WHERE user_id = ? ORDER BY spu_id", userID)
	return ids, []recent.Name{favouritesOf(userID)}, err
}

// AddFavourite keeps a launched product for a user; to keep it again changes nothing. One more than MaxFavourites is a Conflict.
func (s *Service) AddFavourite(ctx context.Context, userID, spuID int64) (err error) {
	defer fault.Wrap(&err, "add favourite %d of user %d", spuID, userID)
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		var id int64
		if err := tx.Get(ctx, &id, "SELECT id FROM spus WHERE id = ? AND is_launched = 1", spuID); err != nil {
			return err
		}
		tx.Changed(favouritesOf(userID))
		if _, err := tx.Exec(ctx, "INSERT INTO favourites (user_id, spu_id, created_at) VALUES (?, ?, ?)", userID, spuID, now); err != nil {
			return err
		}
		return takeRoom(ctx, tx, userID, 1)
	})
	if db.IsDuplicate(err) {
		return nil
	}
	return err
}

// RemoveFavourite removes a favourite; it is safe to repeat.
func (s *Service) RemoveFavourite(ctx context.Context, userID, spuID int64) (err error) {
	defer fault.Wrap(&err, "remove favourite %d of user %d", spuID, userID)
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(favouritesOf(userID))
		rows, err := tx.Exec(ctx, "DELETE FROM favourites WHERE user_id = ? AND spu_id = ?", userID, spuID)
		if err != nil || rows == 0 {
			return err
		}
		_, err = tx.Exec(ctx, "UPDATE users SET favourites = favourites - 1 WHERE id = ?", userID)
		return err
	})
}

// Favourites is a page of what a user keeps, products that are no longer on sale among them.
func (s *Service) Favourites(ctx context.Context, userID int64, page int) (_ FavouriteList, err error) {
	defer fault.Wrap(&err, "list favourites of user %d", userID)
	list := FavouriteList{Page: min(max(page, 1), MaxFavourites/favouritesSize)}
	err = s.db.Select(ctx, &list.Favourites, "SELECT "+catalog.CardColumns+`, p.is_launched, f.created_at AS kept_at
		FROM favourites f JOIN spus p ON p.id = f.spu_id WHERE f.user_id = ? ORDER BY f.created_at DESC, f.spu_id DESC LIMIT ? OFFSET ?`,
		userID, favouritesSize+1, (list.Page-1)*favouritesSize)
	if err != nil {
		return FavouriteList{}, err
	}
	if len(list.Favourites) > favouritesSize {
		list.Favourites, list.HasNext = list.Favourites[:favouritesSize], true
	}
	return list, nil
}

// Keep makes products favourites of a user within tx, and says which of them were none before.
func (s *Service) Keep(ctx context.Context, tx *db.Tx, userID int64, spuIDs []int64) (kept []int64, err error) {
	defer fault.Wrap(&err, "keep products %v for user %d", spuIDs, userID)
	var had []int64
	query, args := db.In("SELECT spu_id FROM favourites WHERE user_id = ? AND spu_id IN (?)", userID, spuIDs)
	if err := tx.Select(ctx, &had, query, args...); err != nil {
		return nil, err
	}
	seen := map[int64]bool{}
	for _, id := range had {
		seen[id] = true
	}
	var rows [][]any
	now := s.clock()
	for _, id := range spuIDs {
		if !seen[id] {
			seen[id] = true
			kept = append(kept, id)
			rows = append(rows, []any{userID, id, now})
		}
	}
	if len(kept) == 0 {
		return nil, nil
	}
	tx.Changed(favouritesOf(userID))
	if err := takeRoom(ctx, tx, userID, len(kept)); err != nil {
		return nil, err
	}
	return kept, tx.InsertMany(ctx, "favourites", []string{"user_id", "spu_id", "created_at"}, rows)
}

// LetGo has products be no favourites of a user any more, within tx; one that is none is no fault.
func (s *Service) LetGo(ctx context.Context, tx *db.Tx, userID int64, spuIDs []int64) (err error) {
	defer fault.Wrap(&err, "let products %v of user %d go", spuIDs, userID)
	tx.Changed(favouritesOf(userID))
	query, args := db.In("DELETE FROM favourites WHERE user_id = ? AND spu_id IN (?)", userID, spuIDs)
	rows, err := tx.Exec(ctx, query, args...)
	if err != nil || rows == 0 {
		return err
	}
	_, err = tx.Exec(ctx, "UPDATE users SET favourites = favourites - ? WHERE id = ?", rows, userID)
	return err
}

// takeRoom counts more favourites of a user. The user's own row carries the bound, so that no two clicks pass it together.
func takeRoom(ctx context.Context, tx *db.Tx, userID int64, more int) error {
	rows, err := tx.Exec(ctx, "UPDATE users SET favourites = favourites + ? WHERE id = ? AND favourites <= ? AND deleted_at IS NULL",
		more, userID, MaxFavourites-more)
	if err == nil && rows == 0 {
		err = fault.New(fault.Conflict, 0, "最多收藏 %d 件商品，请先移除一些", MaxFavourites)
	}
	return err
}

func forgetFavourites(ctx context.Context, tx *db.Tx, userID int64) error {
	tx.Changed(favouritesOf(userID))
	if _, err := tx.Exec(ctx, "DELETE FROM favourites WHERE user_id = ?", userID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "UPDATE users SET favourites = 0 WHERE id = ?", userID)
	return err
}
