package staff

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

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
		CategoryID: form.Int(typed.Get("category_id")), BrandID: form.IntOr(typed.Get("brand_id"), 0), Caption: typed.Get("caption"), CaptionEN: typed.Get("caption_en"),
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
		now, err := p.Store.Desk.Editing(c.UserContext(), spu)
		if err != nil {
			return "", err
		}
		in := productInput(typed)
		if in.Version != now.Input.Version { // or new variants would be missed in the form
			return "", p.Store.Desk.SaveProduct(c.UserContext(), staffID, spu, in, nil)
		}
		skus, err := parseSKUs(typed, now)
		if err != nil {
			return "", err
		}
		return "商品已保存", p.Store.Desk.SaveProduct(c.UserContext(), staffID, spu, in, skus)
	})
}

// DeleteProduct takes away a product that was made by mistake: POST /admin/products/{spu}/delete.
func (p Pages) DeleteProduct(c *fiber.Ctx) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	err = p.Store.Desk.DeleteProduct(c.UserContext(), session.Of(c).UserID(), id, form.Int(c.FormValue("version")))
	if fault.Refused(err) {
		return p.showProduct(c, staff.ProductPage{Form: staff.Form{Fault: fault.Of(err)}})
	}
	return saved(c, err, "商品已删除", "/admin/products")
}

// parseSKUs reads the rows of the variants that there are; amounts are in yuan.
func parseSKUs(typed url.Values, now desk.Editing) (skus []desk.SKUInput, err error) {
	a := amountsOf(typed)
	for _, k := range now.SKUs {
		id := strconv.FormatInt(k.ID, 10)
		skus = append(skus, desk.SKUInput{
			ID: k.ID, Price: a.read("price_"+id, false), Market: a.read("market_"+id, true), Launched: typed.Get("launched_"+id) == "true",
		})
	}
	return skus, a.bad.OrNil()
}

// SaveSpecs keeps the specs of a product and their options: POST /admin/products/{spu}/specs.
func (p Pages) SaveSpecs(c *fiber.Ctx) error {
	return p.changeProduct(c, staff.FormSpecs, func(spu, staffID int64, typed url.Values) (string, error) {
		now, err := p.Store.Desk.Editing(c.UserContext(), spu)
		if err != nil {
			return "", err
		}
		done, err := p.Store.Desk.SaveSpecs(c.UserContext(), staffID, spu, form.Int(typed.Get("version")), parseSpecs(typed, now))
		if done.Kept > 0 {
			return "规格已保存；卖过的款式只是下架了", err
		}
		return "规格已保存", err
	})
}

// parseSpecs reads the specs that the form has; those that somebody has added since are not in it.
func parseSpecs(typed url.Values, now desk.Editing) (specs []desk.SpecInput) {
	for _, d := range now.Specs {
		id := strconv.FormatInt(d.ID, 10)
		if !typed.Has("spec_" + id) {
			continue
		}
		in := desk.SpecInput{
			ID: d.ID, Name: typed.Get("spec_" + id), NameEN: typed.Get("spec_en_" + id),
			Sequence: form.IntOr(typed.Get("spec_order_"+id), 0), Remove: typed.Get("remove_spec_"+id) == "true",
		}
		for _, o := range d.Options {
			oid := strconv.FormatInt(o.ID, 10)
			if typed.Has("option_" + oid) {
				in.Options = append(in.Options, desk.OptionInput{
					ID: o.ID, Value: typed.Get("option_" + oid), ValueEN: typed.Get("option_en_" + oid), Color: typed.Get("color_" + oid),
					Sequence: form.IntOr(typed.Get("order_"+oid), 0), Remove: typed.Get("remove_"+oid) == "true",
				})
			}
		}
		in.Options = append(in.Options, options(typed.Get("add_"+id))...)
		specs = append(specs, in)
	}
	fresh := newSpecs(typed)
	for i := range fresh {
		fresh[i].Sequence = lastSpec(now) + int64(i) + 1
	}
	return append(specs, fresh...)
}

func lastSpec(e desk.Editing) (last int64) {
	for _, d := range e.Specs {
		last = max(last, d.Sequence)
	}
	return last
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
		now, err := p.Store.Desk.Editing(c.UserContext(), spu)
		if err != nil {
			return "", err
		}
		skus := targeted(now, typed.Get("target"))
		if len(skus) == 0 {
			return "", fault.Field("target", "请选择图片给哪些款式")
		}
		names, err := p.keepPictures(c, media.Product, "pictures", desk.MaxUploads)
		if err != nil {
			return "", err
		}
		err = p.Store.Desk.AddPictures(c.UserContext(), staffID, spu, skus, names)
		if err != nil && !fault.Is(err, fault.Unknown) {
			upload.Drop(p.Store.Media, names)
		}
		return "图片已上传", err
	})
}

// targeted are the variants that an upload is for.
func targeted(e desk.Editing, target string) (skus []int64) {
	for _, k := range e.SKUs {
		option, isOption := strings.CutPrefix(target, staff.TargetOption)
		sku, isSKU := strings.CutPrefix(target, staff.TargetSKU)
		if target == staff.TargetAll || target == staff.TargetBare && len(k.Images) == 0 ||
			isOption && slices.Contains(k.OptionIDs, form.Int(option)) || isSKU && k.ID == form.Int(sku) {
			skus = append(skus, k.ID)
		}
	}
	return skus
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
