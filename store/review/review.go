// Package review keeps what shoppers say of what they bought, and what the merchant answers.
package review

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

const (
	// MaxComment is the longest comment, reply or reason to hide, in characters.
	MaxComment = 500
	// MaxReason is the longest reason for which a review is hidden, in characters.
	MaxReason = 200
	// MaxPictures is how many pictures a review may have.
	MaxPictures = 5

	pageSize = 10
)

// Service lists reviews and answers them. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock db.Clock
}

// New makes the service of the shop in d.
func New(d *db.DB, clock db.Clock) *Service { return &Service{db: d, clock: clock} }

// Filter chooses some of a product's reviews; its text is that in the address.
type Filter string

// The filters; "" is all reviews.
const (
	Good     Filter = "good"   // 4 and 5
	Medium   Filter = "medium" // 3
	Poor     Filter = "poor"   // 1 and 2
	Pictured Filter = "pictures"
)

// Filters are all filters in the order shown.
var Filters = []Filter{"", Good, Medium, Poor, Pictured}

// filterClauses are what each filter asks for, each the middle of an index that begins with product and hidden.
var filterClauses = map[Filter]string{
	"": "", Good: " AND r.grade = 3", Medium: " AND r.grade = 2", Poor: " AND r.grade = 1", Pictured: " AND r.is_pictured = 1",
}

// ParseFilter reads a filter from an address; anything unknown is all reviews.
func ParseFilter(text string) Filter {
	if _, ok := filterClauses[Filter(text)]; ok {
		return Filter(text)
	}
	return ""
}

// Count is how many reviews the filter lets through, by a product's rating.
func (f Filter) Count(r catalog.Rating) int64 {
	switch f {
	case Good:
		return r.Four + r.Five
	case Medium:
		return r.Three
	case Poor:
		return r.One + r.Two
	case Pictured:
		return r.Pictured
	}
	return r.Count()
}

// Input is a filled-in review form. Pictures are stored already.
type Input struct {
	Score     int
	Comment   string
	Anonymous bool
	Pictures  []string
}

// Review is what a shopper says of an item. In lists for the public, Author and Avatar of an anonymous one are hidden
// before it leaves the store.
type Review struct {
	ID           int64      `db:"id"`
	OrderID      *int64     `db:"order_id"` // nil, like Line, for a review that came with the shop
	Line         *int       `db:"line"`
	OrderNo      string     `db:"order_no"` // only in one's own and the merchant's lists
	SPUID        int64      `db:"spu_id"`
	SKUID        int64      `db:"sku_id"`
	UserID       int64      `db:"user_id"` // 0: nobody with an account, or none any more
	Author       string     `db:"author"`
	Avatar       string     `db:"avatar"`
	Product      string     `db:"product"` // only in one's own and the merchant's lists
	ProductEN    string     `db:"product_en"`
	Image        string     `db:"image"`
	Spec         string     `db:"spec"` // as bought
	SpecEN       string     `db:"spec_en"`
	Score        int        `db:"score"`
	Comment      string     `db:"comment"` // may be empty
	Anonymous    bool       `db:"is_anonymous"`
	Pictured     bool       `db:"is_pictured"`
	Reply        string     `db:"reply"`
	RepliedAt    *time.Time `db:"replied_at"`
	Hidden       bool       `db:"is_hidden"`
	HiddenReason string     `db:"hidden_reason"`
	CreatedAt    time.Time  `db:"created_at"`
	Pictures     []string
}

// Check returns the tidied form, or all its faults. The comment may be left out: a score alone is a review.
func Check(in Input) (Input, error) {
	in.Comment = typed.Lines(in.Comment)
	bad := fault.Form()
	if in.Score < 1 || in.Score > 5 {
		bad.With("score", "请选择 1 到 5 分")
	}
	if utf8.RuneCountInString(in.Comment) > MaxComment {
		bad.With("comment", "评价最多 %d 个字", MaxComment)
	}
	if len(in.Pictures) > MaxPictures {
		bad.With("pictures", "最多 %d 张图片", MaxPictures)
	}
	return in, bad.OrNil()
}

// Add keeps a checked review of an item of an order in tx and adds it to the figures. An item is reviewed once: again is a Conflict.
func Add(ctx context.Context, tx *db.Tx, r Review) (err error) {
	defer fault.Wrap(&err, "review SKU %d", r.SKUID)
	id, err := tx.Insert(ctx, `INSERT INTO reviews (order_id, line, spu_id, sku_id, user_id, spec, spec_en, score, grade, comment,
		is_anonymous, is_pictured, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.OrderID, r.Line, r.SPUID, r.SKUID, r.UserID, r.Spec, r.SpecEN, r.Score, grade(r.Score), r.Comment, r.Anonymous,
		len(r.Pictures) > 0,
		r.CreatedAt)
	if db.IsDuplicate(err) {
		return AlreadyReviewed()
	}
	if err != nil {
		return fmt.Errorf("insert review: %w", err)
	}
	for i, image := range r.Pictures {
		if _, err := tx.Exec(ctx, "INSERT INTO review_pictures (review_id, sequence, image) VALUES (?, ?, ?)", id, i+1, image); err != nil {
			return fmt.Errorf("insert picture of review %d: %w", id, err)
		}
	}
	return catalog.Rate(ctx, tx, r.SPUID, r.SKUID, r.Score, len(r.Pictures) > 0, 1)
}

// AlreadyReviewed is the fault of an item that is reviewed already.
func AlreadyReviewed() error { return fault.New(fault.Conflict, 0, "这件商品已经评价过了") }

// grade is the group of a score, for the filters: good, medium or poor.
func grade(score int) int {
	switch {
	case score >= 4:
		return 3
	case score == 3:
		return 2
	}
	return 1
}

// Forget takes a user's name off what the user wrote, in the transaction that deletes the account. The reviews stay.
func Forget(ctx context.Context, tx *db.Tx, userID int64) (err error) {
	defer fault.Wrap(&err, "forget the author of reviews %d", userID)
	rows, err := tx.Exec(ctx, "UPDATE reviews SET user_id = 0, is_anonymous = ? WHERE user_id = ?", true, userID)
	if rows > 0 {
		catalog.MarkChanged(ctx, tx)
	}
	return err
}

// AuthorChanged makes kept pages with reviews by a user invalid, in the transaction that changes the user's name or picture.
func AuthorChanged(ctx context.Context, tx *db.Tx, userID int64) (err error) {
	defer fault.Wrap(&err, "look for reviews by user %d", userID)
	var wrote []int64
	err = tx.Select(ctx, &wrote, "SELECT id FROM reviews WHERE user_id = ? LIMIT 1", userID)
	if len(wrote) > 0 {
		catalog.MarkChanged(ctx, tx)
	}
	return err
}

// hideAuthor leaves of an anonymous review's author what may be shown.
func (r *Review) hideAuthor() {
	r.UserID = 0
	if r.Anonymous {
		r.Author, r.Avatar = maskName(r.Author), ""
	}
}

// maskName is 张** for 张小明, and "" for a missing name.
func maskName(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 || first == utf8.RuneError {
		return ""
	}
	return string(first) + "**"
}
