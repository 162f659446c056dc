package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"dashop/store/catalog"
	"dashop/store/catalog/desk"
	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/job"
	"dashop/store/search"
	"dashop/store/storetest"
)

// The tree keeps its three levels, and the products of a renamed or moved category are found by its new name.
func TestCategoryTree(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		save := func(id, parent int64, name string) error {
			c, err := b.desk.EditingCategory(ctx, id)
			if id > 0 {
				b.must(err)
			}
			_, err = b.desk.SaveCategory(ctx, 9, id, desk.CategoryInput{Version: c.Version, ParentID: parent, Name: name})
			return err
		}
		wantField(t, save(0, b.low, "第四级"), "parent_id")
		wantField(t, save(0, 999, "无根"), "parent_id")
		wantField(t, save(b.mid, b.mid, "自己"), "parent_id")
		wantField(t, save(b.mid, b.low, "在孩子下面"), "parent_id")
		wantField(t, save(b.top, b.mid2, "变成三级"), "parent_id")
		wantField(t, save(b.mid, 0, "变成一级"), "parent_id")
		wantField(t, save(b.low, b.top, "变成二级"), "parent_id")
		wantField(t, save(0, b.top, "上装"), "name")
		wantField(t, save(b.mid, b.top, ""), "name")
		b.must(save(b.low, b.mid, "梭织衫"))
		if !slices.Equal(b.finds("梭织衫"), []int64{b.spu}) || b.finds("衬衫 梭织衫 青禾") == nil {
			t.Error("the product is not found by its category's new name")
		}
		b.must(save(b.mid, b.top2, "上装"))
		page, err := b.s.Category(ctx, b.top2, catalog.Ask{Page: 1})
		if err != nil || len(page.List.Cards) != 1 || b.int("SELECT category1_id FROM spus WHERE id = ?", b.spu) != b.top2 {
			t.Errorf("the product did not move along: %+v, %v", page.List, err)
		}
		if n := b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'category_saved' AND actor_id = 9"); n != 8 {
			t.Errorf("%d entries in the book", n)
		}
	})
}

// Only what nothing refers to can be deleted.
func TestDeleteWhatIsEmpty(t *testing.T) {
	eachBench(t, func(b *bench) {
		version := func(id int64) int64 { return b.int("SELECT version FROM categories WHERE id = ?", id) }
		del := func(id int64) error { return b.desk.DeleteCategory(ctx, 9, id, version(id)) }
		wantKind(t, del(b.top), fault.Conflict) // children
		wantKind(t, del(b.low), fault.Conflict) // a product, though it is hidden
		group, err := b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{Name: "组", Channels: []int64{b.top2}})
		b.must(err)
		b.must(del(b.low2))
		b.must(del(b.mid2))
		wantKind(t, del(b.top2), fault.Conflict) // a channel
		b.must(b.desk.DeleteGroup(ctx, 9, group, 0))
		ad, err := b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_notice", Title: "看", TargetType: "category", TargetID: b.top2})
		b.must(err)
		wantKind(t, del(b.top2), fault.Conflict) // an advertisement
		b.must(b.desk.DeleteAd(ctx, 9, ad, 0))
		b.must(del(b.top2))
		wantKind(t, b.desk.DeleteBrand(ctx, 9, b.brand, 0), fault.Conflict)
		e := b.editing()
		e.Input.BrandID = 0
		b.must(b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil))
		b.must(b.desk.DeleteBrand(ctx, 9, b.brand, 0))
		for _, action := range []string{"category_deleted", "brand_deleted", "ad_deleted", "channels_deleted"} {
			if b.int("SELECT COUNT(*) FROM audit_log WHERE action = ?", action) == 0 {
				t.Errorf("nobody knows who did: %s", action)
			}
		}
		// What is gone cannot be chosen.
		e = b.editing()
		e.Input.BrandID = b.brand
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil), "brand_id")
		e.Input.BrandID, e.Input.CategoryID = 0, b.low2
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil), "category_id")
		e.Input.CategoryID = b.mid
		wantField(t, b.desk.SaveProduct(ctx, 9, b.spu, e.Input, nil), "category_id")
	})
}

// Products are found by the new name of their brand: few at once, many when the job has run.
func TestRenamedBrand(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		rename := func(name string) {
			_, err := b.desk.SaveBrand(ctx, 9, b.brand,
				desk.BrandInput{Version: b.int("SELECT version FROM brands WHERE id = ?", b.brand), Name: name})
			b.must(err)
		}
		rename("白露")
		if !slices.Equal(b.finds("白露 衬衫"), []int64{b.spu}) || len(b.finds("青禾")) != 0 {
			t.Error("the new name does not find the product, or the old one does")
		}
		b.must(b.d.Tx(ctx, func(tx *db.Tx) error {
			catalog.MarkChanged(ctx, tx)
			var more []int64
			for i := range 120 {
				id, err := tx.Insert(ctx,
					`INSERT INTO spus (name, brand_id, category1_id, category2_id, category3_id, description, description_en, is_launched, created_at)
					VALUES (?, ?, ?, ?, ?, '', '', 1, ?)`, fmt.Sprint("袜子", i), b.brand, b.top, b.mid, b.low, b.clock.Now())
				if err != nil {
					return err
				}
				more = append(more, id)
			}
			return search.Index(ctx, tx, more...)
		}))
		rename("寒露")
		if len(b.finds("寒露")) != 0 {
			t.Error("121 products were indexed within the request")
		}
		jobs := job.New(b.d, b.clock.Now, slog.New(slog.DiscardHandler))
		ran := 0
		jobs.Add(job.Kind{Name: desk.FollowKind, Do: func(_ context.Context,
			j job.Job) error {
			ran++
			return b.desk.FollowJob(ctx, j.Payload)
		}})
		for {
			worked, err := jobs.Once(ctx)
			b.must(err)
			if !worked {
				break
			}
		}
		query, err := search.Parse("寒露")
		b.must(err)
		found, err := b.s.Finder().Exact(ctx, query, 500)
		if b.must(err); ran == 0 || len(found.Hits) != 121 || len(b.finds("白露")) != 0 {
			t.Errorf("%d jobs ran, %d products are found", ran, len(found.Hits))
		}
		// The job may run again, and knows nothing else than its columns.
		b.must(b.desk.FollowJob(ctx, fmt.Sprintf("brand_id %d 0", b.brand)))
		if err := b.desk.FollowJob(ctx, "name 1 0"); err == nil {
			t.Error("a job about anything is done")
		}
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ?", catalog.RecountKind); n != 1 {
			t.Errorf("%d recounts wait", n)
		}
	})
}

// Advertisements stand where they may, lead to what is there, and are seen on the home page at once.
func TestAds(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		if h, err := b.s.Home(ctx); err != nil || len(h.Banners) != 0 {
			t.Fatalf("%+v, %v", h, err)
		}
		good := desk.AdInput{Place: "home_banner", Title: "夏天", Image: "uploads/full/x.jpg", TargetType: "spu", TargetID: b.spu,
			Shown: true}
		for field, change := range map[string]func(in *desk.AdInput){
			"place": func(in *desk.AdInput) { in.Place = "home_flash_sale" }, "title": func(in *desk.AdInput) { in.Title = " " },
			"picture": func(in *desk.AdInput) { in.Image = "" }, "target_type": func(in *desk.AdInput) { in.TargetType = "url" },
			"target_id": func(in *desk.AdInput) { in.TargetID = 999 }, "sequence": func(in *desk.AdInput) { in.Sequence = -1 },
			"text": func(in *desk.AdInput) { in.Text = strings.Repeat("长", 201) },
		} {
			in := good
			change(&in)
			_, err := b.desk.SaveAd(ctx, 9, 0, in)
			wantField(t, err, field)
		}
		banner, err := b.desk.SaveAd(ctx, 9, 0, good)
		b.must(err)
		_, err = b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_new_arrival", TargetID: b.spu, Shown: true})
		b.must(err)
		_, err = b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "search_hot_word", Title: "衬衫", Shown: true})
		b.must(err)
		h, err := b.s.Home(ctx)
		b.must(err)
		words, err := b.s.HotWords(ctx)
		b.must(err)
		if len(h.Banners) != 1 || h.Banners[0].Title != "夏天" || len(h.Sections[0].Cards) != 1 || len(words) != 1 ||
			words[0].TargetType != "search" {
			t.Errorf("%+v, %+v", h, words)
		}
		if ads, err := b.desk.EditingAds(ctx, "home_new_arrival"); err != nil || len(ads) != 1 || ads[0].Title != "亚麻衬衫" || !ads[0].OnSale {
			t.Errorf("%+v, %v", ads, err)
		}
		// A new picture takes the old one's place, which is gone some time later.
		good.Image, good.Version = "uploads/full/y.jpg", 0
		_, err = b.desk.SaveAd(ctx, 9, banner, good)
		b.must(err)
		if n := b.int("SELECT COUNT(*) FROM jobs WHERE kind = ? AND payload = 'uploads/full/x.jpg' AND run_at > ?", desk.DropPictureKind,
			b.clock.Now().Add(time.Minute)); n != 1 {
			t.Error("the old picture stays for ever, or goes at once")
		}
		if used, err := b.desk.PictureUsed(ctx, "uploads/full/x.jpg"); err != nil || used {
			t.Errorf("it is used: %t, %v", used, err)
		}
		if used, err := b.desk.PictureUsed(ctx, "uploads/full/y.jpg"); err != nil || !used {
			t.Errorf("the new one is used: %t, %v", used, err)
		}
		for i := range 2 {
			good.Image, good.Shown = "", i == 1
			good.Version++
			_, err = b.desk.SaveAd(ctx, 9, banner, good)
			b.must(err)
			if h, err := b.s.Home(ctx); err != nil || len(h.Banners) != i {
				t.Errorf("shown %t: %+v", good.Shown, h.Banners)
			}
		}
	})
}

// Channel groups are the category menu: categories of the first level, each in one group, seen at once.
func TestChannels(t *testing.T) {
	eachBench(t, func(b *bench) {
		b.launch()
		id, err := b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{Name: "穿", Channels: []int64{b.top2, b.top}})
		b.must(err)
		menu, err := b.s.Menu(ctx)
		if err != nil || len(menu) != 1 || menu[0].Name != "穿" || len(menu[0].Categories) != 1 || menu[0].Categories[0].Name != "服饰" {
			t.Errorf("%+v, %v", menu, err)
		}
		for _, channels := range [][]int64{{b.mid}, {999}, {b.top}, {b.top, b.top}, {1, 2, 3, 4, 5, 6, 7}} {
			_, err := b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{Name: "用", Channels: channels})
			wantField(t, err, "channels")
		}
		_, err = b.desk.SaveGroup(ctx, 9, 0, desk.GroupInput{})
		wantField(t, err, "name")
		_, err = b.desk.SaveGroup(ctx, 9, id, desk.GroupInput{Name: "穿着", Channels: []int64{b.top}})
		b.must(err)
		groups, err := b.desk.EditingGroups(ctx)
		if err != nil || len(groups) != 1 || !slices.Equal(groups[0].Channels, []int64{b.top}) {
			t.Errorf("%+v, %v", groups, err)
		}
		if b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'channels_saved'") != 2 {
			t.Error("the book misses an entry")
		}
	})
}

// A product made by mistake can be deleted, and then nothing of it is left; one that anything refers to cannot.
func TestDeleteProduct(t *testing.T) {
	eachBench(t, func(b *bench) {
		e := b.launch()
		del := func() error { return b.desk.DeleteProduct(ctx, 9, b.spu, b.editing().Input.Version) }
		wantKind(t, del(), fault.Conflict) // on sale
		e.Input.Launched = false
		b.must(b.desk.SaveProduct(ctx, 9, b.spu, e.Input, inputs(e)))
		ad, err := b.desk.SaveAd(ctx, 9, 0, desk.AdInput{Place: "home_new_arrival", TargetID: b.spu})
		b.must(err)
		wantKind(t, del(), fault.Conflict) // an advertisement
		b.must(b.desk.DeleteAd(ctx, 9, ad, 0))
		shopper := storetest.User(t, b.d, "fan")
		storetest.Exec(t, b.d, "INSERT INTO favourites (user_id, spu_id, created_at) VALUES (?, ?, ?)", shopper, b.spu, b.clock.Now())
		wantKind(t, del(), fault.Conflict) // a favourite
		storetest.Exec(t, b.d, "DELETE FROM favourites")
		wantKind(t, b.desk.DeleteProduct(ctx, 9, b.spu, 0), fault.Conflict) // an old form
		b.must(del())
		for _, table := range []string{"spus", "skus", "specs", "spec_options", "sku_specs", "sku_images", "search_docs", "search_terms"} {
			if n := b.int("SELECT COUNT(*) FROM " + table); n != 0 {
				t.Errorf("%d rows of %s are left", n, table)
			}
		}
		if b.int("SELECT COUNT(*) FROM jobs WHERE kind = ? AND payload = 'uploads/full/a.jpg'", desk.DropPictureKind) != 1 ||
			b.int("SELECT COUNT(*) FROM audit_log WHERE action = 'product_deleted'") != 1 {
			t.Error("its picture stays, or nobody knows who deleted it")
		}
		// What ever had stock stays.
		b.spu, err = b.desk.NewProduct(ctx, 9, desk.ProductInput{Name: "袜子", CategoryID: b.low}, nil)
		b.must(err)
		_, err = b.desk.AddSKUs(ctx, 9, b.spu, desk.NewSKUs{Price: 100})
		b.must(err)
		b.receive(b.editing().SKUs[0].ID, 1)
		wantKind(t, del(), fault.Conflict)
		if len(b.editing().SKUs) != 1 {
			t.Error("its variants are gone")
		}
	})
}

// Deleting a product asks by index whether it is anybody's favourite.
func TestFavouritesAreFoundByProduct(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		user := storetest.User(t, d, "fan")
		for spu := range 200 {
			storetest.Exec(t, d, "INSERT INTO favourites (user_id, spu_id, created_at) VALUES (?, ?, ?)", user, spu+1, clock.Now())
		}
		if plan := storetest.Explain(t, d, "SELECT user_id FROM favourites WHERE spu_id = ? LIMIT 1", 7); !strings.Contains(plan,
			"favourites_spu") {
			t.Error(plan)
		}
	})
}
