package storetest

import (
	"context"
	"strings"
	"time"

	"dashop/store/db"
)

// Meanwhile runs work, with other beginning at the moment when a transaction of work is about to run its first statement that
// begins with at. Work goes on when other has ended, or when other has been waiting for a while, as for a row that work holds.
func Meanwhile(at string, work func(ctx context.Context) error, other func() error) (workErr, otherErr error) {
	ended := make(chan error, 1)
	begun := false
	ctx := db.InjectFaults(context.Background(), func(statement string) error {
		if begun || !strings.HasPrefix(strings.TrimSpace(statement), at) {
			return nil
		}
		begun = true
		done := make(chan struct{})
		go func() { defer close(done); ended <- other() }()
		select {
		case <-done:
		case <-time.After(300 * time.Millisecond):
		}
		return nil
	})
	workErr = work(ctx)
	if !begun {
		panic("no statement begins with " + at)
	}
	return workErr, <-ended
}
