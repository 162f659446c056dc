package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"dashop/store/catalog/desk"
	"dashop/store/fault"
	"dashop/store/stock"
	"dashop/store/storetest"
)

// No two SKUs of a product are the same combination, and there is a bound to how many it has.
func TestCombinations(t *testing.T) {
	eachBench(t, func(b *bench) {
		one := desk.NewSKUs{Price: 100, Launched: true, Options: []int64{b.blue, b.s2}}
		for _, options := range [][]int64{{b.blue}, {b.blue, b.red}, {b.blue, b.s1, b.s2}, {}, {b.blue, 999}} {
			in := one
			in.Options = options
			_, err := b.desk.AddSKUs(ctx, 9, b.spu, in)
			wantField(t, err, "options")
		}
		made, err := b.desk.AddSKUs(ctx, 9, b.spu, one)
		b.must(err)
		_, err = b.desk.AddSKUs(ctx, 9, b.spu, one)
		wantField(t, err, "options")
		b.must(b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{b.editing().SKUs[0].ID}}, []string{"uploads/full/blue.jpg"}))
		one.Options = nil
		more, err := b.desk.AddSKUs(ctx, 9, b.spu, one)
		b.must(err)
		_, err = b.desk.AddSKUs(ctx, 9, b.spu, one)
		wantField(t, err, "options")
		if made != 1 || more != 3 || b.int("SELECT COUNT(DISTINCT name) FROM skus WHERE spu_id = ?", b.spu) != 4 {
			t.Errorf("%d and %d made: %+v", made, more, b.editing().SKUs)
		}
		for _, k := range b.editing().SKUs {
			if shares := strings.Contains(k.Spec, "蓝") || strings.Contains(k.Spec, "M"); shares != (k.Image == "uploads/full/blue.jpg") {
				t.Errorf("%s shows %q", k.Spec, k.Image)
			}
		}
		_, err = b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 0})
		wantField(t, err, "price")
		// 30 × 30 would be far too many.
		var many []desk.OptionInput
		for i := range desk.MaxOptions {
			many = append(many, desk.OptionInput{Value: fmt.Sprint("o", i)})
		}
		big, err := b.desk.NewProduct(ctx, 9, desk.ProductInput{Name: "大", CategoryID: b.low},
			[]desk.SpecInput{{Name: "甲", Options: many}, {Name: "乙", Options: many}, {Name: "丙", Options: many},
				{Name: "丁", Options: many}})
		b.must(err)
		_, err = b.desk.AddSKUs(ctx, 9, big, desk.NewSKUs{Price: 100})
		wantField(t, err, "options")
		// Without specs there is one SKU.
		plain, err := b.desk.NewProduct(ctx, 9, desk.ProductInput{Name: "素", CategoryID: b.low}, nil)
		b.must(err)
		n, err := b.desk.AddSKUs(ctx, 9, plain, desk.NewSKUs{Price: 100})
		_, again := b.desk.AddSKUs(ctx, 9, plain, desk.NewSKUs{Price: 100})
		if n != 1 || err != nil {
			t.Errorf("%d SKUs, %v", n, err)
		}
		wantField(t, again, "options")
	})
}

// Two who make all combinations at once make each once.
func TestCombinationsTogether(t *testing.T) {
	eachBench(t, func(b *bench) {
		done := make(chan error, 6)
		for range 6 {
			go func() {
				_, err := b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 100})
				done <- err
			}()
		}
		won := 0
		for range 6 {
			if err := <-done; err == nil {
				won++
			} else if !fault.Is(err, fault.Invalid) {
				t.Error(err)
			}
		}
		if won != 1 || len(b.editing().SKUs) != 4 {
			t.Errorf("%d won, %d SKUs", won, len(b.editing().SKUs))
		}
	})
}

// A SKU that never had stock is gone when it is removed; one that had is kept off sale, for the orders and carts that name it.
func TestRemovedSKUs(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		b.receive(e.SKUs[0].ID, 3)
		b.receive(e.SKUs[2].ID, 3)
		storetest.Exec(t, b.d, "INSERT INTO cart_lines (owner, sku_id, count, selected, created_at) VALUES ('u:1', ?, 1, 1, ?)",
			e.SKUs[0].ID,
			b.clock.Now())
		kept, err := b.desk.RemoveSKU(ctx, 9, b.spu, e.SKUs[0].ID)
		gone, err2 := b.desk.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		b.must(errors.Join(err, err2))
		skus, err := b.s.SKUs(ctx, b.d, []int64{e.SKUs[0].ID, e.SKUs[1].ID})
		b.must(err)
		if !kept || gone || len(skus) != 1 || skus[e.SKUs[0].ID].Launched || skus[e.SKUs[0].ID].Spec != "红 / S" {
			t.Errorf("kept %t, gone %t: %+v", kept, gone, skus)
		}
		if b.int("SELECT COUNT(*) FROM sku_specs WHERE sku_id = ?", e.SKUs[1].ID)+b.int("SELECT COUNT(*) FROM sku_images WHERE sku_id = ?",
			e.SKUs[1].ID) != 0 {
			t.Error("something of the removed SKU is left")
		}
		_, err = b.desk.RemoveSKU(ctx, 9, b.spu, e.SKUs[1].ID)
		wantKind(t, err, fault.NotFound)
		_, err = b.desk.RemoveSKU(ctx, 9, b.spu+1, e.SKUs[2].ID)
		wantKind(t, err, fault.NotFound)
		wantKind(t, stock.NewKeeper(b.d, b.clock.Now).Receive(ctx, 9, "", e.SKUs[1].ID, 1), fault.NotFound)
	})
}

func (b *bench) saveSpecs(specs ...desk.SpecInput) (desk.SpecsChange, error) {
	return b.desk.SaveSpecs(ctx, 9, b.spu, b.editing().Input.Version, specs)
}

// Specs change their words, gain options, and lose them with the SKUs that have them.
func TestSpecs(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		color, size := e.Specs[0].ID, e.Specs[1].ID
		_, err := b.saveSpecs(desk.SpecInput{ID: color, Name: "色",
			Options: []desk.OptionInput{{ID: b.red, Value: "朱红", ValueEN: "Vermilion",
				Sequence: 2}, {ID: b.blue, Value: "蓝", Color: "#0000FF", Sequence: 1}, {Value: "绿"}}})
		b.must(err)
		e = b.editing()
		if got := e.Specs[0]; got.Name != "色" || got.Options[0].ID != b.blue || got.Options[0].Color != "#0000FF" ||
			got.Options[2].Value != "绿" || len(e.MissingCombinations()) != 2 {
			t.Errorf("%+v", got)
		}
		if k := e.SKUs[0]; k.Name != "亚麻衬衫 朱红 S" || k.NameEN != "Linen shirt, Vermilion, S" {
			t.Errorf("a renamed option leaves the SKU as %q, %q", k.Name, k.NameEN)
		}
		for name, in := range map[string]desk.SpecInput{
			"spec_" + fmt.Sprint(color): {ID: color, Name: "", Options: []desk.OptionInput{{ID: b.red, Value: "红"}}},
			"option_" + fmt.Sprint(b.s2): {ID: size, Name: "尺码",
				Options: []desk.OptionInput{{ID: b.s1, Value: "S"}, {ID: b.s2, Value: "S"}}},
			"color_" + fmt.Sprint(b.red): {ID: color, Name: "色", Options: []desk.OptionInput{{ID: b.red, Value: "红", Color: "red;}"}}},
			"add_" + fmt.Sprint(size): {ID: size, Name: "尺码",
				Options: []desk.OptionInput{{ID: b.s1, Remove: true}, {ID: b.s2, Remove: true}}},
			"new_options": {Name: "材质"},
			"new_spec":    {Name: "色", Options: []desk.OptionInput{{Value: "一"}}},
		} {
			_, err := b.saveSpecs(in)
			wantField(t, err, name)
		}
		_, err = b.saveSpecs(desk.SpecInput{ID: color, Name: "色",
			Options: []desk.OptionInput{{ID: b.s1, Value: "x"}}}) // an option of another spec
		wantKind(t, err, fault.Conflict)

		// Red S was sold, red M was not: the one is kept off sale, and so is red.
		b.receive(e.SKUs[0].ID, 1)
		done, err := b.saveSpecs(desk.SpecInput{ID: color, Name: "色",
			Options: []desk.OptionInput{{ID: b.red, Remove: true}, {ID: b.blue, Value: "蓝"}}})
		b.must(err)
		e = b.editing()
		if done.Kept != 1 || len(e.SKUs) != 3 || e.SKUs[0].Launched || e.SKUs[0].Spec != "朱红 / S" {
			t.Errorf("%d kept: %+v", done.Kept, e.SKUs)
		}
		if p, err := b.s.Product(ctx, b.spu); err != nil || len(p.Specs[0].Options) != 1 || p.Specs[0].Options[0].ID != b.blue {
			t.Errorf("shoppers may choose among %+v, %v", p.Specs, err)
		}

		// A new spec: all SKUs take its first option. Removed again, it leaves them.
		_, err = b.saveSpecs(desk.SpecInput{Name: "版型", Options: []desk.OptionInput{{Value: "宽松"}, {Value: "修身"}}})
		b.must(err)
		e = b.editing()
		if e.SKUs[2].Spec != "宽松 / 蓝 / M" && e.SKUs[2].Spec != "蓝 / M / 宽松" && e.SKUs[2].Spec != "蓝 / 宽松 / M" || !e.SKUs[2].Complete {
			t.Errorf("%+v", e.SKUs[2])
		}
		fit := slices.IndexFunc(e.Specs, func(d desk.EditingSpec) bool { return d.Name == "版型" })
		_, err = b.saveSpecs(desk.SpecInput{ID: e.Specs[fit].ID, Remove: true})
		b.must(err)

		// Sizes differ among what is on sale, so the spec stays; colours do not, but the red one keeps its word.
		_, err = b.saveSpecs(desk.SpecInput{ID: size, Remove: true})
		wantField(t, err, "remove_spec_"+fmt.Sprint(size))
		_, err = b.saveSpecs(desk.SpecInput{ID: color, Remove: true})
		b.must(err)
		e = b.editing()
		if len(e.Specs) != 1 || !strings.Contains(e.SKUs[0].Spec, "朱红") || e.SKUs[0].Complete || e.SKUs[1].Spec != "S" ||
			!e.SKUs[1].Complete {
			t.Errorf("%+v of %+v", e.SKUs, e.Specs)
		}
		skus := inputs(e)
		skus[0].Launched = true
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, skus), fmt.Sprintf("launched_%d", e.SKUs[0].ID))
	})
}

// Pictures are put in order, taken away and shared; the first stands for its SKU.
func TestGalleries(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		one, two := e.SKUs[0].ID, e.SKUs[1].ID
		b.must(b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{one}}, []string{"uploads/full/b.jpg", "uploads/full/c.jpg"}))
		if g := b.editing().Galleries(); len(g) != 2 || len(g[0].SKUs) != 1 || len(g[1].SKUs) != 3 {
			t.Fatalf("%+v", g)
		}
		move := func(image string, to desk.PictureMove) {
			b.must(b.desk.MovePicture(ctx, 9, b.spu, []int64{one, two}, "uploads/full/"+image, to))
		}
		move("c.jpg", desk.PictureEarlier)
		move("a.jpg", desk.PictureLater)
		move("c.jpg", desk.PictureEarlier) // is the first already
		k := b.editing().SKUs[0]
		if !slices.Equal(k.Images, []string{"uploads/full/c.jpg", "uploads/full/a.jpg", "uploads/full/b.jpg"}) ||
			k.Image != "uploads/full/c.jpg" {
			t.Errorf("%v", k.Images)
		}
		move("a.jpg", desk.PictureRemove)
		if e = b.editing(); len(e.SKUs[0].Images) != 2 || len(e.SKUs[1].Images) != 0 || e.SKUs[1].Image != "" ||
			e.Image != "uploads/full/a.jpg" {
			t.Errorf("%+v", e)
		}
		b.must(b.desk.SetMainPicture(ctx, 9, b.spu, "uploads/full/b.jpg"))
		wantKind(t, b.desk.SetMainPicture(ctx, 9, b.spu, "uploads/full/secret.jpg"), fault.NotFound)
		wantKind(t, b.desk.MovePicture(ctx, 9, b.spu, []int64{one}, "uploads/full/secret.jpg", desk.PictureRemove), fault.NotFound)
		wantKind(t, b.desk.MovePicture(ctx, 9, b.spu, []int64{one}, "uploads/full/b.jpg", "burn"), fault.NotFound)
		wantField(t, b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{999}}, []string{"x"}), "target")
		wantField(t, b.desk.AddPictures(ctx, 9, b.spu, desk.Target{}, []string{"x"}), "target")
		wantField(t, b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{one}}, nil), "pictures")
		wantField(t, b.desk.AddPictures(ctx, 9, b.spu, desk.Target{SKUIDs: []int64{one}}, make([]string, 9)), "pictures")
		if b.editing().Image != "uploads/full/b.jpg" {
			t.Errorf("the product shows %s", b.editing().Image)
		}
	})
}
