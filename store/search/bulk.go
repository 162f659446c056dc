package search

import (
	"context"
	"fmt"
	"slices"

	"dashop/store/db"
)

const (
	// bulkShare is how many products' terms are sorted in memory at once: about 200 MB.
	bulkShare = 60_000
	bulkDocs  = 500
	bulkRows  = 40_000 // rows of one transaction
)

// IndexAll makes the index of an empty table, within the transaction that loads these products.
func IndexAll(ctx context.Context, tx *db.Tx, spuIDs []int64) error {
	var docs []doc
	for some := range slices.Chunk(spuIDs, bulkDocs) {
		fresh, err := freshDocs(ctx, tx, some)
		if err != nil {
			return fmt.Errorf("index: %w", err)
		}
		for _, id := range some {
			if d, ok := fresh[id]; ok {
				docs = append(docs, d)
			}
		}
	}
	if err := insertDocs(ctx, tx, docs); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	list := collect(docs, 0, 1)
	if err := insertPostings(ctx, tx, list); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := insertCounts(ctx, tx, list); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return noteVersion(ctx, tx)
}

// Build makes the index of a large shop that is not in use yet, faster than Ensure: the rows go in sorted, so that both
// databases append to the end of a table instead of filling it everywhere. It wants an empty index. What broke off is made
// by Ensure, which finds no version.
func (s *Service) Build(ctx context.Context, progress Progress) error {
	total, err := s.buildDocs(ctx, progress)
	if err != nil {
		return fmt.Errorf("build index: %w", err)
	}
	shares := uint64(1 + total/bulkShare)
	for share := range shares {
		list, err := s.share(ctx, share, shares)
		if err != nil {
			return fmt.Errorf("build index: %w", err)
		}
		for rows := range slices.Chunk(list, bulkRows) {
			if err := s.db.Tx(ctx, func(tx *db.Tx) error { return insertPostings(ctx, tx, rows) }); err != nil {
				return fmt.Errorf("build index: %w", err)
			}
		}
		if err := s.db.Tx(ctx, func(tx *db.Tx) error { return insertCounts(ctx, tx, list) }); err != nil {
			return fmt.Errorf("build index: %w", err)
		}
		progress("search terms", int(share)+1, int(shares))
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return noteVersion(ctx, tx) })
}

func (s *Service) buildDocs(ctx context.Context, progress Progress) (total int, err error) {
	for last := int64(-1); ; {
		var rows []source
		if err := s.db.Select(ctx, &rows, "SELECT "+sourceColumns+" WHERE p.id > ? AND p.is_launched = 1 ORDER BY p.id LIMIT ?", last,
			bulkDocs); err != nil || len(rows) == 0 {
			return total, err
		}
		docs := make([]doc, len(rows))
		for i, r := range rows {
			docs[i] = r.doc()
		}
		if err := s.db.Tx(ctx, func(tx *db.Tx) error { return insertDocs(ctx, tx, docs) }); err != nil {
			return total, err
		}
		last, total = rows[len(rows)-1].ID, total+len(rows)
		progress("search words", total, total)
	}
}

// share reads all words and keeps the terms of one share of the hashes, in the order of the table.
func (s *Service) share(ctx context.Context, share, shares uint64) ([]posting, error) {
	var all []posting
	for last := int64(-1); ; {
		var docs []doc
		if err := s.db.Select(ctx, &docs, "SELECT spu_id, bucket, words FROM search_docs WHERE spu_id > ? ORDER BY spu_id LIMIT ?", last,
			4*bulkDocs); err != nil {
			return nil, err
		}
		if len(docs) == 0 {
			slices.SortFunc(all, comparePostings)
			return all, nil
		}
		all, last = append(all, collectUnsorted(docs, share, shares)...), docs[len(docs)-1].SPUID
	}
}

func collect(docs []doc, share, shares uint64) []posting {
	list := collectUnsorted(docs, share, shares)
	slices.SortFunc(list, comparePostings)
	return list
}

// collectUnsorted takes the hashes as if they began at the lowest, so that one share comes after the other in the table.
func collectUnsorted(docs []doc, share, shares uint64) []posting {
	width := ^uint64(0)/shares + 1
	if shares == 1 {
		width = 0
	}
	var list []posting
	for _, d := range docs {
		for term, place := range d.rows() {
			if width == 0 || uint64(term)+1<<63 >= share*width && uint64(term)+1<<63-share*width < width {
				list = append(list, posting{term, place, d.SPUID})
			}
		}
	}
	return list
}

// insertCounts puts the counts of terms whose rows all are in the sorted list.
func insertCounts(ctx context.Context, tx *db.Tx, list []posting) error {
	var rows [][]any
	for from := 0; from < len(list); {
		to := from + 1
		for to < len(list) && list[to].term == list[from].term {
			to++
		}
		rows = append(rows, []any{list[from].term, to - from})
		from = to
	}
	return tx.InsertMany(ctx, "search_counts", []string{"term", "products"}, rows)
}
