// Package search finds products by Chinese, pinyin or Latin words, with no search server: a table of terms in the shop's own database.
//
// A product's words become terms (see termsOf), each a row that also says where it stands and how well the product sells.
// A search reads the rows of its rarest term in the order of the table and looks for the other terms of those products, so
// that it costs the same with a thousand products and with a million. Index keeps the table true within the transaction
// that changes a product.
package search

import (
	"math/bits"
	"sync"
	"time"

	"dashop/store/db"
)

// MaxQuery is the longest text to search for, in characters.
const MaxQuery = 64

// The levels: where in a product a word is found, the best first.
const (
	levelName = 1 // its name
	levelNote = 2 // its caption, brand or category
	levelText = 3 // its description
)

// buckets is how many sales buckets there are; a place is a level times this and a bucket.
const buckets = 256

// Service finds products. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock db.Clock

	mu     sync.Mutex // guards missed
	missed map[string]miss
}

type miss struct {
	times int64
	at    time.Time
}

// New makes the search over the products in d.
func New(d *db.DB, clock db.Clock) *Service {
	return &Service{db: d, clock: clock, missed: map[string]miss{}}
}

// Bucket is the coarse rank of a product that was sold so many times, lower for more: two steps for each doubling. The rows
// of a product move only when it enters another bucket.
func Bucket(sales int64) int {
	if sales <= 0 {
		return buckets - 1
	}
	size := bits.Len64(uint64(sales))
	half := 0
	if size > 1 && sales&(1<<(size-2)) != 0 {
		half = 1
	}
	return buckets - 1 - 2*size - half
}
