package review_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/review"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// reviewed makes a product with n reviews, the i-th i seconds old, scores 1 to 5 in turn.
func reviewed(t *testing.T, d *db.DB, clock *storetest.Clock, n int) (spu int64) {
	t.Helper()
	sku := storetest.SKU(t, d, 100, 1)
	skus, err := catalog.New(d, clock.Now).SKUs(ctx, d, []int64{sku})
	if err != nil {
		t.Fatal(err)
	}
	user := storetest.User(t, d, "reviewer")
	storetest.Exec(t, d, "UPDATE users SET nickname = '张小明', avatar = 'images/avatars/fox.webp' WHERE id = ?", user)
	err = d.Tx(ctx, func(tx *db.Tx) error {
		for i := range n {
			r := review.Review{SPUID: skus[sku].SPUID, SKUID: sku, UserID: user, Score: i%5 + 1, Comment: fmt.Sprint("评价 ", i),
				Anonymous: i%2 == 0, CreatedAt: clock.Now().Add(-time.Duration(i/3) * time.Second)}
			if i%7 == 0 {
				r.Pictures = []string{"a.webp"}
			}
			if err := review.Add(ctx, tx, r); err != nil {
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
		s := review.New(d, clock.Now)
		spu := reviewed(t, d, clock, 47)
		p, err := catalog.New(d, clock.Now).Product(ctx, spu)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range review.Filters {
			seen := map[int64]bool{}
			for at := (review.Page{Number: 1}); ; at.Number++ {
				list, err := s.OfProduct(ctx, spu, f, at)
				if err != nil {
					t.Fatal(err)
				}
				numbered, err := s.OfProduct(ctx, spu, f, review.Page{Number: at.Number})
				if err != nil || fmt.Sprint(numbered.Reviews) != fmt.Sprint(list.Reviews) {
					t.Errorf("%q page %d differs by number and by cursor (%v)", f, at.Number, err)
				}
				if !slices.IsSortedFunc(list.Reviews, func(a, b review.Review) int { return b.CreatedAt.Compare(a.CreatedAt) }) {
					t.Errorf("%q page %d is not newest first", f, at.Number)
				}
				for _, r := range list.Reviews {
					if seen[r.ID] {
						t.Errorf("review %d is there twice", r.ID)
					}
					seen[r.ID] = true
					if r.Anonymous != (r.Author == "张**" && r.Avatar == "") || !r.Anonymous && (r.Author != "张小明" || r.Avatar == "") ||
						r.UserID != 0 {
						t.Errorf("review %+v", r)
					}
				}
				if at.After = list.Next; list.Next == "" {
					break
				}
			}
			if int64(len(seen)) != f.Count(p.Rating) || len(seen) == 0 {
				t.Errorf("%q lists %d, the figures say %d", f, len(seen), f.Count(p.Rating))
			}
		}
		for _, strange := range []string{"x", "-", "1-", "-1-1", "99999999999999999-1", strings.Repeat("9", 50), "1-1; DROP"} {
			if list, err := s.OfProduct(ctx, spu, "", review.Page{After: strange}); err != nil || len(list.Reviews) != 10 {
				t.Errorf("%q: %d, %v", strange, len(list.Reviews), err)
			}
		}
	})
}

// The merchant answers, hides and brings back; each is written down once, with the figures.
func TestMerchantAndReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := review.New(d, clock.Now)
		spu := reviewed(t, d, clock, 5)
		count := func(f review.StaffFilter) int {
			list, err := s.ForStaff(ctx, f, review.Page{})
			if err != nil {
				t.Fatal(err)
			}
			return len(list.Reviews)
		}
		for _, err := range []error{s.Reply(ctx, 1, 1, " \n"), s.Reply(ctx, 1, 1, strings.Repeat("好", 501)), s.Hide(ctx, 1, 1, ""),
			s.Hide(ctx, 1, 1, strings.Repeat("好", 201))} {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("got %v", err)
			}
		}
		for _, err := range []error{s.Reply(ctx, 1, 99, "谢谢"), s.Hide(ctx, 1, 99, "广告"), s.Unhide(ctx, 1, 99)} {
			if !fault.Is(err, fault.NotFound) {
				t.Errorf("got %v", err)
			}
		}
		for _, text := range []string{"谢谢", "谢谢您"} {
			if err := s.Reply(ctx, 1, 1, text); err != nil {
				t.Fatal(err)
			}
		}
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := s.Hide(ctx, 1, 5, "广告"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		list, err := s.OfProduct(ctx, spu, "", review.Page{})
		if err != nil || len(list.Reviews) != 4 {
			t.Fatalf("%d shown, %v", len(list.Reviews), err)
		}
		if i := slices.IndexFunc(list.Reviews, func(r review.Review) bool { return r.ID == 1 }); list.Reviews[i].Reply != "谢谢您" ||
			list.Reviews[i].RepliedAt == nil {
			t.Errorf("%+v", list.Reviews[i])
		}
		if a, u, h, two := count(review.StaffFilter{}), count(review.StaffFilter{Unanswered: true}),
			count(review.StaffFilter{Hidden: true}),
			count(review.StaffFilter{Score: 2}); a != 5 || u != 3 || h != 1 || two != 1 {
			t.Errorf("lists hold %d, %d, %d, %d", a, u, h, two)
		}
		storetest.CheckBooks(t, d)
		if err := s.Unhide(ctx, 1, 5); err != nil {
			t.Fatal(err)
		}
		var entries []string
		if err := d.Select(ctx, &entries, "SELECT action FROM audit_log WHERE subject LIKE 'review %' ORDER BY id"); err != nil ||
			fmt.Sprint(entries) != "[review.reply review.reply review.hide review.unhide]" {
			t.Errorf("audit log %v, %v", entries, err)
		}
		storetest.CheckBooks(t, d)
	})
}

// A user who is gone has written what is there, but under no name.
func TestForgetReviews(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		s := review.New(d, clock.Now)
		spu := reviewed(t, d, clock, 3)
		if err := d.Tx(ctx, func(tx *db.Tx) error { return review.Forget(ctx, tx, 1) }); err != nil {
			t.Fatal(err)
		}
		list, err := s.OfProduct(ctx, spu, "", review.Page{})
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
		spu := reviewed(t, d, clock, 1000)
		if d.Driver() == db.MySQL { // which otherwise may not have counted the rows yet, and then chooses by chance
			storetest.Exec(t, d, "ANALYZE TABLE reviews")
		}
		end := " AND r.created_at <= ? AND (r.created_at < ? OR r.id < ?) ORDER BY r.created_at DESC, r.id DESC LIMIT 11"
		for _, where := range []string{"r.id > ?", "r.id > ? AND r.is_hidden = 1", "r.id > ? AND r.is_hidden = 0 AND r.replied_at IS NULL",
			"r.score = ?",
			"r.spu_id = ? AND r.is_hidden = 0", "r.spu_id = ? AND r.is_hidden = 0 AND r.grade = 3",
			"r.spu_id = ? AND r.is_hidden = 0 AND r.is_pictured = 1", "r.user_id = ?"} {
			plan := storetest.Explain(t, d, "SELECT r.id, r.comment, u.nickname FROM reviews r LEFT JOIN users u ON u.id = r.user_id WHERE "+where+
				end, spu,
				clock.Now(), clock.Now(), 400)
			if strings.Contains(plan, "filesort") || strings.Contains(plan, "TEMP B-TREE") || strings.Contains(plan, "SCAN r") ||
				strings.Contains(plan, "ALL") {
				t.Errorf("%s: %s", where, plan)
			}
		}
	})
}
