package catalog

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
)

const (
	// MaxComment is the longest comment, reply or reason to hide, in characters.
	MaxComment = 500
	// MaxReason is the longest reason for which a review is hidden, in characters.
	MaxReason = 200
	// MaxPictures is how many pictures a review may have.
	MaxPictures = 5

	reviewsSize = 10
)

// ReviewFilter chooses some of a product's reviews, as it stands in the address.
type ReviewFilter string

// The filters; "" is all reviews.
const (
	ReviewsGood     ReviewFilter = "good"   // 4 and 5
	ReviewsMedium   ReviewFilter = "medium" // 3
	ReviewsPoor     ReviewFilter = "poor"   // 1 and 2
	ReviewsPictured ReviewFilter = "pictures"
)

// ReviewFilters are all filters in the order shown.
var ReviewFilters = []ReviewFilter{"", ReviewsGood, ReviewsMedium, ReviewsPoor, ReviewsPictured}

// filterClauses are what each filter asks for, each the middle of an index that begins with product and hidden.
var filterClauses = map[ReviewFilter]string{
	"": "", ReviewsGood: " AND r.grade = 3", ReviewsMedium: " AND r.grade = 2", ReviewsPoor: " AND r.grade = 1", ReviewsPictured: " AND r.is_pictured = 1",
}

// ParseReviewFilter reads a filter from an address; anything unknown is all reviews.
func ParseReviewFilter(text string) ReviewFilter {
	if _, ok := filterClauses[ReviewFilter(text)]; ok {
		return ReviewFilter(text)
	}
	return ""
}

// ReviewInput is a filled-in review form. Pictures are stored already.
type ReviewInput struct {
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

// CheckReview gathers what is wrong with a form and gives it back tidied. The comment may be left out: a score says something too.
func CheckReview(in ReviewInput) (ReviewInput, error) {
	in.Comment = tidyLines(in.Comment)
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

// AddReview keeps a checked review of an item of an order in tx and adds it to the figures. An item is reviewed once: again is a Conflict.
func AddReview(ctx context.Context, tx *db.Tx, r Review) error {
	id, err := tx.Insert(ctx, `INSERT INTO reviews (order_id, line, spu_id, sku_id, user_id, spec, spec_en, score, grade, comment, is_anonymous, is_pictured, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.OrderID, r.Line, r.SPUID, r.SKUID, r.UserID, r.Spec, r.SpecEN, r.Score, grade(r.Score), r.Comment, r.Anonymous, len(r.Pictures) > 0, r.CreatedAt)
	if db.IsDuplicate(err) {
		return Reviewed()
	}
	if err != nil {
		return fmt.Errorf("insert review: %w", err)
	}
	for i, image := range r.Pictures {
		if _, err := tx.Exec(ctx, "INSERT INTO review_pictures (review_id, sequence, image) VALUES (?, ?, ?)", id, i+1, image); err != nil {
			return fmt.Errorf("insert picture of review %d: %w", id, err)
		}
	}
	r.Pictured = len(r.Pictures) > 0
	Changed(ctx, tx)
	return rate(ctx, tx, r, 1)
}

// Reviewed is the fault of an item that is reviewed already.
func Reviewed() error { return fault.New(fault.Conflict, 0, "这件商品已经评价过了") }

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

// ForgetReviews takes a user's name off what the user wrote, in the transaction that deletes the account. The reviews stay.
func ForgetReviews(ctx context.Context, tx *db.Tx, userID int64) error {
	rows, err := tx.Exec(ctx, "UPDATE reviews SET user_id = 0, is_anonymous = ? WHERE user_id = ?", true, userID)
	if rows > 0 {
		Changed(ctx, tx)
	}
	return err
}

// RenameAuthor has pages show the name and the picture that a user has now, in the transaction that changes them. Who wrote
// no review is on no page.
func RenameAuthor(ctx context.Context, tx *db.Tx, userID int64) error {
	var wrote []int64
	err := tx.Select(ctx, &wrote, "SELECT id FROM reviews WHERE user_id = ? LIMIT 1", userID)
	if len(wrote) > 0 {
		Changed(ctx, tx)
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

// maskName is 张** for 张小明, and "" for nobody.
func maskName(name string) string {
	first, size := utf8.DecodeRuneInString(name)
	if size == 0 || first == utf8.RuneError {
		return ""
	}
	return string(first) + "**"
}

// tidyLines keeps the lines of a text and drops what nobody can see in it: control characters, those that turn the
// direction of writing round, and more than one empty line on end.
func tidyLines(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r == unicode.ReplacementChar, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s)
}
