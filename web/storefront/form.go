package storefront

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
)

// maxNumber keeps ids and counts far away from the ends of int64.
const maxNumber = 1_000_000_000_000_000

// number reads a whole number written in plain ASCII digits: no sign, no blanks, no full-width digits, no leading zeros.
func number(s string) (int64, bool) {
	if s == "" || len(s) > 16 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n <= maxNumber
}

// pathID reads an id from the path. What is no id leads nowhere, so it is NotFound.
func pathID(c *fiber.Ctx, name string) (int64, error) {
	id, ok := number(c.Params(name))
	if !ok || id == 0 {
		return 0, fault.Missing()
	}
	return id, nil
}

// orderNo reads an order number from the path. What is none leads nowhere, so it is NotFound.
func orderNo(c *fiber.Ctx) (string, error) {
	no := c.Params("no")
	if !order.ValidNumber(no) {
		return "", fault.Missing()
	}
	return no, nil
}

// formID reads an id from a form or a query; wrong says in Chinese what to do when it is none.
func formID(c *fiber.Ctx, name, wrong string) (int64, error) {
	id, ok := number(value(c, name))
	if !ok || id == 0 {
		return 0, fault.Field(name, wrong)
	}
	return id, nil
}

// pieces reads a count of pieces of one SKU, 1 to catalog.MaxPerOrder.
func pieces(c *fiber.Ctx, name string) (int64, error) {
	n, ok := number(value(c, name))
	if !ok || n < 1 || n > catalog.MaxPerOrder {
		return 0, fault.Field(name, "数量要填 1 到 %d 之间的整数", catalog.MaxPerOrder)
	}
	return n, nil
}

// yesNo reads a field that may be true, false or absent (nil).
func yesNo(c *fiber.Ctx, name string) (*bool, error) {
	switch value(c, name) {
	case "":
		return nil, nil
	case "true":
		yes := true
		return &yes, nil
	case "false":
		no := false
		return &no, nil
	}
	return nil, fault.Field(name, "请重新选择")
}

// text reads free text without the blanks around it. Bytes that are no UTF-8 are refused; its length is the store's to judge.
func text(c *fiber.Ctx, name string) (string, error) {
	s := strings.TrimSpace(value(c, name))
	if !utf8.ValidString(s) {
		return "", fault.Field(name, "这段文字里有无法识别的字符")
	}
	return s, nil
}

// pageNumber reads the page of a list. Anything strange is the first page: a mangled link still shows something.
func pageNumber(c *fiber.Ctx) int {
	n, ok := number(c.Query("page"))
	if !ok || n < 1 || n > order.MaxPage {
		return 1
	}
	return int(n)
}

// value is a field of the posted form, or of the query of a GET.
func value(c *fiber.Ctx, name string) string {
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		return c.Query(name)
	}
	return c.FormValue(name)
}
