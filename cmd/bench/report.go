package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// figures are what a side did in the turns that count.
type figures struct {
	rate, cpu     []float64 // things done in a second, and microseconds of CPU for each, a turn
	p50, p99      []float64 // milliseconds, a turn
	busy, missing int
	beside        []float64 // orders a second beside, a turn
	besideMissing int
}

func (f *figures) add(t turn) {
	n := float64(max(1, len(t.waits)))
	f.rate = append(f.rate, n/t.took.Seconds())
	if t.beside == 0 { // else it is that of the orders, too
		f.cpu = append(f.cpu, float64(t.cpu.Nanoseconds())/1000/n)
	}
	slices.Sort(t.waits)
	f.p50 = append(f.p50, share(t.waits, 0.5))
	f.p99 = append(f.p99, share(t.waits, 0.99))
	f.busy += t.busy
	f.missing += t.missing
	f.beside = append(f.beside, t.beside)
	f.besideMissing += t.besideMissing
}

// share is the wait, in milliseconds, within which this share of sorted ones lies.
func share(sorted []time.Duration, part float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return float64(sorted[int(part*float64(len(sorted)-1))].Microseconds()) / 1000
}

// spread is a median with minimum and maximum.
func spread(list []float64) (median, least, most float64) {
	if len(list) == 0 {
		return 0, 0, 0
	}
	list = slices.Sorted(slices.Values(list))
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2, list[0], list[len(list)-1]
}

// ratios are a/b turn by turn.
func ratios(a, b []float64) (list []float64) {
	for i := range min(len(a), len(b)) {
		if b[i] > 0 {
			list = append(list, a[i]/b[i])
		}
	}
	return list
}

// words is a median with minimum and maximum.
func words(list []float64, decimals int) string {
	if len(list) == 0 {
		return "-"
	}
	median, least, most := spread(list)
	if len(list) == 1 {
		return fmt.Sprintf("%.*f", decimals, median)
	}
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, median, decimals, least, decimals, most)
}

// of are the figures of somebody in a line. For the control they are the means of its two turns, round by round.
func (l *line) of(who string) figures {
	first, last := l.control()
	if who != first.who {
		return l.side(who).figures
	}
	f := first.figures
	f.rate, f.cpu = means(first.rate, last.rate), means(first.cpu, last.cpu)
	f.p50, f.p99 = means(first.p50, last.p50), means(first.p99, last.p99)
	f.busy += last.busy
	f.missing += last.missing
	return f
}

func means(a, b []float64) (list []float64) {
	for i := range min(len(a), len(b)) {
		list = append(list, (a[i]+b[i])/2)
	}
	return list
}

// label is what the report calls a line, with the remark that it is void.
func (l *line) label() string {
	switch {
	case l.void():
		return l.name + " [VOID]"
	case l.ratesVoid():
		return l.name + " [rates void]"
	}
	return l.name
}

// report prints what was measured, and then the ratios.
func report(out io.Writer, s *stage, lines []*line) error {
	s.introduce(out)
	fmt.Fprintf(out, "%-46s %-22s %24s %24s %20s %22s\n", "line", "side", "CPU µs each", "per second", "p50 ms", "p99 ms")
	void := false
	for _, l := range lines {
		void = void || l.void()
		name := l.label()
		for i, one := range l.sides {
			who := one.who
			if i == len(l.sides)-1 {
				who += " again"
			}
			fmt.Fprintf(out, "%-46s %-22s %24s %24s %20s %22s%s\n", name, who, words(one.cpu, 0), words(one.rate, 0), words(one.p50, 2),
				words(one.p99, 2), one.remarks())
			name = ""
		}
	}
	fmt.Fprintf(out, "\nRatios, round by round: median (least–most)\n%-46s %-38s %19s %19s %19s %19s\n", "line", "ratio", "CPU",
		"per second", "p50", "p99")
	for _, l := range lines {
		name := l.label()
		for _, p := range l.pairs {
			printRatios(out, name, p.a+" ÷ "+p.b, l.of(p.a), l.of(p.b))
			name = ""
		}
	}
	s.compareProducts(out, lines)
	if void {
		return errVoid
	}
	return nil
}

func printRatios(out io.Writer, name, what string, a, b figures) {
	fmt.Fprintf(out, "%-46s %-38s %19s %19s %19s %19s\n", name, what, words(ratios(a.cpu, b.cpu), 2), words(ratios(a.rate, b.rate), 2),
		words(ratios(a.p50, b.p50), 2), words(ratios(a.p99, b.p99), 2))
}

// compareProducts divides the line of another product each time by that of the same one, of somebody who is logged in.
func (s *stage) compareProducts(out io.Writer, lines []*line) {
	var another, same *line
	for _, l := range lines {
		switch {
		case l.name == anotherProduct:
			another = l
		case same == nil && strings.HasPrefix(l.name, sameProduct):
			same = l
		}
	}
	if another == nil || same == nil {
		return
	}
	for _, one := range s.shops {
		printRatios(out, another.label(), one.who+" ÷ the same product", another.of(one.who), same.of(one.who))
	}
}

func (f *figures) remarks() (text string) {
	if f.busy > 0 {
		text += fmt.Sprintf("  %d times busy", f.busy)
	}
	if f.missing > 0 {
		text += fmt.Sprintf("  %d not begun", f.missing)
	}
	if beside, _, _ := spread(f.beside); beside > 0 {
		text += fmt.Sprintf("  beside %.0f orders/s, %d missing", beside, f.besideMissing)
	}
	return text
}

// introduce says what was measured and how.
func (s *stage) introduce(out io.Writer) {
	database := "SQLite"
	switch {
	case s.dsn != "" && s.shops[0].database != 0:
		database = "MariaDB, whose CPU counts"
	case s.dsn != "":
		database = "MariaDB, whose CPU does NOT count, since its process is not found on this machine"
	case inMemory(s.folder):
		database = "SQLite in memory, where commits cost nothing (see -dir)"
	}
	size := "Demo shop"
	if s.skus > 0 {
		size = fmt.Sprintf("Shop of %d SKUs", s.skus)
	}
	fmt.Fprintf(out, "%s on %s; %d rounds of %s a turn, %d clients for pages; %d processors, %s.\n", size, database, s.rounds, s.turn,
		s.clients, runtime.NumCPU(), runtime.Version())
	fmt.Fprintf(out, "CPU is the server's, for each request, order or page; the rounds' median (least–most). The first side of a line is its "+
		"control and comes\nagain as its last: in VOID lines their CPU is more than %.0f %% apart, and where rates are void their rates are.\n",
		mostApart*100)
	for _, one := range s.shops {
		fmt.Fprintf(out, "%s: %s\n", one.who, one.program)
	}
	fmt.Fprintln(out)
}
