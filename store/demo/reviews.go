package demo

import "errors"

// rate counts the reviews of each product and SKU by score, for the figures that their rows bear.
func (s *shop) rate() error {
	return each("reviews.csv", func(r record) {
		for _, of := range []string{"spu", "sku"} {
			id, score := r.int(of+"_id"), r.int("score")
			if score < 1 || score > 5 {
				continue // which the table refuses
			}
			rated := s.ratings[of][id]
			rated[score]++
			s.ratings[of][id] = rated
		}
	})
}

// reviews are from before the shop opened: no order stands behind them, and their authors have no account.
func (s *shop) reviews() error {
	type author struct{ name, avatar string }
	authors := map[int64]author{}
	options := map[int64][2]string{}
	t := s.table("reviews (spu_id, sku_id, user_id, author, avatar, spec, spec_en, score, grade, comment, is_anonymous, reply, replied_at, " +
		"created_at)")
	return errors.Join(
		each("reviewers.csv", func(r record) {
			authors[r.int("id")] = author{r.text("nickname"), r.text("avatar")}
		}),
		each("spec_options.csv", func(r record) {
			options[r.int("id")] = [2]string{r.text("value"), r.text("value_en")}
		}),
		each("sku_specs.csv", func(r record) {
			id, o := r.int("sku_id"), options[r.int("option_id")]
			words := s.words[id]
			for i := range words {
				if words[i] != "" {
					words[i] += " / "
				}
				words[i] += o[i]
			}
			s.words[id] = words
		}),
		each("reviews.csv", func(r record) {
			by, spec, at := authors[r.int("user_id")], s.words[r.int("sku_id")], s.ago(r)
			var replied any
			if r.text("reply") != "" {
				replied = at
			}
			t.add(r.int("spu_id"), r.int("sku_id"), 0, by.name, by.avatar, spec[0], spec[1], r.int("score"), grade(r.int("score")),
				r.text("content"), r.int("is_anonymous") == 1, r.text("reply"), replied, at)
		}))
}

// grade is the group of a score, as the table of reviews keeps it.
func grade(score int64) int64 {
	switch {
	case score >= 4:
		return 3
	case score == 3:
		return 2
	}
	return 1
}
