// Package limit counts how often something was done of late, in the database, so that a limit holds on all nodes together.
package limit

import (
	"context"
	"errors"
	"time"

	"dashop/store/db"
)

// Rule allows something Max times within Window, which begins with the first time.
type Rule struct {
	Max    int
	Window time.Duration
}

// Counter counts. It is safe for concurrent use.
type Counter struct {
	db    *db.DB
	clock db.Clock
}

// New makes a Counter.
func New(d *db.DB, clock db.Clock) *Counter { return &Counter{db: d, clock: clock} }

var errStub = errors.New("not built yet")

// Take counts one time more under a name and says how long to wait when the rule does not allow it; 0 is allowed. The
// refused are not counted.
func (c *Counter) Take(ctx context.Context, name string, r Rule) (wait time.Duration, err error) {
	return 0, errStub
}

// Count is how often it was done within the window that runs now.
func (c *Counter) Count(ctx context.Context, name string) (n int, err error) { return 0, errStub }

// Reset forgets a name.
func (c *Counter) Reset(ctx context.Context, name string) error { return errStub }

// Clean removes windows that are over.
func (c *Counter) Clean(ctx context.Context) error { return errStub }
