package store

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What is collected is written at each tick, also after a failure, and once more at the end, for which there is some time.
func TestWriteBehind(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		s := &Store{log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, stop := context.WithCancel(t.Context())
		began, ended := time.Now(), make(chan struct{})
		var writes []time.Duration
		go func() {
			defer close(ended)
			s.writeBehind(ctx, time.Second, func(ctx context.Context) error {
				writes = append(writes, time.Since(began))
				if len(writes) == 2 {
					return errors.New("away")
				}
				if deadline, ok := ctx.Deadline(); ctx.Err() != nil || !ok || time.Until(deadline) != writeWait {
					t.Errorf("write %d has until %v, %v", len(writes), deadline, ctx.Err())
				}
				return nil
			})
		}()
		time.Sleep(3*time.Second + 500*time.Millisecond)
		stop()
		<-ended
		want := []time.Duration{time.Second, 2 * time.Second, 3 * time.Second, 3*time.Second + 500*time.Millisecond}
		if len(writes) != len(want) {
			t.Fatalf("written after %v, want %v", writes, want)
		}
		for i := range want {
			if writes[i] != want[i] {
				t.Errorf("written after %v, want %v", writes, want)
			}
		}
		if n := strings.Count(log.String(), "away"); n != 1 {
			t.Errorf("logged %d times: %s", n, log.String())
		}
	})
}
