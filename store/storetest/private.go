package storetest

import (
	"context"
	"database/sql"
	"testing"

	"dashop/store/db"
)

// Private is a MariaDB server of one test, for what would disturb others: global settings, and its end.
type Private struct {
	Root *sql.DB
	dsn  string
	s    *mariadbd
}

// NewPrivate starts a server that is gone after the test.
func NewPrivate(t testing.TB) *Private {
	t.Helper()
	s, err := startMariaDB(Dir(t))
	if err != nil {
		if Full() {
			t.Fatalf("SHOP_TEST_FULL=1 needs MariaDB: %v", err)
		}
		t.Skipf("no MariaDB here: %v", err)
	}
	t.Cleanup(s.stop)
	root, err := sql.Open("mysql", s.dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = root.Close() })
	return &Private{Root: root, dsn: s.dsn, s: s}
}

// Config names a migrated database on this server. The shop's user may do there what it needs and nothing more, so that
// read_only binds it, as it does not bind root.
func (p *Private) Config(t testing.TB) db.Config {
	t.Helper()
	for _, query := range []string{"CREATE DATABASE shop CHARACTER SET utf8mb4",
		"CREATE USER shop@'127.0.0.1' IDENTIFIED BY 'shop'", "GRANT ALL ON shop.* TO shop@'127.0.0.1'"} {
		if _, err := p.Root.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	d, err := db.Open(context.Background(), db.Config{Driver: db.MySQL, DSN: p.dsn + "shop"})
	if err == nil {
		err = d.Migrate(context.Background())
		_ = d.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return db.Config{Driver: db.MySQL, DSN: "shop:shop" + p.dsn[len("root"):] + "shop"}
}

// Stop ends the server at once.
func (p *Private) Stop() {
	_ = p.s.cmd.Process.Kill()
	<-p.s.ended
}
