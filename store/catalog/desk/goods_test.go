package desk_test

import (
	"slices"
	"strings"
	"testing"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/storetest"
)

// A name is looked for in some thousand products at a time, and found all the same, however far down the list.
func TestGoodsAreFoundPieceByPiece(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		const all = 20_500
		rare := []int64{3, 499, 500, 501, 9000, 10_500, 10_501, 20_500}
		var rows [][]any
		for id := int64(1); id <= all; id++ {
			name := "杯子"
			if slices.Contains(rare, id) {
				name = "茶壶"
			}
			rows = append(rows, []any{id, name, 1, 1, 101, 10101, "", "", clock.Now()})
		}
		err := d.Tx(t.Context(), func(tx *db.Tx) error {
			catalog.MarkChanged(t.Context(), tx)
			return tx.InsertMany(t.Context(), "spus", strings.Split("id name brand_id category1_id category2_id category3_id description description_en created_at", " "),
				rows)
		})
		if err != nil {
			t.Fatal(err)
		}
		s := desk.New(d, clock.Now)
		var found []int64
		pieces := 0
		for after := int64(0); pieces == 0 || after > 0; pieces++ {
			list, err := s.GoodsList(t.Context(), "茶壶", after)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range list.Goods {
				found = append(found, g.SPUID)
			}
			after = list.After
		}
		slices.Reverse(found)
		if !slices.Equal(found, rare) || pieces != 3 {
			t.Errorf("found %v in %d pieces, want %v in 3", found, pieces, rare)
		}
		if list, err := s.GoodsList(t.Context(), "杯子", 0); err != nil || len(list.Goods) != 30 || list.After != list.Goods[29].SPUID {
			t.Errorf("a common name: %d, after %d, %v", len(list.Goods), list.After, err)
		}
	})
}
