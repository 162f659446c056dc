package staff

import (
	"slices"
	"strings"

	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/views/ui"
)

// NewProductPage is the form of a product that is not there yet.
type NewProductPage struct {
	Form
	Categories []desk.EditingCategory
	Brands     []desk.EditingBrand
}

// The forms on the page of a product, named for ProductPage.Refused; each is also the id of its section.
const (
	FormFacts    = "facts"
	FormSpecs    = "specs"
	FormVariants = "variants"
	FormPictures = "pictures"
	FormStock    = "stock"
)

// ProductPage is one product with its forms.
type ProductPage struct {
	Product    desk.Editing
	Categories []desk.EditingCategory
	Brands     []desk.EditingBrand
	Form              // as it was sent, when one of the forms was refused
	Refused    string // which one
	Stock      int64  // the SKU whose stock form was refused
}

// form is one of the page's forms.
func (p ProductPage) form(which string) Form {
	if p.Refused == which {
		return p.Form
	}
	return Form{}
}

func (p ProductPage) title(v ui.View) string {
	return v.Pick(p.Product.Input.Name, p.Product.Input.NameEN)
}

// whole is what is wrong with the page's forms beyond single fields.
func (p ProductPage) whole() *fault.Error {
	if p.Fault == nil || len(p.Fault.Fields) > 0 {
		return nil
	}
	return p.Fault
}

// todo is what a product that is not launched still needs, each with the section where it is done.
func (p ProductPage) todo(v ui.View) (list []ui.Link) {
	offered := slices.ContainsFunc(p.Product.SKUs, func(k desk.EditingSKU) bool { return k.Launched })
	pictured := slices.ContainsFunc(p.Product.SKUs, func(k desk.EditingSKU) bool { return k.Launched && k.Image != "" })
	stocked := slices.ContainsFunc(p.Product.SKUs, func(k desk.EditingSKU) bool { return k.Quantity > 0 })
	for _, step := range []struct {
		done bool
		link ui.Link
	}{
		{offered, ui.Link{Label: v.T("款式和价格"), Href: "#" + FormVariants}},
		{pictured, ui.Link{Label: v.T("图片"), Href: "#" + FormPictures}},
		{stocked, ui.Link{Label: v.T("库存"), Href: "#" + FormStock}},
		{false, ui.Link{Label: v.T("上架"), Href: "#" + FormFacts}},
	} {
		if !step.done {
			list = append(list, step.link)
		}
	}
	return list
}

// bare says that no stock was ever booked, so that the form for all of it stands open.
func (p ProductPage) bare() bool {
	return !slices.ContainsFunc(p.Product.SKUs, func(k desk.EditingSKU) bool { return k.Quantity > 0 || k.Sold > 0 })
}

// pieces is a field for how many came in of one variant.
func (f Form) pieces(v ui.View, name, label string) ui.Input {
	return ui.Input{Name: name, Label: label, Value: f.value(name, ""), InputMode: "numeric", MaxLength: 16, Small: true,
		Wrong: f.wrong(v, name)}
}

func brandChoices(v ui.View, brands []desk.EditingBrand) []ui.Choice {
	out := []ui.Choice{{Value: "0", Label: v.T("没有品牌")}}
	for _, b := range brands {
		label := v.Pick(b.Name, b.NameEN)
		if b.Letter != "" {
			label = b.Letter + " " + label
		}
		out = append(out, ui.Choice{Value: ui.ID(b.ID), Label: label})
	}
	return out
}

// stockField is a field of the form for the stock of one SKU.
func (p ProductPage) stockField(v ui.View, sku int64, name, label string) ui.Input {
	in := ui.Input{Name: name, ID: "f-" + name + "-" + ui.ID(sku), Label: label, Small: true}
	if p.Refused == FormStock && p.Stock == sku {
		in.Value, in.Wrong = p.Typed.Get(name), v.Wrong(p.Fault, name)
	}
	return in
}

func skuField(name string, sku int64) string { return name + "_" + ui.ID(sku) }

func skuName(v ui.View, k desk.EditingSKU) string {
	if name := v.Pick(k.Spec, k.SpecEN); name != "" {
		return name
	}
	return "SKU " + ui.ID(k.ID)
}

func optionChoices(v ui.View, d desk.EditingSpec) (out []ui.Choice) {
	for _, o := range d.Options {
		out = append(out, ui.Choice{Value: ui.ID(o.ID), Label: v.Pick(o.Value, o.ValueEN)})
	}
	return out
}

// The choices of what an upload is for, in the field target.
const (
	TargetBare   = "bare" // the SKUs without a picture
	TargetAll    = "all"
	TargetOption = "option_"
	TargetSKU    = "sku_"
)

// targets are whose pictures an upload may become: some SKUs at once, or one.
func targets(v ui.View, e desk.Editing) (out []ui.Choice) {
	bare := 0
	for _, k := range e.SKUs {
		if len(k.Images) == 0 {
			bare++
		}
	}
	if bare > 0 && bare < len(e.SKUs) {
		out = append(out, ui.Choice{Value: TargetBare, Label: v.T("还没有图片的款式")})
	}
	out = append(out, ui.Choice{Value: TargetAll, Label: v.T("所有款式")})
	for _, d := range e.Specs {
		for _, o := range d.Options {
			if o.SKUs > 0 && o.SKUs < len(e.SKUs) {
				out = append(out, ui.Choice{Value: TargetOption + ui.ID(o.ID),
					Label: v.Pick(d.Name, d.NameEN) + " " + v.Pick(o.Value, o.ValueEN)})
			}
		}
	}
	if len(e.SKUs) > 1 {
		for _, k := range e.SKUs {
			out = append(out, ui.Choice{Value: TargetSKU + ui.ID(k.ID), Label: skuName(v, k)})
		}
	}
	return out
}

// galleryName names the SKUs that share pictures.
func galleryName(v ui.View, e desk.Editing, g desk.Gallery) string {
	if len(g.SKUs) == len(e.SKUs) {
		return v.T("所有款式")
	}
	var names []string
	for _, k := range g.SKUs {
		names = append(names, skuName(v, k))
	}
	return strings.Join(names, v.T("、"))
}

// galleryIDs are the SKUs that share pictures, as the form sends them.
func galleryIDs(g desk.Gallery) string {
	var ids []string
	for _, k := range g.SKUs {
		ids = append(ids, ui.ID(k.ID))
	}
	return strings.Join(ids, " ")
}
