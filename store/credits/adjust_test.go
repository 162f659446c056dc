package credits_test

import (
	"strings"
	"sync"
	"testing"

	"dashop/store/account"
	"dashop/store/credits"
	"dashop/store/db"
	"dashop/store/fault"
)

const staffID = 77

func (l ledger) adjust(kind credits.Kind, n int64, reason, token string) error {
	return l.Adjust(ctx, staffID, credits.Adjustment{UserID: l.user, Kind: kind, Amount: n, Reason: reason, Token: token})
}

func TestAdjust(t *testing.T) {
	each(t, func(l ledger) {
		for _, bad := range []struct {
			field string
			a     credits.Adjustment
		}{
			{"kind", credits.Adjustment{Kind: credits.Spent, Amount: 5, Reason: "x"}},
			{"kind", credits.Adjustment{Amount: 5, Reason: "x"}},
			{"amount", credits.Adjustment{Kind: credits.Granted, Amount: 0, Reason: "x"}},
			{"amount", credits.Adjustment{Kind: credits.Granted, Amount: -5, Reason: "x"}},
			{"amount", credits.Adjustment{Kind: credits.Corrected, Amount: -5, Reason: "x"}}, // there are none
			{"amount", credits.Adjustment{Kind: credits.Granted, Amount: 1_000_001, Reason: "x"}},
			{"amount", credits.Adjustment{Kind: credits.Corrected, Amount: -1_000_001, Reason: "x"}},
			{"reason", credits.Adjustment{Kind: credits.Granted, Amount: 5}},
			{"reason", credits.Adjustment{Kind: credits.Granted, Amount: 5, Reason: strings.Repeat("好", 101)}},
		} {
			bad.a.UserID, bad.a.Token = l.user, "t"
			if err := l.Adjust(ctx, staffID, bad.a); !fault.Is(err, fault.Invalid) || fault.Of(err).Fields[bad.field].Msg == "" {
				t.Errorf("%+v: %v", bad.a, err)
			}
		}
		if err := l.adjust(credits.Granted, 5, "x", ""); !fault.Is(err, fault.NotFound) {
			t.Errorf("without a token: %v", err)
		}
		l.want(0)
		l.must(l.adjust(credits.Granted, 100, strings.Repeat("好", 100), "one"))
		l.must(l.adjust(credits.Granted, 100, "sent again", "one"))
		l.must(l.adjust(credits.Corrected, -100, "was wrong", "two"))
		l.must(l.adjust(credits.Corrected, 7, "was right", "three"))
		l.want(7)
		h, err := l.History(ctx, l.user, 1)
		if err != nil || len(h.Lines) != 3 || h.Lines[0].ActorID != staffID || h.Lines[0].Reason != "was right" ||
			h.Lines[1].Amount != -100 || h.Lines[2].Kind != credits.Granted {
			t.Errorf("history %+v, %v", h, err)
		}
		var log []string
		l.must(l.db.Select(ctx, &log, "SELECT detail FROM audit_log WHERE actor_id = ? ORDER BY id", staffID))
		if strings.Join(log, " ") != "+100 -100 +7" {
			t.Errorf("audit log %v", log)
		}
	})
}

// One form that is sent by many at once is one change.
func TestAdjustOnce(t *testing.T) {
	each(t, func(l ledger) {
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := l.adjust(credits.Granted, 30, "x", "same"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		l.want(30)
	})
}

// With the account goes what is left, and what staff wrote about the person. Nobody gives to who has gone.
func TestCreditsGoWithTheAccount(t *testing.T) {
	each(t, func(l ledger) {
		accounts := account.New(l.db, l.clock.Now, account.Options{})
		accounts.OnDelete(l.Forget)
		u, err := accounts.CreateUser(ctx, account.NewUser{Username: "leaver", Password: "correct horse 9"})
		l.must(err)
		rich := ledger{l.TB, l.db, l.clock, l.Service, u.ID}
		rich.must(rich.adjust(credits.Granted, 100, "补偿王明", "one"))
		rich.must(rich.spend(1, 40))
		l.must(accounts.DeleteUser(ctx, u.ID, "correct horse 9"))
		rich.want(0)
		h, err := l.History(ctx, u.ID, 1)
		if err != nil || len(h.Lines) != 3 || h.Lines[0].Kind != credits.Lapsed || h.Lines[0].Amount != -60 || h.Lines[2].Reason != "" {
			t.Errorf("history %+v, %v", h, err)
		}
		rich.failed(rich.adjust(credits.Granted, 5, "x", "two"), 0)
		// Who never had any, or has none left, has nothing to lapse.
		l.must(l.db.Tx(ctx, func(tx *db.Tx) error { return l.Forget(ctx, tx, l.user) }))
		l.must(l.adjust(credits.Granted, 5, "x", "three"))
		l.must(l.adjust(credits.Corrected, -5, "x", "four"))
		l.must(l.db.Tx(ctx, func(tx *db.Tx) error { return l.Forget(ctx, tx, l.user) }))
		if h, err := l.History(ctx, l.user, 1); err != nil || len(h.Lines) != 2 || h.Lines[0].Kind != credits.Corrected {
			t.Errorf("history %+v, %v", h, err)
		}
	})
}
