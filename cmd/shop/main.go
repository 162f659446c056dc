// Command shop runs the shop: serve (the default), migrate, demo, user.
package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/urfave/cli/v3"

	"dashop/store/account"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	if err := run(ctx, os.Args, os.Environ(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "shop:", err)
		os.Exit(1)
	}
}

// run is the whole program, so that tests can run it: it returns when its work is done or ctx has ended.
func run(ctx context.Context, args, env []string, stdin io.Reader, stdout io.Writer) error {
	file, skus := "", int64(0)
	with := func(do func(ctx context.Context, c *Config, out io.Writer) error) cli.ActionFunc {
		return func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Present() {
				return fmt.Errorf("unknown command %q; see shop help", cmd.Args().First())
			}
			c, err := loadConfig(file, env)
			if err != nil {
				return err
			}
			slog.SetDefault(newLog(c))
			return do(ctx, c, stdout)
		}
	}
	withPeople := func(do action) cli.ActionFunc {
		return func(ctx context.Context, cmd *cli.Command) error {
			c, err := loadConfig(file, env)
			if err != nil {
				return err
			}
			slog.SetDefault(newLog(c))
			return withAccounts(ctx, c, func(accounts *account.Service) error { return do(ctx, accounts, cmd, stdout) })
		}
	}
	app := &cli.Command{
		Name:   "shop",
		Usage:  "达达商城: a web shop",
		Writer: stdout,
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "config", Usage: "read the settings from `FILE` (default: shop.ini, if it is there)", Destination: &file},
		},
		Action: with(serve),
		Commands: []*cli.Command{
			{Name: "serve", Usage: "serve the shop; in development after migrating it and loading the demo", Action: with(serve)},
			{Name: "migrate", Usage: "bring the tables to the newest version", Action: with(migrate)},
			{
				Name: "demo", Usage: "load the demo shop and its accounts into an empty database, or with --skus make a large one",
				Flags: []cli.Flag{&cli.Int64Flag{Name: "skus", Usage: "make a shop with about `N` SKUs", Destination: &skus}},
				Action: with(func(ctx context.Context, c *Config, out io.Writer) error {
					if skus != 0 {
						return generate(ctx, c, skus, out)
					}
					return loadDemo(ctx, c, out)
				}),
			},
			userCommands(withPeople, stdin),
		},
		ExitErrHandler: func(context.Context, *cli.Command, error) {}, // run's caller decides
	}
	return app.Run(ctx, args)
}

func newLog(c *Config) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // one of the words checked before
	opts := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(os.Stderr, opts))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, opts))
}
