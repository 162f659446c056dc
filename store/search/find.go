package search

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

const (
	// MostHits is how many products one search finds at most; a longer query narrows it.
	MostHits = 2000
	// mostJoined bounds the terms that the database looks for; the words themselves are checked after it.
	mostJoined = 6
	// firstLook and mostLooked bound how many products of the rarest term one search looks at.
	firstLook  = 100
	mostLooked = 5000
)

// Hit is a product found, with where it stands in the order of all: Level (1 all words in the name, 2 in caption, brand or
// category too, 3 in the description too), then Bucket, then SPUID.
type Hit struct {
	SPUID  int64
	Level  int
	Bucket int
}

// Before says whether h is shown before o.
func (h Hit) Before(o Hit) bool { return h.compare(o) < 0 }

// compare is the order in which hits are shown.
func (h Hit) compare(o Hit) int {
	return cmp.Or(h.Level-o.Level, h.Bucket-o.Bucket, cmp.Compare(h.SPUID, o.SPUID))
}

// Found is what a search found.
type Found struct {
	Hits []Hit
	More bool // there are hits after these
	Near bool // nothing had all the words: these come close
}

// Query is a text to search for, cut into words.
type Query struct {
	Text  string // as it was typed, without the blanks around it
	words []word
}

// word is a piece of a query.
type word struct {
	text    string
	han     bool
	choices []reading // the ways to understand it, the best first
}

// reading is one way to understand a word: terms that must all be there, and what the texts must then say.
type reading struct {
	terms    []string
	spell    []string // pinyin or initials in a row, to be checked in the texts
	initials bool
	literal  bool // the word itself must be in the texts: its terms alone do not say so
}

// Parse cuts a query into words. Longer than MaxQuery characters is Invalid.
func Parse(text string) (Query, error) {
	text = strings.TrimSpace(strings.ToValidUTF8(text, ""))
	if utf8.RuneCountInString(text) > MaxQuery {
		return Query{}, fault.Field("q", "搜索词最多 %d 个字", MaxQuery)
	}
	q := Query{Text: text}
	for _, r := range runs(normal(text)) {
		if !slices.ContainsFunc(q.words, func(w word) bool { return w.text == r.text }) {
			q.words = append(q.words, newWord(r))
		}
	}
	return q, nil
}

// Empty says that there is nothing to search for: no letter, digit or character.
func (q Query) Empty() bool { return len(q.words) == 0 }

func newWord(r run) word {
	if r.han {
		pairs := bigrams(r.text)
		return word{text: r.text, han: true, choices: []reading{{terms: pairs, literal: len(pairs) > 1}}}
	}
	w := word{text: typed.Clip(r.text, maxWord)}
	w.choices = []reading{{terms: []string{w.text}}} // a word, its beginning, one or two syllables, two initials
	if pieces := parts(w.text, 1); len(pieces) > 1 { // nova7 is nova 7
		w.choices = append(w.choices, reading{terms: pieces})
	}
	if !isLatin(w.text) {
		return w
	}
	for _, cut := range cuts(w.text) {
		if terms := pairsOf(cut); len(terms) > 0 {
			w.choices = append(w.choices, reading{terms: terms, spell: cut})
		}
	}
	if letters := strings.Split(w.text, ""); len(letters) > 2 && len(letters) <= 12 {
		w.choices = append(w.choices, reading{terms: pairsOf(letters), spell: letters, initials: true})
	}
	return w
}

// pairsOf joins neighbours; one alone is itself.
func pairsOf(list []string) []string {
	if len(list) == 1 {
		return list
	}
	var pairs []string
	for i := 1; i < len(list); i++ {
		pairs = append(pairs, list[i-1]+list[i])
	}
	return pairs
}

// plan is a query as it is looked up: terms that must all be there, the rarest first, and checks of the texts.
type plan struct {
	terms  []int64
	counts []int64
	checks []func(words string) bool
	never  bool // some word is in no product
}

// plan chooses for each word the first reading whose terms are all known.
func (s *Service) plan(ctx context.Context, q Query) (plan, error) {
	var all []string
	for _, w := range q.words {
		for _, c := range w.choices {
			all = append(all, c.terms...)
		}
	}
	counts, err := s.counts(ctx, all)
	if err != nil {
		return plan{}, err
	}
	var p plan
	seen := map[int64]bool{}
	for _, w := range q.words {
		chosen := slices.IndexFunc(w.choices, func(c reading) bool {
			return !slices.ContainsFunc(c.terms, func(t string) bool { return counts[hash(t)] == 0 })
		})
		if chosen < 0 {
			p.never = true
			continue
		}
		c := w.choices[chosen]
		for _, t := range c.terms {
			if h := hash(t); !seen[h] {
				seen[h] = true
				p.terms = append(p.terms, h)
			}
		}
		if check := c.check(w.text); check != nil {
			p.checks = append(p.checks, check)
		}
	}
	slices.SortStableFunc(p.terms, func(a, b int64) int { return cmp.Compare(counts[a], counts[b]) })
	if len(p.terms) > mostJoined {
		for _, w := range q.words { // what is not joined is checked in the texts
			if !w.han || len(w.choices[0].terms) == 1 {
				p.checks = append(p.checks, func(words string) bool { return holds(words, w) })
			}
		}
		p.terms = p.terms[:mostJoined]
	}
	for _, t := range p.terms {
		p.counts = append(p.counts, counts[t])
	}
	return p, nil
}

// check is what the texts must say beside having the terms; nil when the terms say it all.
func (c reading) check(text string) func(words string) bool {
	switch {
	case c.literal:
		return func(words string) bool { return strings.Contains(words, text) }
	case len(c.spell) > 2 || c.initials:
		return func(words string) bool {
			_, _, ok := spelled(words, c.spell, c.initials)
			return ok
		}
	}
	return nil
}

// holds says whether some reading of a word has all its terms among those of the texts.
func holds(words string, w word) bool {
	have := termsOf(words)
	return slices.ContainsFunc(w.choices, func(c reading) bool {
		return !slices.ContainsFunc(c.terms, func(t string) bool { return have[hash(t)] == 0 })
	})
}

// counts says in how many products terms are.
func (s *Service) counts(ctx context.Context, terms []string) (map[int64]int64, error) {
	if len(terms) == 0 {
		return nil, nil
	}
	hashes := make([]int64, len(terms))
	for i, t := range terms {
		hashes[i] = hash(t)
	}
	var rows []struct {
		Term     int64 `db:"term"`
		Products int64 `db:"products"`
	}
	query, args := db.In("SELECT term, products FROM search_counts WHERE term IN (?)", hashes)
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("search: count terms: %w", err)
	}
	found := make(map[int64]int64, len(rows))
	for _, r := range rows {
		found[r.Term] = r.Products
	}
	return found, nil
}

// Find is up to n hits after a hit (nil: from the best), in order. When nothing has all the words, it is those that come
// close, and Near says so.
func (s *Service) Find(ctx context.Context, q Query, after *Hit, n int) (Found, error) {
	p, err := s.plan(ctx, q)
	if err != nil || q.Empty() {
		return Found{}, err
	}
	found, err := s.exact(ctx, p, after, n)
	if err != nil || len(found.Hits) > 0 || after != nil && !p.never {
		return found, err
	}
	if after != nil { // perhaps the second page of what came close
		if first, err := s.exact(ctx, p, nil, 1); err != nil || len(first.Hits) > 0 {
			return Found{}, err
		}
	}
	return s.near(ctx, q, after, n)
}

// Exact is Find without what only comes close.
func (s *Service) Exact(ctx context.Context, q Query, n int) (Found, error) {
	p, err := s.plan(ctx, q)
	if err != nil || q.Empty() {
		return Found{}, err
	}
	return s.exact(ctx, p, nil, n)
}

// exact looks at the products of the rarest term, some at a time in their order, until n hits stand at the front of all
// that may still come, or the bound is reached.
func (s *Service) exact(ctx context.Context, p plan, after *Hit, n int) (Found, error) {
	if p.never || len(p.terms) == 0 {
		return Found{}, nil
	}
	// Hits with every word in the name come in the order of the table, so that going on after one of them skips the rest.
	if after != nil && after.Level == levelName {
		found, whole, err := s.scan(ctx, p, posting{place: after.Level*buckets + after.Bucket, spu: after.SPUID}, after, n)
		if err != nil || whole {
			return found, err
		}
	}
	found, _, err := s.scan(ctx, p, posting{place: -1}, after, n)
	return found, err
}

// scan collects hits from a place of the driving term on. whole says that the page is full of hits in the name, which no
// product seen later or skipped before can come in front of.
func (s *Service) scan(ctx context.Context, p plan, from posting, after *Hit, n int) (found Found, whole bool, err error) {
	var hits []Hit
	looked, size, named := 0, max(firstLook, n+1), 0
	for {
		rows, err := s.look(ctx, p, from, size)
		if err != nil {
			return Found{}, false, err
		}
		fresh := rows.hits
		if after != nil {
			fresh = slices.DeleteFunc(fresh, func(h Hit) bool { return h.compare(*after) <= 0 })
		}
		if fresh, err = s.checked(ctx, p, fresh); err != nil {
			return Found{}, false, err
		}
		for _, h := range fresh {
			if h.Level == levelName {
				named++
			}
		}
		hits = append(hits, fresh...)
		looked += size
		if named > n || rows.end || looked >= mostLooked {
			break
		}
		from, size = rows.last, min(4*size, mostLooked-looked)
	}
	slices.SortFunc(hits, Hit.compare)
	more := len(hits) > n
	return Found{Hits: hits[:min(n, len(hits))], More: more}, named > n, nil
}

// looked is what look saw.
type looked struct {
	hits []Hit
	last posting
	end  bool // the term has no more products
}

// look reads the next size products of the rarest term and keeps those that have the other terms too. Each of these may
// stand at three places, which are tried one after the other: whole keys, on either database.
func (s *Service) look(ctx context.Context, p plan, from posting, size int) (looked, error) {
	query, args := lookQuery(p.terms, from, size)
	var rows []struct {
		Place int   `db:"place"`
		SPUID int64 `db:"spu_id"`
		Level int   `db:"level"` // the worst of all terms; 9: some term is not there
	}
	if err := s.db.Select(ctx, &rows, query, args...); err != nil {
		return looked{}, fmt.Errorf("search: %w", err)
	}
	found := looked{end: len(rows) < size}
	for _, r := range rows {
		if r.Level <= levelText {
			found.hits = append(found.hits, Hit{SPUID: r.SPUID, Level: max(r.Level, r.Place/buckets), Bucket: r.Place % buckets})
		}
		if p := (posting{place: r.Place, spu: r.SPUID}); p.place > found.last.place ||
			p.place == found.last.place && p.spu > found.last.spu {
			found.last = p
		}
	}
	return found, nil
}

func lookQuery(terms []int64, from posting, size int) (string, []any) {
	var joins, absent, third, second strings.Builder
	var args []any
	for i, t := range terms[1:] {
		for level := levelName; level <= levelText; level++ {
			fmt.Fprintf(&joins, " LEFT JOIN search_terms t%d%d ON t%d%d.term = ? AND t%d%d.place = d.bucket + %d AND t%d%d.spu_id = d.spu_id",
				i, level, i, level, i, level, level*buckets, i, level)
			args = append(args, t)
		}
		fmt.Fprintf(&absent, " WHEN t%d1.term IS NULL AND t%d2.term IS NULL AND t%d3.term IS NULL THEN 9", i, i, i)
		fmt.Fprintf(&third, " WHEN t%d1.term IS NULL AND t%d2.term IS NULL THEN 3", i, i)
		fmt.Fprintf(&second, " WHEN t%d1.term IS NULL THEN 2", i)
	}
	level := "1"
	if len(terms) > 1 {
		level = "CASE" + absent.String() + third.String() + second.String() + " ELSE 1 END"
	}
	driver := "SELECT place, spu_id, place % 256 AS bucket FROM search_terms WHERE term = ?"
	front := []any{terms[0]}
	if from.place >= 0 {
		driver += " AND place >= ? AND (place > ? OR spu_id > ?)"
		front = append(front, from.place, from.place, from.spu)
	}
	query := "SELECT d.place, d.spu_id, " + level + " AS level FROM (" + driver + " ORDER BY place, spu_id LIMIT ?) d" + joins.String()
	return query, append(append(front, size), args...)
}

// checked drops hits whose texts do not say what was searched for: they have the pairs of a longer word, but apart.
func (s *Service) checked(ctx context.Context, p plan, hits []Hit) ([]Hit, error) {
	if len(p.checks) == 0 || len(hits) == 0 {
		return hits, nil
	}
	words, err := s.wordsOf(ctx, hits)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(hits, func(h Hit) bool {
		return slices.ContainsFunc(p.checks, func(ok func(string) bool) bool { return !ok(words[h.SPUID]) })
	}), nil
}

func (s *Service) wordsOf(ctx context.Context, hits []Hit) (map[int64]string, error) {
	words := make(map[int64]string, len(hits))
	for some := range slices.Chunk(hits, 500) {
		ids := make([]int64, len(some))
		for i, h := range some {
			ids[i] = h.SPUID
		}
		var docs []doc
		query, args := db.In("SELECT spu_id, bucket, words FROM search_docs WHERE spu_id IN (?)", ids)
		if err := s.db.Select(ctx, &docs, query, args...); err != nil {
			return nil, fmt.Errorf("search: read words: %w", err)
		}
		for _, d := range docs {
			words[d.SPUID] = d.Words
		}
	}
	return words, nil
}

// weight is how much a term says: the rarer, the more.
func weight(products, all int64) float64 {
	return math.Log(1 + float64(all)/float64(products))
}

// Products are the ids of at most so many products on sale that have all the words, the best first.
func (s *Service) Products(ctx context.Context, words string, most int) ([]int64, error) {
	q, err := Parse(words)
	if err != nil {
		return nil, err
	}
	found, err := s.Exact(ctx, q, most)
	if err != nil {
		return nil, err
	}
	ids := make([]int64, len(found.Hits))
	for i, h := range found.Hits {
		ids[i] = h.SPUID
	}
	return ids, nil
}
