package staff

import (
	"net/url"
	"strings"

	"github.com/a-h/templ"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/views/ui"
)

// GoodsPage is the merchant's list of products.
type GoodsPage struct {
	Q    string
	List catalog.GoodsList
}

// GoodsHref leads to the list, with a search and from after a product on.
func GoodsHref(q string, after int64) string {
	v := url.Values{}
	if q != "" {
		v.Set("q", q)
	}
	if after > 0 {
		v.Set("after", ui.ID(after))
	}
	if len(v) == 0 {
		return "/admin/products"
	}
	return "/admin/products?" + v.Encode()
}

// ProductHref leads to the form of a product.
func ProductHref(spu int64) string { return "/admin/products/" + ui.ID(spu) }

// ProductPage is the form of a product. Typed is what was sent when it is shown again, by the names of its fields.
type ProductPage struct {
	Product catalog.Editing
	Typed   url.Values
	Fault   *fault.Error
	Stock   int64 // the SKU whose stock form was refused, with Fault
}

// value is a field of the form: as it was typed, or as it is kept.
func (p ProductPage) value(name, kept string) string {
	if p.Typed.Has(name) && p.Stock == 0 {
		return p.Typed.Get(name)
	}
	return kept
}

func (p ProductPage) ticked(name string, kept bool) bool {
	if p.Typed != nil && p.Stock == 0 {
		return p.Typed.Get(name) == "true"
	}
	return kept
}

// wrong is what is wrong with a field of the product's own form.
func (p ProductPage) wrong(v ui.View, name string) string {
	if p.Stock != 0 {
		return ""
	}
	return v.Wrong(p.Fault, name)
}

// field is a text of the product, in the language that its name ends with, which is Chinese where it names none.
func (p ProductPage) field(v ui.View, name, label, kept string, most int) ui.Input {
	lang := "zh-CN"
	if strings.HasSuffix(name, "_en") {
		lang = "en"
	}
	return ui.Input{
		Name: name, Label: label, Value: p.value(name, kept), MaxLength: most, Wrong: p.wrong(v, name), Attrs: templ.Attributes{"lang": lang},
	}
}

func (p ProductPage) title(v ui.View) string {
	return v.Pick(p.Product.Input.Name, p.Product.Input.NameEN)
}

// price is a field for an amount in a row of the table of variants.
func (p ProductPage) price(v ui.View, name, label string, kept money.Fen) ui.Input {
	text := ""
	if kept > 0 {
		text = kept.String()
	}
	return ui.Input{Name: name, Label: label, Value: p.value(name, text), InputMode: "decimal", MaxLength: 12, Small: true, Wrong: p.wrong(v, name)}
}

// stockField is a field of the form for the stock of one SKU.
func (p ProductPage) stockField(v ui.View, sku int64, name, label string) ui.Input {
	in := ui.Input{Name: name, ID: "f-" + name + "-" + ui.ID(sku), Label: label, Small: true}
	if p.Stock == sku {
		in.Value, in.Wrong = p.Typed.Get(name), v.Wrong(p.Fault, name)
	}
	return in
}

func skuField(name string, sku int64) string { return name + "_" + ui.ID(sku) }

func skuName(v ui.View, k catalog.EditingSKU) string {
	if name := v.Pick(k.Spec, k.SpecEN); name != "" {
		return name
	}
	return "SKU " + ui.ID(k.ID)
}
