package order

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/cart"
	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/entitlement"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Ships says whether anything of a quote has to be sent, and so needs an address.
func Ships(q promo.Quote) bool {
	return slices.ContainsFunc(q.Lines, func(l promo.Line) bool { return !l.SKU.Virtual })
}

// Ships says whether anything of the order has to be sent. Its items must have been read.
func (o Order) Ships() bool {
	return slices.ContainsFunc(o.Items, func(it Item) bool { return !it.Virtual })
}

// deliver gives the buyer of an order that has just been paid its courses and downloads. An order of nothing else is completed by that.
func deliver(ctx context.Context, tx *db.Tx, orderID int64, now time.Time) error {
	var lines []struct {
		entitlement.Line
		Virtual bool `db:"is_virtual"`
	}
	err := tx.Select(ctx, &lines, `SELECT line, spu_id, sku_id, is_virtual, validity_days, payable_fen = 0 AS is_free FROM order_items
		WHERE order_id = ? ORDER BY line`, orderID)
	if err != nil {
		return fmt.Errorf("read what order %d delivers: %w", orderID, err)
	}
	bought := entitlement.Order{ID: orderID}
	for _, l := range lines {
		if l.Virtual {
			bought.Lines = append(bought.Lines, l.Line)
		}
	}
	if len(bought.Lines) == 0 {
		return nil
	}
	if err := tx.Get(ctx, &bought, "SELECT id, user_id, order_no, trade_no FROM orders WHERE id = ?", orderID); err != nil {
		return err
	}
	if len(bought.Lines) == len(lines) {
		if _, err := moveAndEarn(ctx, tx, orderID, StatusPendingShipment, change{
			to: StatusCompleted, kind: EventCompleted, actor: BySystem, set: []column{{"received_at", now}, {"ended_at", now}},
		}, now); err != nil {
			return err
		}
	}
	return entitlement.Grant(ctx, tx, bought, now)
}

// refuseOwned refuses courses and downloads that a user would pay for in vain: two pieces of one, one that the user has for ever, and one
// for ever beside another of the same product, in this order or in one that still has to be paid.
func refuseOwned(ctx context.Context, q db.Queryer, userID int64, quote promo.Quote) error {
	var skus []catalog.SKU
	for _, l := range quote.Lines {
		if !l.SKU.Virtual {
			continue
		}
		if l.Count > l.SKU.Limit() {
			return cart.OneIsEnough(l.SKU.Name)
		}
		for _, k := range skus {
			if k.SPUID == l.SKU.SPUID && (k.Days == 0 || l.SKU.Days == 0) {
				return fault.New(fault.Conflict, 0, "%s 永久有效，不用再选同一课程的其他规格", l.SKU.ProductName)
			}
		}
		skus = append(skus, l.SKU)
	}
	return refuseSKUs(ctx, q, userID, skus)
}

// MayBuy refuses a course or a download that a user has for ever, or would have paid for in vain beside an order that waits for its money.
func (s *Service) MayBuy(ctx context.Context, userID int64, k catalog.SKU) error {
	return refuseSKUs(s.db.PointRead(ctx), s.db, userID, []catalog.SKU{k})
}

func refuseSKUs(ctx context.Context, q db.Queryer, userID int64, skus []catalog.SKU) error {
	if len(skus) == 0 {
		return nil
	}
	spus := make([]int64, len(skus))
	for i, k := range skus {
		spus[i] = k.SPUID
	}
	owned, err := entitlement.Owned(ctx, q, userID, spus)
	if err != nil {
		return err
	}
	ordered, err := unpaid(ctx, q, userID, spus)
	if err != nil {
		return err
	}
	for _, k := range skus {
		if slices.Contains(owned, k.SPUID) {
			return fault.New(fault.Conflict, 0, "您已经永久拥有 %s，不用再买", k.Name).To(fmt.Sprintf("/account/purchases/%d", k.SPUID), "去学习")
		}
		waiting, ok := ordered[k.SPUID]
		switch {
		case ok && waiting.forever:
			return fault.New(fault.Conflict, 0, "您已经下单 %s，付款后就能学", k.Name).To(waiting.pay(), "去付款")
		case ok && k.Days == 0:
			return fault.New(fault.Conflict, 0, "%s 永久有效，而订单 %s 里同一课程的其他规格还没付款，请先付款或取消那笔订单", k.Name, waiting.no).
				To(waiting.pay(), "去付款")
		}
	}
	return nil
}

// unpaidOrder is one that gives a product once it is paid.
type unpaidOrder struct {
	no      string
	forever bool
}

func (o unpaidOrder) pay() string { return "/orders/" + o.no + "/pay" }

// unpaid are a user's orders of products that still have to be paid, by product. Of several, one that gives the product for ever counts.
func unpaid(ctx context.Context, q db.Queryer, userID int64, spuIDs []int64) (map[int64]unpaidOrder, error) {
	var rows []struct {
		SPUID int64  `db:"spu_id"`
		No    string `db:"order_no"`
		Days  int    `db:"validity_days"`
	}
	query, args := db.In(`SELECT i.spu_id, o.order_no, i.validity_days FROM orders o JOIN order_items i ON i.order_id = o.id
		WHERE o.user_id = ? AND o.status = ? AND i.is_virtual = 1 AND i.spu_id IN (?)`, userID, StatusPendingPayment, spuIDs)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("look for unpaid orders of courses: %w", err)
	}
	orders := make(map[int64]unpaidOrder, len(rows))
	for _, r := range rows {
		if !orders[r.SPUID].forever {
			orders[r.SPUID] = unpaidOrder{r.No, r.Days == 0}
		}
	}
	return orders, nil
}
