package respond

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// sparsePause is between two lines of a log that each page would write another of, as while the database is away.
const sparsePause = 10 * time.Second

// sparse logs a fault that many pages meet, but not for each of them. It is safe for concurrent use.
type sparse struct {
	message string

	mu      sync.Mutex
	next    time.Time
	skipped int
}

// log writes the message, unless it did so a moment ago; the next line then says how many were left out.
func (s *sparse) log(ctx context.Context, now time.Time, request string, err error) {
	s.mu.Lock()
	if now.Before(s.next) {
		s.skipped++
		s.mu.Unlock()
		return
	}
	skipped := s.skipped
	s.next, s.skipped = now.Add(sparsePause), 0
	s.mu.Unlock()
	slog.ErrorContext(ctx, s.message, "request", request, "error", err, "left_out", skipped)
}
