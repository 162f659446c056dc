package catalog

import (
	"context"
	"fmt"
	"slices"
	"time"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/search"
	"dashop/store/stock"
)

const (
	// cursorName is the setting that says up to when the stock ledger has been looked at.
	cursorName = "cards_refreshed_until"
	// cursorFormat keeps the order of times as texts, so that the database can compare them.
	cursorFormat = "2006-01-02T15:04:05.000Z"
	// overlap is read again each time: an entry bears the time at which its transaction began, and may be seen only later.
	overlap = time.Minute
	// refreshBatch products are brought up to date in one transaction.
	refreshBatch = 100
	// skuBatch SKUs are looked up in one query.
	skuBatch = 1000
)

// figures are what a card shows of a product's SKUs.
type figures struct {
	SPUID    int64     `db:"id"`
	MinPrice money.Fen `db:"min_price_fen"`
	MaxPrice money.Fen `db:"max_price_fen"`
	Market   money.Fen `db:"market_fen"` // of the SKU with the lowest price; in a sale the ordinary price of it
	SaleKind string    `db:"sale_kind"`  // of that SKU
	Sales    int64     `db:"sales"`
	InStock  bool      `db:"in_stock"`
}

// RefreshCards brings the card figures of these products up to date. It is safe to repeat.
func (s *Service) RefreshCards(ctx context.Context, spuIDs []int64) (err error) {
	defer fault.Wrap(&err, "refresh card figures")
	for batch := range slices.Chunk(spuIDs, refreshBatch) {
		if err := s.db.Tx(ctx, func(tx *db.Tx) error { return RefreshCards(ctx, tx, batch) }); err != nil {
			return err
		}
	}
	return nil
}

// RefreshChanged brings the card figures of all products up to date whose stock has moved since the last time, and says how
// many those were. A recurring job calls it; placing an order never touches cards. It is safe to repeat at any time.
func (s *Service) RefreshChanged(ctx context.Context) (products int, err error) {
	defer fault.Wrap(&err, "refresh the cards of changed products")
	start := s.clock()
	since, err := s.cursor(ctx)
	if err != nil {
		return 0, err
	}
	skus, err := stock.Moved(ctx, s.db, since.Add(-overlap))
	if err != nil {
		return 0, err
	}
	ids, err := s.productsOf(ctx, skus)
	if err != nil {
		return 0, err
	}
	if err := s.RefreshCards(ctx, ids); err != nil {
		return 0, err
	}
	return len(ids), s.db.Tx(ctx, func(tx *db.Tx) error { return refreshedUntil(ctx, tx, start) })
}

// productsOf are the products of some SKUs, each once.
func (s *Service) productsOf(ctx context.Context, skuIDs []int64) (spuIDs []int64, err error) {
	for batch := range slices.Chunk(skuIDs, skuBatch) {
		var ids []int64
		query, args := db.In("SELECT DISTINCT spu_id FROM skus WHERE id IN (?)", batch)
		if err := s.db.Select(ctx, &ids, query, args...); err != nil {
			return nil, fmt.Errorf("find products of SKUs: %w", err)
		}
		spuIDs = append(spuIDs, ids...)
	}
	slices.Sort(spuIDs)
	return slices.Compact(spuIDs), nil
}

func (s *Service) cursor(ctx context.Context) (time.Time, error) {
	text, err := db.Setting(ctx, s.db, cursorName)
	if fault.Is(err, fault.NotFound) {
		return time.Unix(0, 0).UTC().Add(overlap), nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("read how far card figures are: %w", err)
	}
	return time.Parse(cursorFormat, text)
}

// refreshedUntil notes in tx that card figures hold all that happened before t. It does not go back, unless two nodes do this
// at the same moment, and then only by the time between them.
func refreshedUntil(ctx context.Context, tx *db.Tx, t time.Time) error {
	text := t.UTC().Format(cursorFormat)
	have, err := db.Setting(ctx, tx, cursorName)
	if err == nil && have >= text {
		return nil
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return db.SetSetting(ctx, tx, cursorName, text)
}

// RefreshCards brings the card figures of some products up to date in tx.
func RefreshCards(ctx context.Context, tx *db.Tx, spuIDs []int64) error {
	if len(spuIDs) == 0 {
		return nil
	}
	var old []figures
	query, args := db.In("SELECT id, min_price_fen, max_price_fen, market_fen, sale_kind, sales, in_stock FROM spus WHERE id IN (?) ORDER BY id",
		spuIDs)
	if err := tx.Select(ctx, &old, query, args...); err != nil {
		return err
	}
	fresh, err := count(ctx, tx, spuIDs)
	if err != nil {
		return err
	}
	var reranked []int64 // those whose rank in searches has changed
	for _, was := range old {
		now := fresh[was.SPUID]
		now.SPUID = was.SPUID
		if now == was {
			continue
		}
		if _, err := tx.Exec(ctx, `UPDATE spus SET min_price_fen = ?, max_price_fen = ?, market_fen = ?, sale_kind = ?,
			sales = ?, in_stock = ? WHERE id = ?`, now.MinPrice, now.MaxPrice, now.Market, now.SaleKind, now.Sales, now.InStock, now.SPUID); err != nil {
			return err
		}
		MarkChanged(ctx, tx)
		if search.Bucket(now.Sales) != search.Bucket(was.Sales) {
			reranked = append(reranked, now.SPUID)
		}
	}
	return search.Rerank(ctx, tx, reranked...)
}

// count takes the figures from the SKUs. Those not launched count only for the sales. It only reads stocks, the hottest
// rows there are: an UPDATE with a subselect would lock them.
func count(ctx context.Context, q db.Queryer, spuIDs []int64) (map[int64]figures, error) {
	var skus []struct {
		SKU
		Sold int64 `db:"sold"`
	}
	query, args := db.In(`SELECT k.id, k.spu_id, k.price_fen, k.sale_id, k.sale_fen, k.sale_kind, k.market_fen, k.is_launched,
			COALESCE(s.quantity, 0) AS quantity, COALESCE(s.sold, 0) AS sold
		FROM skus k LEFT JOIN stocks s ON s.sku_id = k.id WHERE k.spu_id IN (?) ORDER BY k.spu_id, k.id`, spuIDs)
	if err := q.Select(ctx, &skus, query, args...); err != nil {
		return nil, err
	}
	fresh := map[int64]figures{}
	priced := map[int64]bool{} // products of which a launched SKU has been read
	for _, k := range skus {
		f := fresh[k.SPUID]
		f.Sales += k.Sold
		if k.Launched {
			if now := k.Now(); !priced[k.SPUID] || now < f.MinPrice {
				f.MinPrice, f.Market, f.SaleKind = now, k.Struck(), k.SaleKind
			}
			priced[k.SPUID] = true
			f.MaxPrice = max(f.MaxPrice, k.Now())
			f.InStock = f.InStock || k.Stock > 0
		}
		fresh[k.SPUID] = f
	}
	return fresh, nil
}
