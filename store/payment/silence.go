package payment

import (
	"sync"
	"time"
)

// The pauses after which a gateway that did not answer is asked again: the first, and the longest.
const (
	firstPause = 4 * time.Second
	longPause  = time.Minute
)

// swept is one gateway as the sweeper of this node sees it.
type swept struct {
	id string

	mu    sync.Mutex
	pause time.Duration // 0: it answered when last asked
	until time.Time     // before then it is left alone
}

// room is about how many attempts the gateway may be asked now: none while it is left alone, one to find out whether it
// answers again.
func (g *swept) room(now time.Time) int {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch left := g.until.Sub(now); {
	case g.pause == 0:
		return sweepLimit
	case left > 0 && left <= longPause: // longer only when the clock was set back
		return 0
	}
	return 1
}

// heard notes whether the gateway answered anything when it was asked.
func (g *swept) heard(now time.Time, answered bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if answered {
		g.pause = 0
		return
	}
	g.pause = min(max(2*g.pause, firstPause), longPause)
	g.until = now.Add(g.pause)
}
