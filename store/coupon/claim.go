package coupon

import (
	"context"
	"fmt"
	"strings"
	"time"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/limit"
)

// How says how somebody came to hold a coupon.
type How string

// The ways.
const (
	Claimed How = "claimed" // in the centre
	ByCode  How = "code"
	Given   How = "given" // by the merchant
)

// Claim gives a user one of a coupon that stands in the centre, and returns what it is called. One that does not stand there is NotFound;
// one that has not begun, is over, has run out, or of which the user has had as many as a person may is a Conflict.
func (s *Service) Claim(ctx context.Context, userID, couponID int64) (c Coupon, err error) {
	defer fault.Wrap(&err, "claim coupon %d for user %d", couponID, userID)
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		c, err = claim(ctx, tx, userID, couponID, Claimed, now)
		return err
	})
	return c, err
}

// ClaimByCode gives a user one of the coupon with a code, written in any case and spacing. A code that no coupon has is Invalid (field
// code), as is that of a coupon that is not published; all else is as by Claim. Who tries many codes has to wait: TooMany.
func (s *Service) ClaimByCode(ctx context.Context, userID int64, code string) (c Coupon, err error) {
	defer fault.Wrap(&err, "claim a coupon by code for user %d", userID)
	code = normalCode(code)
	if code == "" {
		return c, fault.Field("code", "请输入兑换码")
	}
	wait, err := s.limits.Take(ctx, codeLimit(userID), codeRule)
	if err != nil {
		return c, err
	}
	if wait > 0 {
		return c, limit.TooMany(wait)
	}
	now := s.clock()
	err = s.db.Tx(ctx, func(tx *db.Tx) error {
		var id int64
		err := tx.Get(ctx, &id, "SELECT id FROM coupons WHERE code = ? AND is_published = 1", code)
		if fault.Is(err, fault.NotFound) {
			return fault.Field("code", "没有这个兑换码，请核对后再输入")
		}
		if err != nil {
			return err
		}
		c, err = claim(ctx, tx, userID, id, ByCode, now)
		return err
	})
	return c, err
}

// noCode stands in a text that is no code where something is that no code has.
const noCode = "?"

// normalCode is a code as it is stored: capitals and digits only.
func normalCode(code string) string {
	return strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' { // the full-width forms of Chinese keyboards
			r -= '！' - '!'
		}
		switch {
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '-' || r == '\t' || r == '　':
			return -1
		}
		return rune(noCode[0])
	}, code)
}

// claim hands out one of a coupon. The coupon's row bears the number that is left and the user's row what one person has, so both are
// written before anything is decided.
func claim(ctx context.Context, tx *db.Tx, userID, couponID int64, how How, now time.Time) (c Coupon, err error) {
	if err := account.Hold(ctx, tx, userID); err != nil {
		return c, err
	}
	var had int64
	if err := tx.Get(ctx, &had, "SELECT COUNT(*) FROM user_coupons WHERE coupon_id = ? AND user_id = ?", couponID, userID); err != nil {
		return c, err
	}
	n, err := tx.Exec(ctx, `UPDATE coupons SET claimed = claimed + 1 WHERE id = ? AND is_published = 1 AND ends_at > ?
		AND (total = 0 OR claimed < total) AND per_person > ? AND (starts_at <= ? OR ? = 'given') AND (is_public = 1 OR ? <> 'claimed')`,
		couponID, now, had, now, how, how)
	if err != nil {
		return c, err
	}
	if err := tx.Get(ctx, &c, "SELECT "+couponColumns+" FROM coupons c WHERE c.id = ?", couponID); err != nil {
		return c, err
	}
	if n == 0 {
		return c, c.refusal(how, had, now)
	}
	from, until := c.validity(now)
	_, err = tx.Insert(ctx, `INSERT INTO user_coupons (coupon_id, user_id, nth, how, claimed_at, starts_at, ends_at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		couponID, userID, had+1, how, now, from, until)
	if err != nil {
		return c, fmt.Errorf("insert coupon %d of user %d: %w", couponID, userID, err)
	}
	return c, nil
}

// refusal is why a user cannot have one, who has had so many.
func (c Coupon) refusal(how How, had int64, now time.Time) error {
	switch {
	case !c.Published && how == Given:
		return fault.New(fault.Conflict, 0, "这张优惠券没有在发放，请先发布")
	case !c.Published || how == Claimed && !c.Public:
		return fault.Missing()
	case !now.Before(c.EndsAt):
		return fault.New(fault.Conflict, 0, "这张优惠券的领取已经结束")
	case had >= c.PerPerson && how == Given:
		return fault.New(fault.Conflict, 0, "对方已有 %d 张，每人最多 %d 张", had, c.PerPerson)
	case had >= c.PerPerson:
		return fault.New(fault.Conflict, 0, "您已经领过了，每人限领 %d 张", c.PerPerson)
	case now.Before(c.StartsAt) && how != Given:
		return fault.New(fault.Conflict, 0, "这张优惠券还没有开始发放")
	}
	return fault.New(fault.Conflict, 0, "这张优惠券已经领完")
}
