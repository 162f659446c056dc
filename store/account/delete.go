package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
)

// OnDelete has a function called whenever an account is deleted, in the same transaction. It forgets what another room
// knows of the person, or refuses with a fault, and may run more than once. Call it before the service is used.
func (s *Service) OnDelete(forget func(ctx context.Context, tx *db.Tx, userID int64) error) {
	s.forget = append(s.forget, forget)
}

// DeleteUser deletes an account after its password was given (field password): everything personal goes, orders stay without the person,
// and all sessions end. What other rooms know of the person goes by the functions given to OnDelete, in the same transaction.
func (s *Service) DeleteUser(ctx context.Context, userID int64, password string) error {
	u, err := s.withHash(ctx, userID)
	if err != nil {
		return err
	}
	if err := s.ownPassword(ctx, u, "password", password); err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		if err := keepOneOwner(ctx, tx, u.User); err != nil {
			return err
		}
		if err := strip(ctx, tx, u, now); err != nil {
			return err
		}
		for _, forget := range s.forget {
			if err := forget(ctx, tx, userID); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepOneOwner refuses to delete the last person who may do everything. The owners' rows are held, so that of the last two only one can go.
func keepOneOwner(ctx context.Context, tx *db.Tx, u User) error {
	if u.Role != Owner {
		return nil
	}
	var owners []int64
	const query = "SELECT id FROM users WHERE role = ? AND disabled = ? AND deleted_at IS NULL"
	if err := tx.Select(ctx, &owners, query, Owner, false); err != nil {
		return err
	}
	if err := tx.HoldAll(ctx, "users", owners); err != nil {
		return err
	}
	var still []int64
	if err := tx.Select(ctx, &still, query, Owner, false); err != nil {
		return err
	}
	for _, id := range still {
		if id != u.ID && slices.Contains(owners, id) {
			return nil
		}
	}
	return fault.New(fault.Conflict, 0, "您是最后一位店主，请先让别人也成为店主")
}

// strip takes the person out of a user's row and removes all rows that are about nobody else. The row itself is written
// first: a change of the same account that is under way then comes before or after all of this.
func strip(ctx context.Context, tx *db.Tx, u userWithHash, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE users SET username = ?, nickname = '已注销用户', mobile = NULL, avatar = '', password_hash = '',
		disabled = ?, deleted_at = ? WHERE id = ? AND deleted_at IS NULL AND password_hash = ? AND COALESCE(mobile, '') = ?`,
		"~"+strconv.FormatInt(u.ID, 10), true, now, u.ID, u.Hash, mobileOf(u.User))
	if err == nil && n == 0 {
		return movedOn()
	}
	if err != nil {
		return fmt.Errorf("strip user %d: %w", u.ID, err)
	}
	sessionsChanged(tx)
	for _, table := range []string{"addresses", "identities", "sessions"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE user_id = ?", u.ID); err != nil {
			return fmt.Errorf("delete %s of user %d: %w", table, u.ID, err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM sms_codes WHERE mobile = ?", mobileOf(u.User)); err != nil {
		return fmt.Errorf("delete codes of user %d: %w", u.ID, err)
	}
	// A notice to an earlier number still goes out; one that nobody will send any more need not keep the number.
	return job.Drop(ctx, tx, MobileChangedKind, strconv.FormatInt(u.ID, 10)+"-")
}

// Hold keeps a user from being deleted until the transaction ends, for work that writes down more about the person. A user
// who is deleted already is NotFound.
func Hold(ctx context.Context, tx *db.Tx, userID int64) error {
	if err := tx.Hold(ctx, "users", userID); err != nil {
		return err
	}
	return tx.Get(ctx, &userID, "SELECT id FROM users WHERE id = ? AND deleted_at IS NULL", userID)
}
