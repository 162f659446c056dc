package catalog

import (
	"context"
	"fmt"

	"dashop/store/db"
)

// Rating is how many shown reviews gave each score; count and average follow from it. It is kept on the rows of products
// and SKUs, and changed in the transaction that changes a review.
type Rating struct {
	One      int64 `db:"score_1"`
	Two      int64 `db:"score_2"`
	Three    int64 `db:"score_3"`
	Four     int64 `db:"score_4"`
	Five     int64 `db:"score_5"`
	Pictured int64 `db:"pictured"` // reviews with pictures
}

const ratingColumns = "p.score_1, p.score_2, p.score_3, p.score_4, p.score_5, p.pictured"

// Of is how many reviews gave a score of 1 to 5.
func (r Rating) Of(score int) int64 {
	return [...]int64{0, r.One, r.Two, r.Three, r.Four, r.Five}[score]
}

// Count is how many reviews there are.
func (r Rating) Count() int64 { return r.One + r.Two + r.Three + r.Four + r.Five }

// Sum is the sum of all scores.
func (r Rating) Sum() int64 { return r.One + 2*r.Two + 3*r.Three + 4*r.Four + 5*r.Five }

// Average is the mean score, 0 without reviews.
func (r Rating) Average() float64 {
	if r.Count() == 0 {
		return 0
	}
	return float64(r.Sum()) / float64(r.Count())
}

// Rate adds one review to the figures of its SKU and product, or takes it out again when by is -1. It adds to what is there
// instead of counting the reviews again: two transactions that add reviews do not see each other's rows, but they wait for each
// other at these, and on a cluster the later one is run again.
func Rate(ctx context.Context, tx *db.Tx, spuID, skuID int64, score int, pictured bool, by int) error {
	MarkChanged(ctx, tx)
	column, pictures := fmt.Sprintf("score_%d", score), 0
	if pictured {
		pictures = by
	}
	for _, at := range []struct {
		table string
		id    int64
	}{{"skus", skuID}, {"spus", spuID}} {
		_, err := tx.Exec(ctx, "UPDATE "+at.table+" SET "+column+" = "+column+" + ?, pictured = pictured + ? WHERE id = ?", by, pictures,
			at.id)
		if err != nil {
			return fmt.Errorf("rate %s %d: %w", at.table, at.id, err)
		}
	}
	return nil
}
