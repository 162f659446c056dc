package main

import (
	"context"
	"fmt"
	"sync"
	"time"
)

const (
	// browsed is how many pages a second are looked at, idle and beside orders.
	browsed = 100
	// mostBeside is how many orders a second are placed beside, where the shops can do that.
	mostBeside = 800
	isIdle     = ", idle"
	isBeside   = ", beside orders"
)

// besideLines are the lines of browsing beside orders: a stranger's and a shopper's product pages, of products that are kept, at a fixed
// rate, while nothing else goes on, and while orders come at a fixed rate.
func besideLines(ctx context.Context, s *stage) ([]*line, error) {
	if err := s.withShoppers(ctx, s.browsers()+s.crowd); err != nil {
		return nil, err
	}
	rate := float64(s.beside)
	if rate == 0 {
		var err error
		if rate, err = s.sustained(ctx); err != nil {
			return nil, err
		}
	}
	var lines []*line
	for _, member := range []bool{false, true} {
		p := page{holds: holdsProduct, path: s.goods.productAt(0),
			count: min(keptProducts, len(s.goods.products)), member: member, gzip: true}
		l := &line{name: fmt.Sprintf("browsing beside %.0f orders/s, ", rate) + map[bool]string{false: "stranger", true: "logged in"}[member],
			per: "page", length: s.longer(10)}
		for _, one := range s.shops {
			l.sides = append(l.sides, s.browsingSide(one, p, 0), s.browsingSide(one, p, rate))
		}
		l.sides = append(l.sides, s.browsingSide(s.shops[0], p, 0))
		l.pairs = append(l.pairs, pair{isShop + isBeside, isShop + isIdle})
		if s.against != "" {
			l.pairs = append(l.pairs, pair{isAgainst + isBeside, isAgainst + isIdle}, pair{isShop + isIdle, isAgainst + isIdle},
				pair{isShop + isBeside, isAgainst + isBeside})
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// browsers is how many look around at once, who are others than those who order.
func (s *stage) browsers() int { return max(1, s.crowd/4) }

// sustained is a rate of orders that each shop can keep up.
func (s *stage) sustained(ctx context.Context) (float64, error) {
	rate := float64(mostBeside)
	for _, one := range s.shops {
		for range 2 { // the first one warms up
			done, err := closedLoop(ctx, one.server, s.crowd, s.longer(4), one.order(s.goods.skus, false, false))
			if err != nil {
				return 0, fmt.Errorf("%s: %w", one.who, err)
			}
			rate = min(rate, 0.75*float64(len(done.waits))/done.took.Seconds())
		}
	}
	return rate, nil
}

// browsingSide is browsing at a fixed rate, with so many orders a second beside.
func (s *stage) browsingSide(one *shop, p page, orders float64) *side {
	var people []*shopper
	var who *shopper
	if p.member {
		people = one.shoppers[s.crowd:]
		who = people[0]
	}
	name := one.who + isIdle
	if orders > 0 {
		name = one.who + isBeside
	}
	return &side{who: name, server: func() *server { return one.server },
		prepare: func(context.Context) error { return p.askAll(one.server, who) },
		work: func(ctx context.Context, length time.Duration) (browsing load, err error) {
			var placing load
			var orderErr error
			var all sync.WaitGroup
			if orders > 0 {
				all.Go(func() {
					placing, orderErr = openLoop(ctx, one.server, s.crowd, orders, length, one.order(s.goods.skus, false, false))
				})
			}
			browsing, err = openLoop(ctx, one.server, s.browsers(), browsed, length, p.anotherEachTime(people))
			all.Wait()
			if err == nil {
				err = orderErr
			}
			browsing.beside, browsing.besideMissing = float64(len(placing.waits))/length.Seconds(), placing.missing+placing.busy
			return browsing, err
		}}
}
