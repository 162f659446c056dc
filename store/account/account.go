// Package account knows people: users, passwords, sessions, addresses.
package account

import (
	"strings"
	"unicode"

	"dashop/store/db"
)

// Service answers for users, their sessions and their addresses. It is safe for concurrent use.
type Service struct {
	db     *db.DB
	clock  db.Clock
	hasher hasher
}

// New makes the service over a migrated database.
func New(d *db.DB, clock db.Clock) *Service {
	return &Service{db: d, clock: clock, hasher: newHasher()}
}

// tidy makes typed text fit to be kept: valid, without control characters, trimmed.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	return strings.TrimSpace(s)
}
