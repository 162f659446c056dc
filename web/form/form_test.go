package form

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
)

// posted runs read in a handler that a form was posted to.
func posted(t *testing.T, form url.Values, read func(c *fiber.Ctx)) {
	t.Helper()
	app := fiber.New(fiber.Config{Immutable: true})
	app.Post("/", func(c *fiber.Ctx) error { read(c); return nil })
	req := httptest.NewRequest(fiber.MethodPost, "/", strings.NewReader(form.Encode()))
	req.Header.Set(fiber.HeaderContentType, fiber.MIMEApplicationForm)
	if _, err := app.Test(req); err != nil {
		t.Fatal(err)
	}
}

// What a form says is never taken from the address that it is posted to, whether the form has the field or not.
func TestTheQueryIsNoPartOfAPost(t *testing.T) {
	app := fiber.New(fiber.Config{Immutable: true})
	var got string
	read := func(c *fiber.Ctx) error {
		got = fmt.Sprint(Value(c, "a"), Values(c, "a"), Value(c, "b"), Values(c, "b"), Typed(c))
		return nil
	}
	app.Post("/", read)
	app.Get("/", read)
	var parts bytes.Buffer
	w := multipart.NewWriter(&parts)
	_ = w.WriteField("a", "1")
	_ = w.WriteField("a", "2")
	_ = w.Close()
	for _, c := range []struct{ method, kind, body, want string }{
		{fiber.MethodPost, fiber.MIMEApplicationForm, "a=1&a=2", "1 [1 2]  [] map[a:[2]]"},
		{fiber.MethodPost, w.FormDataContentType(), parts.String(), "1 [1 2]  [] map[a:[2]]"},
		{fiber.MethodPost, fiber.MIMEApplicationForm, "", " []  [] map[]"},
		{fiber.MethodPost, "", "", " []  [] map[]"},
		{fiber.MethodGet, "", "", "evil [evil]evil [evil]map[]"},
	} {
		r := httptest.NewRequest(c.method, "/?a=evil&b=evil", strings.NewReader(c.body))
		r.Header.Set(fiber.HeaderContentType, c.kind)
		if _, err := app.Test(r); err != nil {
			t.Fatal(err)
		}
		if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(c.want, " ", "") {
			t.Errorf("%s of %q: %q, want %q", c.method, c.kind, got, c.want)
		}
	}
}

func TestNumber(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "1": 1, "99": 99, "1000000000000": 1_000_000_000_000, "1000000000000000": MaxNumber} {
		if got, ok := Number(s); !ok || got != want {
			t.Errorf("Number(%q) = %d, %v", s, got, ok)
		}
	}
	for _, s := range []string{
		"", "-1", "+1", " 1", "1 ", "01", "1.0", "1e3", "0x10", "１", "٣", "一", "abc", "1000000000000001", "9223372036854775808",
		strings.Repeat("9", 40), "1\x00", "1_000",
	} {
		if got, ok := Number(s); ok {
			t.Errorf("Number(%q) = %d, want none", s, got)
		}
	}
}

func TestPieces(t *testing.T) {
	for s, want := range map[string]int64{"1": 1, "99": 99, "999": 999} {
		posted(t, url.Values{"count": {s}}, func(c *fiber.Ctx) {
			if n, err := Pieces(c, "count"); n != want || err != nil {
				t.Errorf("Pieces(%q) = %d, %v", s, n, err)
			}
		})
	}
	for _, s := range []string{"", "0", "-1", "1000", "1000000000000", "two", "２", "1.5", "01"} {
		posted(t, url.Values{"count": {s}}, func(c *fiber.Ctx) {
			_, err := Pieces(c, "count")
			if !fault.Is(err, fault.Invalid) || fault.Of(err).Fields["count"].Msg == "" {
				t.Errorf("Pieces(%q): %v, want Invalid with words for the field", s, err)
			}
		})
	}
}

func TestOrderNoAndPathID(t *testing.T) {
	var got error
	app := fiber.New(fiber.Config{Immutable: true, ErrorHandler: func(_ *fiber.Ctx, err error) error { got = err; return nil }})
	app.Get("/orders/:no", func(c *fiber.Ctx) error { _, err := OrderNo(c); return err })
	app.Get("/items/:sku", func(c *fiber.Ctx) error { _, err := PathID(c, "sku"); return err })
	for path, ok := range map[string]bool{
		"/orders/20261122101530004212": true, "/orders/2026112210153000421": false, "/orders/2026112210153000421x": false,
		"/items/7": true, "/items/0": false, "/items/-1": false, "/items/x": false, "/items/99999999999999999999": false,
	} {
		got = nil
		if _, err := app.Test(httptest.NewRequest(fiber.MethodGet, path, nil)); err != nil {
			t.Fatal(err)
		}
		if (got == nil) != ok || got != nil && !fault.Is(got, fault.NotFound) {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestInt(t *testing.T) {
	for s, want := range map[string]int64{"0": 0, "00": 0, "7": 7, "007": 7, "": Bad, "-1": Bad, "+1": Bad, "1.5": Bad, "１": Bad,
		"x": Bad, "9999999999999999": Bad} {
		if got := Int(s); got != want {
			t.Errorf("Int(%q) = %d, want %d", s, got, want)
		}
	}
	if IntOr("", 5) != 5 || IntOr("3", 5) != 3 || IntOr("x", 5) != Bad {
		t.Error("IntOr is Int, but for an empty field")
	}
}
