package interest

import (
	"container/list"
	"slices"
	"sync"
	"time"
)

// maxPending is how many views wait in memory at most, in some 12 MB. They are written every second, so only while the database takes
// none are they that many.
const maxPending = 50_000

// view says when a user looked at a product.
type view struct {
	userID, spuID int64
	at            time.Time
	number        uint64 // tells views apart, also those of one product at one moment
}

// pending are the views that are not written yet. It is safe for concurrent use.
type pending struct {
	mu      sync.Mutex
	numbers uint64
	order   list.List                 // of view, the oldest in front
	byUser  map[int64][]*list.Element // the same, by user
	dropped int                       // views given up since takeDropped was called
}

// note adds a view. Of one product only the last view counts, of one user as many as a history holds, and of all users maxPending: the
// oldest go.
func (p *pending) note(userID, spuID int64, at time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.byUser == nil {
		p.byUser = map[int64][]*list.Element{}
	}
	own := p.byUser[userID]
	if before := find(own, spuID); before != nil {
		p.remove(before)
	} else if len(own) == MaxHistory {
		p.remove(own[0])
	} else if p.order.Len() == maxPending {
		p.remove(p.order.Front())
		p.dropped++
	}
	p.numbers++
	p.byUser[userID] = append(p.byUser[userID], p.order.PushBack(view{userID, spuID, at, p.numbers}))
}

// find is where a user's view of a product is, or nil.
func find(own []*list.Element, spuID int64) *list.Element {
	for _, e := range own {
		if e.Value.(view).spuID == spuID {
			return e
		}
	}
	return nil
}

// remove takes out a view that is there.
func (p *pending) remove(e *list.Element) {
	userID := p.order.Remove(e).(view).userID
	own := p.byUser[userID]
	if len(own) == 1 {
		delete(p.byUser, userID)
		return
	}
	i := slices.Index(own, e)
	p.byUser[userID] = slices.Delete(own, i, i+1)
}

// users are those whose views have waited longest, by id: as many users as have that many views together.
func (p *pending) users(views int) (ids []int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	chosen := map[int64]bool{}
	for e := p.order.Front(); e != nil && views > 0; e = e.Next() {
		if id := e.Value.(view).userID; !chosen[id] {
			chosen[id] = true
			ids = append(ids, id)
			views -= len(p.byUser[id])
		}
	}
	slices.Sort(ids)
	return ids
}

// of are the views of some users, each user's oldest first.
func (p *pending) of(userIDs ...int64) (views []view) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, id := range userIDs {
		for _, e := range p.byUser[id] {
			views = append(views, e.Value.(view))
		}
	}
	return views
}

// written takes out views that were written. Who has looked at the same product again meanwhile has another view of it, which stays.
func (p *pending) written(views []view) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, v := range views {
		if e := find(p.byUser[v.userID], v.spuID); e != nil && e.Value.(view).number == v.number {
			p.remove(e)
		}
	}
}

// forget drops a user's views of one product.
func (p *pending) forget(userID, spuID int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := find(p.byUser[userID], spuID); e != nil {
		p.remove(e)
	}
}

// forgetAll drops all views of a user.
func (p *pending) forgetAll(userID int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, e := range p.byUser[userID] {
		p.order.Remove(e)
	}
	delete(p.byUser, userID)
}

// takeDropped is how many views were given up since it was asked before.
func (p *pending) takeDropped() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.dropped
	p.dropped = 0
	return n
}
