package desk

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
	"dashop/store/typed"
)

// What a promotion may have.
const (
	MaxSteps = 5
	MaxRows  = 50 // SKUs with prices of their own
	// MaxGroups is how many categories or brands a scope may name: its page reads a piece of each one's list.
	MaxGroups = 20
	// MaxGoods is how many products or SKUs it may name.
	MaxGoods    = 200
	MaxPriority = 999

	maxNameLength   = 60
	maxNameENLength = 120
)

// Input is what the merchant says of a promotion.
type Input struct {
	Version   int64      // of the promotion that the form shows
	Kind      promo.Kind // of a new one; afterwards it stays
	Name      string
	NameEN    string
	Priority  int64
	StartsAt  time.Time // zero: not said, or nothing that is a time
	EndsAt    time.Time
	Scope     promo.Scope  // of what has no prices of its own
	Steps     []promo.Step // of a reduction
	Percent   int64        // that is still paid, of a percentage and of a sale without prices of its own
	OwnPrices bool         // of a sale: each SKU has its own, as in a flash sale each must
	SKUs      []SKUPrice   // with these
	PerPerson int64        // pieces of each SKU, of a flash sale; 0: no limit
}

// SKUPrice is what a SKU costs in a sale.
type SKUPrice struct {
	SKUID    int64     `db:"sku_id"`
	Price    money.Fen `db:"price_fen"`
	Quantity int64     `db:"quantity"` // pieces in a flash sale, those that are gone included
	Sold     int64     `db:"sold"`     // of these gone; no form can say it
}

// The names of the fields of a step and of a SKU, from 0. The others are called name, name_en, priority, starts_at, ends_at, scope, targets,
// steps, percent, per_person and skus.
func FromField(i int) string     { return fmt.Sprintf("from_%d", i+1) }
func OffField(i int) string      { return fmt.Sprintf("off_%d", i+1) }
func SKUField(i int) string      { return fmt.Sprintf("sku_%d", i+1) }
func PriceField(i int) string    { return fmt.Sprintf("price_%d", i+1) }
func QuantityField(i int) string { return fmt.Sprintf("quantity_%d", i+1) }

// tidy leaves out what a promotion of this kind does not have.
func (in Input) tidy() Input {
	in.Name, in.NameEN = typed.Line(in.Name), typed.Line(in.NameEN)
	in.OwnPrices = in.Kind == promo.KindFlash || in.Kind == promo.KindPrice && in.OwnPrices
	if in.Kind != promo.KindFlash {
		in.PerPerson = 0
	}
	if in.Kind != promo.KindReduction {
		in.Steps = nil
	}
	if in.Kind == promo.KindReduction || in.OwnPrices {
		in.Percent = 100
	}
	if !in.OwnPrices {
		in.SKUs = nil
	} else {
		in.SKUs = slices.Clone(in.SKUs)
		in.Scope = promo.Scope{Kind: promo.ScopeSKU}
		for i := range in.SKUs {
			if in.Kind != promo.KindFlash {
				in.SKUs[i].Quantity = 0
			}
			in.Scope.IDs = append(in.Scope.IDs, in.SKUs[i].SKUID)
		}
	}
	if in.Scope.Kind == promo.ScopeAll {
		in.Scope.IDs = nil
	}
	in.Scope = promo.NewScope(in.Scope.Kind, in.Scope.IDs...)
	return in
}

// input wants all that can be seen without the database.
func (c checks) input(in Input) {
	c.length("name", in.Name, 1, maxNameLength)
	c.length("name_en", in.NameEN, 0, maxNameENLength)
	c.between("priority", in.Priority, 0, MaxPriority)
	switch {
	case in.StartsAt.IsZero():
		c.With("starts_at", "请填写时间")
	case in.EndsAt.IsZero():
		c.With("ends_at", "请填写时间")
	case !in.EndsAt.After(in.StartsAt):
		c.With("ends_at", "结束时间要在开始时间之后")
	}
	c.scope(in)
	switch {
	case in.Kind == promo.KindReduction:
		c.steps(in.Steps)
	case in.OwnPrices:
		c.prices(in)
	default:
		c.between("percent", in.Percent, 1, 99)
	}
	if in.Kind == promo.KindFlash {
		c.between("per_person", in.PerPerson, 0, catalog.MaxPerOrder)
	}
}

// passed says that the end is over before the promotion is published, unless there is no end.
func (c checks) passed() {
	if _, wrong := c.Fields["ends_at"]; !wrong {
		c.With("ends_at", "结束时间已经过了")
	}
}

// Kinds are the kinds of promotions.
var Kinds = []promo.Kind{promo.KindReduction, promo.KindPercent, promo.KindPrice, promo.KindFlash}

// Scopes are the kinds of scopes.
var Scopes = []promo.ScopeKind{promo.ScopeAll, promo.ScopeCategory, promo.ScopeBrand, promo.ScopeSPU, promo.ScopeSKU}

// checks gathers what is wrong with a form.
type checks struct{ *fault.Error }

func (c checks) length(field, text string, least, most int) {
	n := utf8.RuneCountInString(text)
	switch {
	case n < least:
		c.With(field, "这里要填写，最多 %d 个字", most)
	case n > most:
		c.With(field, "最多 %d 个字", most)
	}
}

func (c checks) between(field string, n, least, most int64) {
	if n < least || n > most {
		c.With(field, "要填 %d 到 %d 之间的整数", least, most)
	}
}

func (c checks) scope(in Input) {
	most := MaxGoods
	if in.Scope.Kind == promo.ScopeCategory || in.Scope.Kind == promo.ScopeBrand {
		most = MaxGroups
	}
	switch n := len(in.Scope.IDs); {
	case in.OwnPrices:
	case !slices.Contains(Scopes, in.Scope.Kind):
		c.With("scope", "请选择适用范围")
	case in.Scope.Kind == promo.ScopeAll:
	case n == 0:
		c.With("targets", "请至少填一个编号")
	case n > most:
		c.With("targets", "最多 %d 个", most)
	}
}

// steps wants more taken off from each sum than from the one below it.
func (c checks) steps(steps []promo.Step) {
	if len(steps) == 0 {
		c.With("steps", "请至少填一档")
	}
	if len(steps) > MaxSteps {
		c.With("steps", "最多 %d 档", MaxSteps)
		return
	}
	for i, s := range steps {
		switch {
		case s.From <= 0 || s.From > catalog.MaxPrice:
			c.With(FromField(i), "请填金额，如 19.90")
		case i > 0 && s.From <= steps[i-1].From:
			c.With(FromField(i), "每一档的金额要比上一档高")
		}
		switch {
		case s.Off <= 0:
			c.With(OffField(i), "请填金额，如 19.90")
		case s.Off >= s.From:
			c.With(OffField(i), "减的金额要小于满的金额")
		case i > 0 && s.Off < steps[i-1].Off:
			c.With(OffField(i), "减的金额不能比上一档少")
		}
	}
}

// prices wants SKUs, each once, with a price and in a flash sale a number of pieces. What the catalogue knows of them comes later.
func (c checks) prices(in Input) {
	if len(in.SKUs) == 0 {
		c.With("skus", "请至少填一款商品")
	}
	if len(in.SKUs) > MaxRows {
		c.With("skus", "最多 %d 款", MaxRows)
		return
	}
	seen := map[int64]bool{}
	for i, k := range in.SKUs {
		switch {
		case k.SKUID <= 0:
			c.With(SKUField(i), "没有这个编号的款式")
		case seen[k.SKUID]:
			c.With(SKUField(i), "这一款已经在上面了")
		}
		seen[k.SKUID] = true
		if k.Price <= 0 {
			c.With(PriceField(i), "请填金额，如 19.90")
		}
		if in.Kind == promo.KindFlash && (k.Quantity < 1 || k.Quantity > maxQuantity) {
			c.With(QuantityField(i), "要填 %d 到 %d 之间的整数", 1, maxQuantity)
		}
	}
}

const maxQuantity = 1_000_000

// fixed wants what was promised to shoppers to stay: all but the names, an end that comes earlier, and more pieces.
func (c checks) fixed(in, was Input) {
	stays := func(field string, same bool) {
		if !same {
			c.With(field, "活动开始后不能再改")
		}
	}
	stays("priority", in.Priority == was.Priority)
	stays("starts_at", in.StartsAt.Equal(was.StartsAt))
	if in.EndsAt.After(was.EndsAt) {
		c.With("ends_at", "活动开始后只能提前结束")
	}
	stays("percent", in.Percent == was.Percent)
	stays("per_person", in.PerPerson == was.PerPerson)
	stays("steps", slices.Equal(in.Steps, was.Steps))
	stays("skus", slices.EqualFunc(in.SKUs, was.SKUs, func(a, b SKUPrice) bool { return a.SKUID == b.SKUID }))
	if !in.OwnPrices {
		stays("scope", in.Scope.Kind == was.Scope.Kind)
		stays("targets", slices.Equal(in.Scope.IDs, was.Scope.IDs))
	}
	for i := range min(len(in.SKUs), len(was.SKUs)) {
		stays(PriceField(i), in.SKUs[i].Price == was.SKUs[i].Price)
		if in.SKUs[i].Quantity < was.SKUs[i].Quantity {
			c.With(QuantityField(i), "活动开始后只能增加")
		}
	}
}

// asShown gives times that the form shows to the minute, and that stayed, back their seconds.
func (in Input) asShown(was Input) Input {
	if in.StartsAt.Equal(was.StartsAt.Truncate(time.Minute)) {
		in.StartsAt = was.StartsAt
	}
	if in.EndsAt.Equal(was.EndsAt.Truncate(time.Minute)) {
		in.EndsAt = was.EndsAt
	}
	return in
}
