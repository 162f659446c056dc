package desk_test

import (
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/fault"
	"dashop/store/promo"
	"dashop/store/promo/desk"
	"dashop/store/promo/sale"
)

// What a trial basket says of a draft is what a shopper's basket costs when the draft is published and has begun, for each kind.
func TestTrial(t *testing.T) {
	each(t, func(o *office) {
		goods := catalog.New(o.db, o.clock.Now)
		prices, sales := promo.New(o.db, goods, promo.NoHoldings{}, o.clock.Now, rules), sale.New(o.db, o.clock.Now)
		items := []promo.Item{{SKUID: o.coffee, Count: 3}, {SKUID: o.tea, Count: 1}}
		for _, kind := range desk.Kinds {
			in := o.input(kind)
			if kind == promo.KindPercent {
				in.Scope = promo.NewScope(promo.ScopeSKU, o.tea)
			}
			id := o.save(0, in, false)
			at := in.StartsAt.Add(time.Minute)
			before, err := o.desk.Trial(ctx, items, at, 0)
			o.must(err)
			trial, err := o.desk.Trial(ctx, items, at, id)
			o.must(err)
			if trial.Discount <= before.Discount {
				o.Errorf("%s takes nothing off: %+v", kind, trial)
			}
			in.Version = 0
			o.save(id, in, true)
			o.must(sales.Sweep(ctx))
			early, err := prices.Quote(ctx, o.db, promo.Ask{Items: items})
			o.must(err)
			if early.Digest == trial.Digest {
				o.Errorf("%s: it has begun already", kind)
			}
			o.clock.Set(at)
			o.must(sales.Sweep(ctx))
			shopper, err := prices.Quote(ctx, o.db, promo.Ask{Items: items})
			o.must(err)
			if shopper.Digest != trial.Digest {
				o.Errorf("%s: the trial says %+v, the shopper pays %+v", kind, trial, shopper)
			}
			o.must(o.desk.Withdraw(ctx, staff, id, o.editing(id).Version))
			o.must(sales.Sweep(ctx))
		}
		if _, err := o.desk.Trial(ctx, []promo.Item{{SKUID: 999_999, Count: 1}}, o.clock.Now(), 0); !fault.Is(err, fault.NotFound) {
			o.Errorf("an unknown SKU: %v", err)
		}
	})
}
