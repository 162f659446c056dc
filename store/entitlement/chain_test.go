package entitlement

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

var start = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func at(days int) time.Time { return start.Add(time.Duration(days) * day) }

func TestChain(t *testing.T) {
	ended := func(e Entitlement, on int) Entitlement { d := at(on); e.EndedAt = &d; return e }
	bought := func(on, days int) Entitlement { return Entitlement{BoughtAt: at(on), Days: days} }
	for name, c := range map[string]struct {
		list  []Entitlement
		spans [][2]int // first and last day; -1: never ends
		valid int
		until int
	}{
		"one":                                   {[]Entitlement{bought(0, 30)}, [][2]int{{0, 30}}, 1, 30},
		"renewed early":                         {[]Entitlement{bought(0, 30), bought(10, 30)}, [][2]int{{0, 30}, {30, 60}}, 2, 60},
		"renewed late":                          {[]Entitlement{bought(0, 30), bought(40, 30)}, [][2]int{{0, 30}, {40, 70}}, 2, 70},
		"for ever":                              {[]Entitlement{bought(0, 0)}, [][2]int{{0, -1}}, 1, -1},
		"for ever after some days":              {[]Entitlement{bought(0, 30), bought(5, 0)}, [][2]int{{0, 30}, {5, -1}}, 2, -1},
		"for ever taken back, the days stay":    {[]Entitlement{bought(0, 30), ended(bought(5, 0), 6)}, [][2]int{{0, 30}, {5, -1}}, 1, 30},
		"the running one taken back":            {[]Entitlement{ended(bought(0, 30), 10), bought(5, 30)}, [][2]int{{0, 30}, {10, 40}}, 1, 40},
		"one that had run out taken back":       {[]Entitlement{ended(bought(0, 30), 50), bought(5, 30)}, [][2]int{{0, 30}, {30, 60}}, 1, 60},
		"one taken back before it began":        {[]Entitlement{bought(0, 30), ended(bought(5, 30), 6), bought(7, 30)}, [][2]int{{0, 30}, {30, 60}, {30, 60}}, 2, 60},
		"the first, after one that never began": {[]Entitlement{ended(bought(0, 30), 20), ended(bought(5, 30), 6), bought(7, 30)}, [][2]int{{0, 30}, {20, 50}, {20, 50}}, 1, 50},
		"all taken back":                        {[]Entitlement{ended(bought(0, 30), 10)}, [][2]int{{0, 30}}, 0, -1},
		"bought again after it was taken back":  {[]Entitlement{ended(bought(0, 30), 10), bought(12, 30)}, [][2]int{{0, 30}, {12, 42}}, 1, 42},
	} {
		chain(c.list)
		for i, want := range c.spans {
			e := c.list[i]
			if !e.StartsAt.Equal(at(want[0])) || (want[1] < 0) != (e.ExpiresAt == nil) || e.ExpiresAt != nil && !e.ExpiresAt.Equal(at(want[1])) {
				t.Errorf("%s: number %d lasts from %v to %v, want the days %v", name, i, e.StartsAt, e.ExpiresAt, want)
			}
		}
		valid, until := sum(c.list)
		if valid != c.valid || (c.until < 0) != (until == nil) || until != nil && !until.Equal(at(c.until)) {
			t.Errorf("%s: %d valid until %v, want %d until day %d", name, valid, until, c.valid, c.until)
		}
	}
}

// However they are bought and taken back: who pays for n days has n days of use, no day is counted twice, and computing it again changes nothing.
func TestNoDayIsLostOrCountedTwice(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		var list []Entitlement
		now := 0
		for range rapid.IntRange(1, 8).Draw(r, "moves") {
			now += rapid.IntRange(0, 20).Draw(r, "later")
			if len(list) == 0 || rapid.Bool().Draw(r, "buy") {
				list = append(list, Entitlement{BoughtAt: at(now), Days: rapid.IntRange(1, 40).Draw(r, "days")})
			} else if e := &list[rapid.IntRange(0, len(list)-1).Draw(r, "which")]; e.EndedAt == nil {
				d := at(now)
				e.EndedAt = &d
			}
			chain(list)
		}
		var free time.Time // up to when days are taken
		for i, e := range list {
			if e.ExpiresAt.Sub(e.StartsAt) != time.Duration(e.Days)*day || e.StartsAt.Before(e.BoughtAt) {
				r.Fatalf("number %d lasts from %v to %v", i, e.StartsAt, e.ExpiresAt)
			}
			if e.StartsAt.Before(free) {
				r.Fatalf("number %d begins at %v, while another lasts until %v", i, e.StartsAt, free)
			}
			if e.StartsAt.After(free) && e.StartsAt.After(e.BoughtAt) {
				r.Fatalf("number %d begins at %v, which leaves a gap from %v", i, e.StartsAt, free)
			}
			used := *e.ExpiresAt
			if e.EndedAt != nil && e.EndedAt.Before(used) {
				used = *e.EndedAt
			}
			if used.After(free) && !used.Before(e.StartsAt) {
				free = used
			}
		}
		again := append([]Entitlement(nil), list...)
		chain(again)
		for i := range list {
			if !again[i].StartsAt.Equal(list[i].StartsAt) || !same(again[i].ExpiresAt, list[i].ExpiresAt) {
				r.Fatalf("number %d moves when nothing happened", i)
			}
		}
	})
}
