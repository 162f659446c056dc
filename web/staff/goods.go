package staff

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/money"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/respond"
	"dashop/web/session"
)

// Goods lists all products: GET /admin/products.
func (p Pages) Goods(c *fiber.Ctx) error {
	g := staff.GoodsPage{Q: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64) // anything strange is the beginning
	var err error
	if g.List, err = p.Store.Catalog.GoodsList(c.UserContext(), g.Q, after); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Goods(v, g) }, "")
}

// Product shows the form of a product: GET /admin/products/{spu}.
func (p Pages) Product(c *fiber.Ctx) error {
	return p.showProduct(c, http.StatusOK, staff.ProductPage{})
}

func (p Pages) showProduct(c *fiber.Ctx, status int, page staff.ProductPage) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	if page.Product, err = p.Store.Catalog.Editing(c.UserContext(), id); err != nil {
		return err
	}
	return respond.PageStatus(c, status, func(v ui.View) templ.Component { return staff.Product(v, page) }, "")
}

// SaveProduct keeps what the form says of a product and its variants: POST /admin/products/{spu}.
func (p Pages) SaveProduct(c *fiber.Ctx) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	now, err := p.Store.Catalog.Editing(c.UserContext(), id)
	if err != nil {
		return err
	}
	typed := typedForm(c)
	skus, err := parseSKUs(typed, now)
	if err == nil {
		err = p.Store.Catalog.SaveProduct(c.UserContext(), session.Of(c).UserID(), id, catalog.ProductInput{
			Name: typed.Get("name"), NameEN: typed.Get("name_en"), Caption: typed.Get("caption"), CaptionEN: typed.Get("caption_en"),
			Description: typed.Get("description"), DescriptEN: typed.Get("description_en"), Launched: typed.Get("launched") == "true",
		}, skus)
	}
	if fault.Is(err, fault.Invalid) {
		return p.showProduct(c, http.StatusUnprocessableEntity, staff.ProductPage{Typed: typed, Fault: fault.Of(err)})
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "商品已保存")
	return respond.SeeOther(c, staff.ProductHref(id))
}

// ChangeStock books pieces that came in, or what was counted: POST /admin/products/{spu}/stock.
func (p Pages) ChangeStock(c *fiber.Ctx) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	product, err := p.Store.Catalog.Editing(c.UserContext(), id)
	if err != nil {
		return err
	}
	sku := number(c.FormValue("sku_id"))
	if !product.Has(sku) {
		return fault.Missing()
	}
	staffID := session.Of(c).UserID()
	if c.FormValue("do") == "correct" {
		err = p.Store.Stock.Correct(c.UserContext(), staffID, sku, number(c.FormValue("shown")), number(c.FormValue("counted")),
			strings.TrimSpace(strings.ToValidUTF8(c.FormValue("reason"), "")))
	} else {
		err = p.Store.Stock.Receive(c.UserContext(), staffID, sku, number(c.FormValue("pieces")))
	}
	switch f := fault.Of(err); {
	case err == nil:
	case f.Kind == fault.Invalid:
		return p.showProduct(c, http.StatusUnprocessableEntity, staff.ProductPage{Typed: typedForm(c), Fault: f, Stock: sku})
	case f.Kind == fault.Conflict:
		return p.showProduct(c, http.StatusConflict, staff.ProductPage{Typed: typedForm(c), Fault: f, Stock: sku})
	default:
		return err
	}
	session.Of(c).Flash("ok", "库存已更新")
	return respond.SeeOther(c, staff.ProductHref(id))
}

func spuID(c *fiber.Ctx) (int64, error) {
	id := number(c.Params("spu"))
	if id < 1 {
		return 0, fault.Missing()
	}
	return id, nil
}

// number reads a whole number in plain digits; anything else is -1, which no field takes.
func number(text string) int64 {
	n, err := strconv.ParseUint(text, 10, 53)
	if err != nil || strings.HasPrefix(text, "+") {
		return -1
	}
	return int64(n)
}

// typedForm is a form as it was sent, with what is no text left out.
func typedForm(c *fiber.Ctx) url.Values {
	typed := url.Values{}
	for name, value := range c.Request().PostArgs().All() {
		typed.Set(string(name), strings.TrimSpace(strings.ToValidUTF8(string(value), "")))
	}
	return typed
}

// parseSKUs reads the rows of the variants that there are; amounts are in yuan.
func parseSKUs(typed url.Values, now catalog.Editing) (skus []catalog.SKUInput, err error) {
	bad := &fault.Error{Kind: fault.Invalid, Text: fault.Text{Msg: "请检查标出的内容"}}
	amount := func(name string, sku int64, optional bool) money.Fen {
		field := name + "_" + strconv.FormatInt(sku, 10)
		text := typed.Get(field)
		if text == "" && optional {
			return 0
		}
		fen, err := money.Parse(text)
		if err != nil {
			bad.With(field, "请填金额，如 19.90")
		}
		return fen
	}
	for _, k := range now.SKUs {
		skus = append(skus, catalog.SKUInput{
			ID: k.ID, Price: amount("price", k.ID, false), Market: amount("market", k.ID, true),
			Launched: typed.Get("launched_"+strconv.FormatInt(k.ID, 10)) == "true",
		})
	}
	return skus, bad.OrNil()
}
