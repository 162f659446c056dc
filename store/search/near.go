package search

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The bounds of what is tried when nothing has all the words.
const (
	nearHits   = 40  // shown at most
	nearTerms  = 12  // looked for at most, the rarest
	nearLooked = 150 // best-selling products of each
	nearShare  = 0.6 // of the best score, for those that come after it

	minMended  = 4 // shorter Latin words are not mended: too much is one letter away from them
	maxMended  = 16
	mostMended = 4 // words of one query
)

// near tries two things, each bounded: words that no product has are taken for others that are read the same, or are one
// letter away; and if that does not help, the products are shown that share most, and the rarest, of the terms.
func (s *Service) near(ctx context.Context, q Query, after *Hit, n int) (Found, error) {
	mended, changed, err := s.mend(ctx, q)
	if err != nil {
		return Found{}, err
	}
	if changed {
		p, err := s.plan(ctx, mended)
		if err != nil {
			return Found{}, err
		}
		found, err := s.exact(ctx, p, after, n)
		if found.Near = true; err != nil || len(found.Hits) > 0 {
			return found, err
		}
	}
	if after != nil {
		return Found{}, nil
	}
	hits, err := s.sharing(ctx, mended)
	return Found{Hits: hits[:min(n, len(hits))], Near: true}, err
}

// mend puts something known in the place of words that no product has.
func (s *Service) mend(ctx context.Context, q Query) (Query, bool, error) {
	mended, changed := Query{Text: q.Text}, false
	for i, w := range q.words {
		if i < mostMended {
			better, ok, err := s.mendWord(ctx, w)
			if err != nil {
				return q, false, err
			}
			if ok {
				w, changed = better, true
			}
		}
		mended.words = append(mended.words, w)
	}
	return mended, changed, nil
}

func (s *Service) mendWord(ctx context.Context, w word) (word, bool, error) {
	size := utf8.RuneCountInString(w.text)
	if w.han && size < 2 || !w.han && (!isLatin(w.text) || size < minMended) || size > maxMended {
		return w, false, nil
	}
	p, err := s.plan(ctx, Query{words: []word{w}})
	if err != nil {
		return w, false, err
	}
	if found, err := s.exact(ctx, p, nil, 1); err != nil || len(found.Hits) > 0 {
		return w, false, err
	}
	if w.han {
		return soundsLike(w)
	}
	better, err := s.oneAway(ctx, w.text)
	return newWord(run{text: better}), better != "", err
}

// soundsLike reads a Chinese word by its sound: people who type by pinyin mistake 耳几 for 耳机.
func soundsLike(w word) (word, bool, error) {
	var sounds []string
	for _, r := range w.text {
		list := readings(r)
		if len(list) == 0 {
			return w, false, nil
		}
		sounds = append(sounds, list[0])
	}
	w.choices = []reading{{terms: pairsOf(sounds), spell: sounds}}
	return w, true, nil
}

// oneAway is the commonest term that one letter more, less, other or swapped makes of a word; or else the longest
// beginning of it that is known; or "".
func (s *Service) oneAway(ctx context.Context, text string) (string, error) {
	list := edits(text)
	var begun []string
	for n := len(text) - 1; n >= minMended; n-- {
		begun = append(begun, text[:n])
	}
	counts, err := s.counts(ctx, append(list, begun...))
	if err != nil {
		return "", err
	}
	best := ""
	for _, e := range list {
		if n := counts[hash(e)]; n > 0 && (best == "" || n > counts[hash(best)]) {
			best = e
		}
	}
	for i := 0; i < len(begun) && best == ""; i++ {
		if counts[hash(begun[i])] > 0 {
			best = begun[i]
		}
	}
	return best, nil
}

// edits are the words one letter away, in a fixed order.
func edits(text string) []string {
	var list []string
	for i := range len(text) {
		list = append(list, text[:i]+text[i+1:])
		if i > 0 {
			list = append(list, text[:i-1]+text[i:i+1]+text[i-1:i]+text[i+1:])
		}
	}
	for c := 'a'; c <= 'z'; c++ {
		for i := range len(text) + 1 {
			if i < len(text) && text[i] != byte(c) {
				list = append(list, text[:i]+string(c)+text[i+1:])
			}
			list = append(list, text[:i]+string(c)+text[i:])
		}
	}
	return list
}

// sharing are the products that share most with the query, by the weight of the terms.
func (s *Service) sharing(ctx context.Context, q Query) ([]Hit, error) {
	terms, counts, err := s.loose(ctx, q)
	if err != nil || len(terms) == 0 {
		return nil, err
	}
	var all int64
	for _, n := range counts {
		all = max(all, n)
	}
	var pieces []string
	var args []any
	for i, t := range terms {
		pieces = append(pieces,
			fmt.Sprintf("SELECT * FROM (SELECT term, place, spu_id FROM search_terms WHERE term = ? ORDER BY place, spu_id LIMIT ?) t%d",
				i))
		args = append(args, t, nearLooked)
	}
	var rows []struct {
		Term  int64 `db:"term"`
		Place int   `db:"place"`
		SPUID int64 `db:"spu_id"`
	}
	if err := s.db.Select(ctx, &rows, strings.Join(pieces, " UNION ALL "), args...); err != nil {
		return nil, fmt.Errorf("search nearby: %w", err)
	}
	scores, hits := map[int64]float64{}, map[int64]Hit{}
	for _, r := range rows {
		level := r.Place / buckets
		scores[r.SPUID] += weight(counts[r.Term], 2*all) / float64(level)
		hits[r.SPUID] = Hit{SPUID: r.SPUID, Level: levelText, Bucket: r.Place % buckets}
	}
	return bestOf(scores, hits), nil
}

// loose are the known terms of a query with the single characters of its Chinese words, the rarest first.
func (s *Service) loose(ctx context.Context, q Query) ([]int64, map[int64]int64, error) {
	var names []string
	for _, w := range q.words {
		if w.han {
			names = append(names, bigrams(w.text)...)
			names = append(names, strings.Split(w.text, "")...)
		} else if len(w.text) > 1 {
			for _, c := range w.choices {
				if !c.initials {
					names = append(names, c.terms...)
				}
			}
		}
	}
	counts, err := s.counts(ctx, names)
	if err != nil {
		return nil, nil, err
	}
	var terms []int64
	for _, name := range names {
		if t := hash(name); counts[t] > 0 && !slices.Contains(terms, t) {
			terms = append(terms, t)
		}
	}
	slices.SortStableFunc(terms, func(a, b int64) int { return cmp.Compare(counts[a], counts[b]) })
	return terms[:min(nearTerms, len(terms))], counts, nil
}

func bestOf(scores map[int64]float64, hits map[int64]Hit) []Hit {
	var list []Hit
	best := 0.0
	for _, score := range scores {
		best = max(best, score)
	}
	for id, h := range hits {
		if scores[id] >= nearShare*best {
			list = append(list, h)
		}
	}
	slices.SortFunc(list, func(a, b Hit) int {
		// Scores are sums of the same numbers in another order: compare them coarsely.
		return cmp.Or(cmp.Compare(int64(1000*scores[b.SPUID]), int64(1000*scores[a.SPUID])), a.compare(b))
	})
	return list[:min(nearHits, len(list))]
}
