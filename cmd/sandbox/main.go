// Command sandbox runs the payment, login and SMS sandbox alone, for a shop that is started by itself.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"dashop/web/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out, errOut io.Writer) error {
	flags := flag.NewFlagSet("sandbox", flag.ContinueOnError)
	flags.SetOutput(errOut)
	addr := flags.String("addr", "127.0.0.1:8001", "loopback address to listen on")
	dir := flags.String("keys", "", "folder for keys, sandbox.ini and trades; made on the first start")
	base := flags.String("base-url", "", "how browsers reach the sandbox, if not at -addr")
	speed := flags.Int("speed", 60, "how many times faster than Alipay's an unanswered notify is sent again")
	if err := flags.Parse(args); err != nil {
		return err
	}
	switch {
	case flags.NArg() > 0:
		return fmt.Errorf("sandbox: unknown argument %q", flags.Arg(0))
	case *dir == "":
		return errors.New("sandbox: -keys DIR is needed")
	case *speed < 1:
		return errors.New("sandbox: -speed must be at least 1")
	case os.Getenv("SHOP_SERVER_ENV") == "production":
		return errors.New("sandbox: refusing to run in production")
	}
	if err := sandbox.CheckAddr(*addr); err != nil {
		return err // before any key is made
	}
	sb, err := sandbox.New(sandbox.Options{Dir: *dir, BaseURL: *base, Speed: *speed, Log: slog.New(slog.NewTextHandler(errOut, nil))})
	if err != nil {
		return err
	}
	shutdown := func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		return sb.Shutdown(ctx)
	}
	if err := sb.Listen(*addr); err != nil {
		return errors.Join(err, shutdown())
	}
	served := make(chan error, 1)
	go func() { served <- sb.Serve() }()
	fmt.Fprintf(out, "sandbox at %s, short messages at %[1]s/phone, settings for a shop in %s\n", sb.URL(),
		filepath.Join(*dir, "sandbox.ini"))
	select {
	case <-ctx.Done():
		return shutdown()
	case err := <-served:
		return errors.Join(err, shutdown())
	}
}
