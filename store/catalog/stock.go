package catalog

import (
	"context"
	"fmt"
	"strconv"
)

// Stock is how much there is now of each SKU of a product, as far as a page tells: up to MaxPerOrder pieces.
type Stock []struct {
	SKUID int64 `db:"id"`
	Left  int64 `db:"quantity"`
}

// Stock reads the stock of a product's SKUs. A product that is not there has none.
func (s *Service) Stock(ctx context.Context, spuID int64) (stock Stock, err error) {
	err = s.db.Select(s.db.PointRead(ctx), &stock,
		`SELECT k.id, COALESCE(s.quantity, 0) AS quantity FROM skus k LEFT JOIN stocks s ON s.sku_id = k.id
		WHERE k.spu_id = ? ORDER BY k.id`, spuID)
	if err != nil {
		return nil, fmt.Errorf("read stock of product %d: %w", spuID, err)
	}
	for i := range stock {
		stock[i].Left = min(max(stock[i].Left, 0), MaxPerOrder)
	}
	return stock, nil
}

// Key is the stock as a text: as long as it is the same, so is what the product's page says of it.
func (s Stock) Key() string {
	key := make([]byte, 0, 12*len(s))
	for _, k := range s {
		key = strconv.AppendInt(key, k.SKUID, 36)
		key = append(key, ':')
		key = strconv.AppendInt(key, k.Left, 36)
		key = append(key, ' ')
	}
	return string(key)
}

// Has says whether a SKU is one of the product's.
func (s Stock) Has(skuID int64) bool {
	_, ok := s.left(skuID)
	return ok
}

func (s Stock) left(skuID int64) (int64, bool) {
	for _, k := range s {
		if k.SKUID == skuID {
			return k.Left, true
		}
	}
	return 0, false
}

// WithStock is the product with this stock, in place of that which it was read with. A SKU that the stock does not know
// came after it and counts as sold out.
func (p Product) WithStock(stock Stock) Product {
	skus := make([]SKU, len(p.SKUs))
	for i, k := range p.SKUs {
		k.Stock, _ = stock.left(k.ID)
		skus[i] = k
	}
	p.SKUs = skus
	return p
}
