package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"
)

// line is one thing that is measured, on several servers in turn. The first and the last side are the same server: they are the control.
type line struct {
	name   string
	per    string        // what is counted, such as a request
	length time.Duration // of a turn
	sides  []*side
	pairs  []pair // what the summary compares
	sample answer // what the bare server returns, for a page
}

// pair names two sides of a line, of which the first is divided by the second.
type pair struct{ a, b string }

// side is what one server does for a line.
type side struct {
	figures
	who     string // bare, shop, against, or what the report is to call it
	server  func() *server
	prepare func(context.Context) error // before each turn, not measured; may be nil
	work    func(ctx context.Context, length time.Duration) (load, error)
}

// load is what was done in a turn, as its clients saw it.
type load struct {
	waits   []time.Duration
	took    time.Duration
	busy    int // answers that asked to come again later
	missing int // of what was due in an open loop, how much was not begun in time

	beside        float64 // orders a second that were placed beside
	besideMissing int     // and how many of those that were due were not
}

// turn is a load with what it cost the server.
type turn struct {
	load
	cpu time.Duration
}

// control are the two sides that are the same server.
func (l *line) control() (first, last *side) { return l.sides[0], l.sides[len(l.sides)-1] }

// side is the first side of somebody, or nil.
func (l *line) side(who string) *side {
	i := slices.IndexFunc(l.sides, func(s *side) bool { return s.who == who })
	if i < 0 {
		return nil
	}
	return l.sides[i]
}

// mostApart is how far the two sides of a control may be apart.
const mostApart = 0.15

// void says whether the medians of the control's CPU differ by more than the run may.
func (l *line) void() bool {
	first, last := l.control()
	return apart(first.cpu, last.cpu)
}

// ratesVoid says the same of the rates, which other programs on the machine disturb more.
func (l *line) ratesVoid() bool {
	first, last := l.control()
	return apart(first.rate, last.rate)
}

func apart(a, b []float64) bool {
	one, _, _ := spread(a)
	two, _, _ := spread(b)
	return one == 0 || two == 0 || math.Abs(one/two-1) > mostApart
}

// rounds has the sides of each line take their turns. Each second round goes backwards, so that no side gains from its place. After each
// round check says whether what was done is right.
func rounds(ctx context.Context, o options, lines []*line, check func(context.Context) error) error {
	for round := range o.rounds + 1 {
		for _, l := range lines {
			order := slices.Clone(l.sides)
			if round%2 == 1 {
				slices.Reverse(order)
			}
			for _, s := range order {
				one, err := s.take(ctx, l.length)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", l.name, s.who, err)
				}
				if round > 0 {
					s.add(one)
				}
			}
		}
		if err := check(ctx); err != nil {
			return fmt.Errorf("after round %d: %w", round, err)
		}
	}
	return nil
}

// take is one turn.
func (s *side) take(ctx context.Context, length time.Duration) (turn, error) {
	if s.prepare != nil {
		if err := s.prepare(ctx); err != nil {
			return turn{}, err
		}
	}
	before, err := s.server().cpu()
	if err != nil {
		return turn{}, err
	}
	done, err := s.work(ctx, length)
	if err != nil {
		return turn{}, err
	}
	after, err := s.server().cpu()
	if err == nil {
		err = ctx.Err()
	}
	return turn{done, after - before}, err
}
