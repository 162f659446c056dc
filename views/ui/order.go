package ui

import (
	"fmt"
	"time"
)

// PathStep is one station of an order's way. State is done, now or next.
type PathStep struct {
	Label, Time, State, Icon string
}

// TimelineEntry is one thing that happened; Time is written out already.
type TimelineEntry struct {
	Text, Time string
}

// left is the time until a moment, never negative.
func left(v View, until time.Time) time.Duration {
	return max(until.Sub(v.Now), 0).Round(time.Second)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%d", int64(d/time.Second)) }

// clock writes 29:42, or 1:29:42 from an hour on.
func clock(d time.Duration) string {
	s := int64(d / time.Second)
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}

func two(n int64) string { return fmt.Sprintf("%02d", n) }
