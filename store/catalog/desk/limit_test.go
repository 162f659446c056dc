package desk_test

import (
	"fmt"
	"testing"
)

// The merchant's limit of a variant is kept, shown again, and refused beside its field when it makes no sense.
func TestLimitOfAVariant(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		skus := inputs(e)
		for limit, good := range map[int64]bool{0: true, 2: true, 999: true, 1000: false, -1: false} {
			skus[0].Limit = limit
			err := b.desk.SaveProduct(ctx, 9, b.spu, b.editing().Input, skus)
			if !good {
				wantField(b.t, err, fmt.Sprintf("limit_%d", skus[0].ID))
				continue
			}
			b.must(err)
			if got := b.editing().SKUs[0].Limit; got != limit {
				b.t.Errorf("a limit of %d is kept as %d", limit, got)
			}
		}
	})
}
