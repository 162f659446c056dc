package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v3"
	"golang.org/x/term"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/views/locale"
)

// longestPassword bounds how many bytes are read for a password.
const longestPassword = 1000

// action runs one command on accounts; words are the remaining arguments of the command line.
type action func(ctx context.Context, accounts *account.Service, cmd *cli.Command, out io.Writer) error

// userCommands are those of shop user, by which the operator creates the owner and disables users.
func userCommands(with func(do action) cli.ActionFunc, in io.Reader) *cli.Command {
	return &cli.Command{
		Name: "user", Usage: "add accounts, change what they may do, shut them out",
		Commands: []*cli.Command{
			{
				Name: "add", Usage: "add an account; its password is read from the terminal or from standard input",
				Flags: []cli.Flag{
					&cli.StringFlag{Name: "role", Usage: "`ROLE`: " + roleNames(), Value: string(account.Shopper)},
					&cli.StringFlag{Name: "username", Usage: "`NAME` to log in with", Required: true},
					&cli.StringFlag{Name: "mobile", Usage: "`NUMBER` of the mobile"},
				},
				Action: with(func(ctx context.Context, accounts *account.Service, cmd *cli.Command, out io.Writer) error {
					return addUser(ctx, accounts, cmd, in, out)
				}),
			},
			{
				Name: "role", Usage: "change what an account may do, and end its sessions", ArgsUsage: "NAME",
				Flags:  []cli.Flag{userFlag(), &cli.StringFlag{Name: "role", Usage: "`ROLE`: " + roleNames(), Required: true}},
				Action: with(changeRole),
			},
			{
				Name: "disable", Usage: "shut an account out and end its sessions", ArgsUsage: "NAME",
				Flags: []cli.Flag{userFlag()}, Action: with(shutOut(true)),
			},
			{
				Name: "enable", Usage: "let an account in again", ArgsUsage: "NAME",
				Flags: []cli.Flag{userFlag()}, Action: with(shutOut(false)),
			},
		},
	}
}

func userFlag() cli.Flag {
	return &cli.StringFlag{Name: "username", Usage: "`NAME` of the account, if not given as an argument"}
}

func roleNames() string {
	var names []string
	for _, r := range account.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func addUser(ctx context.Context, accounts *account.Service, cmd *cli.Command, in io.Reader, out io.Writer) error {
	role, err := parseRole(cmd.String("role"))
	if err != nil {
		return err
	}
	password, err := readPassword(in, out)
	if err != nil {
		return err
	}
	u, err := accounts.CreateUser(ctx, account.NewUser{
		Username: cmd.String("username"), Mobile: cmd.String("mobile"), Password: password, Role: role,
	})
	if err != nil {
		return inEnglish(err)
	}
	fmt.Fprintf(out, "The account %s (%s) is there.\n", u.Username, u.Role)
	return nil
}

func changeRole(ctx context.Context, accounts *account.Service, cmd *cli.Command, out io.Writer) error {
	role, err := parseRole(cmd.String("role"))
	if err != nil {
		return err
	}
	u, err := named(ctx, accounts, cmd)
	if err != nil {
		return err
	}
	if err := accounts.SetRole(ctx, u.ID, role); err != nil {
		return inEnglish(err)
	}
	fmt.Fprintf(out, "%s is %s now and has to log in again.\n", u.Username, role)
	return nil
}

func shutOut(disabled bool) action {
	return func(ctx context.Context, accounts *account.Service, cmd *cli.Command, out io.Writer) error {
		u, err := named(ctx, accounts, cmd)
		if err != nil {
			return err
		}
		if err := accounts.Disable(ctx, u.ID, disabled); err != nil {
			return inEnglish(err)
		}
		if disabled {
			fmt.Fprintf(out, "%s is shut out; all sessions have ended.\n", u.Username)
		} else {
			fmt.Fprintf(out, "%s may log in again.\n", u.Username)
		}
		return nil
	}
}

// named returns the account that a command is about, by its flag or its argument.
func named(ctx context.Context, accounts *account.Service, cmd *cli.Command) (account.User, error) {
	name := cmd.String("username")
	if name == "" {
		name = cmd.Args().First()
	}
	if name == "" {
		return account.User{}, errors.New("whose account? give its user name")
	}
	u, err := accounts.UserByName(ctx, name)
	if fault.Is(err, fault.NotFound) {
		return u, fmt.Errorf("there is no account %q", name)
	}
	return u, err
}

func parseRole(name string) (account.Role, error) {
	if role := account.Role(name); slices.Contains(account.Roles, role) {
		return role, nil
	}
	return "", fmt.Errorf("unknown role %q: want one of %s", name, roleNames())
}

// readPassword asks for a password twice without echo on a terminal; otherwise it reads the first line.
func readPassword(in io.Reader, out io.Writer) (string, error) {
	f, ok := in.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := bufio.NewReader(io.LimitReader(in, longestPassword)).ReadString('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return "", fmt.Errorf("read password: %w", err)
		}
		return strings.TrimRight(line, "\r\n"), nil
	}
	ask := func(prompt string) (string, error) {
		fmt.Fprint(out, prompt)
		text, err := term.ReadPassword(int(f.Fd()))
		fmt.Fprintln(out)
		return string(text), err
	}
	first, err := ask("Password: ")
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	again, err := ask("Once more: ")
	if err != nil {
		return "", fmt.Errorf("read password: %w", err)
	}
	if first != again {
		return "", errors.New("the two passwords differ")
	}
	return first, nil
}

// inEnglish translates a fault for the operator.
func inEnglish(err error) error {
	if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
		return err
	}
	f := fault.Of(err)
	texts := []string{}
	for field, t := range f.Fields {
		texts = append(texts, field+": "+locale.Text(locale.En, t))
	}
	if len(texts) == 0 {
		texts = append(texts, locale.Text(locale.En, f.Text))
	}
	slices.Sort(texts)
	return errors.New(strings.Join(texts, "; "))
}

// withAccounts opens the accounts of a migrated database for a command.
func withAccounts(ctx context.Context, c *Config, do func(accounts *account.Service) error) error {
	d, err := openDB(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	return do(account.New(d, db.SystemClock, account.Options{}))
}
