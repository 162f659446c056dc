package demo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"dashop/store/catalog"
	"dashop/store/db"
	"dashop/store/money"
	"dashop/store/search"
)

// ErrNotEmpty says that a shop has goods already.
var ErrNotEmpty = errors.New("the shop has goods already; a large one is made in an empty database only")

const (
	seed = 20260304
	// firstMade is the id of the first product made, above those of the demo.
	firstMade = 100_000
	// skusEach is how many variants a product has on average.
	skusEach = 2.5
	// bigShare of all products, up to bigMost, are in one category.
	bigShare     = 0.4
	bigMost      = 100_000
	madeAtOnce   = 1000
	daysOfTheNew = 900
)

// The words of the names that are made. Together with the brands and categories of the demo they give some ten million names.
var (
	madeStyles = []string{"轻薄", "加厚", "复古", "便携", "折叠", "静音", "防水", "透气", "速干", "保温", "磁吸", "无线", "有线", "迷你", "大号", "家用", "车载", "户外",
		"儿童", "成人", "经典", "简约", "手工", "纯棉", "羊毛", "亚麻", "实木", "竹制", "陶瓷", "玻璃", "不锈钢", "碳纤维", "智能", "机械", "夜光", "可洗", "抗菌", "旅行", "办公",
		"礼盒"}
	madeStylesEN = []string{"Slim", "Thick", "Retro", "Portable", "Folding", "Silent", "Waterproof", "Airy", "Quick-Dry", "Warm",
		"Magnetic",
		"Wireless", "Wired", "Mini", "Large", "Home", "Car", "Outdoor",
		"Kids", "Adult", "Classic", "Plain", "Handmade", "Cotton", "Wool", "Linen", "Wooden", "Bamboo", "Ceramic", "Glass", "Steel",
		"Carbon",
		"Smart", "Mechanical", "Luminous", "Washable", "Antibacterial", "Travel", "Office", "Gift"}
	madeSeries = []string{"晨光", "远山", "微风", "星河", "初雪", "松间", "海盐", "月白", "青石", "花火", "旷野", "归途", "小满", "白露", "听雨", "知夏", "南风", "北岸", "云上",
		"拾光",
		"半夏", "朝露", "清欢", "浮生", "暖冬", "逐浪", "飞鸟", "原野", "秋实", "春山"}
	madeSets     = []string{"", "", "", "套装", "两件套", "三件套", "礼盒", "升级款", "基础款", "限定款"}
	madeColors   = []string{"黑色", "白色", "灰色", "蓝色", "红色", "绿色", "米色", "棕色"}
	madeColorsEN = []string{"Black", "White", "Grey", "Blue", "Red", "Green", "Beige", "Brown"}
	madeCaptions = []string{"每天都用得上", "送人不会错", "一用就回不去", "朋友来了都问", "小空间也放得下", "轻松打理", "经得起折腾", "细节都照顾到了", "用料实在", "新手也会用"}
)

// Generate makes a shop with about so many SKUs in an empty database: the demo's categories, brands and words, as many
// products as it takes, one category with a hundred thousand of them where there are enough, and sales as uneven as in
// life. The same count makes the same shop. Pictures are those of the demo. It ends with the search index and the figures
// that jobs keep.
func Generate(ctx context.Context, d *db.DB, skus int, now time.Time, progress Progress) error {
	var rows int
	if err := d.Get(ctx, &rows, "SELECT (SELECT COUNT(*) FROM (SELECT id FROM spus LIMIT 1) p) + (SELECT COUNT(*) FROM (SELECT id "+
		"FROM categories LIMIT 1) c)"); err != nil {
		return err
	}
	if rows > 0 {
		return ErrNotEmpty
	}
	if progress == nil {
		progress = func(string, int, int) {}
	}
	g, err := newGenerator(db.Cut(now), skus)
	if err != nil {
		return err
	}
	if err := d.Tx(ctx, func(tx *db.Tx) error { return g.base(ctx, tx) }); err != nil {
		return fmt.Errorf("generate: %w", err)
	}
	for from := 0; from < g.products; from += madeAtOnce {
		to := min(from+madeAtOnce, g.products)
		tables := g.make(to - from)
		if err := d.Tx(ctx, func(tx *db.Tx) error { return insertAll(ctx, tx, tables) }); err != nil {
			return fmt.Errorf("generate: %w", err)
		}
		progress("products", to, g.products)
	}
	if err := search.New(d, db.SystemClock).Build(ctx, search.Progress(progress)); err != nil {
		return err
	}
	progress("facets", 0, 1)
	return catalog.New(d, db.SystemClock).RefreshFacets(ctx)
}

func insertAll(ctx context.Context, tx *db.Tx, tables []*table) error {
	catalog.MarkChanged(ctx, tx)
	for _, t := range tables {
		if err := t.insert(ctx, tx); err != nil {
			return fmt.Errorf("table %s: %w", t.name, err)
		}
	}
	return nil
}

// place is a lowest category with its parents and what its goods are called.
type place struct {
	c1, c2, c3   int64
	name, nameEN string
}

// generator makes products one after the other.
type generator struct {
	shop     *shop
	r        *rand.Rand
	places   []place
	brands   [][3]string // id, name, English name
	images   []string
	products int
	big      int // how many of them are in the first place
	made     int
	sku      int64
}

func newGenerator(now time.Time, skus int) (*generator, error) {
	g := &generator{shop: &shop{now: now, launchable: map[int64]bool{}, places: map[int64]string{}},
		r: rand.New(rand.NewPCG(seed, uint64(skus))), products: max(1, int(float64(skus)/skusEach)), sku: firstMade * 10}
	g.big = min(bigMost, int(bigShare*float64(g.products)))
	up := map[int64]int64{}
	err := errors.Join(g.shop.areas(), g.shop.categories(), g.shop.channels(), g.shop.brands(),
		each("categories.csv", func(r record) {
			up[r.int("id")] = r.int("parent_id")
			if r.int("level") == 3 {
				c3 := r.int("id")
				g.places = append(g.places, place{up[up[c3]], up[c3], c3, r.text("name"), r.text("name_en")})
			}
		}),
		each("brands.csv", func(r record) {
			g.brands = append(g.brands, [3]string{r.text("id"), r.text("name"), r.text("name_en")})
		}),
		each("spus.csv", func(r record) { g.images = append(g.images, r.text("default_image")) }))
	return g, err
}

// base writes what the products stand on.
func (g *generator) base(ctx context.Context, tx *db.Tx) error {
	_, err := tx.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", marker, "generated")
	if err != nil {
		return err
	}
	return insertAll(ctx, tx, g.shop.tables)
}

// make makes the rows of the next n products.
func (g *generator) make(n int) []*table {
	spus := newTable(`spus (id, name, name_en, brand_id, category1_id, category2_id, category3_id, caption, caption_en, description,
		description_en,
		image, is_launched, is_virtual, min_price_fen, max_price_fen, market_fen, sales, in_stock, created_at)`)
	skus := newTable("skus (id, spu_id, name, name_en, price_fen, cost_fen, market_fen, image, is_launched, created_at)")
	stocks := newTable("stocks (sku_id, quantity, sold)")
	ledger := newTable("stock_ledger (sku_id, kind, delta, created_at)")
	images := newTable("sku_images (sku_id, image, sequence)")
	specs := newTable("specs (id, spu_id, name, name_en, sequence)")
	options := newTable("spec_options (id, spec_id, value, value_en, color, sequence)")
	chosen := newTable("sku_specs (sku_id, spec_id, option_id)")
	for range n {
		g.product(spus, skus, stocks, ledger, images, specs, options, chosen)
	}
	return []*table{spus, skus, stocks, ledger, images, specs, options, chosen}
}

func pick[T any](r *rand.Rand, list []T) T { return list[r.IntN(len(list))] }

func (g *generator) product(spus, skus, stocks, ledger, images, specs, options, chosen *table) {
	r, id := g.r, int64(firstMade+g.made)
	at := g.places[0]
	if g.made >= g.big {
		at = pick(r, g.places[1:])
	}
	g.made++
	style, brand, image := r.IntN(len(madeStyles)), pick(r, g.brands), pick(r, g.images)
	model := fmt.Sprintf("%c%d", 'A'+rune(r.IntN(26)), 10+r.IntN(990))
	name := strings.Join([]string{brand[1], pick(r, madeSeries) + " " + model, madeStyles[style] + pick(r, madeStyles) + at.name +
		pick(r, madeSets)}, " ")
	nameEN := strings.Join([]string{brand[2], model, madeStylesEN[style], at.nameEN}, " ")
	created := g.shop.now.Add(-time.Duration(r.IntN(daysOfTheNew*24*60)) * time.Minute)
	// Few sell much and most sell little: the share of a product falls with its place in a random order.
	sold := int64(200_000/math.Pow(1+float64(g.products)*r.Float64(), 0.8)) * 10
	base := money.Fen(math.Exp(r.Float64()*6+2)) * 100
	minimum, maximum, total := base, base, int64(0)
	specs.add(id, id, "颜色", "Colour", 1)
	first := r.IntN(len(madeColors))
	variants := 1 + r.IntN(4)
	for v := range variants {
		color := (first + v) % len(madeColors)
		price, stock := base+money.Fen(r.IntN(3))*1000, max(0, int64(r.IntN(500)-25))
		minimum, maximum, total = min(minimum, price), max(maximum, price), total+stock
		if v == 0 {
			minimum, maximum = price, price
		}
		g.sku++
		options.add(g.sku, id, madeColors[color], madeColorsEN[color], "", v)
		chosen.add(g.sku, id, g.sku)
		skus.add(g.sku, id, name+" "+madeColors[color], nameEN+" "+madeColorsEN[color], price, price/2, price+price/5, image, true, created)
		images.add(g.sku, image, 0)
		soldHere := sold / int64(variants)
		if v == 0 {
			soldHere += sold % int64(variants)
		}
		stocks.add(g.sku, stock, soldHere)
		if stock > 0 {
			ledger.add(g.sku, "received", stock, g.shop.now)
		}
	}
	spus.add(id, name, nameEN, brand[0], at.c1, at.c2, at.c3, pick(r, madeCaptions), "", "", "",
		image, true, false, minimum, maximum, minimum+minimum/5, sold, total > 0, created)
}
