package order

import (
	"context"
	"fmt"

	"dashop/store/db"
	"dashop/store/fault"
)

// Forget takes the person out of a user's orders within the transaction that deletes the account. The orders stay for
// the books, with the area they went to. It refuses while somebody still has to pay, to ship or to receive.
func (s *Service) Forget(ctx context.Context, tx *db.Tx, userID int64) error {
	var open int
	err := tx.Get(ctx, &open, "SELECT COUNT(*) FROM orders WHERE user_id = ? AND status IN (?, ?, ?)",
		userID, StatusPendingPayment, StatusPendingShipment, StatusPendingReceipt)
	if err != nil {
		return err
	}
	if open > 0 {
		return fault.New(fault.Conflict, 0, "还有 %d 个订单没有完成，请等收货或取消以后再注销账号", open)
	}
	_, err = tx.Exec(ctx, `UPDATE orders SET receiver = '', mobile = '', place = '', address_title = '', postal_code = '', note = ''
		WHERE user_id = ?`, userID)
	if err != nil {
		return fmt.Errorf("strip the orders of user %d: %w", userID, err)
	}
	return nil
}
