package promo_test

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// The goods of the worked baskets; their prices stand in each basket.
var (
	worked = map[string]catalog.SKU{
		"咖啡": {ID: 1, SPUID: 1, Category3: 1, BrandID: 1},
		"茶叶": {ID: 2, SPUID: 2, Category3: 1, BrandID: 1},
		"杯子": {ID: 3, SPUID: 3, Category2: 2, BrandID: 2},
		"大杯": {ID: 4, SPUID: 3, Category2: 2, BrandID: 2},
		"壶":  {ID: 5, SPUID: 4, Category2: 2, BrandID: 1},
		"课程": {ID: 6, SPUID: 5, Category1: 3, BrandID: 3, Virtual: true},
		"贴纸": {ID: 7, SPUID: 6, Category2: 2, BrandID: 2},
	}
	categories = map[string]int64{"食品": 1, "家居": 2, "图书": 3}
	brands     = map[string]int64{"山野": 1, "白瓷": 2, "学堂": 3}
	kinds      = map[string]promo.Kind{"限时折扣": promo.KindPrice, "秒杀": promo.KindFlash, "满减": promo.KindReduction, "折扣": promo.KindPercent,
		"券": promo.KindCoupon, "积分": promo.KindCredits}
)

// Each basket of testdata/baskets.csv, worked out by hand, costs what it says, line by line.
func TestWorkedBaskets(t *testing.T) {
	file, err := os.Open("testdata/baskets.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := csv.NewReader(file)
	r.Comment = '#'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) < 41 {
		t.Fatalf("%d baskets are too few", len(rows)-1)
	}
	for _, row := range rows[1:] {
		t.Run(row[0], func(t *testing.T) {
			b := workedBasket{t, promo.Facts{Now: noon, Rules: promo.Rules{Freight: 1000, FreeFrom: 19900}, SKUs: map[int64]catalog.SKU{},
				Sales: map[int64]promo.Sale{}, Credits: 1_000_000}, promo.Ask{UserID: 1}}
			b.goods(row[1])
			for _, p := range list(row[2]) {
				b.promotion(p)
			}
			b.coupon(row[3])
			b.ask.Credits, _ = strconv.ParseInt(cmp.Or(row[4], "0"), 10, 64)
			lines, freight, payable := words(promo.Price(b.facts, b.ask))
			if want := row[5:]; lines != want[0] || freight != want[1] || payable != want[2] {
				t.Errorf("got\n%s, freight %s, payable %s; want\n%s, freight %s, payable %s", lines, freight, payable, want[0], want[1], want[2])
			}
		})
	}
}

type workedBasket struct {
	*testing.T
	facts promo.Facts
	ask   promo.Ask
}

func list(cell string) []string {
	if cell == "" {
		return nil
	}
	return strings.Split(cell, " | ")
}

func (b *workedBasket) yuan(s string) money.Fen {
	b.Helper()
	f, err := money.Parse(s)
	if err != nil {
		b.Fatalf("%q: %v", s, err)
	}
	return f
}

func (b *workedBasket) id(ids map[string]int64, name string) int64 {
	b.Helper()
	id, ok := ids[name]
	if !ok {
		b.Fatalf("there is no %s", name)
	}
	return id
}

func (b *workedBasket) sku(name string) catalog.SKU {
	b.Helper()
	k, ok := worked[name]
	if !ok {
		b.Fatalf("there is no %s", name)
	}
	return k
}

// goods reads such as 咖啡 2×124.00 | 茶叶 1×75.00.
func (b *workedBasket) goods(cell string) {
	for _, part := range list(cell) {
		name, rest, _ := strings.Cut(part, " ")
		count, price, _ := strings.Cut(rest, "×")
		k := b.sku(name)
		k.Name, k.Price, k.Launched = name, b.yuan(price), true
		n, err := strconv.ParseInt(count, 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		b.facts.SKUs[k.ID] = k
		b.ask.Items = append(b.ask.Items, promo.Item{SKUID: k.ID, Count: n})
	}
}

// promotion reads such as 满减 类:食品 100-10 200-30 优先2, or 秒杀 咖啡 79.00 余2.
func (b *workedBasket) promotion(cell string) {
	words := strings.Fields(cell)
	id := int64(len(b.facts.Promotions) + 1)
	kind, ok := kinds[words[0]]
	if !ok {
		b.Fatalf("%q is no kind", words[0])
	}
	if kind.IsSale() {
		k := b.facts.SKUs[b.sku(words[1]).ID]
		sale := promo.Sale{ID: id, Kind: kind, Price: b.yuan(words[2]), Left: promo.NoLimit}
		if len(words) > 3 {
			sale.Left, _ = strconv.ParseInt(strings.TrimPrefix(words[3], "余"), 10, 64)
		}
		k.SaleID, k.SalePrice = id, sale.Price
		b.facts.SKUs[k.ID], b.facts.Sales[k.ID] = k, sale
		return
	}
	p := promo.Promotion{ID: id, Kind: kind, Scope: b.scope(words[1]), Percent: 100, StartsAt: noon, EndsAt: noon.Add(time.Hour), Published: true}
	for _, word := range words[2:] {
		from, off, isStep := strings.Cut(word, "-")
		priority, isPriority := strings.CutPrefix(word, "优先")
		percent, isPercent := strings.CutSuffix(word, "%")
		switch {
		case isStep:
			p.Steps = append(p.Steps, promo.Step{From: b.yuan(from), Off: b.yuan(off)})
		case isPriority:
			p.Priority, _ = strconv.Atoi(priority)
		case isPercent:
			p.Percent, _ = strconv.ParseInt(percent, 10, 64)
		case word == "未开始":
			p.StartsAt = noon.Add(time.Millisecond)
		case word == "已结束":
			p.StartsAt, p.EndsAt = noon.Add(-time.Hour), noon
		default:
			b.Fatalf("what is %q?", word)
		}
	}
	b.facts.Promotions = append(b.facts.Promotions, p)
}

func (b *workedBasket) scope(word string) promo.Scope {
	kind, name, _ := strings.Cut(word, ":")
	switch kind {
	case "全场":
		return promo.NewScope(promo.ScopeAll)
	case "类":
		return promo.NewScope(promo.ScopeCategory, b.id(categories, name))
	case "品牌":
		return promo.NewScope(promo.ScopeBrand, b.id(brands, name))
	case "商品":
		return promo.NewScope(promo.ScopeSPU, b.sku(name).SPUID)
	case "规格":
		return promo.NewScope(promo.ScopeSKU, b.sku(name).ID)
	}
	b.Fatalf("%q is no scope", word)
	return promo.Scope{}
}

// coupon reads such as 全场 满199 减20, or 类:食品 85% 封顶50.
func (b *workedBasket) coupon(cell string) {
	if cell == "" {
		return
	}
	parts := strings.Fields(cell)
	c := promo.Coupon{ID: 77, Scope: b.scope(parts[0]), StartsAt: noon, EndsAt: noon.Add(time.Hour)}
	for _, word := range parts[1:] {
		threshold, isThreshold := strings.CutPrefix(word, "满")
		off, isOff := strings.CutPrefix(word, "减")
		most, isCap := strings.CutPrefix(word, "封顶")
		percent, isPercent := strings.CutSuffix(word, "%")
		switch {
		case isThreshold:
			c.Threshold = b.yuan(threshold)
		case isOff:
			c.Off = b.yuan(off)
		case isCap:
			c.Cap = b.yuan(most)
		case isPercent:
			c.Percent, _ = strconv.ParseInt(percent, 10, 64)
		default:
			b.Fatalf("what is %q?", word)
		}
	}
	b.facts.Coupon, b.ask.CouponID = &c, c.ID
}

// words say a quote as the file does.
func words(q promo.Quote, err error) (lines, freight, payable string) {
	if err != nil {
		if code := fault.Of(err).Code; code != 0 {
			return "", "", strconv.Itoa(code)
		}
		return "", "", "拒绝"
	}
	var list []string
	for _, l := range q.Lines {
		s := fmt.Sprint(l.SKU.Name, " ", l.Goods)
		for _, share := range l.Shares {
			for name, kind := range kinds {
				if kind == share.Kind {
					s += fmt.Sprintf(" %s-%s", name, share.Amount)
				}
			}
		}
		s += " 付" + l.Payable.String()
		if l.Freight > 0 {
			s += " 运费" + l.Freight.String()
		}
		list = append(list, s)
	}
	return strings.Join(list, " | "), q.Freight.String(), q.Payable.String()
}
