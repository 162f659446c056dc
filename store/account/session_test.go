package account_test

import (
	"fmt"
	"testing"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// How long a session lives, used or not, depends on who it is and on the wish to stay logged in.
func TestSessionExpiry(t *testing.T) {
	const day = 24 * time.Hour
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		users := map[account.Role]int64{"": 0}
		for _, r := range []account.Role{account.Shopper, account.Owner, account.Staff, account.Support, account.Publisher} {
			users[r] = storetest.User(t, d, "a_"+string(r))
			storetest.Exec(t, d, "UPDATE users SET role = ? WHERE id = ?", r, users[r])
		}
		for _, c := range []struct {
			who         account.Role // "" is a visitor
			remember    bool
			idle, whole time.Duration
		}{
			{"", false, 14 * day, 30 * day},
			{account.Shopper, false, 12 * time.Hour, 24 * time.Hour},
			{account.Shopper, true, 14 * day, 30 * day},
			{account.Owner, false, 30 * time.Minute, 12 * time.Hour},
			{account.Owner, true, 30 * time.Minute, 12 * time.Hour}, // the wish is not heard
			{account.Staff, true, 30 * time.Minute, 12 * time.Hour},
			{account.Support, false, 30 * time.Minute, 12 * time.Hour},
			{account.Publisher, true, 30 * time.Minute, 12 * time.Hour},
		} {
			name := fmt.Sprintf("%s, remember %v", c.who, c.remember)
			start := func(id string) {
				if err := s.StartSession(ctx, account.SessionStart{ID: id, UserID: users[c.who], Data: []byte("{}"),
					Remember: c.remember}); err != nil {
					t.Fatal(err)
				}
			}
			start(name + "unused")
			start(name + "used")
			born := clock.Now()
			if got := must[account.Session](t)(s.Session(ctx, name+"used")); got.Remember != c.remember ||
				!got.ExpiresAt.Equal(born.Add(c.idle)) {
				t.Errorf("%s: remember %v, until %v", name, got.Remember, got.ExpiresAt.Sub(born))
			}
			clock.Set(born.Add(c.idle - time.Millisecond))
			if !alive(t, s, name+"used") {
				t.Errorf("%s: dead before its idle limit", name)
			}
			clock.Set(born.Add(c.idle))
			if alive(t, s, name+"unused") || !alive(t, s, name+"used") {
				t.Errorf("%s: at the idle limit unused alive %v, used alive %v", name, alive(t, s, name+"unused"), alive(t, s, name+"used"))
			}
			for at := c.idle; at < c.whole; at += c.idle / 2 {
				clock.Set(born.Add(at))
				if !alive(t, s, name+"used") {
					t.Fatalf("%s: dead after %v although used", name, at)
				}
			}
			clock.Set(born.Add(c.whole))
			if alive(t, s, name+"used") {
				t.Errorf("%s: outlives %v", name, c.whole)
			}
		}
		sessions := one[int](t, d, "SELECT COUNT(*) FROM sessions")
		if more, err := d.DeleteExpired(ctx, clock.Now(), s.Expired()...); more || err != nil {
			t.Fatal(more, err)
		}
		if n := sessions - one[int](t, d, "SELECT COUNT(*) FROM sessions"); n != 16 {
			t.Errorf("cleaned %d", n)
		}
	})
}

// A session that is used on another day of its life says so once: then the cookie is sent again.
func TestNewDay(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		startSessions(t, s, 0, "s")
		for _, step := range []struct {
			after time.Duration
			want  bool
		}{{0, false}, {23 * time.Hour, false}, {time.Hour, true}, {time.Minute, false}, {23*time.Hour + 30*time.Minute, false},
			{29 * time.Minute, true}, {time.Minute, false}, {48 * time.Hour, true}, {2 * time.Minute, false}} {
			clock.Advance(step.after)
			if got := must[account.Session](t)(s.Session(ctx, "s")); got.NewDay != step.want {
				t.Errorf("%v later: new day %v", step.after, got.NewDay)
			}
		}
	})
}

func TestDevices(t *testing.T) {
	each(t, func(t *testing.T, s *account.Service, d *db.DB, clock *storetest.Clock) {
		ming, hong := storetest.User(t, d, "xiaoming"), storetest.User(t, d, "xiaohong")
		begin := func(id string, user int64, remember bool) {
			err := s.StartSession(ctx, account.SessionStart{ID: id, UserID: user, Data: []byte("{}"), UserAgent: "Agent of " + id,
				IP: "203.0.113.1", Remember: remember})
			if err != nil {
				t.Fatal(err)
			}
		}
		born := clock.Now()
		begin("phone", ming, true)
		begin("old", ming, false)
		begin("hers", hong, true)
		begin("visitor", 0, false)
		clock.Advance(12 * time.Hour) // "old" is over by now
		begin("desk", ming, false)
		if !alive(t, s, "phone") {
			t.Fatal("the phone is dead")
		}
		clock.Advance(time.Minute)
		if !alive(t, s, "desk") {
			t.Fatal("the desk is dead")
		}
		list := must[[]account.Device](t)(s.Devices(ctx, ming, "phone"))
		if len(list) != 2 || list[0].UserAgent != "Agent of desk" || list[1].UserAgent != "Agent of phone" {
			t.Fatalf("devices %+v", list)
		}
		phone := list[1]
		if list[0].Current || !phone.Current || phone.Address != "203.0.113.1" || !phone.CreatedAt.Equal(born) ||
			!phone.LastSeenAt.Equal(born.Add(12*time.Hour)) {
			t.Errorf("phone %+v", phone)
		}
		if alive(t, s, phone.ID) {
			t.Error("the id of a device opens its session")
		}
		hers := must[[]account.Device](t)(s.Devices(ctx, hong, ""))
		if len(hers) != 1 || hers[0].Current {
			t.Fatalf("hers %+v", hers)
		}
		wants(t, "another's device", s.EndDevice(ctx, ming, hers[0].ID), fault.NotFound)
		wants(t, "no device", s.EndDevice(ctx, ming, "nothing"), fault.NotFound)
		wants(t, "a session's own id", s.EndDevice(ctx, ming, "phone"), fault.NotFound)
		if !alive(t, s, "hers") || !alive(t, s, "phone") {
			t.Error("a refused request has ended a session")
		}
		if err := s.EndDevice(ctx, ming, phone.ID); err != nil || alive(t, s, "phone") || !alive(t, s, "desk") {
			t.Errorf("ended: %v, phone alive %v, desk alive %v", err, alive(t, s, "phone"), alive(t, s, "desk"))
		}
		wants(t, "ended again", s.EndDevice(ctx, ming, phone.ID), fault.NotFound)
	})
}
