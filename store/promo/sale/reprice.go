package sale

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
)

// Reprice writes the price of the moment into the rows of all SKUs of some products, and with it what their cards show. It is to be called
// in each transaction that changes what this depends on: a price, a product's category or brand, a promotion, the last piece of a
// flash sale. It is safe to repeat, and by two nodes at once: the rows follow from the promotions and the clock alone.
//
// It reads the clock itself, once it has the products: by a moment from before the wait for them it would undo what the sweep did meanwhile,
// and nothing would be due any more that puts it right.
func Reprice(ctx context.Context, tx *db.Tx, clock db.Clock, spuIDs ...int64) (err error) {
	defer fault.Wrap(&err, "reprice products %v", spuIDs)
	if len(spuIDs) == 0 {
		return nil
	}
	if err := tx.HoldAll(ctx, "spus", spuIDs); err != nil { // one after the other, so that the last one has seen all that there is
		return err
	}
	now := clock()
	var skus []catalog.SKU
	query, args := db.In(`SELECT k.id, k.spu_id, k.price_fen, k.sale_id, k.sale_fen, k.sale_kind, p.category1_id, p.category2_id, p.category3_id, p.brand_id
		FROM skus k JOIN spus p ON p.id = k.spu_id WHERE k.spu_id IN (?) ORDER BY k.id`, spuIDs)
	if err := tx.Select(ctx, &skus, query, args...); err != nil {
		return err
	}
	sales, err := running(ctx, tx, skus, now)
	if err != nil {
		return err
	}
	changed := map[int64]bool{}
	for _, k := range skus {
		fresh := k
		fresh.SaleID, fresh.SalePrice, fresh.SaleKind = 0, 0, ""
		if best, price := promo.BestSale(k, sales, now); best != nil {
			fresh.SaleID, fresh.SalePrice, fresh.SaleKind = best.ID, price, string(best.Kind)
		}
		if fresh.SaleID == k.SaleID && fresh.SalePrice == k.SalePrice && fresh.SaleKind == k.SaleKind {
			continue
		}
		catalog.MarkChanged(ctx, tx)
		tx.Changed(catalog.SKUsOf(k.SPUID))
		changed[k.SPUID] = true
		if _, err := tx.Exec(ctx, "UPDATE skus SET sale_id = ?, sale_fen = ?, sale_kind = ? WHERE id = ?", fresh.SaleID, fresh.SalePrice,
			fresh.SaleKind, k.ID); err != nil {
			return err
		}
	}
	var cards []int64
	for _, id := range spuIDs {
		if changed[id] {
			cards = append(cards, id)
		}
	}
	return catalog.RefreshCards(ctx, tx, cards)
}

// running are the sales whose window contains this moment, with as much of their scopes and prices as some SKUs need.
func running(ctx context.Context, q db.Queryer, skus []catalog.SKU, now time.Time) ([]promo.SaleTerms, error) {
	if len(skus) == 0 {
		return nil, nil
	}
	var rows []saleRow
	query, args := db.In("SELECT "+saleColumns+" FROM promotions WHERE kind IN (?) AND is_published = 1 AND ends_at > ? AND starts_at <= ?",
		saleKinds, now, now)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	return terms(ctx, q, rows, skus)
}

// Terms are the sales whose window contains a moment, and one more as if it were published, with as much of their scopes and prices as some SKUs
// need: for prices that are to come.
func Terms(ctx context.Context, q db.Queryer, skus []catalog.SKU, at time.Time, with int64) ([]promo.SaleTerms, error) {
	sales, err := running(ctx, q, skus, at)
	if err != nil || with == 0 || slices.ContainsFunc(sales, func(t promo.SaleTerms) bool { return t.ID == with }) {
		return sales, err
	}
	var rows []saleRow
	query, args := db.In("SELECT "+saleColumns+" FROM promotions WHERE id = ? AND kind IN (?)", with, saleKinds)
	if err := q.Select(ctx, &rows, query, args...); err != nil {
		return nil, err
	}
	for i := range rows {
		rows[i].Published = true
	}
	more, err := terms(ctx, q, rows, skus)
	return append(sales, more...), err
}

// terms are sales with as much of their scopes and prices as some SKUs need.
func terms(ctx context.Context, q db.Queryer, rows []saleRow, skus []catalog.SKU) ([]promo.SaleTerms, error) {
	if len(rows) == 0 {
		return nil, nil
	}
	sales, at := make([]promo.SaleTerms, len(rows)), map[int64]*promo.SaleTerms{}
	promotions := make([]int64, len(rows))
	for i, r := range rows {
		sales[i] = promo.SaleTerms{Promotion: r.promotion(nil), Own: map[int64]promo.OwnPrice{}}
		promotions[i], at[r.ID] = r.ID, &sales[i]
	}
	if err := addScopes(ctx, q, at, promotions, skus); err != nil {
		return nil, err
	}
	return sales, addPrices(ctx, q, at, promotions, skus)
}

// addScopes reads which targets of the promotions the SKUs are, or belong to.
func addScopes(ctx context.Context, q db.Queryer, at map[int64]*promo.SaleTerms, promotions []int64, skus []catalog.SKU) error {
	about := map[int64]bool{}
	for _, k := range skus {
		for _, id := range []int64{k.ID, k.SPUID, k.BrandID, k.Category1, k.Category2, k.Category3} {
			about[id] = true
		}
	}
	var targets []struct {
		PromotionID int64 `db:"promotion_id"`
		TargetID    int64 `db:"target_id"`
	}
	query, args := db.In("SELECT promotion_id, target_id FROM promotion_targets WHERE promotion_id IN (?) AND target_id IN (?)", promotions, keys(about))
	if err := q.Select(ctx, &targets, query, args...); err != nil {
		return fmt.Errorf("read scopes: %w", err)
	}
	for _, t := range targets {
		scope := &at[t.PromotionID].Scope
		scope.IDs = append(scope.IDs, t.TargetID)
	}
	return nil
}

// addPrices reads the prices that the promotions set for the SKUs.
func addPrices(ctx context.Context, q db.Queryer, at map[int64]*promo.SaleTerms, promotions []int64, skus []catalog.SKU) error {
	ids := make([]int64, len(skus))
	for i, k := range skus {
		ids[i] = k.ID
	}
	var prices []struct {
		PromotionID int64 `db:"promotion_id"`
		SKUID       int64 `db:"sku_id"`
		promo.OwnPrice
	}
	query, args := db.In("SELECT promotion_id, sku_id, price_fen, quantity FROM promotion_skus WHERE sku_id IN (?) AND promotion_id IN (?)", ids, promotions)
	if err := q.Select(ctx, &prices, query, args...); err != nil {
		return fmt.Errorf("read prices: %w", err)
	}
	for _, p := range prices {
		at[p.PromotionID].Own[p.SKUID] = p.OwnPrice
	}
	return nil
}

// saleKinds are the kinds of promotions that change what one piece costs.
var saleKinds = []promo.Kind{promo.KindPrice, promo.KindFlash}

const saleColumns = "id, kind, name, name_en, scope, percent, per_person, priority, starts_at, ends_at, is_published, is_open, changes"

// saleRow is a promotion as it is stored.
type saleRow struct {
	promo.Promotion
	ScopeKind promo.ScopeKind `db:"scope"`
	Changes   int64           `db:"changes"`
}

func (r saleRow) promotion(targets []int64) promo.Promotion {
	p := r.Promotion
	p.Scope = promo.Scope{Kind: r.ScopeKind, IDs: targets}
	return p
}

func keys(set map[int64]bool) []int64 {
	list := make([]int64, 0, len(set))
	for id := range set {
		list = append(list, id)
	}
	return list
}
