package desk

import (
	"context"
	"strings"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/typed"
)

const (
	goodsSize = 30
	// goodsLooked is how many names are compared with what is looked for in one request; then the list goes on in the next.
	goodsLooked = 10_000
)

// Goods is a product as the merchant's list shows it.
type Goods struct {
	catalog.Card
	Launched bool `db:"is_launched"`
	Virtual  bool `db:"is_virtual"`
}

// GoodsList is a piece of that list. After is where the next one begins, 0 if there is none.
type GoodsList struct {
	Goods []Goods
	After int64
}

// GoodsList lists all products, the newest number first, from the one after the product named. q finds those that have it in
// their name: in a large shop it may find few, or none, in a piece of the list, and more in the next.
func (d *Desk) GoodsList(ctx context.Context, q string, after int64) (list GoodsList, err error) {
	defer fault.Wrap(&err, "list products")
	where, args := "1 = 1", []any{}
	if after > 0 {
		where, args = "p.id < ?", []any{after}
	}
	end := int64(0) // the lowest number that is looked at, if not all are
	if q = strings.TrimSpace(strings.ToValidUTF8(q, "")); q != "" {
		err := d.db.Get(ctx, &end, "SELECT p.id FROM spus p WHERE "+where+" ORDER BY p.id DESC LIMIT 1 OFFSET ?", append(args, goodsLooked-1)...)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return list, err
		}
		where, args = where+" AND p.id >= ?", append(args, end)
		named, words := d.db.Contains(typed.Clip(q, catalog.MaxQuery), "p.name", "p.name_en")
		where, args = where+" AND "+named, append(args, words...)
	}
	err = d.db.Select(ctx, &list.Goods, "SELECT "+catalog.CardColumns+", p.is_launched, p.is_virtual FROM spus p WHERE "+where+
		" ORDER BY p.id DESC LIMIT ?", append(args, goodsSize+1)...)
	if list.After = end; len(list.Goods) > goodsSize {
		list.Goods = list.Goods[:goodsSize]
		list.After = list.Goods[goodsSize-1].SPUID
	}
	return list, err
}
