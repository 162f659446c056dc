package store_test

import (
	"testing"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/review"
	"dashop/store/storetest"
)

// Who deletes the account leaves reviews without a name and no favourites.
func TestDeletionForgetsReviewsAndFavourites(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		u, err := s.Account.CreateUser(ctx, account.NewUser{Username: "daming", Nickname: "王大明", Password: password})
		must(t, err)
		sku := storetest.SKU(t, s.DB, 100, 5)
		must(t, s.Interest.AddFavourite(ctx, u.ID, 1))
		must(t, s.DB.Tx(ctx, func(tx *db.Tx) error {
			return review.Add(ctx, tx, review.Review{SPUID: 1, SKUID: sku, UserID: u.ID, Score: 5, Comment: "很好", CreatedAt: clock.Now()})
		}))
		must(t, s.Account.DeleteUser(ctx, u.ID, password))
		list, err := s.Reviews.OfProduct(ctx, 1, "", review.Page{})
		must(t, err)
		if len(list.Reviews) != 1 || list.Reviews[0].Author != "" || !list.Reviews[0].Anonymous || list.Reviews[0].Comment != "很好" {
			t.Errorf("reviews %+v", list.Reviews)
		}
		var left int
		must(t, s.DB.Get(ctx, &left, "SELECT COUNT(*) FROM favourites"))
		if left != 0 {
			t.Errorf("%d favourites left", left)
		}
		if err := s.Interest.AddFavourite(ctx, u.ID, 1); !fault.Is(err, fault.Conflict) {
			t.Errorf("a deleted user keeps something: %v", err)
		}
		storetest.CheckBooks(t, s.DB)
	})
}
