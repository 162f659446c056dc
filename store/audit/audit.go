// Package audit records which member of staff changed what.
package audit

import (
	"context"
	"fmt"
	"time"

	"dashop/store/db"
)

// Log adds an entry within the transaction that makes the change. Subject names the thing, such as "order 2026…".
func Log(ctx context.Context, tx *db.Tx, actorID int64, action, subject, detail string, now time.Time) error {
	_, err := tx.Exec(ctx, "INSERT INTO audit_log (actor_id, action, subject, detail, created_at) VALUES (?, ?, ?, ?, ?)", actorID,
		action, subject, detail, now)
	if err != nil {
		return fmt.Errorf("write audit log of %s: %w", action, err)
	}
	return nil
}
