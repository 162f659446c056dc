package page

import (
	"net/url"
	"time"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/store/review"
	"dashop/views/ui"
)

// ReviewsPage is a page of a product's reviews under a filter.
type ReviewsPage struct {
	Product catalog.Product
	Filter  review.Filter
	List    review.List
	Within  bool // it is a part of the product page, whose address stays
}

// href is the address of the first page under a filter.
func (r ReviewsPage) href(f review.Filter) string {
	return r.address(f, 1, "")
}

// next and back are the addresses of the pages after and before this one.
func (r ReviewsPage) next() string { return r.address(r.Filter, r.List.Page+1, r.List.Next) }
func (r ReviewsPage) back() string { return r.address(r.Filter, r.List.Page-1, "") }

func (r ReviewsPage) address(f review.Filter, page int, after string) string {
	q := url.Values{}
	if f != "" {
		q.Set("rate", string(f))
	}
	if page > 1 {
		q.Set("page", ui.ID(page))
	}
	if after != "" {
		q.Set("after", after)
	}
	path := ui.ProductHref(r.Product.ID) + "/reviews"
	if len(q) == 0 {
		return path
	}
	return path + "?" + q.Encode()
}

// filterName is the Chinese word for a filter.
func filterName(f review.Filter) string {
	switch f {
	case review.Good:
		return "好评"
	case review.Medium:
		return "中评"
	case review.Poor:
		return "差评"
	case review.Pictured:
		return "有图"
	}
	return "全部"
}

// ScoreName is the Chinese word for a score.
func ScoreName(score int) string {
	return [...]string{"", "很差", "较差", "一般", "满意", "非常满意"}[score]
}

// authorName is what a review's author is called in public.
func authorName(v ui.View, r review.Review) string {
	if r.Author == "" {
		return v.T("匿名用户")
	}
	return r.Author
}

// day writes the date of a moment, in China.
func day(v ui.View, t time.Time) string { return v.Time(t)[:len("2006-01-02")] }

// share is how many of a hundred parts a score has of all, for the bar of that length.
func share(r catalog.Rating, score int) string {
	if r.Count() == 0 {
		return "0"
	}
	return ui.ID((r.Of(score)*100 + r.Count()/2) / r.Count())
}

// MyReviewsPage is a page of what a shopper wrote.
type MyReviewsPage struct{ List review.List }

func (m MyReviewsPage) href(page int, after string) string {
	q := url.Values{"page": {ui.ID(page)}}
	if after != "" {
		q.Set("after", after)
	}
	if page <= 1 {
		return "/account/reviews"
	}
	return "/account/reviews?" + q.Encode()
}

// swap swaps the list alone. Within the product page the address stays that of the product.
func (r ReviewsPage) swap(href string) templ.Attributes {
	a := ui.Swap(href, "#review-list")
	if r.Within {
		delete(a, "hx-push-url")
	}
	return a
}
