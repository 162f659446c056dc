package order_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/review"
	"dashop/store/storetest"
)

// fine is a filled-in review form.
var fine = review.Input{Score: 5, Comment: "手感很好"}

// received is a user's order of one piece of each SKU, received already.
func (s shop) received(user int64, skus ...int64) string {
	s.Helper()
	for _, sku := range skus {
		s.must(s.cart.Add(ctx, cart.UserOwner(user), sku, 1))
	}
	c, err := s.order.Checkout(ctx, user, nil, 0)
	s.must(err)
	no := s.place(order.Placing{UserID: user, Token: c.Token, Digest: c.Quote.Digest, AddressID: c.Chosen, PayMethod: "alipay"})
	s.pay(no)
	s.must(s.order.Ship(ctx, 1, no, "sf", "SF1234567890"))
	s.must(s.order.Receive(ctx, user, no))
	return no
}

func (s shop) goods(n int) (skus []int64) {
	for range n {
		skus = append(skus, storetest.SKU(s, s.db, 1000, 100))
	}
	return skus
}

func TestReviewsCompleteAnOrder(t *testing.T) {
	each(t, func(s shop) {
		user, _ := s.buyer("xiaoming")
		stranger, _ := s.buyer("stranger")
		no := s.received(user, s.goods(2)...)
		s.wantCode(s.order.Review(ctx, stranger, no, 1, fine), fault.NotFound, 0)
		for _, line := range []int{0, -1, 3, 1 << 40} {
			s.wantCode(s.order.Review(ctx, user, no, line, fine), fault.NotFound, 0)
		}
		for field, bad := range map[string]review.Input{
			"score": {Score: 0}, "comment": {Score: 5, Comment: strings.Repeat("好", 501)},
			"pictures": {Score: 5, Pictures: make([]string, 6)},
		} {
			err := s.order.Review(ctx, user, no, 1, bad)
			s.wantCode(err, fault.Invalid, 0)
			if _, ok := fault.Of(err).Fields[field]; !ok {
				s.Errorf("%s: %v", field, err)
			}
		}
		s.must(s.order.Review(ctx, user, no, 1, review.Input{Score: 4, Comment: " " + strings.Repeat("好", 500) + "\r\n", Anonymous: true,
			Pictures: []string{"uploads/a.webp", "uploads/b.webp"}}))
		s.wantCode(s.order.Review(ctx, user, no, 1, fine), fault.Conflict, 0)
		o, err := s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusPendingReview || !o.Unreviewed() || o.Items[0].ReviewedAt == nil || o.Items[1].ReviewedAt != nil {
			s.Fatalf("after one of two: %+v", o)
		}
		s.must(s.order.Review(ctx, user, no, 2, review.Input{Score: 1})) // a score says something too
		o, err = s.order.Order(ctx, user, no)
		s.must(err)
		if o.Status != order.StatusCompleted || o.Unreviewed() || o.Events[0].Kind != order.EventCompleted ||
			o.Events[0].Actor != order.ByShopper || o.EndedAt == nil {
			s.Fatalf("after both: %+v", o)
		}
		goods := catalog.New(s.db, s.clock.Now)
		list, err := review.New(s.db, s.clock.Now).OfProduct(ctx, o.Items[0].SPUID, "", review.Page{})
		s.must(err)
		if r := list.Reviews[0]; r.Author != "x**" || r.UserID != 0 || r.Avatar != "" || r.Comment != strings.Repeat("好", 500) ||
			len(r.Pictures) != 2 || r.Pictures[0] != "uploads/a.webp" {
			s.Fatalf("the public sees %+v", r)
		}
		p, err := goods.Product(ctx, o.Items[0].SPUID)
		s.must(err)
		if p.Count() != 1 || p.Average() != 4 || p.Pictured != 1 {
			s.Fatalf("rating %+v", p.Rating)
		}
	})
}

func TestReviewsWaitForReceipt(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		sku := s.goods(1)[0]
		no := s.place(s.form(user, address, sku, 1))
		refused := func(when string) {
			if err := s.order.Review(ctx, user, no, 1, fine); !fault.HasCode(err, fault.CodeWrongOrderState) {
				s.Errorf("%s: %v", when, err)
			}
			if _, err := s.order.ReviewForm(ctx, user, no); !fault.HasCode(err, fault.CodeWrongOrderState) {
				s.Errorf("the form %s: %v", when, err)
			}
		}
		refused("unpaid")
		s.pay(no)
		refused("paid")
		s.must(s.order.Ship(ctx, 1, no, "sf", "SF1234567890"))
		refused("shipped")
		s.must(s.order.Receive(ctx, user, no))
		s.clock.Advance(30 * 24 * time.Hour)
		if _, err := s.order.Sweep(ctx, 10); err != nil {
			s.Fatal(err)
		}
		s.must(s.order.Review(ctx, user, no, 1, fine)) // completed by time, and still open
		if n := s.count("SELECT COUNT(*) FROM order_events WHERE kind = 'completed'"); n != 1 {
			s.Errorf("completed %d times", n)
		}
	})
}

// Many who press the button at once write one review.
func TestOneItemIsReviewedOnce(t *testing.T) {
	each(t, func(s shop) {
		user, _ := s.buyer("xiaoming")
		no := s.received(user, s.goods(2)...)
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if err := s.order.Review(ctx, user, no, 1, fine); err != nil && !fault.Is(err, fault.Conflict) {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.count("SELECT COUNT(*) FROM reviews"); n != 1 {
			s.Fatalf("%d reviews", n)
		}
	})
}

// However the reviews of an order come together, the last one moves it on.
func TestReviewsAtOnceCompleteAnOrder(t *testing.T) {
	each(t, func(s shop) {
		user, _ := s.buyer("xiaoming")
		skus := s.goods(8)
		storetest.Exec(s, s.db, "UPDATE skus SET spu_id = (SELECT id FROM spus ORDER BY id LIMIT 1)") // so that all change one rating
		no := s.received(user, skus...)
		var wg sync.WaitGroup
		for line := 1; line <= 8; line++ {
			wg.Go(func() {
				if err := s.order.Review(ctx, user, no, line, fine); err != nil {
					s.Error(err)
				}
			})
		}
		wg.Wait()
		if n := s.count("SELECT status FROM orders"); n != int64(order.StatusCompleted) {
			s.Fatalf("status %d", n)
		}
		if n := s.count("SELECT COUNT(*) FROM order_events WHERE kind = 'completed'"); n != 1 {
			s.Fatalf("completed %d times", n)
		}
	})
}

// What fails halfway leaves nothing.
func TestHalfAReviewIsNone(t *testing.T) {
	each(t, func(s shop) {
		user, _ := s.buyer("xiaoming")
		no := s.received(user, s.goods(1)...)
		for _, at := range []string{"UPDATE order_items", "INSERT INTO reviews", "INSERT INTO review_pictures", "UPDATE skus",
			"UPDATE spus", "INSERT INTO order_events", "COMMIT"} {
			broken := db.InjectFaults(ctx, func(statement string) error {
				if strings.HasPrefix(statement, at) {
					return errors.New("the disk is full")
				}
				return nil
			})
			if err := s.order.Review(broken, user, no, 1, review.Input{Score: 3, Pictures: []string{"a.webp"}}); err == nil {
				s.Errorf("%s failed and nobody noticed", at)
			}
			if n := s.count("SELECT (SELECT COUNT(*) FROM reviews) + (SELECT COUNT(*) FROM review_pictures) + (SELECT SUM(score_3) FROM spus) + (SELECT SUM(reviewed_count) FROM orders)"); n != 0 {
				s.Errorf("%s failed and left something", at)
			}
			storetest.CheckBooks(s, s.db)
		}
		s.must(s.order.Review(ctx, user, no, 1, fine))
	})
}

// Whatever shoppers and the merchant do, the ratings are the sums of the reviews that are shown.
func TestRatingsAreSums(t *testing.T) {
	each(t, func(s shop) {
		user, _ := s.buyer("xiaoming")
		reviews := review.New(s.db, s.clock.Now)
		skus := s.goods(3)
		storetest.Exec(s, s.db, "UPDATE skus SET spu_id = ? WHERE id IN (?, ?)", 1, skus[0], skus[1]) // two of one product
		storetest.Exec(s, s.db, "UPDATE stocks SET quantity = quantity + 1000")
		storetest.Exec(s, s.db, "UPDATE stock_ledger SET delta = delta + 1000")
		histories := 0
		rapid.Check(s, func(r *rapid.T) {
			if histories++; histories > 12 && !storetest.Long() {
				return
			}
			var open []string
			for range rapid.IntRange(2, 12).Draw(r, "steps") {
				switch step := rapid.SampledFrom([]string{"review", "review", "again", "hide", "unhide", "forget"}).Draw(r, "step"); step {
				case "review":
					no := s.received(user, skus...)
					open = append(open, no)
					for line := 1; line <= 3; line++ {
						in := review.Input{Score: rapid.IntRange(1, 5).Draw(r, "score")}
						if rapid.Bool().Draw(r, "pictured") {
							in.Pictures = []string{"a.webp"}
						}
						s.must(s.order.Review(ctx, user, no, line, in))
					}
				case "again":
					if len(open) > 0 {
						s.wantCode(s.order.Review(ctx, user, rapid.SampledFrom(open).Draw(r, "order"), 2, fine), fault.Conflict, 0)
					}
				case "forget":
					s.must(s.db.Tx(ctx, func(tx *db.Tx) error { return review.Forget(ctx, tx, user) }))
				default:
					last := s.count("SELECT COALESCE(MAX(id), 0) FROM reviews")
					if last == 0 {
						continue
					}
					id := rapid.Int64Range(max(1, last-9), last).Draw(r, "review")
					var err error
					if step == "hide" {
						err = reviews.Hide(ctx, 1, id, "广告")
					} else {
						err = reviews.Unhide(ctx, 1, id)
					}
					if err != nil && !fault.Is(err, fault.NotFound) {
						s.Fatal(err)
					}
				}
			}
			storetest.CheckBooks(s, s.db)
		})
		if s.count("SELECT COUNT(*) FROM reviews WHERE is_hidden = 1") == 0 ||
			s.count("SELECT COUNT(*) FROM reviews WHERE is_hidden = 0") == 0 {
			s.Error("the histories show too little")
		}
	})
}
