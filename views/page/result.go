package page

import (
	"time"

	"dashop/store/order"
	"dashop/store/payment"
	"dashop/views/ui"
)

// outcome is what a result page has to tell.
type outcome int

const (
	paid      outcome = iota // the money is there
	waiting                  // nobody knows yet; the page asks again by itself
	checking                 // another amount came than was asked for, and the merchant looks at it
	unpaid                   // no money came, and one may try again
	expired                  // no money came, and the time is over
	cancelled                // the order is cancelled
	refunded                 // the order is cancelled, and money came late
)

func outcomeOf(v ui.View, r payment.Result) outcome {
	switch r.Order.Status {
	case order.StatusPendingPayment:
		switch {
		case r.Frozen:
			return checking
		case r.Confirming:
			return waiting
		case !v.Now.Before(r.Order.PayDeadline):
			return expired
		}
		return unpaid
	case order.StatusCancelled:
		if r.Late {
			return refunded
		}
		return cancelled
	}
	return paid
}

// step is where the result stands on the way of a purchase.
func (o outcome) step() int {
	if o == paid {
		return 4
	}
	return 2
}

// clockTime is the hour and minute of a moment in China's time.
func clockTime(v ui.View, t time.Time) string {
	s := v.Time(t)
	return s[len(s)-len("15:04"):]
}

func orderedTime(v ui.View, t *time.Time) string {
	if t == nil {
		return ""
	}
	return v.ShortTime(*t)
}
