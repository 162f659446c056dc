package promo

import (
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/money"
)

// Kind says what takes something off a price. Those of promotions stand in their rows.
type Kind string

const (
	KindPrice     Kind = "price"     // 限时折扣: another price for some time
	KindFlash     Kind = "flash"     // 限时秒杀: the same with a stock of its own and a limit per person
	KindReduction Kind = "reduction" // 满减: steps of so much off from so much on
	KindPercent   Kind = "percent"   // 折扣: a percentage of the sum
	KindCoupon    Kind = "coupon"
	KindCredits   Kind = "credits"
)

// IsSale says whether the kind changes what one piece costs, on each page, rather than what a basket comes to.
func (k Kind) IsSale() bool { return k == KindPrice || k == KindFlash }

// Combines is the table of what goes together, which the README shows: whether pieces that have the price of a sale of one
// kind still count for something of the other. Of sales a piece has one; of reductions a line is in one, and in one percentage; an order
// uses one coupon. All else combines.
func Combines(sale, other Kind) bool {
	return sale != KindFlash || other == KindCoupon || other == KindCredits
}

// Scope says which goods something is about.
type Scope struct {
	Kind ScopeKind
	IDs  []int64 // of categories, brands, products or SKUs; none for all
}

// ScopeKind is what the ids of a scope are of.
type ScopeKind string

const (
	ScopeAll      ScopeKind = "all"
	ScopeCategory ScopeKind = "category" // of any level
	ScopeBrand    ScopeKind = "brand"
	ScopeSPU      ScopeKind = "spu"
	ScopeSKU      ScopeKind = "sku"
)

// Contains says whether a SKU is in the scope.
func (s Scope) Contains(k catalog.SKU) bool {
	has := func(id int64) bool { return slices.Contains(s.IDs, id) }
	switch s.Kind {
	case ScopeAll:
		return true
	case ScopeCategory:
		return has(k.Category1) || has(k.Category2) || has(k.Category3)
	case ScopeBrand:
		return has(k.BrandID)
	case ScopeSPU:
		return has(k.SPUID)
	case ScopeSKU:
		return has(k.ID)
	}
	return false
}

// Step is 满 From 减 Off.
type Step struct {
	From money.Fen `db:"from_fen"`
	Off  money.Fen `db:"off_fen"`
}

// Promotion is what the merchant takes off baskets (KindReduction, KindPercent) while its window lasts, or off single SKUs
// (KindPrice, KindFlash) while it is open.
type Promotion struct {
	ID        int64     `db:"id"`
	Kind      Kind      `db:"kind"`
	Name      string    `db:"name"`
	NameEN    string    `db:"name_en"`
	Scope     Scope     `db:"-"`
	Steps     []Step    `db:"-"`       // of a reduction, From ascending
	Percent   int64     `db:"percent"` // of a percentage, and of a sale without prices of its own: what is still paid
	Priority  int       `db:"priority"`
	PerPerson int64     `db:"per_person"` // of a flash sale; 0: no limit
	StartsAt  time.Time `db:"starts_at"`
	EndsAt    time.Time `db:"ends_at"` // the first moment at which it is over
	Published bool      `db:"is_published"`
	Open      bool      `db:"is_open"` // of a sale: the rows of its SKUs say so
}

// On says whether the window contains this moment.
func (p Promotion) On(now time.Time) bool {
	return p.Published && !now.Before(p.StartsAt) && now.Before(p.EndsAt)
}

// Sale is what a SKU's row says of the sale that it is in, with what is left of it for one shopper.
type Sale struct {
	ID        int64
	Kind      Kind
	Name      string
	NameEN    string
	Price     money.Fen // of one piece
	EndsAt    time.Time
	Left      int64 // pieces at this price that this shopper can still have; NoLimit for a sale without limits
	PerPerson int64 // 0: no limit
}

// NoLimit is more than any line can hold.
const NoLimit = catalog.MaxPerOrder + 1
