package sale

import (
	"context"
	"fmt"
	"sort"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// The bounds of a board.
const (
	mostFlashes = 20
	mostGoods   = 120 // of all flash sales on it together
)

// Board is what pages show of flash sales.
type Board struct {
	Running []Flash // the one that ends first before the others
	Next    []Flash // announced, the one that begins first before the others
}

// Empty says that there is nothing to show.
func (b Board) Empty() bool { return len(b.Running)+len(b.Next) == 0 }

// Flash is a flash sale with its goods.
type Flash struct {
	promo.Promotion
	Goods []Good // those that can still be had first
}

// Good is a SKU in a flash sale.
type Good struct {
	PromotionID int64 `db:"promotion_id"`
	catalog.SKU
	FlashPrice money.Fen `db:"flash_fen"` // of a piece in the sale
	Quantity   int64     `db:"flash_left"`
	Sold       int64     `db:"flash_sold"`
}

// Gone is how much of what the sale had is sold, in percent; it is all only when nothing is left.
func (g Good) Gone() int64 {
	if g.Quantity <= 0 {
		return 100
	}
	return min(99, g.Sold*100/(g.Quantity+g.Sold))
}

// Board reads the flash sales that are on or announced. Goods of one that is on are left out while another sale has them; their prices are
// those of their rows, as everywhere.
func (s *Service) Board(ctx context.Context) (b Board, err error) {
	defer fault.Wrap(&err, "read flash sales")
	now := s.clock()
	var rows []saleRow
	if err := s.db.Select(ctx, &rows, "SELECT "+saleColumns+` FROM promotions WHERE kind = ? AND is_published = 1 AND ends_at > ?
		ORDER BY ends_at, id LIMIT ?`, promo.KindFlash, now, mostFlashes); err != nil || len(rows) == 0 {
		return Board{}, err
	}
	goods, err := s.goods(ctx, rows)
	if err != nil {
		return Board{}, err
	}
	for _, r := range rows {
		f := Flash{Promotion: r.promotion(nil)}
		on := f.On(now)
		f.Open = on // so far as its rows say so, which the goods below are chosen by
		for _, g := range goods {
			if g.PromotionID == r.ID && (!on || g.SaleID == r.ID || g.Quantity == 0) {
				f.Goods = append(f.Goods, g)
			}
		}
		sort.SliceStable(f.Goods, func(i, j int) bool { return f.Goods[i].Gone()/100 < f.Goods[j].Gone()/100 })
		switch {
		case len(f.Goods) == 0:
		case on:
			b.Running = append(b.Running, f)
		default:
			b.Next = append(b.Next, f)
		}
	}
	sort.SliceStable(b.Next, func(i, j int) bool { return b.Next[i].StartsAt.Before(b.Next[j].StartsAt) })
	return b, nil
}

// goods are the launched goods of flash sales, as many as a board can show.
func (s *Service) goods(ctx context.Context, sales []saleRow) (goods []Good, err error) {
	ids := make([]int64, len(sales))
	for i, r := range sales {
		ids[i] = r.ID
	}
	query, args := db.In(`SELECT r.promotion_id, r.price_fen AS flash_fen, r.quantity AS flash_left, r.sold AS flash_sold, k.id, k.spu_id, k.name,
			k.name_en, k.price_fen, k.sale_id, k.sale_fen, k.sale_kind, COALESCE(NULLIF(k.image, ''), p.image) AS image,
			p.name AS product_name, p.name_en AS product_name_en
		FROM promotion_skus r JOIN skus k ON k.id = r.sku_id JOIN spus p ON p.id = k.spu_id
		WHERE r.promotion_id IN (?) AND k.is_launched = 1 AND p.is_launched = 1 ORDER BY r.promotion_id, r.sku_id LIMIT ?`, ids, mostGoods)
	if err := s.db.Select(ctx, &goods, query, args...); err != nil {
		return nil, fmt.Errorf("read goods: %w", err)
	}
	return goods, nil
}
