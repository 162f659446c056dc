// Command bench measures what the shop costs beside bare Fiber, and beside another build of the shop, in one run, and prints
// ratios. It starts its own servers on loopback, with made shops in a temporary folder or in databases of its own, and ends and
// removes only those.
//
// The shop is the program that people run (built from cmd/shop), logs, jobs and all. With -against PROGRAM another build of it
// is measured too, on a copy of the same data. The servers take turns: in each round, line by line, the first one, the others,
// and the first one again; the next round goes backwards. The first and the last turn of a line are the same server: they are
// the control, and where their medians differ by more than 15 % the line is void.
//
// For pages that control is a bare Fiber app in a process of its own, which returns the shop's recorded answers, headers and
// body. For orders it is the shop itself. CPU is that of the server's process, and of its database where that is another process
// on this machine, as the kernel counts it; this program, which asks, is another.
//
// An answer that is not what was asked for fails the run, and so does a database that does not hold what was acknowledged.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// asBare makes this program the bare server: its value is the file of recorded answers.
const asBare = "DASHOP_BENCH_BARE"

// options are the flags.
type options struct {
	what    string // comma-separated: pages, orders, beside
	only    string // a regular expression for the names of lines
	rounds  int
	turn    time.Duration
	clients int
	orderAt string // numbers of clients, comma-separated
	beside  int    // orders a second while others browse; 0 asks the machine
	crowd   int    // how many shoppers place those
	gzip    string // yes, no or both
	shop    string // a built shop; "" builds it
	against string // another build of it; "" is none
	skus    int    // 0 is the demo shop
	dsn     string // a MariaDB server; "" is SQLite
	dir     string // where files are made; "" is the temporary folder of the system
	keep    string // a folder for made shops; "" keeps none
}

var (
	errVoid = errors.New("the controls of some lines differ by more than 15 %: those lines are void, run again on a quieter machine")
	// errBooks says that a shop has lost, doubled or invented something.
	errBooks = errors.New("the database does not hold what was acknowledged: the run is void")
)

func main() {
	if file := os.Getenv(asBare); file != "" {
		exit(serveBare(file))
		return
	}
	var o options
	flag.StringVar(&o.what, "what", "pages", "what to measure: pages, orders, beside (browsing beside orders), or several with commas")
	flag.StringVar(&o.only, "only", "", "a regular expression for the names of the lines to measure")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds that count, after one that does not")
	flag.DurationVar(&o.turn, "turn", 400*time.Millisecond,
		"how long a server is measured in a round; four times as long for orders, ten times for beside")
	flag.IntVar(&o.clients, "clients", 8, "connections that ask for pages at once, each as soon as it has its answer")
	flag.StringVar(&o.orderAt, "order-at", "1,8,32,128", "how many shoppers order at once, a line each")
	flag.IntVar(&o.beside, "beside", 0, "orders a second while others browse; 0 is 800, or three quarters of what the slower program can do")
	flag.IntVar(&o.crowd, "crowd", 128, "how many shoppers place those orders")
	flag.StringVar(&o.gzip, "gzip", "both", "whether kept pages are compressed: yes, no or both")
	flag.StringVar(&o.shop, "shop", "", "the program to measure; without it cmd/shop is built")
	flag.StringVar(&o.against, "against", "", "another, older build of the shop, measured in the same run")
	flag.IntVar(&o.skus, "skus", 0, "make a shop of about so many SKUs; without it the demo shop is measured")
	flag.StringVar(&o.dsn, "dsn", "", "a MariaDB server, as user:password@tcp(host:port)/, whose user may make databases; without it SQLite")
	flag.StringVar(&o.dir, "dir", "", "a folder in which the data are made; for orders one on a real disk, where commits cost what they do")
	flag.StringVar(&o.keep, "keep", "", "a folder in which made shops are kept for the next run (on MariaDB they are kept on the server)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	exit(run(ctx, o, os.Stdout))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// longestRun bounds a run, whatever the flags say.
const longestRun = 2 * time.Hour

// run measures and prints.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	ctx, cancel := context.WithTimeout(ctx, longestRun)
	defer cancel()
	only, err := regexp.Compile(o.only)
	if err != nil {
		return err
	}
	whats := strings.Split(o.what, ",")
	for _, what := range whats {
		if !slices.ContainsFunc(kinds, func(k kind) bool { return k.name == what }) {
			return fmt.Errorf("-what: %q is none of pages, orders, beside", what)
		}
	}
	if o.clients < 1 || o.crowd < 1 || 2*max(o.clients, o.crowd) > mostShoppers {
		return fmt.Errorf("-clients and -crowd: 1 to %d", mostShoppers/2)
	}
	s, err := openStage(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	var all []*line
	for _, k := range kinds { // pages come first: orders change what they show
		if !slices.Contains(whats, k.name) {
			continue
		}
		lines, err := k.lines(ctx, s)
		if err != nil {
			return err
		}
		lines = chosen(lines, only)
		if err := s.startBare(ctx, lines); err != nil {
			return err
		}
		if err := rounds(ctx, o, lines, s.checkBooks); err != nil {
			return err
		}
		all = append(all, lines...)
	}
	return report(out, s, all)
}

// kind is one of the things that are measured.
type kind struct {
	name  string
	lines func(context.Context, *stage) ([]*line, error)
}

var kinds = []kind{{"pages", pageLines}, {"orders", orderLines}, {"beside", besideLines}}

// chosen are the lines whose names match.
func chosen(lines []*line, only *regexp.Regexp) (list []*line) {
	for _, l := range lines {
		if only.MatchString(l.name) {
			list = append(list, l)
		}
	}
	return list
}

// numbers reads a list such as 1,8,32.
func numbers(text string) (list []int, err error) {
	for _, word := range strings.Split(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > mostShoppers {
			return nil, fmt.Errorf("%q: want numbers from 1 to %d, with commas", text, mostShoppers)
		}
		list = append(list, n)
	}
	return list, nil
}
