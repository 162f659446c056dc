package main

import (
	"bytes"
	"strings"
	"testing"

	"dashop/store/account"
	"dashop/store/fault"
)

// shell runs commands on the shop in a folder as somebody at a pipe would.
type shell struct {
	*testing.T
	dir string
}

func (s shell) run(stdin, args string) (string, error) {
	var out bytes.Buffer
	err := run(s.Context(), strings.Fields(args), environment(s.dir), strings.NewReader(stdin), &out)
	return out.String(), err
}

func (s shell) ok(stdin, args string) string {
	s.Helper()
	out, err := s.run(stdin, args)
	if err != nil {
		s.Errorf("%s: %v", args, err)
	}
	return out
}

func (s shell) refused(stdin, args, want string) {
	s.Helper()
	if out, err := s.run(stdin, args); err == nil || !strings.Contains(err.Error(), want) {
		s.Errorf("%s: %q, %v, want %q", args, out, err, want)
	}
}

// Who runs the shop makes its first owner, changes what people may do, and shuts them out, all from the command line.
func TestUserCommands(t *testing.T) {
	s := shell{t, t.TempDir()}
	out := s.ok("correct horse battery\n", "shop user add --role owner --username Wang_Wu --mobile 13911112222")
	if !strings.Contains(out, "wang_wu (owner)") || strings.Contains(out, "correct horse") {
		t.Errorf("add says %q", out)
	}
	s.ok("correct horse battery", "shop user add --role staff --username zhao_liu")
	s.refused("correct horse battery\n", "shop user add --role staff --username wang_wu", "username: ")
	s.refused("correct horse battery\n", "shop user add --role boss --username somebody", "owner, staff, support, publisher")
	s.refused("correct horse battery\n", "shop user add --role owner", "username")
	s.refused("\n", "shop user add --username nobody_1", "password: ")
	s.refused("12345678\n", "shop user add --username nobody_1", "password: ")
	s.refused("", "shop user role --role staff nobody_1", "no account")
	s.refused("", "shop user disable", "whose account")
	s.refused("", "shop user role --role staff wang_wu", "last owner")
	s.refused("", "shop user disable wang_wu", "last owner")

	err := withAccounts(t.Context(), testConfig(t, s.dir), func(a *account.Service) error {
		u, err := a.Login(t.Context(), account.LoginTry{Name: "13911112222", Password: "correct horse battery"})
		if err != nil || u.Role != account.Owner {
			t.Errorf("login: %+v, %v", u, err)
		}
		zhao, err := a.UserByName(t.Context(), "zhao_liu")
		if err != nil {
			return err
		}
		alive := func() bool {
			_, err := a.Session(t.Context(), "secret id")
			if err != nil && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
			return err == nil
		}
		begin := func() {
			if err := a.StartSession(t.Context(), account.SessionStart{ID: "secret id", UserID: zhao.ID, Data: []byte("{}")}); err != nil {
				t.Fatal(err)
			}
		}
		begin()
		s.ok("", "shop user role --role support zhao_liu")
		if alive() {
			t.Error("a session outlived a change of rights")
		}
		begin()
		s.ok("", "shop user disable --username zhao_liu")
		if alive() {
			t.Error("a session outlived its user")
		}
		if _, err := a.Login(t.Context(), account.LoginTry{Name: "zhao_liu", Password: "correct horse battery"}); !fault.Is(err,
			fault.Invalid) {
			t.Errorf("a disabled user logs in: %v", err)
		}
		s.ok("", "shop user enable zhao_liu")
		u, err = a.Login(t.Context(), account.LoginTry{Name: "zhao_liu", Password: "correct horse battery"})
		if err != nil || u.Role != account.Support {
			t.Errorf("login after all: %+v, %v", u, err)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func testConfig(t *testing.T, dir string) *Config {
	t.Helper()
	c, err := loadConfig("", environment(dir))
	if err != nil {
		t.Fatal(err)
	}
	return c
}
