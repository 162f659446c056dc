package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
)

// goods are what a made shop has, in an order that is random and always the same.
type goods struct {
	product  int64    // the one whose page is asked for again and again
	products []int64  // the others
	lists    []string // addresses of category pages, with orders and page numbers
	searches []string // two words of the name of one product each
	skus     []int64  // that can be ordered by the thousand: no course, and no e-book
}

const (
	// shuffle seeds the order.
	shuffle = 20261129
	// mostOrdered is over how many SKUs orders are spread.
	mostOrdered = 10_000
	// listPage is more than a category page shows, so that no page asked for is empty.
	listPage     = 60
	deepestPage  = 100
	mostSearches = 100_000
)

var errNoGoods = errors.New("the shop has no goods to measure")

func readGoods(ctx context.Context, db *sql.DB) (*goods, error) {
	var g goods
	var err error
	if g.products, err = list[int64](ctx, db, "SELECT id FROM spus WHERE is_launched = 1 AND in_stock = 1 ORDER BY id"); err != nil {
		return nil, err
	}
	if g.skus, err = list[int64](ctx, db, `SELECT s.id FROM skus s JOIN spus p ON p.id = s.spu_id
		WHERE s.is_launched = 1 AND p.is_launched = 1 AND p.is_virtual = 0 AND p.in_stock = 1 ORDER BY s.id`); err != nil {
		return nil, err
	}
	if len(g.products) < 2 || len(g.skus) == 0 {
		return nil, errNoGoods
	}
	if err := errors.Join(g.readLists(ctx, db), g.readSearches(ctx, db)); err != nil {
		return nil, err
	}
	g.product, g.products = g.products[0], g.products[1:]
	mix(g.products)
	mix(g.skus)
	mix(g.lists)
	mix(g.searches)
	g.skus = g.skus[:min(len(g.skus), mostOrdered)]
	return &g, nil
}

func mix[T any](all []T) {
	r := rand.New(rand.NewPCG(shuffle, uint64(len(all))))
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
}

func (g *goods) readLists(ctx context.Context, db *sql.DB) error {
	for _, level := range []string{"category1_id", "category2_id", "category3_id"} {
		rows, err := db.QueryContext(ctx, "SELECT "+level+", COUNT(*) FROM spus WHERE is_launched = 1 GROUP BY "+level+" ORDER BY "+level)
		if err != nil {
			return err
		}
		for rows.Next() {
			var id int64
			var n int
			if err := rows.Scan(&id, &n); err != nil {
				return errors.Join(err, rows.Close())
			}
			for page := range min(n/listPage+1, deepestPage) {
				for _, sort := range []string{"new", "price", "-price", "sales"} {
					g.lists = append(g.lists, fmt.Sprintf("/categories/%d?sort=%s&page=%d", id, sort, page+1))
				}
			}
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return err
		}
	}
	return nil
}

func (g *goods) readSearches(ctx context.Context, db *sql.DB) error {
	names, err := texts(ctx, db, fmt.Sprintf("SELECT name FROM spus WHERE is_launched = 1 ORDER BY id LIMIT %d", mostSearches))
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for i, name := range names {
		words := strings.Fields(name)
		if len(words) < 2 {
			continue
		}
		// A name made is: brand, series, model, and what it is. Two of its words find few products, or very many.
		pick := [...][2]int{{0, 1}, {1, 2}, {1, len(words) - 1}, {0, len(words) - 1}}[i%4]
		query := words[min(pick[0], len(words)-1)] + " " + words[min(pick[1], len(words)-1)]
		if !seen[query] {
			seen[query] = true
			g.searches = append(g.searches, query)
		}
	}
	return nil
}
