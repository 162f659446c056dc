package promo_test

import (
	"testing"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/store/promo"
)

// goods are some SKUs by their ids.
func goods() map[int64]catalog.SKU {
	return map[int64]catalog.SKU{
		1: {ID: 1, Name: "咖啡豆", Price: 12400, Launched: true},
		2: {ID: 2, Name: "茶壶", Price: 7500, Launched: true},
		3: {ID: 3, Name: "课程", Price: 39900, Launched: true, Virtual: true},
		4: {ID: 4, Name: "旧货", Price: 100},
	}
}

func quote(skus map[int64]catalog.SKU, items ...promo.Item) (promo.Quote, error) {
	return promo.Price(promo.Facts{SKUs: skus, Rules: promo.Rules{Freight: 1000, FreeFrom: 19900}}, promo.Ask{Items: items})
}

func TestQuote(t *testing.T) {
	for _, c := range []struct {
		name                           string
		items                          []promo.Item
		goods, freight, short, payable money.Fen
	}{
		{"nothing", nil, 0, 0, 0, 0},
		{"one, with freight", []promo.Item{{1, 1}}, 12400, 1000, 7500, 13400},
		{"exactly the sum that makes freight free", []promo.Item{{1, 1}, {2, 1}}, 19900, 0, 0, 19900},
		{"two lines of one SKU", []promo.Item{{2, 1}, {2, 1}}, 15000, 1000, 4900, 16000},
		{"virtual goods have no freight", []promo.Item{{3, 1}}, 39900, 0, 0, 39900},
		{"virtual goods do not make freight free", []promo.Item{{3, 1}, {2, 1}}, 47400, 1000, 12400, 48400},
	} {
		q, err := quote(goods(), c.items...)
		if err != nil || q.Goods != c.goods || q.Freight != c.freight || q.FreightShort != c.short || q.Payable != c.payable {
			t.Errorf("%s: %+v, %v", c.name, q, err)
		}
	}
}

func TestQuoteRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		items []promo.Item
		kind  fault.Kind
	}{
		"unknown SKU":                  {[]promo.Item{{9, 1}}, fault.NotFound},
		"not on sale":                  {[]promo.Item{{4, 1}}, fault.Conflict},
		"none":                         {[]promo.Item{{1, 0}}, fault.Invalid},
		"negative":                     {[]promo.Item{{1, -1}}, fault.Invalid},
		"too many":                     {[]promo.Item{{1, 100}}, fault.Invalid},
		"too many in two lines":        {[]promo.Item{{1, 60}, {1, 60}}, fault.Invalid},
		"two lines that would balance": {[]promo.Item{{1, 2}, {1, -1}}, fault.Invalid},
	} {
		if _, err := quote(goods(), c.items...); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	dear := map[int64]catalog.SKU{1: {ID: 1, Price: money.Max, Launched: true}}
	if _, err := quote(dear, promo.Item{SKUID: 1, Count: 99}); !fault.Is(err, fault.Invalid) {
		t.Errorf("more money than there is: %v", err)
	}
}
