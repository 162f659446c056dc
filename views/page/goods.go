package page

import (
	"strings"

	"dashop/store/money"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/views/ui"
)

// good is one row of goods on the confirmation, payment and order pages.
type good struct {
	SKU, SPU          int64
	Name, Spec, Image string
	Price             ui.LinePrice
	Sum               money.Fen
	Count             int64
	Warning           string // such as 仅剩 2 件
	Reviewed          bool
	Validity          string // of a course or a download
}

func quotedGoods(v ui.View, q promo.Quote) []good {
	out := make([]good, len(q.Lines))
	for i, l := range q.Lines {
		out[i] = good{
			SKU: l.SKU.ID, SPU: l.SKU.SPUID, Image: l.SKU.Image, Price: ui.QuotedPrice(l), Sum: l.Current(), Count: l.Count,
			Name: v.Pick(l.SKU.ProductName, l.SKU.ProductEN), Spec: v.Pick(l.SKU.Spec, l.SKU.SpecEN),
		}
		if l.SKU.Virtual {
			out[i].Validity = validity(v, l.SKU.Days)
		}
		if l.Count > l.SKU.Stock {
			out[i].Warning = v.T("仅剩 %d 件", max(l.SKU.Stock, 0))
		}
	}
	return out
}

func orderedGoods(v ui.View, items []order.Item) []good {
	out := make([]good, len(items))
	for i, it := range items {
		out[i] = good{
			SKU: it.SKUID, SPU: it.SPUID, Image: it.Image, Price: ui.OrderedPrice(it), Sum: it.Payable, Count: it.Count,
			Name: v.Pick(it.Name, it.NameEN), Spec: v.Pick(it.Spec, it.SpecEN), Reviewed: it.ReviewedAt != nil,
		}
		if it.Virtual {
			out[i].Validity = validity(v, it.Days)
		}
	}
	return out
}

// around cuts a translated sentence at its %s, so that an element can stand there.
func around(v ui.View, msg string) (before, after string) {
	before, after, _ = strings.Cut(v.T(msg), "%s")
	return before, after
}
