package catalog

import (
	"context"
	"fmt"
	"strconv"

	"dashop/store/recent"
	"dashop/store/stock"
)

// Stock is how much there is now of each SKU of a product, as far as a page tells: up to what one order may hold. With each stands how many
// people learn with the product.
type Stock []struct {
	SKUID    int64 `db:"id"`
	Left     int64 `db:"quantity"`
	Flash    int64 `db:"flash_left"` // pieces that the flash sale that it is in has left
	Students int64 `db:"students"`
	Virtual  bool  `db:"is_virtual"`
}

// stocksKept is of how many products the stock is kept for a moment.
const stocksKept = 10_000

// Stock is the stock of a product's SKUs. A product that is not there has none. What this node sells, gets back or books in counts at
// once, what others do within a second. It is shared: do not change it.
func (s *Service) Stock(ctx context.Context, spuID int64) (Stock, error) {
	return s.stocks.Get(ctx, spuID)
}

// SKUsOf names the SKUs that a product has, to those who keep them for a moment.
func SKUsOf(spuID int64) recent.Name { return recent.NameOf("skus", spuID) }

// StudentsOf names the number of people who learn with a product, to those who keep it for a moment.
func StudentsOf(spuID int64) recent.Name { return recent.NameOf("students", spuID) }

func (s *Service) readStock(ctx context.Context, spuID int64) (Stock, []recent.Name, error) {
	var rows []struct {
		ID       int64 `db:"id"`
		Quantity int64 `db:"quantity"`
		Flash    int64 `db:"flash_left"`
		Limit    int64 `db:"max_per_order"`
		Students int64 `db:"students"`
		Virtual  bool  `db:"is_virtual"`
	}
	err := s.db.Select(s.db.PointRead(ctx), &rows,
		`SELECT k.id, COALESCE(s.quantity, 0) AS quantity, k.max_per_order, COALESCE(r.quantity, 0) AS flash_left, COALESCE(c.students, 0) AS students,
		p.is_virtual AS is_virtual FROM skus k JOIN spus p ON p.id = k.spu_id LEFT JOIN stocks s ON s.sku_id = k.id LEFT JOIN course_counts c ON c.spu_id = k.spu_id
		LEFT JOIN promotion_skus r ON r.promotion_id = k.sale_id AND r.sku_id = k.id
		WHERE k.spu_id = ? ORDER BY k.id`, spuID)
	if err != nil {
		return nil, nil, fmt.Errorf("read stock of product %d: %w", spuID, err)
	}
	now, tellsOf := make(Stock, len(rows)), []recent.Name{SKUsOf(spuID), StudentsOf(spuID)}
	for i, r := range rows {
		now[i].SKUID, now[i].Left, now[i].Students = r.ID, min(max(r.Quantity, 0), max(MaxPerOrder, r.Limit)), r.Students
		now[i].Flash, now[i].Virtual = min(r.Flash, MaxPerOrder), r.Virtual
		tellsOf = append(tellsOf, stock.Named(r.ID))
	}
	return now, tellsOf, nil
}

// Key is the stock as a text: as long as it is the same, so is what the product's page says of it.
func (s Stock) Key() string {
	key := make([]byte, 0, 12*len(s))
	for _, k := range s {
		key = strconv.AppendInt(key, k.SKUID, 36)
		key = append(key, ':')
		key = strconv.AppendInt(key, k.Left, 36)
		if k.Flash > 0 {
			key = append(key, ':')
			key = strconv.AppendInt(key, k.Flash, 36)
		}
		key = append(key, ' ')
	}
	if n := s.Students(); n > 0 {
		key = strconv.AppendInt(append(key, '+'), n, 36)
	}
	return string(key)
}

// Virtual says whether the product is a course or a download.
func (s Stock) Virtual() bool { return len(s) > 0 && s[0].Virtual }

// Students is how many people learn with the product.
func (s Stock) Students() int64 {
	if len(s) == 0 {
		return 0
	}
	return s[0].Students
}

// Has says whether a SKU is one of the product's.
func (s Stock) Has(skuID int64) bool {
	_, _, ok := s.of(skuID)
	return ok
}

func (s Stock) of(skuID int64) (left, flash int64, ok bool) {
	for _, k := range s {
		if k.SKUID == skuID {
			return k.Left, k.Flash, true
		}
	}
	return 0, 0, false
}

// WithStock is the product with this stock, in place of that which it was read with. A SKU that the stock does not know
// came after it and counts as sold out.
func (p Product) WithStock(stock Stock) Product {
	skus := make([]SKU, len(p.SKUs))
	for i, k := range p.SKUs {
		k.Stock, k.FlashLeft, _ = stock.of(k.ID)
		skus[i] = k
	}
	p.SKUs, p.Students = skus, stock.Students()
	return p
}
