package promo

import (
	"time"

	"dashop/store/money"
)

// Coupon is a coupon that a user holds.
type Coupon struct {
	ID        int64 // of the claimed one
	Name      string
	NameEN    string
	Scope     Scope
	Threshold money.Fen // its goods must come to this much, at the prices of the moment; 0: nothing
	Off       money.Fen // of a fixed one
	Percent   int64     // of the others: what is still paid; 0: it is a fixed one
	Cap       money.Fen // of the others: what it takes off at most; 0: no bound
	StartsAt  time.Time
	EndsAt    time.Time // the first moment at which it cannot be used any more
	Used      bool
}

// Unusable is why a coupon does not fit a basket.
type Unusable string

const (
	Usable        Unusable = ""
	UnusableUsed  Unusable = "used"
	UnusableEarly Unusable = "early"     // its time has not come
	UnusableLate  Unusable = "expired"   // its time is over
	UnusableScope Unusable = "scope"     // the basket has nothing that it is for
	UnusableShort Unusable = "short"     // too little of it
	UnusableEmpty Unusable = "worthless" // nothing would be taken off
)

// Offer is what a coupon would do for a basket.
type Offer struct {
	Coupon Coupon
	Saving money.Fen
	Why    Unusable  // Usable when it can be used
	Short  money.Fen // with UnusableShort: how much is missing
}
