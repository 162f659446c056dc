package entitlement

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"dashop/store/account"
	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/typed"
)

// reasonLength is how many characters the reason of a gift may have.
const reasonLength = 100

// Giving is what the merchant's form says of a gift.
type Giving struct {
	Username string
	SPUID    int64
	SKUID    int64 // whose validity the gift has
	How      How   // Gift or Given
	Reason   string
}

// Give gives a course or a download to a user. Wrong fields are named username, sku_id, how and reason.
func (s *Service) Give(ctx context.Context, staffID int64, in Giving) error {
	in.Username, in.Reason = strings.TrimSpace(in.Username), typed.Line(in.Reason)
	f := fault.Form()
	if in.How != Gift && in.How != Given {
		f.With("how", "请选择赠送方式")
	}
	if n := utf8.RuneCountInString(in.Reason); n < 1 || n > reasonLength {
		f.With("reason", "请写明赠送原因，最多 %d 个字", reasonLength)
	}
	if err := f.OrNil(); err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		days, err := daysOf(ctx, tx, in.SPUID, in.SKUID)
		if err != nil {
			return err
		}
		userID, err := s.recipient(ctx, tx, in)
		if err != nil {
			return err
		}
		e := Entitlement{UserID: userID, SPUID: in.SPUID, SKUID: in.SKUID, How: in.How, Reason: in.Reason, Days: days, BoughtAt: now}
		if err := add(ctx, tx, e); err != nil {
			return fmt.Errorf("give product %d to user %d: %w", in.SPUID, userID, err)
		}
		return audit.Log(ctx, tx, staffID, "course.give", fmt.Sprintf("spu %d", in.SPUID), fmt.Sprintf("to user %d, %d days: %s", userID, days,
			in.Reason), now)
	})
}

// recipient is the id of a user who can be given something. The row is held, so that nobody is given anything who is being deleted.
func (s *Service) recipient(ctx context.Context, tx *db.Tx, in Giving) (id int64, err error) {
	err = tx.Get(ctx, &id, "SELECT id FROM users WHERE username = ? AND deleted_at IS NULL", in.Username)
	if err == nil {
		err = account.Hold(ctx, tx, id)
	}
	if fault.Is(err, fault.NotFound) {
		return 0, fault.Field("username", "没有这个用户，请核对用户名")
	}
	if err != nil {
		return 0, err
	}
	owned, err := Owned(ctx, tx, id, []int64{in.SPUID})
	if err == nil && len(owned) > 0 {
		err = fault.Field("username", "这位用户已经永久拥有，不用再送")
	}
	return id, err
}

// daysOf is how long a SKU of a product that is a course or a download is valid.
func daysOf(ctx context.Context, q db.Queryer, spuID, skuID int64) (days int, err error) {
	err = q.Get(ctx, &days, `SELECT COALESCE(k.validity_days, 0) FROM skus k JOIN spus p ON p.id = k.spu_id
		WHERE k.id = ? AND k.spu_id = ? AND p.is_virtual = 1`, skuID, spuID)
	if fault.Is(err, fault.NotFound) {
		return 0, fault.Field("sku_id", "请选择有效期")
	}
	return days, err
}
