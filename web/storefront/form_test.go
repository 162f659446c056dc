package storefront

import (
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"dashop/store/account"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
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

func TestLineChange(t *testing.T) {
	for _, c := range []struct {
		form     string
		count    int64 // 0: unchanged
		selected string
		ok       bool
	}{
		{form: "count=3", count: 3, ok: true},
		{form: "selected=true", selected: "true", ok: true},
		{form: "selected=false", selected: "false", ok: true},
		{form: "count=2&selected=false", count: 2, selected: "false", ok: true},
		{form: "count=2&price=1&amount_fen=1", count: 2, ok: true}, // amounts are not read
		{form: ""},
		{form: "count=0"},
		{form: "selected=maybe"},
		{form: "count=x&selected=true"},
	} {
		form, _ := url.ParseQuery(c.form)
		posted(t, form, func(ctx *fiber.Ctx) {
			count, selected, err := parseLineChange(ctx)
			if (err == nil) != c.ok {
				t.Errorf("%q: %v", c.form, err)
				return
			}
			if err != nil {
				return
			}
			if (count == nil) != (c.count == 0) || count != nil && *count != c.count {
				t.Errorf("%q: count %v", c.form, count)
			}
			if (selected == nil) != (c.selected == "") || selected != nil && (c.selected == "true") != *selected {
				t.Errorf("%q: selected %v", c.form, selected)
			}
		})
	}
}

// parsed reads a confirmation form as the handlers do.
func parsed(c *fiber.Ctx) (checkoutForm, error) {
	goods, err := parseGoods(c)
	if err != nil {
		return checkoutForm{Placing: goods}, err
	}
	return parseCheckout(c, goods)
}

func TestParseCheckout(t *testing.T) {
	posted(t, url.Values{
		"checkout_token": {"tok"}, "digest": {"dig"}, "address_id": {"12"}, "pay_method": {"alipay"}, "note": {"  按门铃 "},
		"sku_id": {"5"}, "count": {"2"}, "payable": {"1"}, "amount": {"0.01"}, "unit_fen": {"1"}, "receiver": {"王阿姨"},
		"city_id": {"110100"},
	}, func(c *fiber.Ctx) {
		in, err := parsed(c)
		if err != nil {
			t.Fatal(err)
		}
		want := checkoutForm{Placing: order.Placing{
			Token: "tok", Digest: "dig", AddressID: 12, PayMethod: "alipay", Note: "按门铃", BuyNow: &promo.Item{SKUID: 5, Count: 2},
		}, NewAddress: account.AddressInput{Receiver: "王阿姨", CityID: 110100}}
		if !reflect.DeepEqual(in, want) {
			t.Errorf("%+v", in)
		}
	})
	for form, want := range map[string]int{
		"address_id=abc": fault.CodeBadAddress, "address_id=-3": fault.CodeBadAddress, "address_id=１２": fault.CodeBadAddress,
		"sku_id=x&count=1": 0, "sku_id=5&count=0": 0, "sku_id=5": 0, "count=5": 0, "note=%ff": 0,
		"coupon_id=x": fault.CodeBadCoupon, "coupon_id=-1": fault.CodeBadCoupon, "credits=1.5": fault.CodeShortCredits,
		"sku_id=5&sku_id=6&count=1&count=1": 0, "from=cart&sku_id=5&sku_id=6&count=1": 0, "from=cart&sku_id=5": 0,
		"from=cart&sku_id=5&count=0": 0,
	} {
		values, _ := url.ParseQuery(form)
		posted(t, values, func(c *fiber.Ctx) {
			if _, err := parsed(c); !fault.Is(err, fault.Invalid) || fault.Of(err).Code != want {
				t.Errorf("%s: %v", form, err)
			}
		})
	}
}

// A form says by itself what it is about: lines of the cart, one SKU bought at once, or whatever is ticked.
func TestParseGoods(t *testing.T) {
	for form, want := range map[string]order.Placing{
		"":                              {},
		"from=cart":                     {},
		"sku_id=&count=":                {},
		"sku_id=5&count=2":              {BuyNow: &promo.Item{SKUID: 5, Count: 2}},
		"from=cart&sku_id=5&count=2":    {Lines: []promo.Item{{SKUID: 5, Count: 2}}},
		"from=nowhere&sku_id=5&count=2": {BuyNow: &promo.Item{SKUID: 5, Count: 2}},
		"from=cart&sku_id=5&sku_id=7&count=2&count=1": {Lines: []promo.Item{{SKUID: 5, Count: 2}, {SKUID: 7, Count: 1}}},
	} {
		values, _ := url.ParseQuery(form)
		posted(t, values, func(c *fiber.Ctx) {
			if got, err := parseGoods(c); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%q: %+v, %v", form, got, err)
			}
		})
	}
}

func TestOnPhone(t *testing.T) {
	for agent, want := range map[string]bool{
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0 Mobile Safari/537.36": true,
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148":     true,
		"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36":                 false,
		"": false,
	} {
		app := fiber.New()
		app.Get("/", func(c *fiber.Ctx) error {
			if got := onPhone(c); got != want {
				t.Errorf("%q: %v", agent, got)
			}
			return nil
		})
		req := httptest.NewRequest(fiber.MethodGet, "/", nil)
		req.Header.Set(fiber.HeaderUserAgent, agent)
		if _, err := app.Test(req); err != nil {
			t.Fatal(err)
		}
	}
}
