package web_test

import (
	"testing"

	"dashop/store/db"
	"dashop/store/entitlement"
	"dashop/store/order"
	"dashop/web/webtest"
)

const (
	goCourse   = 1183   // of the demo
	goFor90    = 118301 // its SKUs: for 90 days,
	goForEver  = 118303 // and for ever
	freeLesson = 119101 // costs nothing, and lasts for ever
)

func launchCourses(s *webtest.Shop) {
	s.Exec("UPDATE spus SET is_launched = 1 WHERE is_virtual = 1")
	s.Exec("UPDATE skus SET is_launched = 1 WHERE validity_days IS NOT NULL")
}

// What the merchant gives is there at once, and named in the list of learners.
func TestCourseIsGiven(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		launchCourses(s)
		ctx := t.Context()
		no := s.Order(xiaoming, goFor90, 1)
		s.Pay(xiaoming, no)
		if s.Status(no) != order.StatusCompleted {
			t.Errorf("the order is %s", s.Status(no).Name())
		}
		give := entitlement.Giving{Username: "xiaoming", SPUID: goCourse, SKUID: goForEver, How: entitlement.Gift, Reason: "讲师节"}
		if err := s.Store.Courses.Give(ctx, ownerID, give); err != nil {
			t.Fatal(err)
		}
		shelf, err := s.Store.Courses.Shelf(ctx, xiaoming, 1)
		if err != nil || len(shelf.Entries) != 1 || !shelf.Entries[0].Forever() || len(shelf.Entries[0].Records) != 2 ||
			shelf.Entries[0].Last().How != entitlement.Gift {
			t.Errorf("shelf %+v, %v", shelf, err)
		}
		one, err := s.Store.Courses.Owning(ctx, xiaoming, goCourse)
		if err != nil || len(one.Records) != 2 || one.Records[1].OrderNo != no || one.Records[1].TradeNo == nil {
			t.Errorf("one's own %+v, %v", one, err)
		}
		learners, more, err := s.Store.Courses.Learners(ctx, goCourse, 1)
		if err != nil || more || len(learners) != 1 || learners[0].Username != "xiaoming" || learners[0].Reason != "讲师节" {
			t.Errorf("learners %+v, %v", learners, err)
		}
		// What is refunded ends; the gift stays.
		id := s.Int("SELECT id FROM orders WHERE order_no = ?", no)
		wantNone(t, s.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := entitlement.End(ctx, tx, id, 1, s.Clock.Now())
			return err
		}))
		if h, err := s.Store.Courses.Has(ctx, xiaoming, goCourse); err != nil || h.Valid != 1 || !h.Forever() {
			t.Errorf("after the refund: %+v, %v", h, err)
		}
		lesson := s.Order(xiaoming, freeLesson, 1)
		id = s.Int("SELECT id FROM orders WHERE order_no = ?", lesson)
		wantNone(t, s.DB.Tx(ctx, func(tx *db.Tx) error {
			_, err := entitlement.End(ctx, tx, id, 1, s.Clock.Now())
			return err
		}))
		if s.Int("SELECT students FROM course_counts WHERE spu_id = 1191") != 0 {
			t.Error("somebody still learns")
		}
	})
}
