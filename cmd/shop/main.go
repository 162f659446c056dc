// Command shop runs the shop: serve (the default), migrate, demo, user.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/spf13/cobra"

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
	with := func(do func(ctx context.Context, c *Config, out io.Writer) error) commandFunc {
		return func(cmd *cobra.Command, _ []string) error {
			c, err := loadConfig(file, env)
			if err != nil {
				return err
			}
			return logged(cmd.Context(), c, os.Stderr, func() error { return do(cmd.Context(), c, stdout) })
		}
	}
	withPeople := func(do action) commandFunc {
		return func(cmd *cobra.Command, args []string) error {
			return with(func(ctx context.Context, c *Config, out io.Writer) error {
				return withAccounts(ctx, c, func(accounts *account.Service) error { return do(ctx, accounts, cmd, out) })
			})(cmd, args)
		}
	}
	serving := with(func(ctx context.Context, c *Config, out io.Writer) error {
		setMemory(env)
		return serve(ctx, c, out)
	})
	app := &cobra.Command{
		Use: "shop", Short: "达达商城: a web shop", Args: noMore, RunE: serving,
		SilenceErrors: true, SilenceUsage: true, // run's caller says what is wrong
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
	}
	app.PersistentFlags().StringVar(&file, "config", "", "read the settings from `FILE` (default: shop.ini, if it is there)")
	demo := &cobra.Command{
		Use: "demo", Short: "load the demo shop and its accounts into an empty database, or with --skus make a large one", Args: noMore,
		RunE: with(func(ctx context.Context, c *Config, out io.Writer) error {
			if skus != 0 {
				return generate(ctx, c, skus, out)
			}
			return loadDemo(ctx, c, out)
		}),
	}
	demo.Flags().Int64Var(&skus, "skus", 0, "make a shop with about `N` SKUs")
	app.AddCommand(
		&cobra.Command{Use: "serve", Short: "serve the shop; in development after migrating it and loading the demo", Args: noMore,
			RunE: serving},
		&cobra.Command{Use: "migrate", Short: "bring the tables to the newest version", Args: noMore, RunE: with(migrate)},
		demo,
		userCommands(withPeople, stdin),
	)
	app.SetOut(stdout)
	app.SetArgs(twoDashes(args[1:]))
	return app.ExecuteContext(ctx)
}

// commandFunc does what one command of the command line says.
type commandFunc = func(cmd *cobra.Command, args []string) error

// noMore refuses words that no command takes.
func noMore(_ *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("unknown command %q; see shop help", args[0])
	}
	return nil
}

// twoDashes lets flags be written with one dash too, as Go's own programs take them: -config FILE.
func twoDashes(args []string) []string {
	args = slices.Clone(args)
	for i, a := range args {
		if len(a) > 2 && a[0] == '-' && a[1] != '-' {
			args[i] = "-" + a
		}
	}
	return args
}
