package catalog

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"dashop/store/audit"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/search"
)

const (
	goodsSize = 30
	// MaxPrice is the highest price a SKU may have.
	MaxPrice money.Fen = 100_000_000
)

// Goods is a product as the merchant's list shows it.
type Goods struct {
	Card
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
func (s *Service) GoodsList(ctx context.Context, q string, after int64) (list GoodsList, err error) {
	where, args := "1 = 1", []any{}
	if after > 0 {
		where, args = "p.id < ?", []any{after}
	}
	if q = strings.TrimSpace(strings.ToValidUTF8(q, "")); q != "" {
		like := "%" + likeEscapes.Replace(string([]rune(q)[:min(MaxQuery, utf8.RuneCountInString(q))])) + "%"
		where, args = where+" AND (p.name LIKE ? ESCAPE '!' OR p.name_en LIKE ? ESCAPE '!')", append(args, like, like)
	}
	err = s.db.Select(ctx, &list.Goods, "SELECT "+cardColumns+", p.is_launched, p.is_virtual FROM spus p WHERE "+where+
		" ORDER BY p.id DESC LIMIT ?", append(args, goodsSize+1)...)
	if len(list.Goods) > goodsSize {
		list.Goods = list.Goods[:goodsSize]
		list.After = list.Goods[goodsSize-1].SPUID
	}
	return list, err
}

// ProductInput is what the merchant says of a product.
type ProductInput struct {
	Name        string `db:"name"`
	NameEN      string `db:"name_en"`
	Caption     string `db:"caption"`
	CaptionEN   string `db:"caption_en"`
	Description string `db:"description"` // Markdown
	DescriptEN  string `db:"description_en"`
	Launched    bool   `db:"is_launched"`
}

// SKUInput is what the merchant says of a variant.
type SKUInput struct {
	ID       int64     `db:"id"`
	Price    money.Fen `db:"price_fen"`
	Market   money.Fen `db:"market_fen"` // to strike; 0: none
	Launched bool      `db:"is_launched"`
}

// Editing is a product with its variants as the merchant's form shows them.
type Editing struct {
	ID      int64
	Image   string
	Virtual bool
	Input   ProductInput
	SKUs    []EditingSKU
}

// EditingSKU is one variant in that form.
type EditingSKU struct {
	SKUInput
	Name, NameEN string // of the product and the variant together
	Spec, SpecEN string
	Quantity     int64
	Sold         int64
}

// Has says whether a SKU is one of this product.
func (e Editing) Has(skuID int64) bool {
	return slices.ContainsFunc(e.SKUs, func(k EditingSKU) bool { return k.ID == skuID })
}

// Editing reads a product for the merchant's form.
func (s *Service) Editing(ctx context.Context, spuID int64) (Editing, error) {
	var row struct {
		ProductInput
		Image   string `db:"image"`
		Virtual bool   `db:"is_virtual"`
	}
	err := s.db.Get(ctx, &row, `SELECT name, name_en, caption, caption_en, description, description_en, is_launched, image, is_virtual
		FROM spus WHERE id = ?`, spuID)
	if err != nil {
		return Editing{}, err
	}
	e := Editing{ID: spuID, Image: row.Image, Virtual: row.Virtual, Input: row.ProductInput}
	var skus []SKU
	if err := s.db.Select(ctx, &skus, "SELECT "+skuColumns+" WHERE k.spu_id = ? ORDER BY k.id", spuID); err != nil {
		return e, err
	}
	if err := wordSpecs(ctx, s.db, skus); err != nil {
		return e, err
	}
	var rows []struct {
		SKUInput
		Quantity int64 `db:"quantity"`
		Sold     int64 `db:"sold"`
	}
	err = s.db.Select(ctx, &rows, `SELECT k.id, k.price_fen, k.market_fen, k.is_launched, COALESCE(s.quantity, 0) AS quantity, COALESCE(s.sold, 0) AS sold
		FROM skus k LEFT JOIN stocks s ON s.sku_id = k.id WHERE k.spu_id = ? ORDER BY k.id`, spuID)
	if err != nil || len(rows) != len(skus) {
		return e, err
	}
	for i, r := range rows {
		e.SKUs = append(e.SKUs, EditingSKU{SKUInput: r.SKUInput, Name: skus[i].Name, NameEN: skus[i].NameEN, Spec: skus[i].Spec, SpecEN: skus[i].SpecEN, Quantity: r.Quantity, Sold: r.Sold})
	}
	return e, nil
}

// SaveProduct keeps what the merchant says of a product and of its variants, with the figures of its card. Wrong fields
// are named as in the form: name, caption, …, and price_7 or market_7 of the SKU 7.
func (s *Service) SaveProduct(ctx context.Context, staffID, spuID int64, in ProductInput, skus []SKUInput) error {
	e, err := s.Editing(ctx, spuID)
	if err != nil {
		return err
	}
	if err := checkProduct(e, in, skus); err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		Changed(ctx, tx)
		_, err := tx.Exec(ctx, `UPDATE spus SET name = ?, name_en = ?, caption = ?, caption_en = ?, description = ?, description_en = ?, is_launched = ?
			WHERE id = ?`, in.Name, in.NameEN, in.Caption, in.CaptionEN, in.Description, in.DescriptEN, in.Launched, spuID)
		if err != nil {
			return fmt.Errorf("save product %d: %w", spuID, err)
		}
		if err := rename(ctx, tx, e, in); err != nil {
			return err
		}
		for _, k := range skus {
			_, err := tx.Exec(ctx, "UPDATE skus SET price_fen = ?, market_fen = ?, is_launched = ? WHERE id = ? AND spu_id = ?",
				k.Price, k.Market, k.Launched, k.ID, spuID)
			if err != nil {
				return fmt.Errorf("save SKU %d: %w", k.ID, err)
			}
		}
		if err := RefreshCards(ctx, tx, []int64{spuID}); err != nil {
			return err
		}
		if err := search.Index(ctx, tx, spuID); err != nil {
			return err
		}
		return audit.Log(ctx, tx, staffID, "product_saved", fmt.Sprintf("spu %d", spuID), changes(e, in, skus), now)
	})
}

// rename lets the names of the variants follow the product's, where they begin with it.
func rename(ctx context.Context, tx *db.Tx, e Editing, in ProductInput) error {
	for _, k := range e.SKUs {
		name, nameEN := k.Name, k.NameEN
		if rest, ok := strings.CutPrefix(name, e.Input.Name); ok {
			name = in.Name + rest
		}
		if rest, ok := strings.CutPrefix(nameEN, e.Input.NameEN); ok && e.Input.NameEN != "" {
			nameEN = in.NameEN + rest
		}
		if name == k.Name && nameEN == k.NameEN {
			continue
		}
		if _, err := tx.Exec(ctx, "UPDATE skus SET name = ?, name_en = ? WHERE id = ?", name, nameEN, k.ID); err != nil {
			return fmt.Errorf("rename SKU %d: %w", k.ID, err)
		}
	}
	return nil
}

func checkProduct(e Editing, in ProductInput, skus []SKUInput) error {
	bad := &fault.Error{Kind: fault.Invalid, Text: fault.Text{Msg: "请检查标出的内容"}}
	length := func(field, text string, least, most int) {
		if n := utf8.RuneCountInString(text); n < least || n > most {
			bad.With(field, "要填 %d 到 %d 个字", least, most)
		}
	}
	length("name", in.Name, 1, 100)
	length("name_en", in.NameEN, 0, 200)
	length("caption", in.Caption, 0, 150)
	length("caption_en", in.CaptionEN, 0, 250)
	length("description", in.Description, 0, 10_000)
	length("description_en", in.DescriptEN, 0, 10_000)
	launched := 0
	for _, k := range skus {
		if k.Price < 1 || k.Price > MaxPrice {
			bad.With(fmt.Sprintf("price_%d", k.ID), "价格要在 0.01 到 %s 元之间", MaxPrice)
		}
		if k.Market < 0 || k.Market > MaxPrice {
			bad.With(fmt.Sprintf("market_%d", k.ID), "划线价最多 %s 元，不填就没有", MaxPrice)
		}
		if k.Launched {
			launched++
		}
	}
	switch {
	case in.Launched && e.Virtual: // an order could not honour it
		bad.With("launched", "课程和下载现在还不能出售")
	case in.Launched && launched == 0:
		bad.With("launched", "至少要有一个规格在售，商品才能上架")
	}
	return bad.OrNil()
}

// changes words what is different now, for the book of who changed what.
func changes(e Editing, in ProductInput, skus []SKUInput) string {
	var parts []string
	if e.Input.Launched != in.Launched {
		parts = append(parts, fmt.Sprintf("launched %t", in.Launched))
	}
	if e.Input.Name != in.Name {
		parts = append(parts, "name")
	}
	for _, k := range skus {
		for _, was := range e.SKUs {
			if was.ID == k.ID && was.Price != k.Price {
				parts = append(parts, fmt.Sprintf("sku %d %s to %s", k.ID, was.Price, k.Price))
			}
		}
	}
	text := strings.Join(parts, ", ")
	return text[:min(len(text), 300)]
}

// likeEscapes makes a word literal inside LIKE … ESCAPE '!'. The backslash would need other writing on each database.
var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")
