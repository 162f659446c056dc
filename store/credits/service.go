package credits

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"dashop/store/account"
	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
)

const (
	pageSize     = 20
	mostAdjusted = 1_000_000
	tokenLength  = 32
)

// MaxReason is how many characters the reason of an adjustment may have.
const MaxReason = 100

// NewToken makes the token of a form with which the merchant changes credits.
func NewToken() string { return strings.ToLower(rand.Text()) }

// Service shows balances and lets the merchant change them. It is safe for concurrent use.
type Service struct {
	db    *db.DB
	clock db.Clock
}

// New makes a Service.
func New(d *db.DB, clock db.Clock) *Service { return &Service{db: d, clock: clock} }

// Balance is how many credits a user has.
func (s *Service) Balance(ctx context.Context, q db.Queryer, userID int64) (balance int64, err error) {
	defer fault.Wrap(&err, "read credits of user %d", userID)
	err = q.Get(s.db.PointRead(ctx), &balance, "SELECT balance FROM credits WHERE user_id = ?", userID)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return balance, err
}

// Line is an entry with the number of its order, as pages show it.
type Line struct {
	Entry
	OrderNo string `db:"order_no"` // "" for one that belongs to no order
}

// History is one page of a user's ledger, the newest entry on top.
type History struct {
	Balance int64
	Lines   []Line
	Page    int
	Pages   int
}

// History lists a user's entries. A page past the end is the last one.
func (s *Service) History(ctx context.Context, userID int64, page int) (_ History, err error) {
	defer fault.Wrap(&err, "list credits of user %d", userID)
	var a holding
	err = s.db.Get(s.db.PointRead(ctx), &a, "SELECT user_id, balance, entries FROM credits WHERE user_id = ?", userID)
	if fault.Is(err, fault.NotFound) {
		return History{Page: 1, Pages: 1}, nil
	}
	if err != nil {
		return History{}, err
	}
	h := History{Balance: a.Balance, Pages: int(max((a.Entries+pageSize-1)/pageSize, 1))}
	h.Page = min(max(page, 1), h.Pages)
	newest := a.Entries - int64(h.Page-1)*pageSize
	err = s.db.Select(ctx, &h.Lines, `SELECT e.user_id, e.number, e.kind, e.amount, e.balance, e.order_id, e.ref, e.reason, e.actor_id,
		e.created_at, COALESCE(o.order_no, '') AS order_no FROM credit_entries e LEFT JOIN orders o ON o.id = e.order_id
		WHERE e.user_id = ? AND e.number <= ? AND e.number > ? ORDER BY e.number DESC`, userID, newest, newest-pageSize)
	return h, err
}

// Adjustment is a change of a balance by the merchant.
type Adjustment struct {
	UserID int64
	Kind   Kind  // Granted, or Corrected
	Amount int64 // of a gift above 0
	Reason string
	Token  string // of the form: one that is sent twice is one change
}

// Adjust makes a change by the merchant's hand, which the audit log keeps. Wrong fields are named kind, amount and reason. It never takes
// more than there is, and a form that was sent before changes nothing.
func (s *Service) Adjust(ctx context.Context, staffID int64, a Adjustment) (err error) {
	defer fault.Wrap(&err, "adjust credits of user %d", a.UserID)
	if err := a.check(); err != nil {
		return err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error { return adjust(ctx, tx, staffID, a, now) })
	if db.IsDuplicate(err) {
		return nil
	}
	return err
}

func (a Adjustment) check() error {
	bad := fault.Form()
	if a.Kind != Granted && a.Kind != Corrected {
		bad.With("kind", "请选择赠送或更正")
	}
	if a.Kind == Granted && a.Amount < 0 {
		bad.With("amount", "赠送的积分要大于 0")
	} else if a.Amount == 0 || a.Amount < -mostAdjusted || a.Amount > mostAdjusted {
		bad.With("amount", "积分要填 1 到 %d 之间的整数，扣减时前面加减号", mostAdjusted)
	}
	if n := utf8.RuneCountInString(a.Reason); n < 1 || n > MaxReason {
		bad.With("reason", "请写下原因，最多 %d 个字", MaxReason)
	}
	if a.Token == "" || len(a.Token) > tokenLength {
		return fault.Missing() // no form of ours
	}
	return bad.OrNil()
}

// adjust writes an adjustment. The log has no reason, since that may be about the person, and what the ledger says goes with the account.
func adjust(ctx context.Context, tx *db.Tx, staffID int64, a Adjustment, now time.Time) error {
	if err := account.Hold(ctx, tx, a.UserID); err != nil {
		return err
	}
	row, err := open(ctx, tx, a.UserID)
	if err != nil {
		return err
	}
	if row.Balance+a.Amount < 0 {
		return fault.Field("amount", "只有 %d 积分，不能扣成负数", row.Balance)
	}
	err = row.enter(ctx, tx, Entry{Kind: a.Kind, Amount: a.Amount, Ref: a.Token, Reason: a.Reason, ActorID: staffID, CreatedAt: now})
	if err != nil {
		return err
	}
	return audit.Log(ctx, tx, staffID, "credits_"+string(a.Kind), fmt.Sprintf("user %d", a.UserID), fmt.Sprintf("%+d", a.Amount), now)
}

// Forget ends the account of a user within the transaction that deletes the user: what is left of the balance lapses. The ledger stays for
// the books, without the reasons, which may be about the person.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, userID int64) error {
	left, err := s.Balance(ctx, tx, userID)
	if err != nil {
		return err
	}
	if left > 0 {
		row, err := open(ctx, tx, userID)
		if err != nil {
			return err
		}
		e := Entry{Kind: Lapsed, Amount: -row.Balance, CreatedAt: s.clock()}
		if err := row.enter(ctx, tx, e); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "UPDATE credit_entries SET reason = '' WHERE user_id = ? AND kind IN (?, ?)", userID, Granted, Corrected)
	if err != nil {
		return fmt.Errorf("strip credits of user %d: %w", userID, err)
	}
	return nil
}
