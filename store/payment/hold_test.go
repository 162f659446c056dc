package payment_test

import (
	"context"
	"testing"

	"dashop/store/order"
	"dashop/store/payment"
	"dashop/store/payment/alipay"
	"dashop/store/payment/gateway"
	"dashop/store/storetest"
)

// An order that is cancelled while somebody begins to pay for it is not left with an attempt that can still be paid.
func TestCancelWhileALinkIsMade(t *testing.T) {
	each(t, func(s shop) {
		no := s.order()
		_, cancelled := storetest.Meanwhile("INSERT INTO payments", func(ctx context.Context) error {
			_, err := s.pay.Start(ctx, s.user, no, alipay.ID, gateway.Payer{})
			return err
		}, func() error { return s.pay.Cancel(ctx, s.user, no) })
		s.must(cancelled)
		open := s.count("SELECT COUNT(*) FROM payments WHERE status = ?", payment.StatusOpen)
		if s.status(no) != order.StatusCancelled || open != 0 {
			s.Errorf("the order is %d with %d open attempts", s.status(no), open)
		}
	})
}
