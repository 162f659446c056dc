// Package coupon issues coupons and keeps who holds which, and on which order it is.
package coupon

import (
	"time"

	"dashop/store/db"
	"dashop/store/limit"
	"dashop/store/money"
	"dashop/store/promo"
)

// Service issues coupons and hands them out. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	clock  db.Clock
	limits *limit.Counter
}

// New makes the Service of the shop in d.
func New(d *db.DB, clock db.Clock) *Service {
	return &Service{db: d, clock: clock, limits: limit.New(d, clock)}
}

// Terms are what a coupon is worth, and on which goods. Nobody changes those of a coupon that somebody holds.
type Terms struct {
	Name      string          `db:"name"`
	NameEN    string          `db:"name_en"`
	Off       money.Fen       `db:"off_fen"` // of a fixed one
	Percent   int64           `db:"percent"` // of the others: what is still paid; 0: it is a fixed one
	Cap       money.Fen       `db:"cap_fen"` // of the others: what it takes off at most; 0: no bound
	Threshold money.Fen       `db:"threshold_fen"`
	ScopeKind promo.ScopeKind `db:"scope"`
	Targets   []Target        `db:"-"` // what it is for, unless it is for all
}

// Target is a category, brand, product or SKU that a coupon is for.
type Target struct {
	ID     int64  `db:"id"`
	Name   string `db:"name"`
	NameEN string `db:"name_en"`
	SPUID  int64  `db:"spu_id"` // of a SKU: its product
}

// Scope says which goods the coupon is for.
func (t Terms) Scope() promo.Scope {
	scope := promo.Scope{Kind: t.ScopeKind}
	for _, target := range t.Targets {
		scope.IDs = append(scope.IDs, target.ID)
	}
	return scope
}

// Value is what the coupon is worth, as prices know it, apart from who holds it and when it is good.
func (t Terms) Value() promo.Coupon {
	return promo.Coupon{
		Name: t.Name, NameEN: t.NameEN, Scope: t.Scope(), Threshold: t.Threshold, Off: t.Off, Percent: t.Percent, Cap: t.Cap,
	}
}

// Coupon is a coupon as the merchant issues it.
type Coupon struct {
	ID      int64 `db:"id"`
	Version int64 `db:"version"`
	Terms
	Code          string    `db:"code"`       // whoever knows it can claim one; "": it has none
	Total         int64     `db:"total"`      // how many there are; 0: any number
	Claimed       int64     `db:"claimed"`    // how many of them people have
	PerPerson     int64     `db:"per_person"` // how many one person can have
	StartsAt      time.Time `db:"starts_at"`  // from then on it can be claimed
	EndsAt        time.Time `db:"ends_at"`    // from then on it cannot
	ValidDays     int64     `db:"valid_days"` // how long a claimed one is good; 0: until EndsAt
	Description   string    `db:"description"`
	DescriptionEN string    `db:"description_en"`
	Public        bool      `db:"is_public"` // it stands in the centre, where anybody can claim it
	Published     bool      `db:"is_published"`
	Used          int64     `db:"used"`      // how many are on orders
	Saved         money.Fen `db:"saved_fen"` // what they took off those
}

// couponColumns are those of Coupon, of coupons named c.
const couponColumns = `c.id, c.version, ` + termsColumns + `, COALESCE(c.code, '') AS code, c.total, c.claimed, c.per_person,
	c.starts_at, c.ends_at, c.valid_days, c.description, c.description_en, c.is_public, c.is_published, c.used, c.saved_fen`

const termsColumns = `c.name, c.name_en, c.off_fen, c.percent, c.cap_fen, c.threshold_fen, c.scope`

// SoldOut says whether people have all of them.
func (c Coupon) SoldOut() bool { return c.Total > 0 && c.Claimed >= c.Total }

// Left is how many can still be claimed, if there is a number.
func (c Coupon) Left() int64 { return max(c.Total-c.Claimed, 0) }

// validity is when one that is claimed now is good.
func (c Coupon) validity(now time.Time) (from, until time.Time) {
	from = now
	if c.StartsAt.After(now) { // the merchant gives it before it can be claimed
		from = c.StartsAt
	}
	if c.ValidDays > 0 {
		return from, from.AddDate(0, 0, int(c.ValidDays))
	}
	return from, c.EndsAt
}
