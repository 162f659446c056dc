package interest

import (
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/storetest"
)

// However many views wait, they are no more than fit: of one user as many as a history holds, of all the latest.
func TestPendingViewsAreBounded(t *testing.T) {
	var p pending
	at := time.Unix(1, 0)
	for spu := range int64(3 * MaxHistory) {
		p.note(1, spu, at)
	}
	own := p.of(1)
	if len(own) != MaxHistory || own[0].spuID != 2*MaxHistory || own[MaxHistory-1].spuID != 3*MaxHistory-1 || p.takeDropped() != 0 {
		t.Errorf("%d views of one user, from %+v to %+v", len(own), own[0], own[len(own)-1])
	}
	for user := range int64(maxPending) {
		p.note(10+user, 7, at)
	}
	if p.order.Len() != maxPending || len(p.of(1)) != 0 || len(p.byUser) != maxPending {
		t.Errorf("%d views wait, %d of the one who came first", p.order.Len(), len(p.of(1)))
	}
	if n := p.takeDropped(); n != MaxHistory || p.takeDropped() != 0 {
		t.Errorf("%d were given up, want %d", n, MaxHistory)
	}
	p.note(10, 7, at) // the oldest, viewed again: nobody has to go
	p.note(9, 7, at)
	if len(p.of(10)) != 1 || len(p.of(11)) != 0 || p.takeDropped() != 1 {
		t.Errorf("the one who looked again has %d views, the oldest then %d", len(p.of(10)), len(p.of(11)))
	}
	p.written(p.of(9, 10, 12))
	if len(p.users(10)) != 10 || p.order.Len() != maxPending-3 {
		t.Errorf("%d wait after 3 were written", p.order.Len())
	}
}

// What was viewed again while it was written waits for the next time, also when the clock did not move.
func TestViewedAgainWhileWritten(t *testing.T) {
	var p pending
	at := time.Unix(1, 0)
	p.note(1, 7, at)
	p.note(1, 8, at)
	taken := p.of(1)
	p.note(1, 7, at)
	p.written(taken)
	if left := p.of(1); len(left) != 1 || left[0].spuID != 7 {
		t.Errorf("left: %+v", left)
	}
	p.written(p.of(1))
	if len(p.byUser) != 0 || p.order.Len() != 0 {
		t.Errorf("%d users, %d views are left", len(p.byUser), p.order.Len())
	}
}

// That views were given up is said once, by the write that comes next.
func TestGivenUpViewsAreToldOf(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, "sqlite"))
	clock := storetest.NewClock()
	s := New(d, catalog.New(d, clock.Now), clock.Now)
	s.RecordView(1, 1)
	s.pending.dropped = 5
	if err := s.WriteViews(t.Context()); err == nil || !strings.Contains(err.Error(), "5 views were given up") {
		t.Errorf("%v", err)
	}
	if err := s.WriteViews(t.Context()); err != nil {
		t.Error(err)
	}
}
