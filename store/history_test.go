package store_test

import (
	"context"
	"testing"
	"time"

	"dashop/store"
	"dashop/store/storetest"
)

// While the shop runs, what was viewed is soon there for other nodes, and a stop loses nothing of it.
func TestHistoryOfAShopThatStops(t *testing.T) {
	each(t, func(t *testing.T, s *store.Store, clock *storetest.Clock, p *phone) {
		user := storetest.User(t, s.DB, "xiaoming")
		viewed := func() (n int) {
			must(t, s.DB.Get(ctx, &n, "SELECT COUNT(*) FROM browse_history WHERE user_id = ?", user))
			return n
		}
		running, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() { defer close(ended); s.Run(running) }()
		s.Interest.RecordView(user, 1)
		for end := time.Now().Add(20 * time.Second); viewed() == 0 && time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		}
		if viewed() != 1 {
			t.Error("a running shop writes nothing")
		}
		s.Interest.RecordView(user, 2)
		s.Interest.RecordView(user, 3)
		stop()
		<-ended
		if n := viewed(); n != 3 {
			t.Errorf("%d products after the stop, want 3", n)
		}
	})
}
