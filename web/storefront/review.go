package storefront

import (
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/media"
	"dashop/store/order"
	"dashop/store/review"
	"dashop/views/page"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
	"dashop/web/upload"
)

// Reviews lists what shoppers say of a product: GET /products/{spu}/reviews.
func (p Pages) Reviews(c *fiber.Ctx) error {
	id, err := form.PathID(c, "spu")
	if err != nil {
		return err
	}
	product, err := p.product(c, id)
	if err != nil {
		return err
	}
	r := page.ReviewsPage{Product: product, Filter: review.ParseFilter(c.Query("rate"))}
	if r.List, err = p.Store.Reviews.OfProduct(c.UserContext(), id, r.Filter, reviewPage(c)); err != nil {
		return err
	}
	r.Within = respond.IsFragment(c) && onProduct(c, id)
	return respond.Page(c, func(v ui.View) templ.Component { return page.Reviews(v, r) }, "reviews")
}

// onProduct says whether htmx asks from the product page itself.
func onProduct(c *fiber.Ctx, id int64) bool {
	path, _, _ := strings.Cut(respond.From(c), "?")
	return path == ui.ProductHref(id)
}

// reviewPage reads which page of a list of reviews is wanted.
func reviewPage(c *fiber.Ctx) review.Page {
	return review.Page{Number: form.Page(c), After: c.Query("after")}
}

// MyReviews lists what the shopper wrote: GET /account/reviews.
func (p Pages) MyReviews(c *fiber.Ctx) error {
	list, err := p.Store.Reviews.ByUser(c.UserContext(), session.Of(c).UserID(), reviewPage(c))
	if err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return page.MyReviews(v, page.MyReviewsPage{List: list}) }, "")
}

// ReviewForm asks what the items of an order are like: GET /orders/{no}/review. item_id opens the form of that line.
func (p Pages) ReviewForm(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	line, _ := form.Number(c.Query("item_id")) // what is no line opens the first that waits
	return p.showReviewForm(c, no, page.ReviewForm{Line: int(line)})
}

// Review keeps what the shopper says of one item: POST /orders/{no}/review.
func (p Pages) Review(c *fiber.Ctx) error {
	no, err := form.OrderNo(c)
	if err != nil {
		return err
	}
	s := session.Of(c)
	f, err := parseReview(c)
	if err == nil {
		f.Input.Pictures, err = p.reviewPictures(c, no, f.Input)
	}
	if err == nil {
		err = p.Store.Order.Review(c.UserContext(), s.UserID(), no, f.Line, f.Input)
	}
	if err != nil && !fault.Is(err, fault.Unknown) { // of a review that may be kept after all they may be seen
		upload.Drop(p.Store.Media, f.Input.Pictures)
	}
	if fault.Refused(err) {
		f.Fault = fault.Of(err)
		return p.showReviewForm(c, no, f)
	}
	if err != nil {
		return err
	}
	s.Flash("ok", "评价已发布，谢谢您")
	o, err := p.Store.Order.ReviewForm(c.UserContext(), s.UserID(), no)
	if err != nil {
		return err
	}
	if o.Unreviewed() {
		return respond.SeeOther(c, ui.OrderHref(no, "review"))
	}
	return respond.SeeOther(c, ui.OrderHref(no))
}

// reviewPictures keeps the pictures sent along, unless the rest of the form is refused anyway.
func (p Pages) reviewPictures(c *fiber.Ctx, no string, in review.Input) (kept []string, err error) {
	sent, err := upload.Files(c, "pictures")
	if err != nil || len(sent) == 0 {
		return nil, err
	}
	in.Pictures = make([]string, len(sent))
	if _, err := review.Check(in); err != nil {
		return nil, err
	}
	if _, err := p.Store.Order.ReviewForm(c.UserContext(), session.Of(c).UserID(), no); err != nil {
		return nil, err
	}
	return upload.Keep(c, p.Store.Media, media.Photo, "pictures", sent)
}

// parseReview reads the form as it was filled in, with what is wrong with it.
func parseReview(c *fiber.Ctx) (f page.ReviewForm, err error) {
	anonymous, err := form.YesNo(c, "anonymous")
	if err != nil {
		return f, err
	}
	f.Input.Anonymous = anonymous != nil && *anonymous
	score, _ := form.Number(form.Value(c, "score")) // what is no number is no score, which the store says
	if score <= 5 {
		f.Input.Score = int(score)
	}
	if f.Input.Comment, err = form.Text(c, "comment"); err != nil {
		return f, err
	}
	line, err := form.ID(c, "item_id", "请选择要评价的商品")
	f.Line = int(line)
	return f, err
}

// showReviewForm shows an order's items with one form open. An order that was not received is shown itself, with the reason.
func (p Pages) showReviewForm(c *fiber.Ctx, no string, f page.ReviewForm) error {
	var err error
	f.Order, err = p.Store.Order.ReviewForm(c.UserContext(), session.Of(c).UserID(), no)
	if fault.Is(err, fault.Conflict) {
		return p.showOrder(c, no, fault.Of(err))
	}
	if err != nil {
		return err
	}
	if open := openLine(f.Order, f.Line); open != f.Line {
		f.Line, f.Input = open, review.Input{} // what was typed was meant for another item
	}
	return respond.PageStatus(c, form.StatusOf(f.Fault), func(v ui.View) templ.Component { return page.Review(v, f) }, "")
}

// openLine is the wanted line of an order if it waits for its review, else the first that does, else 0.
func openLine(o order.Order, wanted int) int {
	first := 0
	for _, it := range o.Items {
		if it.ReviewedAt != nil {
			continue
		}
		if it.Line == wanted {
			return wanted
		}
		if first == 0 {
			first = it.Line
		}
	}
	return first
}
