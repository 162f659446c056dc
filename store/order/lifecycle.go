package order

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"dashop/store/audit"
	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/stock"
)

// MarkPaid moves an unpaid order on within the transaction that books its money, and says whether it did. It does not
// when the order was paid or cancelled before: the money is then owed back.
func MarkPaid(ctx context.Context, tx *db.Tx, orderID int64, paidAt, now time.Time) (bool, error) {
	return move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusPendingShipment, kind: EventPaid, actor: ByGateway, set: ", paid_at = ?", args: []any{paidAt},
	}, now)
}

// Cancel moves an unpaid order to cancelled within tx and gives its stock back, and says whether it did. It does not
// when the order has moved on meanwhile.
func Cancel(ctx context.Context, tx *db.Tx, orderID int64, why CancelReason, actor Actor, actorID int64, now time.Time) (bool, error) {
	moved, err := move(ctx, tx, orderID, StatusPendingPayment, change{
		to: StatusCancelled, kind: EventCancelled, actor: actor, actorID: actorID, detail: string(why),
		set: ", cancel_reason = ?, ended_at = ?", args: []any{why, now},
	}, now)
	if err != nil || !moved {
		return moved, err
	}
	return true, stock.GiveBack(ctx, tx, orderID, now)
}

// RecordLateMoney notes on the timeline that money came which the order could not take.
func RecordLateMoney(ctx context.Context, tx *db.Tx, orderID int64, detail string, now time.Time) error {
	var status Status
	if err := tx.Get(ctx, &status, "SELECT status FROM orders WHERE id = ?", orderID); err != nil {
		return err
	}
	return record(ctx, tx, orderID, status, change{to: status, kind: EventLateMoney, actor: ByGateway, detail: detail}, now)
}

// Unpaid lists the orders whose pay deadline has passed by now, the longest overdue first.
func (s *Service) Unpaid(ctx context.Context, now time.Time, limit int) (list []Order, err error) {
	err = s.db.Select(ctx, &list, "SELECT "+columns+" FROM orders o WHERE o.status = ? AND o.pay_deadline <= ? ORDER BY o.pay_deadline LIMIT ?",
		StatusPendingPayment, now, limit)
	return list, err
}

// Receive confirms that the parcel has come. A second click changes nothing.
func (s *Service) Receive(ctx context.Context, userID int64, no string) error {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return err
	}
	if o.Status == StatusPendingReview || o.Status == StatusCompleted {
		return nil
	}
	return s.receive(ctx, o.ID, ByShopper, userID)
}

func (s *Service) receive(ctx context.Context, id int64, actor Actor, actorID int64) error {
	now := s.clock()
	return s.try(ctx, id, StatusPendingReceipt, change{
		to: StatusPendingReview, kind: EventReceived, actor: actor, actorID: actorID,
		set: ", received_at = ?, review_due = ?", args: []any{now, now.Add(reviewTime)},
	}, now)
}

// try makes a move that must be possible; when it is not, the fault says where the order stands.
func (s *Service) try(ctx context.Context, id int64, from Status, c change, now time.Time) error {
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := move(ctx, tx, id, from, c, now)
		if err != nil || moved {
			return err
		}
		var status Status
		if err := tx.Get(ctx, &status, "SELECT status FROM orders WHERE id = ?", id); err != nil {
			return err
		}
		return wrongState(status)
	})
}

// Sweep does what is due by the clock: receipts that confirm themselves, and orders that have waited long enough for
// reviews. It handles at most limit orders of each sort and says how many were due.
func (s *Service) Sweep(ctx context.Context, limit int) (due int, err error) {
	now := s.clock()
	arrived, err := s.due(ctx, StatusPendingReceipt, "receipt_due", now, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range arrived {
		if err := s.receive(ctx, id, BySystem, 0); err != nil && !fault.Is(err, fault.Conflict) {
			return 0, err
		}
	}
	silent, err := s.due(ctx, StatusPendingReview, "review_due", now, limit)
	if err != nil {
		return 0, err
	}
	for _, id := range silent {
		c := change{to: StatusCompleted, kind: EventCompleted, actor: BySystem, set: ", ended_at = ?", args: []any{now}}
		if err := s.try(ctx, id, StatusPendingReview, c, now); err != nil && !fault.Is(err, fault.Conflict) {
			return 0, err
		}
	}
	return len(arrived) + len(silent), nil
}

// due lists the orders in a state whose time, kept in column, has come.
func (s *Service) due(ctx context.Context, in Status, column string, now time.Time, limit int) (ids []int64, err error) {
	err = s.db.Select(ctx, &ids, "SELECT id FROM orders WHERE status = ? AND "+column+" <= ? ORDER BY "+column+" LIMIT ?", in, now, limit)
	return ids, err
}

// Remind asks the merchant to ship, once a day.
func (s *Service) Remind(ctx context.Context, userID int64, no string) error {
	o, err := s.own(ctx, userID, no)
	if err != nil {
		return err
	}
	if o.Status != StatusPendingShipment {
		return wrongState(o.Status)
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(ctx, "UPDATE orders SET reminded_at = ? WHERE id = ? AND status = ? AND (reminded_at IS NULL OR reminded_at <= ?)",
			now, o.ID, StatusPendingShipment, now.Add(-24*time.Hour))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, 0, "今天已经提醒过商家了")
		}
		c := change{to: StatusPendingShipment, kind: EventReminded, actor: ByShopper, actorID: userID}
		return record(ctx, tx, o.ID, StatusPendingShipment, c, now)
	})
}

// Reorder puts the items of an order into the cart again and names those that could not be.
func (s *Service) Reorder(ctx context.Context, userID int64, no string) (left []string, err error) {
	o, err := s.Order(ctx, userID, no)
	if err != nil {
		return nil, err
	}
	for _, it := range o.Items {
		switch err := s.cart.Add(ctx, cart.UserOwner(userID), it.SKUID, it.Count); {
		case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound):
			left = append(left, it.Name)
		case err != nil:
			return left, err
		}
	}
	return left, nil
}

var trackingForm = regexp.MustCompile(`^[0-9A-Z-]{5,40}$`)

// Ship hands a paid order's parcel to a carrier. The same parcel sent in again changes nothing.
func (s *Service) Ship(ctx context.Context, staffID int64, no, carrier, trackingNo string) error {
	trackingNo = strings.ToUpper(strings.TrimSpace(trackingNo))
	if err := checkParcel(carrier, trackingNo); err != nil {
		return err
	}
	o, err := s.StaffOrder(ctx, no)
	if err != nil {
		return err
	}
	for _, p := range o.Shipments {
		if p.Carrier == carrier && p.TrackingNo == trackingNo {
			return nil
		}
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		moved, err := move(ctx, tx, o.ID, StatusPendingShipment, change{
			to: StatusPendingReceipt, kind: EventShipped, actor: ByMerchant, actorID: staffID, detail: carrier + " " + trackingNo,
			set: ", shipped_at = ?, receipt_due = ?", args: []any{now, now.Add(s.rules.AutoReceipt)},
		}, now)
		if err != nil {
			return err
		}
		if !moved {
			return wrongState(o.Status)
		}
		if _, err := tx.Exec(ctx, "INSERT INTO shipments (order_id, carrier, tracking_no, created_at) VALUES (?, ?, ?, ?)", o.ID, carrier, trackingNo, now); err != nil {
			return fmt.Errorf("insert shipment of order %s: %w", no, err)
		}
		return audit.Log(ctx, tx, staffID, "order.ship", "order "+no, carrier+" "+trackingNo, now)
	})
}

func checkParcel(carrier, trackingNo string) error {
	f := &fault.Error{Kind: fault.Invalid, Text: fault.Text{Msg: "请检查标出的内容"}}
	if CarrierName(carrier) == carrier {
		f.With("carrier", "请选择快递公司")
	}
	if !trackingForm.MatchString(trackingNo) {
		f.With("tracking_no", "请填写运单号：5 到 40 位字母、数字或短横线")
	}
	return f.OrNil()
}
