package order

import (
	"context"
	"strings"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

type noProducts struct{}

func (noProducts) Products(context.Context, string, int) ([]int64, error) {
	return []int64{1, 2, 3}, nil
}

// TestListsAreFoundAlongAnIndex looks at how SQLite would find a page: no list may read or sort all orders there are.
func TestListsAreFoundAlongAnIndex(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if d.Driver() != db.SQLite {
			return // MySQL chooses by how many rows there are, and here are none
		}
		s := New(d, nil, nil, nil, noProducts{}, nil, clock.Now, Rules{})
		at, cursor := clock.Now().Add(-time.Hour), Cursor{At: clock.Now(), ID: 9}
		for name, f := range map[string]Filter{
			"all":               {},
			"a state":           {Statuses: Tab(2)},
			"two states":        {Statuses: Tab(5)},
			"two states of one": {UserID: 1, Statuses: Tab(5), After: cursor},
			"a time":            {From: at},
			"behind an order":   {After: cursor},
			"a state, behind":   {Statuses: Tab(2), After: cursor},
			"one's own":         {UserID: 1},
			"one's own, behind": {UserID: 1, After: cursor},
			"own, in a state":   {UserID: 1, Statuses: Tab(2)},
			"a product":         {SPU: 1},
			"a product, behind": {SPU: 1, After: cursor, From: at},
			"a number":          {Words: "20260304123456789012"},
			"a number's start":  {Words: "202603041234"},
			"a mobile":          {Words: "13800135621"},
			"words":             {Words: "咖啡"},
		} {
			found, err := s.finder(context.Background(), f)
			if err != nil {
				t.Fatal(err)
			}
			query, args := found.places(f.After, PageSize+1, 0)
			plan := storetest.Explain(t, d, query, args...)
			before := ""
			for step := range strings.SplitSeq(plan, "; ") {
				// Only what is limited already is sorted: the merged parts, and the few orders that a number means.
				sorts := strings.Contains(step, "TEMP B-TREE") && !strings.Contains(before, "SCAN part") &&
					!strings.Contains(plan, "MULTI-INDEX OR")
				scans := strings.Contains(step, "SCAN o ") && !strings.Contains(step, "INDEX orders_created") ||
					strings.Contains(step, "SCAN i ")
				if sorts || scans {
					t.Errorf("%s: %q in %s", name, step, plan)
				}
				before = step
			}
		}
	})
}
