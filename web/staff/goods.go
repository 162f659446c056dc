package staff

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/stock"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Goods lists all products: GET /admin/products.
func (p Pages) Goods(c *fiber.Ctx) error {
	g := staff.GoodsPage{Q: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	after, _ := strconv.ParseInt(c.Query("after"), 10, 64) // anything strange is the beginning
	var err error
	if g.List, err = p.Store.Desk.GoodsList(c.UserContext(), g.Q, after); err != nil {
		return err
	}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Goods(v, g) }, "")
}

// ChangeStock books pieces that came in, of one variant or of several, or what was counted: POST /admin/products/{spu}/stock.
func (p Pages) ChangeStock(c *fiber.Ctx) error {
	id, err := spuID(c)
	if err != nil {
		return err
	}
	now, err := p.Store.Catalog.Stock(c.UserContext(), id)
	if err != nil {
		return err
	}
	typed := form.Typed(c)
	sku, err := p.bookStock(c, now, typed)
	if fault.Refused(err) {
		return p.showProduct(c, staff.ProductPage{Form: staff.Form{Typed: typed, Fault: fault.Of(err)}, Refused: staff.FormStock,
			Stock: sku})
	}
	return saved(c, err, "库存已更新", staff.ProductHref(id)+"#"+staff.FormStock)
}

// bookStock does what the form says, and names the variant that it was about, or 0 for several.
func (p Pages) bookStock(c *fiber.Ctx, now catalog.Stock, typed url.Values) (sku int64, err error) {
	staffID := session.Of(c).UserID()
	if typed.Get("do") == "receive_all" {
		return 0, p.receiveAll(c, staffID, now, typed)
	}
	sku = form.Int(typed.Get("sku_id"))
	if !now.Has(sku) {
		return 0, fault.Missing()
	}
	if typed.Get("do") == "correct" {
		return sku, p.Store.Stock.Correct(c.UserContext(), staffID, sku, form.Int(typed.Get("shown")), form.Int(typed.Get("counted")),
			typed.Get("reason"))
	}
	return sku, p.Store.Stock.Receive(c.UserContext(), staffID, typed.Get("delivery"), sku, form.Int(typed.Get("pieces")))
}

func (p Pages) receiveAll(c *fiber.Ctx, staffID int64, now catalog.Stock, typed url.Values) error {
	var came []stock.Piece
	for _, k := range now {
		if text := typed.Get("pieces_" + strconv.FormatInt(k.SKUID, 10)); text != "" {
			came = append(came, stock.Piece{SKUID: k.SKUID, Count: form.Int(text)})
		}
	}
	if len(came) == 0 {
		return fault.New(fault.Invalid, 0, "至少填一款的到货数量")
	}
	return p.Store.Stock.ReceiveAll(c.UserContext(), staffID, typed.Get("delivery"), came)
}
