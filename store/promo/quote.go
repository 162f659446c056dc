// Package promo prices a basket, in one place.
package promo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
)

// Rules are the merchant's figures.
type Rules struct {
	Freight  money.Fen // of an order with physical goods
	FreeFrom money.Fen // from this sum of physical goods on there is no freight
}

// Catalog looks SKUs up by id, on sale or not.
type Catalog interface {
	SKUs(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
}

// Service prices baskets.
type Service struct {
	catalog Catalog
	rules   Rules
}

// New makes a Service.
func New(c Catalog, r Rules) *Service { return &Service{catalog: c, rules: r} }

// Rules are the merchant's figures, for pages that promise them.
func (s *Service) Rules() Rules { return s.rules }

// Quote prices items as they stand in q. Items of one SKU are put together. It does not look at stock: placing takes
// it, and the pages show it. An unknown SKU is NotFound, one that is not on sale 50103, a senseless count Invalid.
func (s *Service) Quote(ctx context.Context, q db.Queryer, items []Item) (Quote, error) {
	items, err := merge(items)
	if err != nil {
		return Quote{}, err
	}
	ids := make([]int64, len(items))
	for i, it := range items {
		ids[i] = it.SKUID
	}
	skus, err := s.catalog.SKUs(ctx, q, ids)
	if err != nil {
		return Quote{}, fmt.Errorf("look up SKUs to price: %w", err)
	}
	var quote Quote
	physical := money.Fen(0)
	for _, it := range items {
		line, err := price(skus, it)
		if err != nil {
			return Quote{}, err
		}
		quote.Lines = append(quote.Lines, line)
		quote.Count += line.Count
		if quote.Goods, err = quote.Goods.Add(line.Goods); err != nil {
			return Quote{}, tooMuch()
		}
		if !line.SKU.Virtual {
			physical += line.Payable
		}
	}
	quote.Freight, quote.FreightShort = s.freight(quote.Lines, physical)
	if quote.Payable, err = (quote.Goods - quote.Discount).Add(quote.Freight); err != nil {
		return Quote{}, tooMuch()
	}
	quote.Digest = digest(quote)
	return quote, nil
}

func price(skus map[int64]catalog.SKU, it Item) (Line, error) {
	sku, ok := skus[it.SKUID]
	if !ok {
		return Line{}, fault.Missing()
	}
	if !sku.Launched {
		return Line{}, fault.New(fault.Conflict, fault.CodeShortStock, "%s 已下架", sku.Name)
	}
	goods, err := sku.Price.Times(it.Count)
	if err != nil {
		return Line{}, tooMuch()
	}
	return Line{SKU: sku, Count: it.Count, Unit: sku.Price, Goods: goods, Payable: goods}, nil
}

// freight is what the order pays for parcels and how much more goods would make that nothing.
func (s *Service) freight(lines []Line, physical money.Fen) (freight, short money.Fen) {
	for _, l := range lines {
		if l.SKU.Virtual {
			continue
		}
		if physical < s.rules.FreeFrom {
			return s.rules.Freight, s.rules.FreeFrom - physical
		}
		break
	}
	return 0, 0
}

// merge checks counts and puts items of one SKU together, in the order of their first mention.
func merge(items []Item) ([]Item, error) {
	var list []Item
	at := map[int64]int{}
	for _, it := range items {
		if it.Count < 1 || it.Count > catalog.MaxPerOrder {
			return nil, badCount()
		}
		i, seen := at[it.SKUID]
		if !seen {
			at[it.SKUID] = len(list)
			list = append(list, it)
			continue
		}
		if list[i].Count += it.Count; list[i].Count > catalog.MaxPerOrder {
			return nil, badCount()
		}
	}
	return list, nil
}

func badCount() error {
	return fault.Field("count", "数量要在 1 到 %d 之间", catalog.MaxPerOrder)
}

func tooMuch() error {
	return fault.New(fault.Invalid, 0, "金额超出了一笔订单的上限")
}

// digest changes whenever anything changes that the shopper agreed to pay for.
func digest(q Quote) string {
	h := sha256.New()
	for _, l := range q.Lines {
		fmt.Fprintf(h, "%d×%d@%d=%d;", l.SKU.ID, l.Count, l.Unit, l.Payable)
	}
	fmt.Fprintf(h, "-%d+%d=%d", q.Discount, q.Freight, q.Payable)
	return hex.EncodeToString(h.Sum(nil))
}
