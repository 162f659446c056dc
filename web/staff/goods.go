package staff

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
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
	if refused(err) {
		return p.showProduct(c, staff.ProductPage{Form: staff.Form{Typed: typedForm(c), Fault: fault.Of(err)}, Refused: staff.FormStock, Stock: sku})
	}
	if err != nil {
		return err
	}
	session.Of(c).Flash("ok", "库存已更新")
	return respond.SeeOther(c, staff.ProductHref(id))
}
