// Package form reads the fields of forms and addresses, for the shopper's pages and the merchant's.
package form

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/web/upload"
)

// MaxNumber keeps ids and counts far away from the ends of int64.
const MaxNumber = 1_000_000_000_000_000

// Bad is what IntOr gives for a text that is no number; no field of the store takes it.
const Bad = -1

// Number reads a whole number written in plain ASCII digits: no sign, no blanks, no full-width digits, no leading zeros.
func Number(s string) (int64, bool) {
	if s == "" || len(s) > 16 || len(s) > 1 && s[0] == '0' {
		return 0, false
	}
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
	}
	n, err := strconv.ParseInt(s, 10, 64)
	return n, err == nil && n <= MaxNumber
}

// Int reads a whole number as somebody typed it, leading zeros or not; Bad if it is none.
func Int(s string) int64 {
	if trimmed := strings.TrimLeft(s, "0"); trimmed != "" || s == "" {
		s = trimmed
	} else {
		return 0
	}
	n, ok := Number(s)
	if !ok {
		return Bad
	}
	return n
}

// IntOr is Int where an empty field means something.
func IntOr(s string, empty int64) int64 {
	if s == "" {
		return empty
	}
	return Int(s)
}

// PathID reads an id from the path. What is no id leads nowhere, so it is NotFound.
func PathID(c *fiber.Ctx, name string) (int64, error) {
	id, ok := Number(c.Params(name))
	if !ok || id == 0 {
		return 0, fault.Missing()
	}
	return id, nil
}

// OrderNo reads an order number from the path. What is none leads nowhere, so it is NotFound.
func OrderNo(c *fiber.Ctx) (string, error) {
	no := c.Params("no")
	if !order.ValidNumber(no) {
		return "", fault.Missing()
	}
	return no, nil
}

// Value is the first value of a field of the posted form, or of the query of a GET.
func Value(c *fiber.Ctx, name string) string {
	if values := Values(c, name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values are all values of a repeatable field of the posted form, or of the query of a GET, in their order. Fiber's FormValue
// is not used, since it prefers the query of a POST: a link could then decide what a form says.
func Values(c *fiber.Ctx, name string) []string {
	args := c.Request().PostArgs()
	if c.Method() == fiber.MethodGet || c.Method() == fiber.MethodHead {
		args = c.Request().URI().QueryArgs()
	} else if upload.CanHoldFiles(c) {
		sent, err := c.MultipartForm()
		if err != nil {
			return nil
		}
		return sent.Value[name]
	}
	var list []string
	for _, value := range args.PeekMulti(name) {
		list = append(list, string(value))
	}
	return list
}

// ID reads an id from a form or a query; wrong says in Chinese what to do when it is none.
func ID(c *fiber.Ctx, name, wrong string) (int64, error) { return idOf(Value(c, name), name, wrong) }

func idOf(s, name, wrong string) (int64, error) {
	id, ok := Number(s)
	if !ok || id == 0 {
		return 0, fault.Field(name, wrong)
	}
	return id, nil
}

// Pieces reads a count of pieces of one SKU, 1 to catalog.MostPerOrder; the store knows what may be had of each.
func Pieces(c *fiber.Ctx, name string) (int64, error) { return piecesOf(Value(c, name), name) }

func piecesOf(s, name string) (int64, error) {
	n, ok := Number(s)
	if !ok || n < 1 || n > catalog.MostPerOrder {
		return 0, fault.Field(name, "数量要填 1 到 %d 之间的整数", catalog.MostPerOrder)
	}
	return n, nil
}

// Item reads a SKU and how many of it, from the values of sku_id and count.
func Item(sku, count string) (promo.Item, error) {
	id, err := idOf(sku, "sku_id", "请先选择规格")
	if err != nil {
		return promo.Item{}, err
	}
	pieces, err := piecesOf(count, "count")
	return promo.Item{SKUID: id, Count: pieces}, err
}

// YesNo reads a field that may be true, false or absent (nil).
func YesNo(c *fiber.Ctx, name string) (*bool, error) {
	switch Value(c, name) {
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

// Moment reads a date and a time as a browser's field for both sends them, in China's time. The zero time is what is none.
func Moment(s string) time.Time {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, s, order.Beijing); err == nil && t.Year() >= 2000 && t.Year() < 3000 {
			return t.UTC()
		}
	}
	return time.Time{}
}

// Text reads free text without the blanks around it. Bytes that are no UTF-8 are refused; its length is the store's to judge.
func Text(c *fiber.Ctx, name string) (string, error) {
	s := strings.TrimSpace(Value(c, name))
	if !utf8.ValidString(s) {
		return "", fault.Field(name, "这段文字里有无法识别的字符")
	}
	return s, nil
}

// Page reads the page of a list. Anything strange is the first page: a mangled link still shows something.
func Page(c *fiber.Ctx) int {
	n, ok := Number(c.Query("page"))
	if !ok || n < 1 || n > order.MaxPage {
		return 1
	}
	return int(n)
}

// Typed is a posted form as it was sent, to be read and to be shown again, with what is no text left out. Files are not part of it.
func Typed(c *fiber.Ctx) url.Values {
	typed := url.Values{}
	keep := func(name, value string) { typed.Set(name, strings.TrimSpace(strings.ToValidUTF8(value, ""))) }
	for name, value := range c.Request().PostArgs().All() {
		keep(string(name), string(value))
	}
	if upload.CanHoldFiles(c) {
		if form, err := c.MultipartForm(); err == nil {
			for name, values := range form.Value {
				for _, value := range values {
					keep(name, value)
				}
			}
		}
	}
	return typed
}

// StatusOf is the HTTP status of a page that is shown with a fault on it; nil is 200.
func StatusOf(f *fault.Error) int {
	switch {
	case f == nil, f.Code == fault.CodeNotConfirmed:
		return http.StatusOK
	case f.Kind == fault.Conflict:
		return http.StatusConflict
	case f.Kind == fault.Unavailable:
		return http.StatusServiceUnavailable
	}
	return http.StatusUnprocessableEntity
}
