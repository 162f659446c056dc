package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// orderLines are the lines of orders: the whole flow, and the last two steps of it, over many SKUs and for a single one, by so many
// shoppers at once.
func orderLines(ctx context.Context, s *stage) ([]*line, error) {
	crowds, err := numbers(s.orderAt)
	if err != nil {
		return nil, fmt.Errorf("-order-at: %w", err)
	}
	var lines []*line
	for _, flow := range []bool{true, false} {
		for _, hot := range []bool{false, true} {
			for _, n := range crowds {
				if err := s.withShoppers(ctx, n); err != nil {
					return nil, err
				}
				name := fmt.Sprintf("%s, %s, %d", map[bool]string{true: "order flow", false: "checkout + place"}[flow],
					map[bool]string{true: "one SKU", false: "many SKUs"}[hot], n)
				lines = append(lines, &line{name: name, per: "order", length: s.longer(4), pairs: s.shopPairs(),
					sides: s.eachShop(func(one *shop) *side { return s.orderSide(one, n, one.order(s.goods.skus, flow, hot)) })})
			}
		}
	}
	return lines, nil
}

func (s *stage) orderSide(one *shop, clients int, do step) *side {
	return &side{who: one.who, server: func() *server { return one.server },
		work: func(ctx context.Context, length time.Duration) (load, error) {
			return closedLoop(ctx, one.server, clients, length, do)
		}}
}

// checkBooks compares each shop's database with what it has acknowledged.
func (s *stage) checkBooks(ctx context.Context) error {
	for _, one := range s.shops {
		if err := one.books.check(ctx); err != nil {
			return fmt.Errorf("%s: %w", one.who, err)
		}
	}
	return nil
}

// order is one order of one piece. In the flow it is put into the cart, and the cart is ordered; else it is bought at once.
func (one *shop) order(skus []int64, flow, hot bool) step {
	return func(_ context.Context, http *fasthttp.HostClient, client int) error {
		sku := skus[0]
		if !hot {
			sku = skus[rand.IntN(len(skus))]
		}
		who := one.shoppers[client]
		if !flow {
			return one.checkOut(http, who, fmt.Sprintf("/checkout?sku_id=%d&count=1", sku))
		}
		r, err := who.send(http, "/cart/items", fmt.Appendf(nil, "sku_id=%d&count=1", sku))
		if err != nil {
			return err
		}
		defer fasthttp.ReleaseResponse(r)
		if err := expect(r, "POST /cart/items", fasthttp.StatusSeeOther); err != nil {
			return err
		}
		return one.checkOut(http, who, "/checkout")
	}
}

// checkOut opens a confirmation page and sends it off.
func (one *shop) checkOut(http *fasthttp.HostClient, who *shopper, path string) error {
	r, err := who.send(http, path, nil)
	if err != nil {
		return err
	}
	defer fasthttp.ReleaseResponse(r)
	if err := expect(r, "GET "+path, fasthttp.StatusOK); err != nil {
		return err
	}
	page, err := r.BodyUncompressed()
	if err != nil {
		return err
	}
	form, err := formOf(page, "place")
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	placed, err := who.send(http, "/orders", form)
	if err != nil {
		return err
	}
	defer fasthttp.ReleaseResponse(placed)
	if err := expect(placed, "POST /orders", fasthttp.StatusSeeOther); err != nil {
		return err
	}
	to := string(placed.Header.Peek("Location"))
	_, no, _ := strings.Cut(to, "/orders/")
	no, pays := strings.CutSuffix(no, "/pay")
	if !pays {
		return fmt.Errorf("a wrong answer: POST /orders leads to %q", to)
	}
	one.books.acknowledge(no)
	return nil
}

// expect is errBusy for an answer that asks to come again, and an error for any other one that is not as expected.
func expect(r *fasthttp.Response, what string, status int) error {
	switch code := r.StatusCode(); code {
	case status:
		return nil
	case fasthttp.StatusServiceUnavailable:
		return errBusy
	default:
		return fmt.Errorf("a wrong answer: %s: %d", what, code)
	}
}
