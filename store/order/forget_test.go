package order_test

import (
	"context"
	"testing"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/storetest"
)

func (s shop) forget(user int64) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error { return s.order.Forget(context.Background(), tx, user) })
}

// Whoever has something to pay or to receive has to be known; afterwards the orders stay, without the person.
func TestForget(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		other, otherAddress := s.buyer("xiaohong")
		sku := storetest.SKU(s, s.db, 12400, 50)
		noted := s.form(user, address, sku, 1)
		noted.Note = "请打电话给小明"
		no := s.place(noted)
		kept := s.place(s.form(other, otherAddress, sku, 1))
		for _, status := range []order.Status{order.StatusPendingPayment, order.StatusPendingShipment, order.StatusPendingReceipt} {
			storetest.Exec(s, s.db, "UPDATE orders SET status = ? WHERE order_no = ?", status, no)
			s.wantCode(s.forget(user), fault.Conflict, 0)
		}
		if n := s.count("SELECT COUNT(*) FROM orders WHERE receiver = ''"); n != 0 {
			s.Error("a refused one has stripped something")
		}
		for _, status := range []order.Status{order.StatusPendingReview, order.StatusCompleted, order.StatusCancelled} {
			storetest.Exec(s, s.db, "UPDATE orders SET status = ?, note = '请打电话给小明' WHERE order_no = ?", status, no)
			s.must(s.forget(user))
			o, err := s.order.Order(ctx, user, no)
			s.must(err)
			if o.Receiver+o.Mobile+o.Place+o.AddressTitle+o.PostalCode+o.Note != "" || o.Area == "" || o.Payable == 0 || len(o.Items) != 1 {
				s.Errorf("left %+v", o)
			}
		}
		o, err := s.order.Order(ctx, other, kept)
		s.must(err)
		if o.Receiver == "" || o.Mobile == "" {
			s.Errorf("another's order: %+v", o)
		}
		// as its stock is still taken
		storetest.Exec(s, s.db, "UPDATE orders SET status = ? WHERE order_no = ?", order.StatusPendingPayment, no)
	})
}

// An order that is being placed while its account is deleted is not placed: nobody would ever strip it.
func TestDeletedUserPlacesNothing(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		in := s.form(user, address, storetest.SKU(s, s.db, 12400, 5), 1)
		storetest.Exec(s, s.db, "UPDATE users SET deleted_at = created_at WHERE id = ?", user)
		_, err := s.order.Place(ctx, in)
		s.wantCode(err, fault.NotFound, 0)
	})
}
