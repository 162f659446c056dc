package demo

import "time"

// flashSales are the flash sales: one is on when the shop is first started, the next one begins two days later. They begin and end on the hour.
func (s *shop) flashSales() error {
	promotions := s.table("promotions (id, kind, name, name_en, scope, per_person, starts_at, ends_at, is_published, created_at)")
	targets := s.table("promotion_targets (promotion_id, target_id)")
	skus := s.table("promotion_skus (promotion_id, sku_id, price_fen, quantity)")
	hour := s.now.Truncate(time.Hour)
	ids := map[[3]int64]int64{}
	return each("flash_sales.csv", func(r record) {
		window := [3]int64{r.int("start_offset_hours"), r.int("end_offset_hours"), r.int("per_user_limit")}
		id, known := ids[window]
		if !known {
			id = int64(len(ids) + 1)
			ids[window] = id
			promotions.add(id, "flash", "限时抢购", "Flash sale", "sku", window[2], hour.Add(time.Duration(window[0])*time.Hour),
				hour.Add(time.Duration(window[1])*time.Hour), true, s.now)
		}
		targets.add(id, r.int("sku_id"))
		skus.add(id, r.int("sku_id"), r.int("flash_price"), r.int("limit_stock"))
	})
}
