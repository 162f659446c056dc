package staff

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/media"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
	"dashop/web/upload"
)

// NewProductForm asks what a product is: GET /admin/products/new.
func (p Pages) NewProductForm(c *fiber.Ctx) error { return p.showNewProduct(c, staff.Form{}) }

func (p Pages) showNewProduct(c *fiber.Ctx, f staff.Form) error {
	page := staff.NewProductPage{Form: f}
	var err error
	if page.Categories, err = p.Store.Desk.EditingCategories(c.UserContext()); err != nil {
		return err
	}
	if page.Brands, err = p.Store.Desk.BrandChoices(c.UserContext()); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(f.Fault), func(v ui.View) templ.Component { return staff.NewProduct(v, page) }, "")
}

// NewProduct makes a product, which nobody sees yet: POST /admin/products.
func (p Pages) NewProduct(c *fiber.Ctx) error {
	typed := form.Typed(c)
	id, err := p.Store.Desk.NewProduct(c.UserContext(), session.Of(c).UserID(), productInput(typed), newSpecs(typed))
	if fault.Refused(err) {
		return p.showNewProduct(c, staff.Form{Typed: typed, Fault: fault.Of(err)})
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "商品已建好，接着生成款式")
	return respond.SeeOther(c, staff.ProductHref(id))
}

// newSpecs reads the specs that a form has room for; one without a name and options is none.
func newSpecs(typed url.Values) (specs []desk.SpecInput) {
	for i, end := range []string{"", "_2"} {
		name, list := typed.Get("new_spec"+end), options(typed.Get("new_options"+end))
		if name != "" || len(list) > 0 {
			specs = append(specs, desk.SpecInput{Name: name, NameEN: typed.Get("new_spec_en" + end), Sequence: int64(i + 1), Options: list})
		}
	}
	return specs
}

func productInput(typed url.Values) desk.ProductInput {
	return desk.ProductInput{
		Version: form.Int(typed.Get("version")), Name: typed.Get("name"), NameEN: typed.Get("name_en"),
		CategoryID: form.Int(typed.Get("category_id")), BrandID: form.IntOr(typed.Get("brand_id"), 0), Caption: typed.Get("caption"),
		CaptionEN:   typed.Get("caption_en"),
		Description: typed.Get("description"), DescriptEN: typed.Get("description_en"), Launched: typed.Get("launched") == "true",
	}
}

// Product shows the forms of a product: GET /admin/products/{spu}.
func (p Pages) Product(c *fiber.Ctx) error { return p.showProduct(c, staff.ProductPage{}) }

func (p Pages) showProduct(c *fiber.Ctx, page staff.ProductPage) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	if page.Product, err = p.Store.Desk.Editing(ctx, id); err != nil {
		return err
	}
	if page.Categories, err = p.Store.Desk.EditingCategories(ctx); err != nil {
		return err
	}
	if page.Brands, err = p.Store.Desk.BrandChoices(ctx); err != nil {
		return err
	}
	return respond.PageStatus(c, form.StatusOf(page.Fault), func(v ui.View) templ.Component { return staff.Product(v, page) }, "")
}

// changeProduct has a form of a product's page do something, and then leads back to its part of the page, or shows
// it again with what is wrong. do says what the merchant reads when it has worked.
func (p Pages) changeProduct(c *fiber.Ctx, which string, do func(spu, staffID int64, typed url.Values) (done string, err error)) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	typed := form.Typed(c)
	done, err := do(id, session.Of(c).UserID(), typed)
	if fault.Refused(err) {
		f := fault.Of(err)
		if f.Fields["launched"].Msg != "" && which != staff.FormFacts {
			f = f.First() // that field is in another form
		}
		return p.showProduct(c, staff.ProductPage{Form: staff.Form{Typed: typed, Fault: f}, Refused: which})
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", done)
	to := staff.ProductHref(id)
	if which != staff.FormFacts {
		to += "#" + which
	}
	return respond.SeeOther(c, to)
}

// SaveProduct keeps what the form says of a product and its variants: POST /admin/products/{spu}.
func (p Pages) SaveProduct(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormFacts, func(spu, staffID int64, typed url.Values) (string, error) {
		skus, err := parseSKUs(typed)
		if err != nil {
			return "", err
		}
		return "商品已保存", p.Store.Desk.SaveProduct(c.UserContext(), staffID, spu, productInput(typed), skus)
	})
}

// DeleteProduct takes away a product that was made by mistake: POST /admin/products/{spu}/delete.
func (p Pages) DeleteProduct(c *fiber.Ctx) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteProduct(c.UserContext(), session.Of(c).UserID(), id, form.Int(form.Value(c, "version")))
	if fault.Refused(err) {
		return p.showProduct(c, staff.ProductPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "商品已删除", "/admin/products")
}

// parseSKUs reads the rows of variants that the form has; amounts are in yuan.
func parseSKUs(typed url.Values) (skus []desk.SKUInput, err error) {
	a := amountsOf(typed)
	for _, k := range numbered(typed, "price_") {
		id := strconv.FormatInt(k, 10)
		skus = append(skus, desk.SKUInput{
			ID: k, Price: a.read("price_"+id, false), Market: a.read("market_"+id, true), Launched: typed.Get("launched_"+id) == "true",
			Limit: form.IntOr(typed.Get("limit_"+id), 0),
		})
	}
	return skus, a.bad.OrNil()
}

// numbered are the ids in the names of the fields that begin so, in order.
func numbered(typed url.Values, prefix string) (ids []int64) {
	for name := range typed {
		if id, ok := strings.CutPrefix(name, prefix); ok && form.Int(id) > 0 {
			ids = append(ids, form.Int(id))
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// SaveSpecs keeps the specs of a product and their options: POST /admin/products/{spu}/specs.
func (p Pages) SaveSpecs(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormSpecs, func(spu, staffID int64, typed url.Values) (string, error) {
		options, err := p.Store.Desk.SpecOptions(c.UserContext(), spu)
		if err != nil {
			return "", err
		}
		done, err := p.Store.Desk.SaveSpecs(c.UserContext(), staffID, spu, form.Int(typed.Get("version")), parseSpecs(typed, options))
		if done.Kept > 0 {
			return "规格已保存；卖过的款式只是下架了", err
		}
		return "规格已保存", err
	})
}

// parseSpecs reads the specs that the form has, with those of the product's options that it has; what somebody has added since
// is not in it.
func parseSpecs(typed url.Values, had []catalog.Option) (specs []desk.SpecInput) {
	last := int64(0)
	for _, d := range numbered(typed, "spec_") {
		id := strconv.FormatInt(d, 10)
		in := desk.SpecInput{
			ID: d, Name: typed.Get("spec_" + id), NameEN: typed.Get("spec_en_" + id),
			Sequence: form.IntOr(typed.Get("spec_order_"+id), 0), Remove: typed.Get("remove_spec_"+id) == "true",
		}
		for _, o := range had {
			oid := strconv.FormatInt(o.ID, 10)
			if o.SpecID == d && typed.Has("option_"+oid) {
				in.Options = append(in.Options, desk.OptionInput{
					ID: o.ID, Value: typed.Get("option_" + oid), ValueEN: typed.Get("option_en_" + oid), Color: typed.Get("color_" + oid),
					Sequence: form.IntOr(typed.Get("order_"+oid), 0), Remove: typed.Get("remove_"+oid) == "true",
				})
			}
		}
		in.Options = append(in.Options, options(typed.Get("add_"+id))...)
		specs, last = append(specs, in), max(last, in.Sequence)
	}
	for i, in := range newSpecs(typed) {
		in.Sequence = last + int64(i) + 1
		specs = append(specs, in)
	}
	return specs
}

// AddSKUs makes variants at one price: POST /admin/products/{spu}/skus.
func (p Pages) AddSKUs(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormVariants, func(spu, staffID int64, typed url.Values) (string, error) {
		a := amountsOf(typed)
		in := desk.NewSKUs{Price: a.read("price", false), Market: a.read("market", true), Launched: typed.Get("launched") == "true"}
		if err := a.bad.OrNil(); err != nil {
			return "", err
		}
		if typed.Get("do") == "one" {
			in.Options = []int64{}
			for name := range typed {
				if strings.HasPrefix(name, "choice_") {
					in.Options = append(in.Options, form.Int(typed.Get(name)))
				}
			}
		}
		_, err := p.Store.Desk.AddSKUs(c.UserContext(), staffID, spu, in)
		return "款式已生成", err
	})
}

// RemoveSKU takes a variant away: POST /admin/products/{spu}/skus/{sku}/remove.
func (p Pages) RemoveSKU(c *fiber.Ctx) error {
	sku, err := form.PathID(c, "sku")
	if err != nil {
		return err
	}
	return p.changeProduct(c, staff.FormVariants, func(spu, staffID int64, _ url.Values) (string, error) {
		kept, err := p.Store.Desk.RemoveSKU(c.UserContext(), staffID, spu, sku)
		if kept {
			return "这一款进过货或卖过，已经下架，记录还在", err
		}
		return "这一款已移除", err
	})
}

// AddPictures keeps uploaded pictures for some variants: POST /admin/products/{spu}/pictures.
func (p Pages) AddPictures(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormPictures, func(spu, staffID int64, typed url.Values) (string, error) {
		target, ok := parseTarget(typed.Get("target"))
		if !ok {
			return "", fault.Field("target", "请选择图片给哪些款式")
		}
		names, err := p.keepPictures(c, media.Product, "pictures", desk.MaxUploads)
		if err != nil {
			return "", err
		}
		err = p.Store.Desk.AddPictures(c.UserContext(), staffID, spu, target, names)
		if err != nil && !fault.Is(err, fault.Unknown) {
			upload.Drop(p.Store.Media, names)
		}
		return "图片已上传", err
	})
}

// parseTarget reads which variants an upload is for.
func parseTarget(text string) (t desk.Target, ok bool) {
	if id, found := strings.CutPrefix(text, staff.TargetOption); found {
		t.OptionID = form.Int(id)
		return t, t.OptionID > 0
	}
	if id, found := strings.CutPrefix(text, staff.TargetSKU); found {
		t.SKUIDs = []int64{form.Int(id)}
		return t, t.SKUIDs[0] > 0
	}
	t.All, t.Unpictured = text == staff.TargetAll, text == staff.TargetBare
	return t, t.All || t.Unpictured
}

// MovePicture moves a picture of some variants, takes it away, or lets it stand for the product:
// POST /admin/products/{spu}/pictures/move.
func (p Pages) MovePicture(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormPictures, func(spu, staffID int64, typed url.Values) (string, error) {
		if typed.Get("do") == "main" {
			return "主图已更换", p.Store.Desk.SetMainPicture(c.UserContext(), staffID, spu, typed.Get("image"))
		}
		var skus []int64
		for _, id := range strings.Fields(typed.Get("skus")) {
			skus = append(skus, form.Int(id))
		}
		return "图片已更新", p.Store.Desk.MovePicture(c.UserContext(), staffID, spu, skus, typed.Get("image"), desk.PictureMove(typed.Get("do")))
	})
}
