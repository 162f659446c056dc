package web

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"
)

// What derives from a handler's context ends with it, as from any other, and no goroutine waits for that.
func TestDeadlineContext(t *testing.T) {
	for name, test := range map[string]struct {
		end  func(d *deadlineContext)
		want error
	}{
		"deadline": {func(*deadlineContext) { time.Sleep(handlerDeadline) }, context.DeadlineExceeded},
		"return":   {(*deadlineContext).end, context.Canceled},
	} {
		synctest.Test(t, func(t *testing.T) {
			unasked := &deadlineContext{at: time.Now().Add(handlerDeadline)}
			asked := &deadlineContext{at: time.Now().Add(handlerDeadline)}
			if at, ok := asked.Deadline(); !ok || time.Until(at) != handlerDeadline || asked.Value("x") != nil || asked.Err() != nil {
				t.Errorf("%s: at first %v, %v, %v", name, at, ok, asked.Err())
			}
			before := runtime.NumGoroutine()
			child, stop := context.WithTimeout(asked, time.Hour)
			defer stop()
			if n := runtime.NumGoroutine(); n != before {
				t.Errorf("%s: %d goroutines more", name, n-before)
			}
			test.end(unasked)
			test.end(asked)
			synctest.Wait()
			for which, ctx := range map[string]context.Context{"asked": asked, "unasked": unasked, "child": child} {
				select {
				case <-ctx.Done():
				default:
					t.Errorf("%s: %s goes on", name, which)
				}
				if !errors.Is(ctx.Err(), test.want) {
					t.Errorf("%s: %s: %v", name, which, ctx.Err())
				}
			}
			asked.end()
			unasked.end()
		})
	}
}
