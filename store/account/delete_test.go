package account_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

func TestDeleteUser(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id, hong := person(t, d, "xiaoming", mobile), person(t, d, "xiaohong", other)
		for _, u := range []int64{id, hong} {
			storetest.Address(t, d, u)
			startSessions(t, s, u, fmt.Sprint("session-", u))
			storetest.Exec(t, d, "INSERT INTO identities (user_id, provider, app_id, subject, created_at) VALUES (?, 'qq', 'app', ?, ?)",
				u, fmt.Sprint(u), clock.Now())
		}
		newCode(t, d, clock, account.ForReset, mobile)
		newCode(t, d, clock, account.ForReset, other)
		if _, err := s.SaveProfile(ctx, id, "小明", "avatars/a.png"); err != nil {
			t.Fatal(err)
		}
		var told []int64
		s.OnDelete(func(_ context.Context, tx *db.Tx, userID int64) error {
			told = append(told, userID)
			return nil
		})
		wants(t, "a wrong password", s.DeleteUser(ctx, id, "wrong horse"), fault.Invalid, "password")
		wants(t, "no password", s.DeleteUser(ctx, id, ""), fault.Invalid, "password")
		wants(t, "nobody", s.DeleteUser(ctx, 4711, password), fault.NotFound)
		if len(told) != 0 || !alive(t, s, fmt.Sprint("session-", id)) {
			t.Error("a refused deletion has done something")
		}
		if err := s.DeleteUser(ctx, id, password); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || told[0] != id {
			t.Errorf("told %v", told)
		}
		u := must[account.User](t)(s.User(ctx, id))
		if u.Username != fmt.Sprintf("~%d", id) || u.Nickname != "已注销用户" || u.Mobile != nil || u.Avatar != "" || !u.Disabled {
			t.Errorf("left %+v", u)
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM users WHERE id = ? AND password_hash = '' AND deleted_at IS NOT NULL", id); n != 1 {
			t.Error("the password or no date is kept")
		}
		for _, table := range []string{"addresses", "sessions", "identities"} {
			mine, hers := one[int](t, d, "SELECT COUNT(*) FROM "+table+" WHERE user_id = ?", id),
				one[int](t, d, "SELECT COUNT(*) FROM "+table+" WHERE user_id = ?", hong)
			if mine != 0 || hers != 1 {
				t.Errorf("%s: %d of the deleted user, %d of another", table, mine, hers)
			}
		}
		if n := one[int](t, d, "SELECT COUNT(*) FROM sms_codes"); n != 1 {
			t.Errorf("%d codes left", n)
		}
		for _, name := range []string{"xiaoming", mobile, fmt.Sprintf("~%d", id)} {
			for _, p := range []string{password, ""} {
				if err := try(t, s, name, p, from(len(name)+len(p)), false); err == nil {
					t.Errorf("login as %s", name)
				}
			}
		}
		wants(t, "deleted again", s.DeleteUser(ctx, id, password), fault.NotFound)
		wants(t, "enabled again", s.Disable(ctx, id, false), fault.NotFound)
		wants(t, "made an owner", s.SetRole(ctx, id, account.Owner), fault.NotFound)
		wants(t, "found by name", second(s.UserByName(ctx, fmt.Sprintf("~%d", id))), fault.NotFound)
		if err := second(s.CreateUser(ctx, account.NewUser{Username: "xiaoming", Mobile: mobile, Password: password})); err != nil {
			t.Errorf("name and number are not free again: %v", err)
		}
	})
}

// Another room that refuses, or fails, undoes all of it.
func TestDeletionIsRefused(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		id := person(t, d, "xiaoming", mobile)
		storetest.Address(t, d, id)
		startSessions(t, s, id, "one")
		answers := []error{fault.New(fault.Conflict, 0, "还有订单"), errors.New("disk full")}
		s.OnDelete(func(context.Context, *db.Tx, int64) error { return answers[0] })
		wants(t, "with open orders", s.DeleteUser(ctx, id, password), fault.Conflict)
		answers = answers[1:]
		wants(t, "with a full disk", s.DeleteUser(ctx, id, password), fault.Internal)
		if n := one[int](t, d, "SELECT COUNT(*) FROM addresses"); n != 1 || !alive(t, s, "one") {
			t.Error("half of it was done")
		}
		if err := try(t, s, mobile, password, home, false); err != nil {
			t.Errorf("login: %v", err)
		}
	})
}

func TestLastOwnerStays(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock, _ *phone) {
		ids := []int64{person(t, d, "owner1", ""), person(t, d, "owner2", ""), person(t, d, "owner3", "")}
		storetest.Exec(t, d, "UPDATE users SET role = 'owner'")
		if err := s.Disable(ctx, ids[2], true); err != nil {
			t.Fatal(err)
		}
		errs := atOnce(2, func(i int) error { return s.DeleteUser(ctx, ids[i], password) })
		if n := passed(t, errs); n != 1 {
			t.Errorf("%d of the last two owners went: %v", n, errs)
		}
		for i, err := range errs {
			if err != nil {
				wants(t, "the last owner", err, fault.Conflict)
				wants(t, "the last owner again", s.DeleteUser(ctx, ids[i], password), fault.Conflict)
				wants(t, "the last owner made staff", s.SetRole(ctx, ids[i], account.Staff), fault.Conflict)
				wants(t, "the last owner shut out", s.Disable(ctx, ids[i], true), fault.Conflict)
				if err := s.SetRole(ctx, ids[i], account.Owner); err != nil {
					t.Errorf("an owner stays one: %v", err)
				}
			}
		}
		hong := person(t, d, "xiaohong", "")
		if err := s.DeleteUser(ctx, hong, password); err != nil {
			t.Errorf("a shopper: %v", err)
		}
	})
}

// Of the last two owners who leave at the same moment one stays.
func TestLastTwoOwnersLeaveAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock, _ *phone) {
		one1, two := person(t, d, "owner1", ""), person(t, d, "owner2", "")
		storetest.Exec(t, d, "UPDATE users SET role = 'owner'")
		first, second := storetest.Meanwhile("UPDATE users SET username", func(ctx context.Context) error {
			return s.DeleteUser(ctx, one1, password)
		}, func() error { return s.DeleteUser(ctx, two, password) })
		if n := one[int](t, d, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND deleted_at IS NULL"); n != 1 {
			t.Errorf("%d owners are left: %v, %v", n, first, second)
		}
	})
}

// So it is when one is made staff while the other is shut out.
func TestLastTwoOwnersLoseTheirRightsAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock, _ *phone) {
		one1, two := person(t, d, "owner1", ""), person(t, d, "owner2", "")
		storetest.Exec(t, d, "UPDATE users SET role = 'owner'")
		first, second := storetest.Meanwhile("UPDATE users SET role", func(ctx context.Context) error {
			return s.SetRole(ctx, one1, account.Staff)
		}, func() error { return s.Disable(ctx, two, true) })
		if first != nil {
			t.Errorf("the first: %v", first)
		}
		wants(t, "the second", second, fault.Conflict)
		if n := one[int](t, d, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND disabled = ?", false); n != 1 {
			t.Errorf("%d owners are left", n)
		}
	})
}

// Somebody who becomes an owner while leaving counts as one: the other owner cannot leave on that ground.
func TestOwnerMadeWhileLeaving(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock, _ *phone) {
		boss, staff := person(t, d, "owner1", ""), person(t, d, "staff1", "")
		storetest.Exec(t, d, "UPDATE users SET role = 'owner' WHERE id = ?", boss)
		_, _ = storetest.Meanwhile("UPDATE users SET username", func(ctx context.Context) error {
			return s.DeleteUser(ctx, staff, password)
		}, func() error {
			if err := s.SetRole(ctx, staff, account.Owner); err != nil {
				return err
			}
			return s.SetRole(ctx, boss, account.Staff)
		})
		if n := one[int](t, d, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND disabled = ? AND deleted_at IS NULL", false); n < 1 {
			t.Error("no owner is left")
		}
	})
}
