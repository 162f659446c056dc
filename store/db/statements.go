package db

import (
	"context"
	"sync"

	"github.com/jmoiron/sqlx"
)

// SQLite spends most of a short query on reading its text. So reads that come again are kept prepared, on each connection.
// MySQL reads the text anyway, and would need another round trip.
const (
	mostPrepared = 200 // those that come first stay; there are not so many but for lists of other and other lengths
	mostSeen     = 2000
	sightings    = 3 // how often a text is seen before it counts as one that comes again
)

// prepared are the reads that are kept ready.
type prepared struct {
	mu    sync.RWMutex
	stmts map[string]*sqlx.Stmt
	seen  map[string]int
}

// prepare gives the statement for a text, or nil where it is to be run as it is.
func (d *DB) prepare(ctx context.Context, query string) *sqlx.Stmt {
	if d.driver != SQLite {
		return nil
	}
	p := &d.ready
	p.mu.RLock()
	stmt, full := p.stmts[query], len(p.stmts) >= mostPrepared
	p.mu.RUnlock()
	if stmt != nil || full {
		return stmt
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if stmt := p.stmts[query]; stmt != nil {
		return stmt
	}
	if p.seen == nil || len(p.seen) >= mostSeen {
		p.seen = map[string]int{}
	}
	if p.seen[query]++; p.seen[query] < sightings {
		return nil
	}
	stmt, err := d.read.PreparexContext(ctx, query)
	if err != nil {
		return nil // the query says itself what is wrong
	}
	if p.stmts == nil {
		p.stmts = map[string]*sqlx.Stmt{}
	}
	delete(p.seen, query)
	p.stmts[query] = stmt
	return stmt
}

// selectIDs is Select for a list of numbers, without the search for fields that each row costs otherwise.
func selectIDs(ctx context.Context, stmt *sqlx.Stmt, ids *[]int64, args []any) error {
	rows, err := stmt.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return err
		}
		*ids = append(*ids, id)
	}
	return rows.Err()
}
