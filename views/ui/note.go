package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

func noteIcon(kind string) string {
	switch kind {
	case "ok":
		return "circle-check"
	case "wait":
		return "clock"
	case "err":
		return "circle-alert"
	}
	return "info"
}

// CartSwap has what attrs send bring the cart's page up to date in place. One answer is waited for before the next form is sent, so that the
// page ends with what the shop keeps, however late answers come; and the cart is morphed, not replaced, since an answer finds its place
// only as long as that is still on the page, and so that what is being typed stays.
func CartSwap(attrs templ.Attributes) templ.Attributes {
	attrs["hx-target"], attrs["hx-swap"], attrs["hx-sync"] = "#cart", "outerMorph", "body:queue all"
	return attrs
}

func atMost99(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

// Score writes an average score, such as 4.4.
func Score(average float64) string { return oneDecimal(average) }

func oneDecimal(score float64) string { return strconv.FormatFloat(score, 'f', 1, 64) }
