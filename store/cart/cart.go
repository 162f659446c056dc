// Package cart keeps the lines that a visitor or a user means to buy.
package cart

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/recent"
)

// MaxLines is how many SKUs one may put into a cart.
const MaxLines = 200

// MaxMerged is how many SKUs a cart may hold after merges. Nobody is to lose at login what two full carts held, and carts must
// not grow with each login all the same. One order takes them all.
const MaxMerged = 500

// Catalog looks SKUs up by id, on sale or not.
type Catalog interface {
	// SKUs are complete, as pages show them.
	SKUs(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
	// SKUStock contain only the name, what a piece costs, whether the SKU is on sale, and how many an order can get.
	SKUStock(ctx context.Context, q db.Queryer, ids []int64) (map[int64]catalog.SKU, error)
}

// Favourites keep products for users, within the cart's transaction.
type Favourites interface {
	// Keep says which of the products the user did not keep before.
	Keep(ctx context.Context, tx *db.Tx, userID int64, spuIDs []int64) (kept []int64, err error)
	// LetGo lets products go; one that is not kept is no fault.
	LetGo(ctx context.Context, tx *db.Tx, userID int64, spuIDs []int64) error
}

// Service keeps carts.
type Service struct {
	db         *db.DB
	catalog    Catalog
	promo      *promo.Service
	clock      db.Clock
	counts     *recent.Cache[Owner, int]
	favourites Favourites
	onAdd      func(ctx context.Context, userID int64, k catalog.SKU) error
}

// countsKept is of how many carts the count is kept for a moment.
const countsKept = 10_000

// New makes a Service.
func New(d *db.DB, c Catalog, p *promo.Service, clock db.Clock) *Service {
	s := &Service{db: d, catalog: c, promo: p, clock: clock}
	s.counts = recent.New(d.Changes(), countsKept, s.readCount)
	return s
}

// MoveTo says where lines are kept that one would rather keep than buy; it is called once, while the shop is put together.
func (s *Service) MoveTo(f Favourites) { s.favourites = f }

// named is a cart, to those who keep what is in it for a moment.
func named(owner Owner) recent.Name { return recent.NameOf("cart", owner) }

// UserOwner is the cart of a user.
func UserOwner(id int64) Owner { return Owner("u:" + strconv.FormatInt(id, 10)) }

// VisitorOwner is the cart of a browser whose session holds this token.
func VisitorOwner(token string) Owner { return Owner("v:" + token) }

// VisitorToken is the token of a visitor's cart; a user's has none.
func VisitorToken(owner Owner) (string, bool) { return strings.CutPrefix(string(owner), "v:") }

// userID is whose cart it is; 0: a visitor's.
func userID(owner Owner) int64 {
	id, isUser := strings.CutPrefix(string(owner), "u:")
	if !isUser {
		return 0
	}
	n, _ := strconv.ParseInt(id, 10, 64)
	return n
}

// stored is a line as the table keeps it.
type stored struct {
	SKUID int64 `db:"sku_id"`
	state
}

// Add puts count pieces of a SKU into the cart, on top of those there, and ticks the line. More than there are in
// stock, or than an order may hold, is refused with 50103 and the number that is left.
func (s *Service) Add(ctx context.Context, owner Owner, sku, count int64) error {
	if err := promo.CheckCount(count); err != nil {
		return err
	}
	product, err := s.sku(ctx, sku)
	if err == nil {
		err = promo.CheckLimit(product, count)
	}
	if err != nil {
		return err
	}
	if err := s.mayBuy(ctx, owner, product); err != nil {
		return err
	}
	lines, err := s.stored(s.db.PointRead(ctx), s.db, owner)
	if err != nil {
		return err
	}
	have, err := mayAdd(lines, product, count) // most refusals need no transaction; what it finds is what counts
	if err != nil {
		return err
	}
	now := s.clock()
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(named(owner))
		if have > 0 {
			if added, err := increase(ctx, tx, owner, product, count, now); err != nil || added {
				return err
			}
		}
		lines, err := s.stored(ctx, tx, owner)
		if err != nil {
			return err
		}
		have, err := mayAdd(lines, product, count)
		if err != nil {
			return err
		}
		if have == 0 {
			line := &state{Count: count, Selected: true, At: now, Added: product.Now()}
			if added, err := swap(ctx, tx, owner, sku, nil, line); err != nil || added {
				return err
			}
		}
		// Two clicks at once may both pass the check above; the row itself has the last word.
		if added, err := increase(ctx, tx, owner, product, count, now); err != nil || added {
			return err
		}
		return atMost(product, have)
	})
}

// mayAdd says how many pieces of a SKU are in a cart of these lines, and refuses count more of them that are too many.
func mayAdd(lines []stored, product catalog.SKU, count int64) (have int64, err error) {
	for _, l := range lines {
		if l.SKUID == product.ID {
			have = l.Count
		}
	}
	if have == 0 && len(lines) >= MaxLines {
		return 0, fault.New(fault.Conflict, 0, "购物车最多放 %d 种商品", MaxLines)
	}
	if have+count > product.Most() {
		return 0, atMost(product, have)
	}
	return have, nil
}

// increase adds count pieces to a line that is there and has room for them, and says whether it did.
func increase(ctx context.Context, tx *db.Tx, owner Owner, product catalog.SKU, count int64, now time.Time) (bool, error) {
	n, err := tx.Exec(ctx, `UPDATE cart_lines SET count = count + ?, selected = 1, created_at = ?, added_fen = ?
		WHERE owner = ? AND sku_id = ? AND count <= ?`, count, now, product.Now(), owner, product.ID, product.Most()-count)
	return n > 0, err
}

// OnAdd registers a function that is asked before a user puts a SKU into the cart, and refuses what that person need not buy again. Call it
// before the service is used.
func (s *Service) OnAdd(check func(ctx context.Context, userID int64, k catalog.SKU) error) {
	s.onAdd = check
}

// mayBuy asks the function given to OnAdd. Who a visitor is nobody knows yet: placing an order asks again.
func (s *Service) mayBuy(ctx context.Context, owner Owner, k catalog.SKU) error {
	id := userID(owner)
	if !k.Virtual || id == 0 || s.onAdd == nil {
		return nil
	}
	return s.onAdd(ctx, id, k)
}

// Change sets the count or the tick of a line, or both; nil leaves as it is.
func (s *Service) Change(ctx context.Context, owner Owner, sku int64, count *int64, selected *bool) error {
	if count != nil {
		if err := promo.CheckCount(*count); err != nil {
			return err
		}
		product, err := s.sku(ctx, sku)
		if err == nil {
			err = promo.CheckLimit(product, *count)
		}
		if err != nil {
			return err
		}
		if *count > product.Most() {
			return atMost(product, 0)
		}
	}
	return s.db.Tx(ctx, func(tx *db.Tx) error {
		tx.Changed(named(owner))
		n, err := tx.Exec(ctx, "UPDATE cart_lines SET count = COALESCE(?, count), selected = COALESCE(?, selected) WHERE owner = ? AND sku_id = ?",
			count, selected, owner, sku)
		if err == nil && n == 0 {
			return fault.Missing()
		}
		return err
	})
}

// Cart is the cart as it stands now, priced.
func (s *Service) Cart(ctx context.Context, owner Owner) (Cart, error) {
	lines, err := s.lines(ctx, s.db, owner)
	if err != nil {
		return Cart{}, err
	}
	var c Cart
	var ticked, others []promo.Item
	skus := make(map[int64]catalog.SKU, len(lines))
	for _, l := range lines {
		skus[l.SKU.ID] = l.SKU
		if l.Gone() {
			c.Gone = append(c.Gone, l)
			continue
		}
		c.Lines = append(c.Lines, l)
		switch item := (promo.Item{SKUID: l.SKU.ID, Count: l.Count}); {
		case l.Short():
		case l.Selected:
			ticked = append(ticked, item)
		case l.SKU.SaleID != 0: // what it would cost depends on how many pieces the sale has left
			others = append(others, item)
		}
	}
	if c.Quote, err = s.promo.QuoteOf(ctx, s.db, skus, promo.Ask{UserID: userID(owner), Items: ticked}); err != nil {
		return Cart{}, err
	}
	c.price(c.Quote)
	if len(others) > 0 {
		unticked, err := s.promo.QuoteOf(ctx, s.db, skus, promo.Ask{UserID: userID(owner), Items: others})
		if err != nil {
			return Cart{}, err
		}
		c.price(unticked)
	}
	return c, nil
}

// Count is the number of pieces in the cart, for the badge. What this node does to the cart counts at once, what others do within a
// second.
func (s *Service) Count(ctx context.Context, owner Owner) (int, error) {
	return s.counts.Get(ctx, owner)
}

func (s *Service) readCount(ctx context.Context, owner Owner) (n int, of []recent.Name, err error) {
	err = s.db.Get(s.db.PointRead(ctx), &n, "SELECT COALESCE(SUM(count), 0) FROM cart_lines WHERE owner = ?", owner)
	return n, []recent.Name{named(owner)}, err
}

// Kinds is how many lines a cart has.
func (s *Service) Kinds(ctx context.Context, owner Owner) (n int, err error) {
	err = s.db.Get(ctx, &n, "SELECT COUNT(*) FROM cart_lines WHERE owner = ?", owner)
	return n, err
}

// Choices are the SKUs on sale of a line's product, sold out or not, in the order in which they were made.
func (s *Service) Choices(ctx context.Context, l Line) ([]catalog.SKU, error) {
	skus, err := catalog.ProductSKUs(ctx, s.db, l.SKU.SPUID)
	return slices.DeleteFunc(skus, func(k catalog.SKU) bool { return !k.Launched }), err
}

// Ticked are the ticked lines as q reads them, newest first, including those that cannot be bought.
func (s *Service) Ticked(ctx context.Context, q db.Queryer, owner Owner) ([]Line, error) {
	lines, err := s.lines(ctx, q, owner)
	if err != nil {
		return nil, err
	}
	var ticked []Line
	for _, l := range lines {
		if l.Selected {
			ticked = append(ticked, l)
		}
	}
	return ticked, nil
}

// Missing are those of the items that the cart does not hold as they are: removed, or with another count.
func (s *Service) Missing(ctx context.Context, q db.Queryer, owner Owner, items []promo.Item) (missing []promo.Item, err error) {
	lines, err := s.stored(ctx, q, owner)
	if err != nil {
		return nil, err
	}
	counts := make(map[int64]int64, len(lines))
	for _, l := range lines {
		counts[l.SKUID] = l.Count
	}
	for _, it := range items {
		if counts[it.SKUID] != it.Count {
			missing = append(missing, it)
		}
	}
	return missing, nil
}

// TakeOut removes exactly these lines within an order's transaction. If one has gone or changed meanwhile, such as by
// another order, it is 50104.
func TakeOut(ctx context.Context, tx *db.Tx, owner Owner, items []promo.Item) error {
	lines := make([]change, len(items))
	for i, it := range items {
		lines[i] = change{SKU: it.SKUID, From: &state{Count: it.Count}}
	}
	n, err := takeOut(ctx, tx, owner, lines)
	if err != nil {
		return fmt.Errorf("take lines out of the cart: %w", err)
	}
	if n != int64(len(items)) {
		return Changed()
	}
	return nil
}

// Changed is 50104: the cart is not what the shopper has seen.
func Changed() error {
	return fault.New(fault.Conflict, fault.CodeTooFast, "购物车刚刚有变动，请核对后再提交")
}

// Expired are the visitors' lines that nobody has touched for a month. Users' lines stay.
var Expired = db.Expired{
	Table: "cart_lines", Key: []string{"owner", "sku_id"}, At: "created_at", Keep: 30 * 24 * time.Hour,
	Where: "owner LIKE 'v:%'", // see VisitorOwner
}

func (s *Service) stored(ctx context.Context, q db.Queryer, owner Owner) (lines []stored, err error) {
	err = q.Select(ctx, &lines, `SELECT sku_id, count, selected, created_at, added_fen FROM cart_lines
		WHERE owner = ? ORDER BY created_at DESC, sku_id DESC`, owner)
	return lines, err
}

func (s *Service) lines(ctx context.Context, q db.Queryer, owner Owner) ([]Line, error) {
	rows, err := s.stored(ctx, q, owner)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	ids := make([]int64, len(rows))
	for i, r := range rows {
		ids[i] = r.SKUID
	}
	skus, err := s.catalog.SKUs(ctx, q, ids)
	if err != nil {
		return nil, err
	}
	var lines []Line
	for _, r := range rows {
		sku, ok := skus[r.SKUID]
		if !ok {
			continue // deleted by the merchant: nothing is left to show of it
		}
		sum, err := sku.Now().Times(r.Count)
		if err != nil {
			return nil, err
		}
		lines = append(lines, Line{SKU: sku, Count: r.Count, Selected: r.Selected, Added: r.Added, Sum: sum, at: r.At})
	}
	return lines, nil
}

// sku is a SKU on sale; any other is NotFound.
func (s *Service) sku(ctx context.Context, id int64) (catalog.SKU, error) {
	skus, err := s.catalog.SKUStock(s.db.PointRead(ctx), s.db, []int64{id})
	if err != nil {
		return catalog.SKU{}, err
	}
	sku, ok := skus[id]
	if !ok || !sku.Launched {
		return catalog.SKU{}, fault.Missing()
	}
	return sku, nil
}

// OneIsEnough refuses a second piece of a course or a download.
func OneIsEnough(name string) error {
	return fault.New(fault.Conflict, 0, "%s 买一份就够了，不用重复购买", name)
}

// atMost is the fault of a line that would hold more pieces than it can: 50103 where there are too few, else that there is a limit.
func atMost(sku catalog.SKU, have int64) error {
	switch most := sku.Most(); {
	case most <= 0:
		return promo.Short(sku.Name, 0)
	case sku.Virtual && have > 0:
		return fault.New(fault.Conflict, 0, "%s 已经在购物车里，一份就够了", sku.Name)
	case sku.Virtual:
		return OneIsEnough(sku.Name)
	case have > 0 && sku.MaxPerOrder > 0 && most == sku.MaxPerOrder:
		return fault.New(fault.Conflict, 0, "%s 每单限购 %d 件，购物车里已有 %d 件", sku.Name, most, have)
	case have > 0:
		return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 最多可买 %d 件，购物车里已有 %d 件", sku.Name, most, have)
	default:
		return fault.New(fault.Conflict, fault.CodeShortStock, "商品库存不足：%s 最多可买 %d 件", sku.Name, most)
	}
}
