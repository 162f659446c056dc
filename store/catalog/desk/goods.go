package desk

import (
	"context"
	"strings"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/typed"
)

const goodsSize = 30

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
// their name.
func (d *Desk) GoodsList(ctx context.Context, q string, after int64) (list GoodsList, err error) {
	defer fault.Wrap(&err, "list products")
	where, args := "1 = 1", []any{}
	if after > 0 {
		where, args = "p.id < ?", []any{after}
	}
	if q = strings.TrimSpace(strings.ToValidUTF8(q, "")); q != "" {
		named, words := d.db.Contains(typed.Clip(q, catalog.MaxQuery), "p.name", "p.name_en")
		where, args = where+" AND "+named, append(args, words...)
	}
	err = d.db.Select(ctx, &list.Goods, "SELECT "+catalog.CardColumns+", p.is_launched, p.is_virtual FROM spus p WHERE "+where+
		" ORDER BY p.id DESC LIMIT ?", append(args, goodsSize+1)...)
	if len(list.Goods) > goodsSize {
		list.Goods = list.Goods[:goodsSize]
		list.After = list.Goods[goodsSize-1].SPUID
	}
	return list, err
}
