package coupon

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/typed"
)

// Bounds of what the merchant may say.
const (
	MaxTargets = 20
	maxOff     = money.Fen(10_000_000)
	maxTotal   = 10_000_000
	maxEach    = 99
	maxDays    = 3650
	detailSize = 500 // how much of a change the audit log keeps, in characters
	reasonSize = 200
)

// Input is what the merchant says of a coupon.
type Input struct {
	Version   int64 // of the coupon that the form shows
	Name      string
	NameEN    string
	Off       money.Fen
	Percent   int64 // what is still paid; 0: it takes Off off
	Cap       money.Fen
	Threshold money.Fen
	Scope     promo.Scope
	Code      string
	ByCode    bool // it can be claimed by Code, which otherwise counts for nothing
	Public    bool
	Total     int64
	PerPerson int64
	StartsAt  time.Time
	EndsAt    time.Time
	ValidDays int64
	Words     string // a sentence about it
	WordsEN   string
	Published bool
}

// Input is what the form of a coupon shows.
func (c Coupon) Input() Input {
	return Input{
		Version: c.Version, Name: c.Name, NameEN: c.NameEN, Off: c.Off, Percent: c.Percent, Cap: c.Cap, Threshold: c.Threshold,
		Scope: c.Scope(), Code: c.Code, ByCode: c.Code != "", Public: c.Public, Total: c.Total, PerPerson: c.PerPerson, StartsAt: c.StartsAt, EndsAt: c.EndsAt,
		ValidDays: c.ValidDays, Words: c.Description, WordsEN: c.DescriptionEN, Published: c.Published,
	}
}

// List is a page of all coupons, the newest on top.
type List struct {
	Coupons []Coupon
	After   int64 // the next page begins after this coupon; 0: there is none
}

const listSize = 50

// List shows the merchant all coupons that were made before one (0: all).
func (s *Service) List(ctx context.Context, after int64) (list List, err error) {
	defer fault.Wrap(&err, "list coupons")
	if after <= 0 {
		after = 1 << 60
	}
	err = s.db.Select(ctx, &list.Coupons, "SELECT "+couponColumns+" FROM coupons c WHERE c.id < ? ORDER BY c.id DESC LIMIT ?", after, listSize+1)
	if err != nil {
		return list, err
	}
	if len(list.Coupons) > listSize {
		list.Coupons = list.Coupons[:listSize]
		list.After = list.Coupons[listSize-1].ID
	}
	t := terms{}
	for i := range list.Coupons {
		t.add(list.Coupons[i].ID, &list.Coupons[i].Terms)
	}
	if err := t.read(ctx, s.db); err != nil {
		return list, err
	}
	return list, t.names(ctx, s.db)
}

// Get reads a coupon for the merchant.
func (s *Service) Get(ctx context.Context, id int64) (c Coupon, err error) {
	defer fault.Wrap(&err, "read coupon %d", id)
	if c, err = read(ctx, s.db, id); err != nil {
		return c, err
	}
	return c, terms{id: {&c.Terms}}.names(ctx, s.db)
}

// read reads a coupon with the ids of what it is for.
func read(ctx context.Context, q db.Queryer, id int64) (c Coupon, err error) {
	if err := q.Get(ctx, &c, "SELECT "+couponColumns+" FROM coupons c WHERE c.id = ?", id); err != nil {
		return c, err
	}
	return c, terms{id: {&c.Terms}}.read(ctx, q)
}

// TargetNames are those of a scope's targets that there are.
func (s *Service) TargetNames(ctx context.Context, scope promo.Scope) (_ []Target, err error) {
	defer fault.Wrap(&err, "name what a coupon is for")
	return known(ctx, s.db, scope)
}

func known(ctx context.Context, q db.Queryer, scope promo.Scope) ([]Target, error) {
	ids := scope.IDs[:min(len(scope.IDs), MaxTargets)]
	targets := make([]*Target, len(ids))
	for i, id := range ids {
		targets[i] = &Target{ID: id}
	}
	return readTargetNames(ctx, q, scope.Kind, targets)
}

// Save keeps a coupon, or with id 0 makes a new one, and returns its id. As soon as somebody holds one, its worth and what it is for cannot
// change any more, and a person may not have fewer; what people hold already keeps its time. Wrong fields are named name, name_en, off,
// percent, cap, threshold, scope, targets, code, total, per_person, starts_at, ends_at, valid_days, words and words_en.
func (s *Service) Save(ctx context.Context, staffID, id int64, in Input) (saved int64, err error) {
	defer fault.Wrap(&err, "save coupon %d by staff %d", id, staffID)
	in = in.tidy()
	if err := in.check(); err != nil {
		return 0, err
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		if saved, err = save(ctx, tx, id, in, now); err != nil {
			return err
		}
		detail := fmt.Sprintf("%s: off %s, percent %d, from %s, total %d, published %t", in.Name, in.Off, in.Percent, in.Threshold, in.Total,
			in.Published)
		return audit.Log(ctx, tx, staffID, "coupon_saved", fmt.Sprintf("coupon %d", saved), typed.Clip(detail, detailSize), now)
	})
	if db.IsDuplicate(err) {
		return 0, fault.Field("code", "另一张优惠券已经用了这个兑换码")
	}
	return saved, err
}

func save(ctx context.Context, tx *db.Tx, id int64, in Input, now time.Time) (int64, error) {
	if id == 0 {
		if err := in.checkTargets(ctx, tx); err != nil {
			return 0, err
		}
		id, err := tx.Insert(ctx, `INSERT INTO coupons (name, name_en, scope, starts_at, ends_at, created_at) VALUES (?, ?, ?, ?, ?, ?)`,
			in.Name, in.NameEN, in.Scope.Kind, in.StartsAt, in.EndsAt, now)
		if err != nil {
			return 0, err
		}
		return id, write(ctx, tx, id, in)
	}
	if err := bump(ctx, tx, id, in.Version); err != nil { // from here on nobody claims one
		return 0, err
	}
	was, err := read(ctx, tx, id)
	if err != nil {
		return 0, err
	}
	if err := in.checkAgainst(was); err != nil {
		return 0, err
	}
	if !sameScope(in.Scope, was.Scope()) {
		if err := in.checkTargets(ctx, tx); err != nil {
			return 0, err
		}
	}
	return id, write(ctx, tx, id, in)
}

// bump locks a coupon and counts its version up.
func bump(ctx context.Context, tx *db.Tx, id, version int64) error {
	n, err := tx.Exec(ctx, "UPDATE coupons SET version = version + 1 WHERE id = ? AND version = ?", id, version)
	if err != nil || n > 0 {
		return err
	}
	if _, err := read(ctx, tx, id); err != nil {
		return err
	}
	return fault.New(fault.Conflict, fault.CodeTooFast, "别人刚刚改过这里。您填的都还在，请对照后再保存")
}

func write(ctx context.Context, tx *db.Tx, id int64, in Input) error {
	var code any
	if in.Code != "" {
		code = in.Code
	}
	_, err := tx.Exec(ctx, `UPDATE coupons SET name = ?, name_en = ?, off_fen = ?, percent = ?, cap_fen = ?, threshold_fen = ?, scope = ?, code = ?,
		total = ?, per_person = ?, starts_at = ?, ends_at = ?, valid_days = ?, description = ?, description_en = ?, is_public = ?,
		is_published = ? WHERE id = ?`, in.Name, in.NameEN, in.Off, in.Percent, in.Cap, in.Threshold, in.Scope.Kind, code, in.Total, in.PerPerson,
		in.StartsAt, in.EndsAt, in.ValidDays, in.Words, in.WordsEN, in.Public, in.Published, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "DELETE FROM coupon_targets WHERE coupon_id = ?", id); err != nil {
		return err
	}
	rows := make([][]any, len(in.Scope.IDs))
	for i, target := range in.Scope.IDs {
		rows[i] = []any{id, target}
	}
	return tx.InsertMany(ctx, "coupon_targets", []string{"coupon_id", "target_id"}, rows)
}

func (in Input) tidy() Input {
	in.Name, in.NameEN, in.Words, in.WordsEN = typed.Line(in.Name), typed.Line(in.NameEN), typed.Line(in.Words), typed.Line(in.WordsEN)
	in.Code, in.StartsAt, in.EndsAt = normalCode(in.Code), db.Cut(in.StartsAt), db.Cut(in.EndsAt)
	if !in.ByCode {
		in.Code = ""
	}
	if in.Percent != 0 {
		in.Off = 0
	} else {
		in.Cap = 0
	}
	if in.Scope.Kind == promo.ScopeAll {
		in.Scope.IDs = nil
	}
	in.Scope.IDs = slices.Compact(slices.Sorted(slices.Values(in.Scope.IDs)))
	return in
}

func (in Input) check() error {
	f := fault.Form()
	for _, text := range []struct {
		field, value string
		least, most  int
	}{{"name", in.Name, 1, 60}, {"name_en", in.NameEN, 0, 120}, {"words", in.Words, 0, 200}, {"words_en", in.WordsEN, 0, 300}} {
		if n := utf8.RuneCountInString(text.value); n < text.least {
			f.With(text.field, "这里要填写，最多 %d 个字", text.most)
		} else if n > text.most {
			f.With(text.field, "最多 %d 个字", text.most)
		}
	}
	in.checkWorth(f)
	if n := len(in.Code); in.ByCode && (n < 4 || n > 32 || strings.Contains(in.Code, noCode)) {
		f.With("code", "兑换码要用 4 到 32 个字母或数字")
	}
	number := func(field string, n, least, most int64) {
		if n < least || n > most {
			f.With(field, "要填 %d 到 %d 之间的整数", least, most)
		}
	}
	number("total", in.Total, 0, maxTotal)
	number("per_person", in.PerPerson, 1, maxEach)
	number("valid_days", in.ValidDays, 0, maxDays)
	if in.StartsAt.IsZero() {
		f.With("starts_at", "请填开始的日期和时间")
	}
	if in.EndsAt.IsZero() {
		f.With("ends_at", "请填结束的日期和时间")
	} else if !in.EndsAt.After(in.StartsAt) {
		f.With("ends_at", "结束要在开始之后")
	}
	if targetTables[in.Scope.Kind] == "" && in.Scope.Kind != promo.ScopeAll {
		f.With("scope", "请选择适用范围")
	} else if n := len(in.Scope.IDs); in.Scope.Kind != promo.ScopeAll && (n < 1 || n > MaxTargets) {
		f.With("targets", "要填 1 到 %d 个编号，用逗号隔开", MaxTargets)
	}
	return f.OrNil()
}

// checkWorth says what is wrong with what the coupon takes off.
func (in Input) checkWorth(f *fault.Error) {
	switch {
	case in.Threshold < 0 || in.Threshold > maxOff:
		f.With("threshold", "请填金额，没有门槛就填 0")
	case in.Percent != 0 && (in.Percent < 1 || in.Percent > 99):
		f.With("percent", "要填 %d 到 %d 之间的整数", 1, 99)
	case in.Percent != 0 && (in.Cap < 0 || in.Cap > maxOff):
		f.With("cap", "请填金额，不封顶就填 0")
	case in.Percent == 0 && (in.Off < 1 || in.Off > maxOff):
		f.With("off", "请填金额，如 19.90")
	case in.Percent == 0 && in.Threshold > 0 && in.Off >= in.Threshold:
		f.With("off", "减的要比门槛少")
	}
}

// checkTargets refuses targets that do not exist.
func (in Input) checkTargets(ctx context.Context, tx *db.Tx) error {
	there, err := known(ctx, tx, in.Scope)
	if err != nil || len(there) == len(in.Scope.IDs) {
		return err
	}
	for _, id := range in.Scope.IDs {
		if !slices.ContainsFunc(there, func(t Target) bool { return t.ID == id }) {
			return fault.Field("targets", "没有编号是 %d 的", id)
		}
	}
	return nil
}

// checkAgainst refuses what would take something from people who hold one.
func (in Input) checkAgainst(was Coupon) error {
	if was.Claimed == 0 {
		return nil
	}
	f := fault.Form()
	fixed := func(field string, same bool) {
		if !same {
			f.With(field, "已经有人领了，这里不能再改；请另建一张")
		}
	}
	fixed("off", in.Off == was.Off)
	fixed("percent", in.Percent == was.Percent)
	fixed("cap", in.Cap == was.Cap)
	fixed("threshold", in.Threshold == was.Threshold)
	fixed("scope", in.Scope.Kind == was.ScopeKind)
	fixed("targets", sameScope(in.Scope, was.Scope()))
	if in.Total > 0 && in.Total < was.Claimed {
		f.With("total", "已经领了 %d 张，不能比这少", was.Claimed)
	}
	if in.PerPerson < was.PerPerson {
		f.With("per_person", "已经有人领了，只能加，不能减")
	}
	return f.OrNil()
}

func sameScope(x, y promo.Scope) bool { return x.Kind == y.Kind && slices.Equal(x.IDs, y.IDs) }

// Delete removes a coupon that nobody has claimed; any other is a Conflict.
func (s *Service) Delete(ctx context.Context, staffID, id, version int64) (err error) {
	defer fault.Wrap(&err, "delete coupon %d by staff %d", id, staffID)
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := bump(ctx, tx, id, version); err != nil {
			return err
		}
		was, err := read(ctx, tx, id)
		if err != nil {
			return err
		}
		if was.Claimed > 0 {
			return fault.New(fault.Conflict, 0, "已经有人领了，不能删除；不想再发，取消“发放”就可以")
		}
		for _, statement := range []string{"DELETE FROM coupon_targets WHERE coupon_id = ?", "DELETE FROM coupons WHERE id = ?"} {
			if _, err := tx.Exec(ctx, statement, id); err != nil {
				return err
			}
		}
		return audit.Log(ctx, tx, staffID, "coupon_deleted", fmt.Sprintf("coupon %d", id), was.Name, now)
	})
}

// Give gives a user one of a published coupon for a reason, which the audit log keeps. It counts like a claimed one; the faults are those
// of Claim. Wrong fields are named reason.
func (s *Service) Give(ctx context.Context, staffID, id, userID int64, reason string) (err error) {
	defer fault.Wrap(&err, "give coupon %d to user %d by staff %d", id, userID, staffID)
	reason = typed.Line(reason)
	if n := utf8.RuneCountInString(reason); n < 1 || n > reasonSize {
		return fault.Field("reason", "请写明原因，最多 %d 个字", reasonSize)
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if _, err := claim(ctx, tx, userID, id, Given, now); err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, "coupon_given", fmt.Sprintf("coupon %d", id), fmt.Sprintf("user %d: %s", userID, reason), now)
	})
}
