package account_test

import (
	"context"
	"testing"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/storetest"
)

// Of the last two owners who leave at the same moment one stays.
func TestLastTwoOwnersLeaveAtOnce(t *testing.T) {
	people(t, func(t *testing.T, s *account.Service, d *db.DB, _ *storetest.Clock, _ *phone) {
		one1, two := person(t, d, "owner1", ""), person(t, d, "owner2", "")
		storetest.Exec(t, d, "UPDATE users SET role = 'owner'")
		first, second := storetest.Meanwhile("UPDATE users SET username", func(ctx context.Context) error {
			return s.DeleteUser(ctx, one1, password)
		}, func() error { return s.DeleteUser(ctx, two, password) })
		if n := one[int](t, d, "SELECT COUNT(*) FROM users WHERE role = 'owner' AND deleted_at IS NULL"); n != 1 {
			t.Errorf("%d owners are left: %v, %v", n, first, second)
		}
	})
}
