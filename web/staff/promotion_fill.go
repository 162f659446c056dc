package staff

import (
	"context"
	"net/url"
	"strings"

	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/views/staff"
	"dashop/views/ui"
)

// fillIn does what a button of a promotion's form asks for that only fills something in: a row more, a search, what was found. It says whether
// there was one; else the form is to be saved. In any case rows without a SKU come last.
func fillIn(typed url.Values) bool {
	rows, kept := 0, staff.Rows(typed)
	for i := range kept {
		if typed.Get(desk.SKUField(i)) != "" {
			for _, field := range rowFields {
				from, to := field(i), field(rows)
				value := typed.Get(from)
				typed.Del(from)
				typed.Set(to, value)
			}
			rows++
		}
	}
	for i := rows; i < kept; i++ {
		for _, field := range rowFields {
			typed.Del(field(i))
		}
	}
	switch do := typed.Get("do"); {
	case typed.Get("add") != "":
		typed.Set("targets", strings.TrimLeft(typed.Get("targets")+", "+typed.Get("add"), ", "))
		typed.Del("find")
	case typed.Get("add_sku") != "":
		typed.Set(desk.SKUField(rows), typed.Get("add_sku"))
		typed.Del("find_sku")
		rows++
	case do == "row":
		kept++
	case (do == "find" || do == "find_sku") && typed.Get(do) != "": // without a word it was the key that sends the form
	default:
		return false
	}
	typed.Set("rows", ui.ID(min(max(kept, rows+1), desk.MaxRows)))
	return true
}

var rowFields = []func(int) string{desk.SKUField, desk.PriceField, desk.QuantityField}

// mostFound is how much a search in a form shows.
const mostFound = 12

// find looks for what the search in the form asks for: what a scope may name, or SKUs.
func (p Pages) find(ctx context.Context, typed url.Values, scope promo.ScopeKind) (*staff.Found, error) {
	do := typed.Get("do")
	found := &staff.Found{For: do, Q: typed.Get(do)}
	if do != "find" && do != "find_sku" || found.Q == "" {
		return nil, nil
	}
	if do == "find_sku" {
		scope = promo.ScopeSKU
	}
	add := func(id int64, name, nameEN string) {
		if len(found.Targets) < mostFound {
			found.Targets = append(found.Targets, desk.Target{ID: id, Name: name, NameEN: nameEN})
		}
	}
	switch scope {
	case promo.ScopeCategory:
		tree, err := p.Store.Desk.EditingCategories(ctx)
		if err != nil {
			return nil, err
		}
		for _, one := range tree {
			if strings.Contains(strings.ToLower(one.Name+" "+one.NameEN), strings.ToLower(found.Q)) {
				add(one.ID, one.Name, one.NameEN)
			}
		}
	case promo.ScopeBrand:
		list, err := p.Store.Desk.EditingBrands(ctx, found.Q, 0)
		if err != nil {
			return nil, err
		}
		for _, one := range list.Brands {
			add(one.ID, one.Name, one.NameEN)
		}
	case promo.ScopeSPU, promo.ScopeSKU:
		list, err := p.Store.Desk.GoodsList(ctx, found.Q, 0)
		if err != nil {
			return nil, err
		}
		for _, one := range list.Goods[:min(len(list.Goods), mostFound)] {
			if scope == promo.ScopeSPU {
				add(one.SPUID, one.Name, one.NameEN)
				continue
			}
			skus, err := p.Store.PromoDesk.ProductSKUs(ctx, one.SPUID)
			if err != nil {
				return nil, err
			}
			found.SKUs = append(found.SKUs, skus...)
		}
		found.SKUs = found.SKUs[:min(len(found.SKUs), 2*mostFound)]
	}
	return found, nil
}
