package main

import (
	"fmt"
	"io"
	"math"
	"runtime"
	"slices"
	"time"
)

// figures are what a server did in the turns that count.
type figures struct {
	rate, cpu []float64 // requests a second, microseconds of CPU a request, a turn
	waits     []time.Duration
}

func (f *figures) add(t turn) {
	n := float64(max(1, t.requests))
	f.rate = append(f.rate, n/t.took.Seconds())
	f.cpu = append(f.cpu, float64(t.cpu.Microseconds())/n)
	f.waits = append(f.waits, t.waits...)
}

// spread is a median with minimum and maximum.
func spread(list []float64) (median, least, most float64) {
	if len(list) == 0 {
		return 0, 0, 0
	}
	list = slices.Sorted(slices.Values(list))
	return (list[len(list)/2] + list[(len(list)-1)/2]) / 2, list[0], list[len(list)-1]
}

func (f *figures) wait(share float64) time.Duration {
	if len(f.waits) == 0 {
		return 0
	}
	slices.Sort(f.waits)
	return f.waits[int(share*float64(len(f.waits)-1))].Round(10 * time.Microsecond)
}

// ratios are a/b turn by turn.
func ratios(a, b []float64) (list []float64) {
	for i := range a {
		if b[i] > 0 {
			list = append(list, a[i]/b[i])
		}
	}
	return list
}

// void says whether the two bare turns disagree by more than the run may.
func (c *cell) void() bool {
	one, _, _ := spread(c.bare.cpu)
	two, _, _ := spread(c.again.cpu)
	return one == 0 || two == 0 || math.Abs(one/two-1) > 0.15
}

// report prints one line per cell.
func report(out io.Writer, o options, cells []*cell) error {
	database := "SQLite"
	if o.dsn != "" {
		database = "MariaDB"
	}
	fmt.Fprintf(out, "Demo shop on %s; %d rounds of %s a turn, %d clients; %d processors, %s.\n", database, o.rounds, o.turn, o.clients,
		runtime.NumCPU(), runtime.Version())
	fmt.Fprintln(out, "CPU is the server's, in µs a request: median (least–most) of the rounds; the ratio is the shop's to bare Fiber's with the same headers and bytes.")
	fmt.Fprintf(out, "%-28s %7s | %15s %15s | %19s %6s %6s | %7s %7s %7s %7s | %s\n", "page", "bytes", "CPU shop", "CPU bare",
		"CPU ratio", "req/s", "bare", "p50", "p99", "p50 bare", "p99 bare", "A/A")
	void := false
	for _, c := range cells {
		both := figures{rate: append(slices.Clone(c.bare.rate), c.again.rate...), cpu: append(slices.Clone(c.bare.cpu), c.again.cpu...),
			waits: c.bare.waits}
		control, _, _ := spread(ratios(c.bare.cpu, c.again.cpu))
		mean := make([]float64, len(c.bare.cpu))
		for i := range mean {
			mean[i] = (c.bare.cpu[i] + c.again.cpu[i]) / 2
		}
		rate, _, _ := spread(c.shop.rate)
		bare, _, _ := spread(both.rate)
		note := ""
		if c.void() {
			note, void = " void", true
		}
		fmt.Fprintf(out, "%-28s %7d | %15s %15s | %19s %6.0f %6.0f | %7s %7s %7s %7s | %.2f%s\n", c.name(), len(c.answer.Body),
			words(c.shop.cpu, 0), words(both.cpu, 0),
			words(ratios(c.shop.cpu, mean), 2), rate, bare, c.shop.wait(0.5), c.shop.wait(0.99), both.wait(0.5), both.wait(0.99), control,
			note)
	}
	if void {
		return errVoid
	}
	return nil
}

func words(list []float64, decimals int) string {
	median, least, most := spread(list)
	return fmt.Sprintf("%.*f (%.*f–%.*f)", decimals, median, decimals, least, decimals, most)
}
