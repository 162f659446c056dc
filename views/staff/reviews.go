package staff

import (
	"net/url"
	"slices"

	"dashop/store/fault"
	"dashop/store/review"
	"dashop/views/ui"
)

// ReviewsPage is the merchant's list of reviews, with a form that was refused.
type ReviewsPage struct {
	Filter    review.StaffFilter
	List      review.List
	After     string
	MayChange bool   // else one may only look
	Wrong     int64  // the review whose form was refused
	Reply     string // as it was typed
	Reason    string
	Fault     *fault.Error
}

// state is the filter's word in the address: unanswered, hidden or "".
func (r ReviewsPage) state() string {
	switch {
	case r.Filter.Hidden:
		return "hidden"
	case r.Filter.Unanswered:
		return "unanswered"
	}
	return ""
}

func (r ReviewsPage) href(state string, score, page int, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": state, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if score > 0 {
		q.Set("score", ui.ID(score))
	}
	if page > 1 {
		q.Set("page", ui.ID(page))
	}
	if len(q) == 0 {
		return "/admin/reviews"
	}
	return "/admin/reviews?" + q.Encode()
}

func (r ReviewsPage) next() string {
	return r.href(r.state(), r.Filter.Score, r.List.Page+1, r.List.Next)
}
func (r ReviewsPage) back() string { return r.href(r.state(), r.Filter.Score, r.List.Page-1, "") }

func (r ReviewsPage) tabs(v ui.View) []ui.Tab {
	out := []ui.Tab{{Label: v.T("全部")}, {Label: v.T("未回复")}, {Label: v.T("已隐藏")}}
	for i, state := range []string{"", "unanswered", "hidden"} {
		out[i].Href, out[i].Current = r.href(state, r.Filter.Score, 1, ""), state == r.state()
	}
	return out
}

// of is what was typed into a form of a review, or what it has now.
func (r ReviewsPage) of(id int64, typed, now string) string {
	if id == r.Wrong {
		return typed
	}
	return now
}

// fault is what was wrong with a review's form.
func (r ReviewsPage) fault(id int64) *fault.Error {
	if id == r.Wrong {
		return r.Fault
	}
	return nil
}

// here says whether the review whose form was refused is on this page.
func (r ReviewsPage) here() bool {
	return slices.ContainsFunc(r.List.Reviews, func(one review.Review) bool { return one.ID == r.Wrong })
}

func reviewHref(id int64, verb string) string { return "/admin/reviews/" + ui.ID(id) + "/" + verb }

// ReviewsHref leads back to a place in the list, as the fields of a form tell it.
func ReviewsHref(state, score, page, after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"state": state, "score": score, "page": page, "after": after} {
		if value != "" && value != "0" && len(value) < 50 {
			q.Set(name, value)
		}
	}
	return "/admin/reviews?" + q.Encode()
}
