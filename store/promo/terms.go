package promo

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
)

// SaleTerms are a promotion of kind price or flash with the prices that it sets for SKUs by themselves.
type SaleTerms struct {
	Promotion
	Own map[int64]OwnPrice // by SKU
}

// OwnPrice is a SKU's own price in a sale, with the pieces that a flash sale has left of it.
type OwnPrice struct {
	Price    money.Fen `db:"price_fen"`
	Quantity int64     `db:"quantity"`
}

// price is what one piece of a SKU costs in the sale, and whether it is in the sale at all: by a price of its own, or by its scope and the
// sale's percentage. A flash sale has only SKUs of the first sort, as long as it has pieces of them.
func (t SaleTerms) price(k catalog.SKU) (money.Fen, bool) {
	own, ok := t.Own[k.ID]
	switch {
	case t.Kind == KindFlash:
		return own.Price, ok && own.Quantity > 0
	case ok:
		return own.Price, true
	}
	return percentOf(k.Price, t.Percent), t.Scope.Contains(k)
}

// BestSale is the one sale that a SKU is in at a moment, with the price of a piece, or nil: the one with the highest priority, of these the
// cheapest, of these the newest. A sale that would not be below the ordinary price does not count.
func BestSale(k catalog.SKU, sales []SaleTerms, now time.Time) (best *SaleTerms, price money.Fen) {
	for i := range sales {
		t := &sales[i]
		at, ok := t.price(k)
		if !ok || !t.Kind.IsSale() || !t.On(now) || at >= k.Price {
			continue
		}
		if best == nil || cmp.Or(cmp.Compare(best.Priority, t.Priority), cmp.Compare(at, price), cmp.Compare(best.ID, t.ID)) < 0 {
			best, price = t, at
		}
	}
	return best, price
}

// Sales are the sales that the rows of SKUs name, by SKU, as one shopper has them; 0 is a visitor.
func (s *Service) Sales(ctx context.Context, q db.Queryer, userID int64, skus map[int64]catalog.SKU) (map[int64]Sale, error) {
	return readSales(ctx, q, userID, skus)
}

// readSales are the sales that the rows of SKUs name, by SKU, as one shopper has them: one read, and none where no row names any.
func readSales(ctx context.Context, q db.Queryer, userID int64, skus map[int64]catalog.SKU) (map[int64]Sale, error) {
	var ids []int64
	for _, k := range skus {
		if k.SaleID != 0 {
			ids = append(ids, k.ID)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	var rows []saleRow
	query, args := db.In(`SELECT k.id AS sku_id, p.id, p.kind, p.name, p.name_en, p.per_person, p.starts_at, p.ends_at,
			COALESCE(r.quantity, 0) AS quantity, COALESCE(b.count, 0) AS bought
		FROM skus k JOIN promotions p ON p.id = k.sale_id
		LEFT JOIN promotion_skus r ON r.promotion_id = p.id AND r.sku_id = k.id
		LEFT JOIN promotion_buyers b ON b.promotion_id = p.id AND b.sku_id = k.id AND b.user_id = ?
		WHERE k.id IN (?)`, userID, ids)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read sales of SKUs %v: %w", ids, err)
	}
	sales := make(map[int64]Sale, len(ids))
	for _, r := range rows {
		if k := skus[r.SKUID]; k.SaleID == r.ID {
			sales[k.ID] = r.sale(k.SalePrice)
		}
	}
	return sales, nil
}

// saleRow is a sale as it is read for one SKU and one shopper.
type saleRow struct {
	SKUID int64 `db:"sku_id"`
	Promotion
	Quantity int64 `db:"quantity"`
	Bought   int64 `db:"bought"`
}

func (r saleRow) sale(price money.Fen) Sale {
	s := Sale{ID: r.ID, Kind: r.Kind, Name: r.Name, NameEN: r.NameEN, Price: price, EndsAt: r.EndsAt, Left: NoLimit, PerPerson: r.PerPerson}
	if r.Kind == KindFlash {
		s.Left = r.Quantity
		if r.PerPerson > 0 {
			s.Left = max(min(s.Left, r.PerPerson-r.Bought), 0)
		}
	}
	return s
}
