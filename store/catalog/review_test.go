package catalog_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// reviewed makes a product with n reviews, the i-th i seconds old, scores 1 to 5 in turn.
func reviewed(t *testing.T, d *db.DB, s *catalog.Service, clock *storetest.Clock, n int) (spu int64) {
	t.Helper()
	sku := storetest.SKU(t, d, 100, 1)
	skus, err := s.SKUs(ctx, d, []int64{sku})
	if err != nil {
		t.Fatal(err)
	}
	user := storetest.User(t, d, "reviewer")
	storetest.Exec(t, d, "UPDATE users SET nickname = '张小明', avatar = 'images/avatars/fox.webp' WHERE id = ?", user)
	err = d.Tx(ctx, func(tx *db.Tx) error {
		for i := range n {
			r := catalog.Review{SPUID: skus[sku].SPUID, SKUID: sku, UserID: user, Score: i%5 + 1, Comment: fmt.Sprint("评价 ", i), Anonymous: i%2 == 0, CreatedAt: clock.Now().Add(-time.Duration(i/3) * time.Second)}
			if i%7 == 0 {
				r.Pictures = []string{"a.webp"}
			}
			if err := catalog.AddReview(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return skus[sku].SPUID
}

// Pages by cursor and by number are the same, hold all reviews once, and the filters agree with the figures.
func TestReviewPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		spu := reviewed(t, d, s, clock, 47)
		p, err := s.Product(ctx, spu)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range catalog.ReviewFilters {
			seen := map[int64]bool{}
			for at := (catalog.ReviewPage{Number: 1}); ; at.Number++ {
				list, err := s.Reviews(ctx, spu, f, at)
				if err != nil {
					t.Fatal(err)
				}
				numbered, err := s.Reviews(ctx, spu, f, catalog.ReviewPage{Number: at.Number})
				if err != nil || fmt.Sprint(numbered.Reviews) != fmt.Sprint(list.Reviews) {
					t.Errorf("%q page %d differs by number and by cursor (%v)", f, at.Number, err)
				}
				if !slices.IsSortedFunc(list.Reviews, func(a, b catalog.Review) int { return b.CreatedAt.Compare(a.CreatedAt) }) {
					t.Errorf("%q page %d is not newest first", f, at.Number)
				}
				for _, r := range list.Reviews {
					if seen[r.ID] {
						t.Errorf("review %d is there twice", r.ID)
					}
					seen[r.ID] = true
					if r.Anonymous != (r.Author == "张**" && r.Avatar == "") || !r.Anonymous && (r.Author != "张小明" || r.Avatar == "") || r.UserID != 0 {
						t.Errorf("review %+v", r)
					}
				}
				if at.After = list.Next; list.Next == "" {
					break
				}
			}
			if int64(len(seen)) != p.In(f) || len(seen) == 0 {
				t.Errorf("%q lists %d, the figures say %d", f, len(seen), p.In(f))
			}
		}
		for _, strange := range []string{"x", "-", "1-", "-1-1", "99999999999999999-1", strings.Repeat("9", 50), "1-1; DROP"} {
			if list, err := s.Reviews(ctx, spu, "", catalog.ReviewPage{After: strange}); err != nil || len(list.Reviews) != 10 {
				t.Errorf("%q: %d, %v", strange, len(list.Reviews), err)
			}
		}
	})
}

// The merchant answers, hides and brings back; each is written down once, with the figures.
func TestMerchantAndReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		spu := reviewed(t, d, s, clock, 5)
		count := func(f catalog.StaffReviews) int {
			list, err := s.StaffReviews(ctx, f, catalog.ReviewPage{})
			if err != nil {
				t.Fatal(err)
			}
			return len(list.Reviews)
		}
		for _, err := range []error{s.ReplyToReview(ctx, 1, 1, " \n"), s.ReplyToReview(ctx, 1, 1, strings.Repeat("好", 501)), s.HideReview(ctx, 1, 1, ""), s.HideReview(ctx, 1, 1, strings.Repeat("好", 201))} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v", err)
			}
		}
		for _, err := range []error{s.ReplyToReview(ctx, 1, 99, "谢谢"), s.HideReview(ctx, 1, 99, "广告"), s.UnhideReview(ctx, 1, 99)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
		}
		for _, text := range []string{"谢谢", "谢谢您"} {
			if err := s.ReplyToReview(ctx, 1, 1, text); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.HideReview(ctx, 1, 5, "广告"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := s.Reviews(ctx, spu, "", catalog.ReviewPage{})
		if err != nil || len(list.Reviews) != 4 {
			t.Fatalf("%d shown, %v", len(list.Reviews), err)
		}
		if i := slices.IndexFunc(list.Reviews, func(r catalog.Review) bool { return r.ID == 1 }); list.Reviews[i].Reply != "谢谢您" || list.Reviews[i].RepliedAt == nil {
			t.Errorf("%+v", list.Reviews[i])
		}
		if a, u, h, two := count(catalog.StaffReviews{}), count(catalog.StaffReviews{Unanswered: true}), count(catalog.StaffReviews{Hidden: true}), count(catalog.StaffReviews{Score: 2}); a != 5 || u != 3 || h != 1 || two != 1 {
			t.Errorf("lists hold %d, %d, %d, %d", a, u, h, two)
		}
		storetest.CheckBooks(t, d)
		if err := s.UnhideReview(ctx, 1, 5); err != nil {
			t.Fatal(err)
		}
		var entries []string
		if err := d.Select(ctx, &entries, "SELECT action FROM audit_log WHERE subject LIKE 'review %' ORDER BY id"); err != nil || fmt.Sprint(entries) != "[review.reply review.reply review.hide review.unhide]" {
			t.Errorf("audit log %v, %v", entries, err)
		}
		storetest.CheckBooks(t, d)
	})
}

// A user who is gone has written what is there, but under no name.
func TestForgetReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		spu := reviewed(t, d, s, clock, 3)
		if err := d.Tx(ctx, func(tx *db.Tx) error { return catalog.ForgetReviews(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		list, err := s.Reviews(ctx, spu, "", catalog.ReviewPage{})
		if err != nil || len(list.Reviews) != 3 {
			t.Fatal(err)
		}
		for _, r := range list.Reviews {
			if !r.Anonymous || r.Author != "" || r.Avatar != "" {
				t.Errorf("%+v", r)
			}
		}
		storetest.CheckBooks(t, d)
	})
}

// The lists of reviews are read by index on both databases, not sorted.
func TestReviewListsUseIndexes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		spu := reviewed(t, d, s, clock, 500)
		end := " AND r.created_at <= ? AND (r.created_at < ? OR r.id < ?) ORDER BY r.created_at DESC, r.id DESC LIMIT 11"
		for _, where := range []string{"r.id > ?", "r.id > ? AND r.is_hidden = 1", "r.id > ? AND r.is_hidden = 0 AND r.replied_at IS NULL", "r.score = ?",
			"r.spu_id = ? AND r.is_hidden = 0", "r.spu_id = ? AND r.is_hidden = 0 AND r.grade = 3", "r.spu_id = ? AND r.is_hidden = 0 AND r.is_pictured = 1", "r.user_id = ?"} {
			plan := storetest.Explain(t, d, "SELECT r.id, u.nickname FROM reviews r LEFT JOIN users u ON u.id = r.user_id WHERE "+where+end, spu, clock.Now(), clock.Now(), 400)
			if strings.Contains(plan, "filesort") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN r") || strings.Contains(plan, "ALL") {
				t.Errorf("%s: %s", where, plan)
			}
		}
	})
}

func TestFavourites(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		user, other := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "other")
		for range 3 {
			storetest.SKU(t, d, 100, 1)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 3")
		for _, id := range []int64{3, 99} {
			if err := s.AddFavourite(ctx, user, id); !fault.Is(err, fault.NotFound) {
				t.Errorf("product %d: %v", id, err)
			}
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.AddFavourite(ctx, user, 1); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		clock.Advance(time.Minute)
		if err := s.AddFavourite(ctx, user, 2); err != nil {
			t.Fatal(err)
		}
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 0 WHERE id = 1")
		list, err := s.Favourites(ctx, user, 1)
		if err != nil || len(list.Favourites) != 2 || list.Favourites[0].SPUID != 2 || !list.Favourites[0].Launched || list.Favourites[1].Launched {
			t.Fatalf("%+v, %v", list, err)
		}
		if r, err := s.Regard(ctx, other, 2); r.Favourite || err != nil {
			t.Error("others keep it too", err)
		}
		storetest.CheckBooks(t, d)
		storetest.Exec(t, d, "UPDATE users SET favourites = ? WHERE id = ?", catalog.MaxFavourites, user)
		storetest.Exec(t, d, "UPDATE spus SET is_launched = 1 WHERE id = 3")
		if err := s.AddFavourite(ctx, user, 3); !fault.Is(err, fault.Conflict) {
			t.Errorf("one too many: %v", err)
		}
		if err := s.AddFavourite(ctx, user, 2); err != nil { // it is there already
			t.Error(err)
		}
		storetest.Exec(t, d, "UPDATE users SET favourites = 2 WHERE id = ?", user)
		for range 2 {
			if err := s.RemoveFavourite(ctx, user, 2); err != nil {
				t.Fatal(err)
			}
		}
		storetest.CheckBooks(t, d)
		if err := d.Tx(ctx, func(tx *db.Tx) error { return catalog.ForgetFavourites(ctx, tx, user) }); err != nil {
			t.Fatal(err)
		}
		if list, err := s.Favourites(ctx, user, 1); err != nil || len(list.Favourites) != 0 {
			t.Errorf("%+v, %v", list, err)
		}
		storetest.CheckBooks(t, d)
	})
}

// What is not launched is the merchant's alone to see, and nobody's to buy.
func TestProductsNotLaunched(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		storetest.SKU(t, d, 100, 5)
		for _, query := range []string{"UPDATE spus SET is_launched = 0", "UPDATE skus SET is_launched = 0", "UPDATE spus SET is_launched = 1"} {
			storetest.Exec(t, d, query)
			if _, err := s.Product(ctx, 1); !fault.Is(err, fault.NotFound) {
				t.Errorf("after %s: %v", query, err)
			}
			p, err := s.StaffProduct(ctx, 1)
			if err != nil || p.Launched || len(p.SKUs) != 1 || p.SKUs[0].Sellable(1) {
				t.Errorf("after %s the merchant sees %+v, %v", query, p, err)
			}
		}
	})
}

// The site map holds every launched product once, in files of a bounded size.
func TestSitemap(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := catalog.New(d, clock.Now)
		const n = 2*catalog.SitemapSize + 10
		if err := d.Tx(ctx, func(tx *db.Tx) error {
			catalog.Changed(ctx, tx)
			row := "('x', 1, 1, 1, 1, '', '', ?, '2026-03-01 00:00:00')"
			for from := 1; from <= n; from += 500 {
				var args []any
				count := min(500, n-from+1)
				for i := range count {
					args = append(args, (from+i)%100 != 0)
				}
				_, err := tx.Exec(ctx, "INSERT INTO spus (name, brand_id, category1_id, category2_id, category3_id, description, description_en, is_launched, created_at) VALUES "+
					row+strings.Repeat(", "+row, count-1), args...)
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		starts, err := s.SitemapStarts(ctx)
		if err != nil || len(starts) != 2 {
			t.Fatalf("%v, %v", starts, err)
		}
		var all []int64
		for _, after := range starts {
			ids, err := s.SitemapProducts(ctx, after)
			if err != nil || len(ids) > catalog.SitemapSize {
				t.Fatal(len(ids), err)
			}
			all = append(all, ids...)
		}
		var launched int
		if err := d.Get(ctx, &launched, "SELECT COUNT(*) FROM spus WHERE is_launched = 1"); err != nil || len(all) != launched || !slices.IsSorted(all) {
			t.Errorf("%d of %d, %v", len(all), launched, err)
		}
	})
}
