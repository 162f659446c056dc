package storetest

import (
	"context"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/money"
)

// User adds a shopper and returns the id.
func User(t testing.TB, d *db.DB, username string) int64 {
	t.Helper()
	return insert(t, d, "INSERT INTO users (username, nickname, password_hash, role, created_at) VALUES (?, ?, '', 'shopper', ?)",
		username, username, fixtureTime)
}

// SKU adds a launched product with one launched SKU at a price, receives stock pieces of it, and returns the SKU's id.
func SKU(t testing.TB, d *db.DB, price money.Fen, stock int64) int64 {
	t.Helper()
	spu := insert(t, d, `INSERT INTO spus (name, name_en, brand_id, category1_id, category2_id, category3_id, description, description_en, image,
		is_launched, min_price_fen, max_price_fen, in_stock, created_at)
		VALUES ('云南日晒咖啡豆', 'Yunnan coffee beans', 1, 1, 101, 10101, '', '', 'images/products/1001-1.webp', 1, ?, ?, ?, ?)`,
		price, price, stock > 0, fixtureTime)
	sku := insert(t, d, `INSERT INTO skus (spu_id, name, name_en, price_fen, image, is_launched, created_at)
		VALUES (?, '云南日晒咖啡豆 454g', 'Yunnan coffee beans 454g', ?, 'images/products/1001-1.webp', 1, ?)`, spu, price, fixtureTime)
	Exec(t, d, "INSERT INTO stocks (sku_id, quantity, sold) VALUES (?, ?, 0)", sku, stock)
	if stock > 0 {
		Exec(t, d, "INSERT INTO stock_ledger (sku_id, kind, delta, created_at) VALUES (?, 'received', ?, ?)", sku, stock, fixtureTime)
	}
	return sku
}

// Course adds a launched course at a price, with a SKU for each validity in days (0: for ever), and returns the ids of the SKUs.
func Course(t testing.TB, d *db.DB, price money.Fen, days ...int) (skus []int64) {
	t.Helper()
	spu := insert(t, d, `INSERT INTO spus (name, name_en, brand_id, category1_id, category2_id, category3_id, description, description_en, image,
		is_launched, is_virtual, min_price_fen, max_price_fen, in_stock, created_at)
		VALUES ('水彩四季写生课', 'Watercolour Seasons', 1, 11, 1104, 110401, '', '', 'images/products/1187-1.webp', 1, 1, ?, ?, 1, ?)`,
		price, price, fixtureTime)
	for _, n := range days {
		sku := insert(t, d, `INSERT INTO skus (spu_id, name, name_en, price_fen, image, is_launched, validity_days, created_at)
			VALUES (?, '水彩四季写生课', 'Watercolour Seasons', ?, 'images/products/1187-1.webp', 1, ?, ?)`, spu, price, n, fixtureTime)
		Exec(t, d, "INSERT INTO stocks (sku_id, quantity, sold) VALUES (?, 99999, 0)", sku)
		Exec(t, d, "INSERT INTO stock_ledger (sku_id, kind, delta, created_at) VALUES (?, 'received', 99999, ?)", sku, fixtureTime)
		skus = append(skus, sku)
	}
	return skus
}

// Address adds an address in 东城区, and that area itself, and returns the address's id.
func Address(t testing.TB, d *db.DB, userID int64) int64 {
	t.Helper()
	var areas int
	if err := d.Get(context.Background(), &areas, "SELECT COUNT(*) FROM areas WHERE id = 110101"); err != nil {
		t.Fatal(err)
	}
	if areas == 0 {
		Exec(t, d, "INSERT INTO areas (id, parent_id, name) VALUES (110000, 0, '北京市'), (110100, 110000, '北京市'), (110101, 110100, '东城区')")
	}
	return insert(t, d, `INSERT INTO addresses (user_id, receiver, mobile, province_id, city_id, district_id, place, title, postal_code, is_default, created_at)
		VALUES (?, '张小明', '13800135621', 110000, 110100, 110101, '景山前街 4 号院 2 单元 301 室', '家', '100009', 1, ?)`, userID, fixtureTime)
}

// Exec runs one writing statement. It says what it changes of what is kept in memory, as the shop itself does.
func Exec(t testing.TB, d *db.DB, query string, args ...any) {
	t.Helper()
	ctx := context.Background()
	err := d.Tx(ctx, func(tx *db.Tx) error {
		mark(ctx, tx, query)
		_, err := tx.Exec(ctx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var fixtureTime = time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)

func insert(t testing.TB, d *db.DB, query string, args ...any) (id int64) {
	t.Helper()
	ctx := context.Background()
	err := d.Tx(ctx, func(tx *db.Tx) (err error) {
		mark(ctx, tx, query)
		id, err = tx.Insert(ctx, query, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// Coupon adds a coupon for all goods that anybody can claim in the centre, once each, and returns the id.
func Coupon(t testing.TB, d *db.DB, off, threshold money.Fen) int64 {
	t.Helper()
	return insert(t, d, `INSERT INTO coupons (name, name_en, off_fen, threshold_fen, scope, starts_at, ends_at, is_public, is_published, created_at)
		VALUES ('见面礼', 'Welcome gift', ?, ?, 'all', ?, ?, 1, 1, ?)`, off, threshold, fixtureTime, fixtureTime.AddDate(1, 0, 0), fixtureTime)
}
