package storetest

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"dashop/store/db"
)

// Empty names a fresh database without any table, for tests of migrations. It is gone after the test.
func Empty(t testing.TB, driver string) db.Config {
	t.Helper()
	if driver == db.SQLite {
		return db.Config{Driver: db.SQLite, DSN: filepath.Join(t.TempDir(), "shop.db")}
	}
	root, err := server()
	if err != nil {
		if Full() {
			t.Fatalf("SHOP_TEST_FULL=1 needs MariaDB: %v", err)
		}
		t.Skipf("no MariaDB here: %v", err)
	}
	name := fmt.Sprintf("shop_test_%d_empty_%d", os.Getpid(), databases.Add(1))
	if _, err := root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = root.Exec("DROP DATABASE " + name) })
	return db.Config{Driver: db.MySQL, DSN: serverDSN + name}
}
