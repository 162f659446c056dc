package form

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/order"
	"dashop/views/ui"
)

// OrderList reads which orders the address of a list asks for, and the number of the page. last is the last status that has a
// tab. What is none of the shop's conditions is NotFound; the words are the store's to judge.
func OrderList(c *fiber.Ctx, last order.Status) (l ui.OrderList, page int, err error) {
	l = ui.OrderList{Path: c.Path(), Range: order.Range(c.Query("range")), Words: strings.TrimSpace(strings.ToValidUTF8(c.Query("q"), ""))}
	status, err1 := queryNumber(c, "status", int64(last))
	spu, err2 := queryNumber(c, "spu", MaxNumber)
	at, err3 := queryNumber(c, "page", order.MaxPage)
	after, err4 := order.ParseCursor(c.Query("after"))
	if err1 != nil || err2 != nil || err3 != nil || err4 != nil || !slices.Contains(order.Ranges, l.Range) {
		return ui.OrderList{}, 0, fault.Missing()
	}
	l.Status, l.SPU, l.After = int(status), spu, after
	return l, max(int(at), 1), nil
}

// queryNumber reads a number from 1 to most from an address; 0 when it is not there.
func queryNumber(c *fiber.Ctx, name string, most int64) (int64, error) {
	text := c.Query(name)
	if text == "" {
		return 0, nil
	}
	n, ok := Number(text)
	if !ok || n < 1 || n > most {
		return 0, fault.Missing()
	}
	return n, nil
}
