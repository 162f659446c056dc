// Command bench measures what the shop's pages cost beside the same bytes served by bare Fiber, in one run, and prints the
// ratios. It starts its own servers on loopback, with a demo shop in a temporary folder, and ends only those.
//
// The shop is the program that people run (built from cmd/shop), logs, jobs and all. Its answers are recorded once,
// headers and body, compressed or not as they were asked for, and given to a bare Fiber app in a process of its own. Then,
// round robin, each page is asked for from bare Fiber, from the shop, and from bare Fiber again: the two bare turns are the
// control, and where their medians differ by more than 15 % the line is void. CPU is that of the server's process alone, as
// the kernel counts it; this program, which asks, is another. An answer with another status or other bytes fails the run.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

// asBare makes this program the bare server: its value is the file of recorded answers.
const asBare = "DASHOP_BENCH_BARE"

// options are the flags.
type options struct {
	rounds  int
	turn    time.Duration
	clients int
	dsn     string // of an empty MariaDB database; "" is SQLite in the temporary folder
	gzip    string // yes, no or both
	shop    string // a built shop; "" builds it
}

// errVoid says that the machine was too busy for some of the lines to be valid.
var errVoid = errors.New("the controls of some lines differ by more than 15 %: those lines are void, run again on a quieter machine")

func main() {
	if file := os.Getenv(asBare); file != "" {
		exit(serveBare(file))
		return
	}
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "rounds that count, after one that does not")
	flag.DurationVar(&o.turn, "turn", 400*time.Millisecond, "how long each server is asked for each page in a round")
	flag.IntVar(&o.clients, "clients", 8, "connections that ask at once, each as soon as it has its answer")
	flag.StringVar(&o.dsn, "dsn", "", "an empty MariaDB database, as user:password@tcp(host:port)/name; without it SQLite")
	flag.StringVar(&o.gzip, "gzip", "both", "whether answers are compressed: yes, no or both")
	flag.StringVar(&o.shop, "shop", "", "the program to measure; without it cmd/shop is built")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	exit(run(ctx, o, os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures and prints.
func run(ctx context.Context, o options, out io.Writer) error {
	lines := 8
	if o.gzip == "both" {
		lines *= 2
	}
	limit := time.Duration((o.rounds+1)*lines*3)*o.turn*2 + 5*time.Minute
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	dir, err := os.MkdirTemp("", "dashop-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	shop, err := startShop(ctx, dir, o)
	if err != nil {
		return err
	}
	defer shop.stop()
	cells, err := record(ctx, shop, o)
	if err != nil {
		return err
	}
	bare, err := startBare(ctx, dir, cells)
	if err != nil {
		return err
	}
	defer bare.stop()
	for round := range o.rounds + 1 {
		for _, c := range cells {
			for _, turn := range []struct {
				of *server
				to *figures
			}{{bare, &c.bare}, {shop, &c.shop}, {bare, &c.again}} {
				one, err := measure(ctx, turn.of, c, o)
				if err != nil {
					return fmt.Errorf("%s: %w", c.name(), err)
				}
				if round > 0 {
					turn.to.add(one)
				}
			}
		}
	}
	return report(out, o, cells)
}
