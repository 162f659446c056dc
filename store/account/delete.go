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

// OnDelete registers a function that runs whenever an account is deleted, in the same transaction. It deletes what another package
// keeps about the person, or refuses with a fault, and may run more than once. Call it before the service is used.
func (s *Service) OnDelete(forget func(ctx context.Context, tx *db.Tx, userID int64) error) {
	s.onDelete = append(s.onDelete, forget)
}

// DeleteUser deletes an account after its password was given (field password): all personal data is deleted, orders stay without it,
// and all sessions end. The functions given to OnDelete delete what other packages keep, in the same transaction.
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
		if err := keepOneOwner(ctx, tx, userID, fault.New(fault.Conflict, 0, "您是最后一位店主，请先让别人也成为店主")); err != nil {
			return err
		}
		if err := anonymize(ctx, tx, u, now); err != nil {
			return err
		}
		for _, forget := range s.onDelete {
			if err := forget(ctx, tx, userID); err != nil {
				return err
			}
		}
		return nil
	})
}

// keepOneOwner returns refusal if the user is the last owner who can log in. It locks the owners' rows, so that of the last
// two only one can lose the role, and the user's row, so that the user does not become an owner meanwhile.
func keepOneOwner(ctx context.Context, tx *db.Tx, userID int64, refusal *fault.Error) error {
	var owners []int64
	const query = "SELECT id FROM users WHERE role = ? AND disabled = ? AND deleted_at IS NULL"
	if err := tx.Select(ctx, &owners, query, Owner, false); err != nil {
		return err
	}
	held := []int64{userID}
	if slices.Contains(owners, userID) {
		held = owners
	}
	if err := tx.HoldAll(ctx, "users", held); err != nil {
		return err
	}
	var still []int64
	if err := tx.Select(ctx, &still, query, Owner, false); err != nil {
		return err
	}
	if !slices.Contains(still, userID) {
		return nil
	}
	for _, id := range still {
		if id != userID && slices.Contains(held, id) {
			return nil
		}
	}
	return refusal
}

// anonymize removes personal data from a user's row and deletes the rows that belong to that user alone. It writes the user's row
// first, so that a concurrent change of the account comes wholly before or after this.
func anonymize(ctx context.Context, tx *db.Tx, u userWithHash, now time.Time) error {
	n, err := tx.Exec(ctx, `UPDATE users SET username = ?, nickname = '已注销用户', mobile = NULL, avatar = '', password_hash = '',
		disabled = ?, deleted_at = ? WHERE id = ? AND deleted_at IS NULL AND password_hash = ? AND COALESCE(mobile, '') = ?`,
		"~"+strconv.FormatInt(u.ID, 10), true, now, u.ID, u.Hash, mobileOf(u.User))
	if err == nil && n == 0 {
		return changedMeanwhile()
	}
	if err != nil {
		return fmt.Errorf("strip user %d: %w", u.ID, err)
	}
	tx.Changed(userNamed(u.ID))
	for _, table := range []string{"addresses", "identities", "sessions"} {
		if _, err := tx.Exec(ctx, "DELETE FROM "+table+" WHERE user_id = ?", u.ID); err != nil {
			return fmt.Errorf("delete %s of user %d: %w", table, u.ID, err)
		}
	}
	if _, err := tx.Exec(ctx, "DELETE FROM sms_codes WHERE mobile = ?", mobileOf(u.User)); err != nil {
		return fmt.Errorf("delete codes of user %d: %w", u.ID, err)
	}
	// A waiting notice still goes out; one that failed for good need not keep the number.
	return job.Drop(ctx, tx, MobileChangedKind, strconv.FormatInt(u.ID, 10)+"-")
}

// Hold prevents a user from being deleted until the transaction ends, for work that stores more about the person. A user who is
// already deleted is NotFound.
func Hold(ctx context.Context, tx *db.Tx, userID int64) error {
	return tx.HoldWhere(ctx, "users", userID, "deleted_at IS NULL")
}
