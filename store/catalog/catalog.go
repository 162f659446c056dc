// Package catalog answers what the shop sells: categories, products, SKUs, lists of them, and the home page.
package catalog

import (
	"sync"
	"time"

	"dashop/store/db"
	"dashop/store/recent"
	"dashop/store/search"
)

// Service answers what is sold, in which category and at which price. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	clock  db.Clock
	finder *search.Service

	mu        sync.Mutex // guards the three below
	kept      *categoryTree
	keptOf    int64 // the version that they were read at, or an earlier one
	keptUntil time.Time

	starts  sitemapStarts
	version version
	stocks  *recent.Cache[int64, Stock] // by product
}

// New makes the catalogue of the shop in d.
func New(d *db.DB, clock db.Clock) *Service {
	s := &Service{db: d, clock: clock, finder: search.New(d, clock)}
	s.stocks = recent.New(d.Changes(), stocksKept, s.readStock)
	return s
}
