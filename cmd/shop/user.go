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

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/views/locale"
)

// longestPassword bounds how many bytes are read for a password.
const longestPassword = 1000

// action runs one command on accounts; cmd has its flags and arguments.
type action func(ctx context.Context, accounts *account.Service, cmd *cobra.Command, out io.Writer) error

// userCommands are those of shop user, by which the operator creates the owner and disables users.
func userCommands(with func(do action) commandFunc, in io.Reader) *cobra.Command {
	add := &cobra.Command{
		Use: "add", Short: "add an account; its password is read from the terminal or from standard input", Args: noMore,
		RunE: with(func(ctx context.Context, accounts *account.Service, cmd *cobra.Command, out io.Writer) error {
			return addUser(ctx, accounts, cmd, in, out)
		}),
	}
	add.Flags().String("role", string(account.Shopper), "`ROLE`: "+roleNames())
	add.Flags().String("username", "", "`NAME` to log in with")
	add.Flags().String("mobile", "", "`NUMBER` of the mobile")
	_ = add.MarkFlagRequired("username") // there is such a flag

	role := onAccount("role", "change what an account may do, and end its sessions", with(changeRole))
	role.Flags().String("role", "", "`ROLE`: "+roleNames())
	_ = role.MarkFlagRequired("role")

	user := &cobra.Command{Use: "user", Short: "add accounts, change what they may do, shut them out", Args: noMore, RunE: showHelp}
	user.AddCommand(add, role, onAccount("disable", "shut an account out and end its sessions", with(shutOut(true))),
		onAccount("enable", "let an account in again", with(shutOut(false))))
	return user
}

// onAccount is a command on one account, which is named by a flag or an argument.
func onAccount(name, short string, do commandFunc) *cobra.Command {
	cmd := &cobra.Command{Use: name + " NAME", Short: short, Args: cobra.MaximumNArgs(1), RunE: do}
	cmd.Flags().String("username", "", "`NAME` of the account, if not given as an argument")
	return cmd
}

func showHelp(cmd *cobra.Command, _ []string) error { return cmd.Help() }

// flag is the value of a flag that the command has.
func flag(cmd *cobra.Command, name string) string { return cmd.Flag(name).Value.String() }

func roleNames() string {
	var names []string
	for _, r := range account.Roles {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

func addUser(ctx context.Context, accounts *account.Service, cmd *cobra.Command, in io.Reader, out io.Writer) error {
	role, err := parseRole(flag(cmd, "role"))
	if err != nil {
		return err
	}
	password, err := readPassword(in, out)
	if err != nil {
		return err
	}
	u, err := accounts.CreateUser(ctx, account.NewUser{
		Username: flag(cmd, "username"), Mobile: flag(cmd, "mobile"), Password: password, Role: role,
	})
	if err != nil {
		return inEnglish(err)
	}
	fmt.Fprintf(out, "The account %s (%s) is there.\n", u.Username, u.Role)
	return nil
}

func changeRole(ctx context.Context, accounts *account.Service, cmd *cobra.Command, out io.Writer) error {
	role, err := parseRole(flag(cmd, "role"))
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
	return func(ctx context.Context, accounts *account.Service, cmd *cobra.Command, out io.Writer) error {
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
func named(ctx context.Context, accounts *account.Service, cmd *cobra.Command) (account.User, error) {
	name := flag(cmd, "username")
	if name == "" {
		name = cmd.Flags().Arg(0)
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
