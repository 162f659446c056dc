package db_test

import (
	"context"
	"strings"
	"testing"

	"dashop/store/db"
	"dashop/store/storetest"
)

// A query is read along the index that it names, of several that would do; an index that is not there is an error.
func TestAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		query := func(index string) string {
			return "SELECT o.created_at FROM orders o" + d.Along(index) + " WHERE o.status = 1 AND o.user_id = 1 ORDER BY o.created_at"
		}
		for _, index := range []string{"orders_status", "orders_user_status", "orders_user"} {
			if plan := storetest.Explain(t, d, query(index)); !strings.Contains(plan, index+" ") {
				t.Errorf("not along %s: %s", index, plan)
			}
		}
		var at []string
		for index, is := range map[string]bool{db.Primary: true, "orders_gone": false} {
			if err := d.Select(context.Background(), &at, query(index)); (err == nil) != is {
				t.Errorf("%s: %v", index, err)
			}
		}
	})
}
