package staff

import (
	"strconv"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/review"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Reviews lists what shoppers say: GET /admin/reviews.
func (p Pages) Reviews(c *fiber.Ctx) error {
	return p.showReviews(c, staff.ReviewsPage{})
}

// showReviews shows the list that the fields of the address or of the form choose.
func (p Pages) showReviews(c *fiber.Ctx, r staff.ReviewsPage) error {
	at := func(name string) string { return form.Value(c, name) }
	u := session.Of(c).User()
	r.MayChange = u.Role == account.Owner || u.Role == account.Staff
	r.Filter = review.StaffFilter{Hidden: at("state") == "hidden", Unanswered: at("state") == "unanswered"}
	if score, err := strconv.Atoi(at("score")); err == nil && score >= 1 && score <= 5 {
		r.Filter.Score = score
	}
	number, _ := strconv.Atoi(at("page")) // anything strange is the first page
	r.After = at("after")
	var err error
	if r.List, err = p.Store.Reviews.ForStaff(c.UserContext(), r.Filter, review.Page{Number: number, After: r.After}); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(r.Fault), func(v ui.View) templ.Component { return staff.Reviews(v, r) }, "reviews")
}

// ReplyToReview answers a review: POST /admin/reviews/{id}/reply.
func (p Pages) ReplyToReview(c *fiber.Ctx) error {
	text := form.Value(c, "reply")
	return p.changeReview(c, "回复已发布", staff.ReviewsPage{Reply: text}, func(staffID, id int64) error {
		return p.Store.Reviews.Reply(c.UserContext(), staffID, id, text)
	})
}

// HideReview takes a review from the shop: POST /admin/reviews/{id}/hide.
func (p Pages) HideReview(c *fiber.Ctx) error {
	reason := form.Value(c, "reason")
	return p.changeReview(c, "评价已隐藏", staff.ReviewsPage{Reason: reason}, func(staffID, id int64) error {
		return p.Store.Reviews.Hide(c.UserContext(), staffID, id, reason)
	})
}

// UnhideReview brings a review back: POST /admin/reviews/{id}/unhide.
func (p Pages) UnhideReview(c *fiber.Ctx) error {
	return p.changeReview(c, "评价已恢复显示", staff.ReviewsPage{}, func(staffID, id int64) error {
		return p.Store.Reviews.Unhide(c.UserContext(), staffID, id)
	})
}

// changeReview does one thing to a review and leads back to the list. A form that was refused is shown again in it.
func (p Pages) changeReview(c *fiber.Ctx, done string, r staff.ReviewsPage, do func(staffID, id int64) error) error {
	id, err := form.PathID(c, "id")
	if err != nil {
		return err
	}
	s := session.Of(c)
	err = do(s.UserID(), id)
	if fault.Is(err, fault.Invalid) {
		r.Wrong, r.Fault = id, fault.Of(err)
		return p.showReviews(c, r)
	}
	if err != nil {
		return err
	}
	s.Flash("ok", done)
	return respond.SeeOther(c, respond.Next(staff.ReviewsHref(form.Value(c, "state"), form.Value(c, "score"), form.Value(c, "page"),
		form.Value(c, "after"))))
}
