package order_test

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"dashop/store/cart"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/order"
	"dashop/store/promo"
	"dashop/store/storetest"
)

// noTransaction gives a context with which a statement in a transaction fails the test.
func (s shop) noTransaction() context.Context {
	return db.InjectFaults(ctx, func(statement string) error {
		s.Errorf("a transaction runs %s", statement)
		return nil
	})
}

// What can be seen to fail is refused without a transaction, and so is a form that was sent before, also when all is sold out now.
func TestRefusalsNeedNoTransaction(t *testing.T) {
	each(t, func(s shop) {
		user, address := s.buyer("xiaoming")
		set := func(query string, args ...any) { storetest.Exec(s, s.db, query, args...) }
		for name, c := range map[string]struct {
			change func(in *order.Placing, sku int64)
			code   int
		}{
			"sold out": {func(_ *order.Placing, sku int64) {
				set("UPDATE stocks SET quantity = 0, sold = 0 WHERE sku_id = ?", sku)
			}, fault.CodeShortStock},
			"off sale":      {func(_ *order.Placing, sku int64) { set("UPDATE skus SET is_launched = 0 WHERE id = ?", sku) }, fault.CodeShortStock},
			"another price": {func(_ *order.Placing, sku int64) { set("UPDATE skus SET price_fen = 1 WHERE id = ?", sku) }, fault.CodePriceChanged},
			"line removed": {func(_ *order.Placing, sku int64) {
				_, err := s.cart.Remove(ctx, cart.UserOwner(user), sku)
				s.must(err)
			}, fault.CodeTooFast},
			"stale digest": {func(in *order.Placing, _ int64) { in.Digest += "0" }, fault.CodePriceChanged},
			"no token":     {func(in *order.Placing, _ int64) { in.Token = "" }, 0},
			"bad address":  {func(in *order.Placing, _ int64) { in.AddressID = 999 }, fault.CodeBadAddress},
			"empty cart":   {func(in *order.Placing, _ int64) { in.Lines = nil; set("DELETE FROM cart_lines") }, 0},
		} {
			set("DELETE FROM cart_lines")
			sku := storetest.SKU(s, s.db, 12400, 0)
			set("UPDATE stocks SET quantity = 3 WHERE sku_id = ?", sku)
			in := s.cartForm(user, address, sku)
			c.change(&in, sku)
			if _, err := s.order.Place(s.noTransaction(), in); !fault.Refused(err) || !fault.HasCode(err, c.code) && c.code != 0 {
				s.Errorf("%s: %v", name, err)
			}
			set("UPDATE stocks SET quantity = 0 WHERE sku_id = ?", sku) // it never came in, as the books see it
		}

		sku := storetest.SKU(s, s.db, 12400, 1)
		in := s.cartForm(user, address, sku)
		no := s.place(in)
		if again, err := s.order.Place(s.noTransaction(), in); err != nil || again != no {
			s.Errorf("sent again: %q, %v", again, err)
		}
	})
}

// TestPlanRefusesAsTheWriteDoes changes shops at random under a confirmation page: the refusal by reading has the kind and the
// code that the transaction alone would give, and what neither refuses is placed.
func TestPlanRefusesAsTheWriteDoes(t *testing.T) {
	each(t, func(s shop) {
		round := 0
		rapid.Check(s.T, func(r *rapid.T) {
			round++
			user, address := s.buyer(fmt.Sprint("buyer", round))
			owner := cart.UserOwner(user)
			skus := make([]int64, rapid.IntRange(1, 3).Draw(r, "lines"))
			for i := range skus {
				skus[i] = storetest.SKU(s, s.db, 5000, 2)
			}
			in := s.cartForm(user, address, skus...)
			if len(skus) == 1 && rapid.Bool().Draw(r, "buy now") {
				in = s.form(user, address, skus[0], 2)
			}
			p := s.plan(in) // before anything changes: only the write can find it
			for i := range rapid.IntRange(0, 2).Draw(r, "changes") {
				sku := rapid.SampledFrom(skus).Draw(r, fmt.Sprint("of", i))
				switch rapid.IntRange(0, 5).Draw(r, fmt.Sprint("change", i)) {
				case 0:
					storetest.Exec(s, s.db, "UPDATE skus SET price_fen = price_fen + 1 WHERE id = ?", sku)
				case 1:
					storetest.Exec(s, s.db, "UPDATE skus SET is_launched = 0 WHERE id = ?", sku)
				case 2:
					storetest.Exec(s, s.db, "DELETE FROM skus WHERE id = ?", sku)
				case 3:
					_, err := s.cart.Remove(ctx, owner, sku)
					s.must(err)
				case 4:
					other, to := s.buyer(fmt.Sprint("other", round, "_", i))
					if in, err := s.order.Checkout(ctx, other, &promo.Item{SKUID: sku, Count: 1}, to); err == nil && in.Short() == nil {
						_, err := s.order.Place(ctx, order.Placing{UserID: other, Token: in.Token, Digest: in.Quote.Digest, AddressID: to,
							PayMethod: "alipay", BuyNow: in.BuyNow})
						s.must(err)
					}
				case 5:
					storetest.Exec(s, s.db, "UPDATE skus SET name = 'another' WHERE id = ?", sku)
				}
			}
			_, early := s.order.Plan(ctx, in)
			late := s.write(p)
			if kind(early) != kind(late) {
				r.Fatalf("by reading: %v; by the transaction: %v", early, late)
			}
		})
	})
}

// kind is what a refusal is, without its words.
func kind(err error) string {
	if err == nil {
		return "placed"
	}
	f := fault.Of(err)
	return fmt.Sprint(f.Kind, " ", f.Code)
}
