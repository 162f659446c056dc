package order_test

import (
	"context"
	"testing"

	"dashop/store/db"
	"dashop/store/storetest"
)

// An account that is deleted while it places an order goes before the order, which then is not placed, or stays because of it.
func TestDeletedWhilePlacing(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		in := s.form(user, address, storetest.SKU(s, s.db, 12400, 5), 1)
		placed, deleted := storetest.Meanwhile("INSERT INTO orders", func(ctx context.Context) error {
			_, err := s.order.Place(ctx, in)
			return err
		}, func() error {
			return s.db.Tx(ctx, func(tx *db.Tx) error {
				if _, err := tx.Exec(ctx, "UPDATE users SET deleted_at = ? WHERE id = ?", s.clock.Now(), user); err != nil {
					return err
				}
				return s.order.Forget(ctx, tx, user)
			})
		})
		orders := s.count("SELECT COUNT(*) FROM orders")
		gone := s.count("SELECT COUNT(*) FROM users WHERE id = ? AND deleted_at IS NOT NULL", user)
		if orders+gone != 1 {
			s.Errorf("%d orders of %d deleted accounts: %v, %v", orders, gone, placed, deleted)
		}
	})
}
