package search

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"dashop/store/db"
	"dashop/store/fault"
)

const (
	// version is that of termsOf and hash: when either changes, raise it, and Ensure rebuilds the whole table.
	version     = "1"
	versionName = "search_version"

	reindexBatch  = 50
	deletedAtOnce = 2000
)

// doc is a row of search_docs.
type doc struct {
	SPUID  int64  `db:"spu_id"`
	Bucket int    `db:"bucket"`
	Words  string `db:"words"`
}

// rows are the terms of the product, each with its place.
func (d doc) rows() map[int64]int {
	places := termsOf(d.Words)
	for term, level := range places {
		places[term] = level*buckets + d.Bucket
	}
	return places
}

// source is what the index reads of a product.
type source struct {
	ID       int64  `db:"id"`
	Sales    int64  `db:"sales"`
	Name     string `db:"name"`
	NameEN   string `db:"name_en"`
	Brand    string `db:"brand"`
	BrandEN  string `db:"brand_en"`
	C2       string `db:"c2"`
	C2EN     string `db:"c2_en"`
	C3       string `db:"c3"`
	C3EN     string `db:"c3_en"`
	Caption  string `db:"caption"`
	CaptEN   string `db:"caption_en"`
	Descript string `db:"description"`
	DescEN   string `db:"description_en"`
}

func (s source) doc() doc {
	return doc{SPUID: s.ID, Bucket: Bucket(s.Sales), Words: wordsOf([fields]string{
		s.Name, s.NameEN, s.Brand, s.BrandEN, s.C2, s.C2EN, s.C3, s.C3EN, s.Caption, s.CaptEN, s.Descript, s.DescEN})}
}

const sourceColumns = `p.id, p.sales, p.name, p.name_en, COALESCE(b.name, '') AS brand, COALESCE(b.name_en, '') AS brand_en,
	COALESCE(c.name, '') AS c2, COALESCE(c.name_en, '') AS c2_en, COALESCE(d.name, '') AS c3, COALESCE(d.name_en, '') AS c3_en,
	p.caption, p.caption_en, SUBSTR(p.description, 1, 800) AS description, SUBSTR(p.description_en, 1, 1000) AS description_en
	FROM spus p LEFT JOIN brands b ON b.id = p.brand_id LEFT JOIN categories c ON c.id = p.category2_id
	LEFT JOIN categories d ON d.id = p.category3_id`

// Index brings what finds these products up to date within the transaction that changes them: their texts, whether they are
// launched, the names of their brand or category, or their sales. Unknown and not launched ones are found no more. To run
// it again changes nothing. Give it some hundred at most.
func Index(ctx context.Context, tx *db.Tx, spuIDs ...int64) error {
	if len(spuIDs) == 0 {
		return nil
	}
	// Transactions that index the same product, or change its texts, wait for each other.
	if err := tx.HoldAll(ctx, "spus", spuIDs); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	fresh, err := freshDocs(ctx, tx, spuIDs)
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	var old []doc
	query, args := db.In("SELECT spu_id, bucket, words FROM search_docs WHERE spu_id IN (?) ORDER BY spu_id", spuIDs)
	if err := tx.Select(ctx, &old, query, args...); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	change := newChange()
	for _, was := range old {
		now, there := fresh[was.SPUID]
		if there && now == was {
			delete(fresh, was.SPUID)
			continue
		}
		change.without(was)
	}
	for _, id := range slices.Sorted(maps.Keys(fresh)) {
		change.with(fresh[id])
	}
	if err := change.write(ctx, tx); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

// Rerank moves products to where their sales now put them. Those that are not in the index yet stay out of it.
func Rerank(ctx context.Context, tx *db.Tx, spuIDs ...int64) error {
	if len(spuIDs) == 0 {
		return nil
	}
	var there []int64
	query, args := db.In("SELECT spu_id FROM search_docs WHERE spu_id IN (?) ORDER BY spu_id", spuIDs)
	if err := tx.Select(ctx, &there, query, args...); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return Index(ctx, tx, there...)
}

// Remove takes a product out of the index, whatever its row says. The transaction deletes or changes that row.
func Remove(ctx context.Context, tx *db.Tx, spuID int64) error {
	var was doc
	err := tx.Get(ctx, &was, "SELECT spu_id, bucket, words FROM search_docs WHERE spu_id = ?", spuID)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err == nil {
		change := newChange()
		change.without(was)
		err = change.write(ctx, tx)
	}
	if err != nil {
		return fmt.Errorf("take product %d out of the index: %w", spuID, err)
	}
	return nil
}

func freshDocs(ctx context.Context, q db.Queryer, spuIDs []int64) (map[int64]doc, error) {
	var rows []source
	query, args := db.In("SELECT "+sourceColumns+" WHERE p.id IN (?) AND +p.is_launched = 1", spuIDs)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	docs := make(map[int64]doc, len(rows))
	for _, r := range rows {
		docs[r.ID] = r.doc()
	}
	return docs, nil
}

// posting is a row of search_terms.
type posting struct {
	term  int64
	place int
	spu   int64
}

// change is what one transaction does to the tables.
type change struct {
	out, in map[posting]bool
	gone    []int64
	docs    []doc
	counts  map[int64]int
}

func newChange() *change {
	return &change{out: map[posting]bool{}, in: map[posting]bool{}, counts: map[int64]int{}}
}

func (c *change) without(was doc) {
	c.gone = append(c.gone, was.SPUID)
	for term, place := range was.rows() {
		c.out[posting{term, place, was.SPUID}] = true
		c.counts[term]--
	}
}

func (c *change) with(now doc) {
	c.docs = append(c.docs, now)
	for term, place := range now.rows() {
		p := posting{term, place, now.SPUID}
		c.counts[term]++
		if c.out[p] {
			delete(c.out, p)
		} else {
			c.in[p] = true
		}
	}
}

func (c *change) write(ctx context.Context, tx *db.Tx) error {
	if len(c.gone) > 0 {
		query, args := db.In("DELETE FROM search_docs WHERE spu_id IN (?)", c.gone)
		rows, err := tx.Exec(ctx, query, args...)
		if err == nil && rows < int64(len(c.gone)) { // their terms must not be counted down twice
			err = errors.New("somebody else takes the same products out of the index")
		}
		if err != nil {
			return err
		}
	}
	if err := c.takeOut(ctx, tx); err != nil {
		return err
	}
	if err := insertDocs(ctx, tx, c.docs); err != nil {
		return err
	}
	if err := insertPostings(ctx, tx, sortedPostings(c.in)); err != nil {
		return err
	}
	return count(ctx, tx, c.counts)
}

func (c *change) takeOut(ctx context.Context, tx *db.Tx) error {
	type corner struct {
		spu   int64
		place int
	}
	groups := map[corner][]int64{}
	for _, p := range sortedPostings(c.out) {
		groups[corner{p.spu, p.place}] = append(groups[corner{p.spu, p.place}], p.term)
	}
	keys := slices.SortedFunc(maps.Keys(groups), func(a, b corner) int {
		if a.spu != b.spu {
			return int(min(max(a.spu-b.spu, -1), 1))
		}
		return a.place - b.place
	})
	for _, k := range keys {
		query, args := db.In("DELETE FROM search_terms WHERE term IN (?) AND place = ? AND spu_id = ?", groups[k], k.place, k.spu)
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

func sortedPostings(set map[posting]bool) []posting {
	return slices.SortedFunc(maps.Keys(set), comparePostings)
}

func comparePostings(a, b posting) int {
	switch {
	case a.term != b.term:
		if a.term < b.term {
			return -1
		}
		return 1
	case a.place != b.place:
		return a.place - b.place
	case a.spu < b.spu:
		return -1
	case a.spu > b.spu:
		return 1
	}
	return 0
}

func insertPostings(ctx context.Context, tx *db.Tx, list []posting) error {
	rows := make([][]any, len(list))
	for i, p := range list {
		rows[i] = []any{p.term, p.place, p.spu}
	}
	return tx.InsertMany(ctx, "search_terms", []string{"term", "place", "spu_id"}, rows)
}

func insertDocs(ctx context.Context, tx *db.Tx, docs []doc) error {
	rows := make([][]any, len(docs))
	for i, d := range docs {
		rows[i] = []any{d.SPUID, d.Bucket, d.Words}
	}
	return tx.InsertMany(ctx, "search_docs", []string{"spu_id", "bucket", "words"}, rows)
}

// count changes in how many products terms are. The terms of a change go in order, so that two changes that meet wait for
// each other and do not deadlock.
func count(ctx context.Context, tx *db.Tx, by map[int64]int) error {
	var rows [][]any
	var fewer []int64
	for _, term := range slices.Sorted(maps.Keys(by)) {
		if n := by[term]; n != 0 {
			rows = append(rows, []any{term, n})
		}
		if by[term] < 0 {
			fewer = append(fewer, term)
		}
	}
	if err := tx.AddMany(ctx, "search_counts", "term", "products", rows); err != nil {
		return err
	}
	for terms := range slices.Chunk(fewer, deletedAtOnce) {
		query, args := db.In("DELETE FROM search_counts WHERE term IN (?) AND products <= 0", terms)
		if _, err := tx.Exec(ctx, query, args...); err != nil {
			return err
		}
	}
	return nil
}

// Progress hears how far work has come.
type Progress func(what string, done, total int)

// Ensure makes the index for products that have none yet, as after a migration, and all of it anew after a change of the
// tokenizer. It works in small transactions: what breaks off goes on where it was.
func (s *Service) Ensure(ctx context.Context, progress Progress) error {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	have, err := db.Setting(ctx, s.db, versionName)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return fmt.Errorf("read version of the index: %w", err)
	}
	if have != version {
		// Two programs that clear it at once would take rows from each other that are new.
		if err := s.db.Alone(ctx, s.clearOld); err != nil {
			return fmt.Errorf("clear the index: %w", err)
		}
	}
	return s.reindex(ctx, `SELECT p.id FROM spus p WHERE p.id > ? AND p.is_launched = 1
		AND NOT EXISTS (SELECT 1 FROM search_docs d WHERE d.spu_id = p.id) ORDER BY p.id LIMIT ?`, progress)
}

// Reindex looks at every product and at every entry, and mends what is not as it should be.
func (s *Service) Reindex(ctx context.Context, progress Progress) error {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	if err := s.reindex(ctx, "SELECT id FROM spus WHERE id > ? ORDER BY id LIMIT ?", progress); err != nil {
		return err
	}
	return s.reindex(ctx, "SELECT spu_id FROM search_docs WHERE spu_id > ? ORDER BY spu_id LIMIT ?", progress)
}

func (s *Service) reindex(ctx context.Context, next string, progress Progress) error {
	for last, done := int64(-1), 0; ; {
		var ids []int64
		if err := s.db.Select(ctx, &ids, next, last, reindexBatch); err != nil || len(ids) == 0 {
			return err
		}
		if err := s.db.Tx(ctx, func(tx *db.Tx) error { return Index(ctx, tx, ids...) }); err != nil {
			return err
		}
		last, done = ids[len(ids)-1], done+len(ids)
		progress("search index", done, done)
	}
}

// clearOld empties an index of another version, unless another program has just done so.
func (s *Service) clearOld(ctx context.Context) error {
	have, err := db.Setting(ctx, s.db, versionName)
	if err != nil && !fault.Is(err, fault.NotFound) || have == version {
		return err
	}
	return s.clear(ctx)
}

// clear empties the index, some rows at a time, and notes the version of what comes now.
func (s *Service) clear(ctx context.Context) error {
	for _, t := range []struct{ table, key string }{{"search_docs", "spu_id"}, {"search_terms", "term"}, {"search_counts", "term"}} {
		for {
			var last []int64
			if err := s.db.Select(ctx, &last, "SELECT "+t.key+" FROM "+t.table+" ORDER BY "+t.key+" LIMIT 1 OFFSET 5000"); err != nil {
				return err
			}
			query, args := "DELETE FROM "+t.table, []any(nil)
			if len(last) > 0 {
				query, args = query+" WHERE "+t.key+" <= ?", []any{last[0]}
			}
			if _, err := s.db.Exec(ctx, query, args...); err != nil {
				return err
			}
			if len(last) == 0 {
				break
			}
		}
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error { return noteVersion(ctx, tx) })
}

func noteVersion(ctx context.Context, tx *db.Tx) error {
	return db.SetSetting(ctx, tx, versionName, version)
}
