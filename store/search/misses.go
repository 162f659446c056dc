package search

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"dashop/store/db"
	"dashop/store/typed"
)

// The bounds of the log of searches without results.
const (
	mostMissed = 200  // kept in memory between two writes
	mostMisses = 1000 // rows; the oldest go
	shownMiss  = 100
)

// Miss is a text that was searched for without results. It is not kept who searched.
type Miss struct {
	Words string    `db:"words"`
	Times int64     `db:"times"`
	At    time.Time `db:"last_at"` // the last time
}

// Missed notes a search that found nothing. It only remembers; WriteMissed writes, so that searching never waits for a
// writer. What looks like a number to call or to pay with, or a mail address, is not kept.
func (s *Service) Missed(q Query) {
	var words []string
	for _, w := range q.words {
		words = append(words, w.text)
	}
	text := typed.Clip(strings.Join(words, " "), MaxQuery)
	if text == "" || strings.Contains(q.Text, "@") || digits(text) > 6 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, known := s.missed[text]
	if known || len(s.missed) < mostMissed {
		s.missed[text] = miss{times: m.times + 1, at: s.clock()}
	}
}

func digits(text string) (n int) {
	for _, r := range text {
		if r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// WriteMissed writes what Missed has noted since the last time. Each node does so for itself.
func (s *Service) WriteMissed(ctx context.Context) error {
	s.mu.Lock()
	missed := s.missed
	s.missed = map[string]miss{}
	s.mu.Unlock()
	if len(missed) == 0 {
		return nil
	}
	err := s.db.Tx(ctx, func(tx *db.Tx) error {
		for _, words := range slices.Sorted(maps.Keys(missed)) {
			if err := writeMiss(ctx, tx, words, missed[words]); err != nil {
				return err
			}
		}
		return forgetMisses(ctx, tx)
	})
	if err != nil {
		return fmt.Errorf("write searches without results: %w", err)
	}
	return nil
}

func writeMiss(ctx context.Context, tx *db.Tx, words string, m miss) error {
	const more = "UPDATE search_misses SET times = times + ?, last_at = ? WHERE words = ?"
	rows, err := tx.Exec(ctx, more, m.times, m.at, words)
	if err != nil || rows > 0 {
		return err
	}
	_, err = tx.Exec(ctx, "INSERT INTO search_misses (words, times, last_at) VALUES (?, ?, ?)", words, m.times, m.at)
	if db.IsDuplicate(err) { // another node was first
		_, err = tx.Exec(ctx, more, m.times, m.at, words)
	}
	return err
}

// forgetMisses lets the oldest go when there are too many.
func forgetMisses(ctx context.Context, tx *db.Tx) error {
	var old []string
	err := tx.Select(ctx, &old, "SELECT words FROM search_misses ORDER BY last_at DESC, words LIMIT ? OFFSET ?", mostMissed, mostMisses)
	if err != nil || len(old) == 0 {
		return err
	}
	query, args := db.In("DELETE FROM search_misses WHERE words IN (?)", old)
	_, err = tx.Exec(ctx, query, args...)
	return err
}

// Misses are the searches without results, the most frequent first.
func (s *Service) Misses(ctx context.Context) (list []Miss, err error) {
	err = s.db.Select(ctx, &list, "SELECT words, times, last_at FROM search_misses ORDER BY times DESC, last_at DESC, words LIMIT ?",
		shownMiss)
	return list, err
}
