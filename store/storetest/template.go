package storetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"dashop/store/db"
)

// Template is a database that is made once for a test program, on each driver that is asked for, and copied for each test.
type Template struct {
	sqlite func() (file string, err error)
	mysql  func() (script string, err error)
}

// NewTemplate is a migrated database that fill has filled; nil leaves it empty.
func NewTemplate(fill func(d *db.DB) error) *Template {
	return &Template{
		sqlite: sync.OnceValues(func() (string, error) { return sqliteTemplate(fill) }),
		mysql:  sync.OnceValues(func() (string, error) { return mysqlTemplate(fill) }),
	}
}

// Config names a fresh copy that is gone after the test. It skips the test where the machine has no MariaDB, unless Full.
func (tpl *Template) Config(t testing.TB, driver string) db.Config {
	t.Helper()
	c := Empty(t, driver)
	fill := tpl.fillMySQL
	if driver == db.SQLite {
		fill = tpl.fillSQLite
	}
	if err := fill(c); err != nil {
		t.Fatal(err)
	}
	return c
}

func (tpl *Template) fillSQLite(c db.Config) error {
	template, err := tpl.sqlite()
	if err != nil {
		return err
	}
	return copyFile(c.DSN, template)
}

func (tpl *Template) fillMySQL(c db.Config) error {
	script, err := tpl.mysql()
	if err != nil {
		return err
	}
	s, err := server()
	if err != nil {
		return err
	}
	_, err = s.root.Exec("USE " + strings.TrimPrefix(c.DSN, s.dsn) + "; " + script)
	return err
}

// Empty names a fresh database without any table, for tests of migrations. It is gone after the test.
func Empty(t testing.TB, driver string) db.Config {
	t.Helper()
	if driver == db.SQLite {
		return db.Config{Driver: db.SQLite, DSN: filepath.Join(Dir(t), "shop.db")}
	}
	s, err := server()
	if err != nil {
		if Full() {
			t.Fatalf("SHOP_TEST_FULL=1 needs MariaDB: %v", err)
		}
		t.Skipf("no MariaDB here: %v", err)
	}
	name, err := s.create()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.drop(name) })
	return db.Config{Driver: db.MySQL, DSN: s.dsn + name}
}

// build migrates and fills a new database.
func build(c db.Config, fill func(d *db.DB) error) error {
	ctx := context.Background()
	d, err := db.Open(ctx, c)
	if err != nil {
		return err
	}
	err = d.Migrate(ctx)
	if err == nil && fill != nil {
		err = fill(d)
	}
	return errors.Join(err, d.Close())
}

func sqliteTemplate(fill func(d *db.DB) error) (file string, err error) {
	r, err := thisRun()
	if err != nil {
		return "", err
	}
	dir, err := os.MkdirTemp(r.dir, "template-")
	if err != nil {
		return "", err
	}
	file = filepath.Join(dir, "shop.db")
	return file, build(db.Config{Driver: db.SQLite, DSN: file}, fill)
}

// mysqlTemplate makes a database and returns the statements that fill an empty one as a copy of it.
func mysqlTemplate(fill func(d *db.DB) error) (script string, err error) {
	s, err := server()
	if err != nil {
		return "", err
	}
	name, err := s.create()
	if err != nil {
		return "", err
	}
	atEnd(func() { s.drop(name) })
	if err := build(db.Config{Driver: db.MySQL, DSN: s.dsn + name}, fill); err != nil {
		return "", err
	}
	return copyScript(s.root, name)
}

func copyScript(root *sql.DB, name string) (string, error) {
	var script strings.Builder
	script.WriteString("SET FOREIGN_KEY_CHECKS = 0")
	var collation string
	if err := root.QueryRow("SELECT DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?",
		name).Scan(&collation); err != nil {
		return "", err
	}
	fmt.Fprintf(&script, "; ALTER DATABASE CHARACTER SET utf8mb4 COLLATE %s", collation)
	tables, err := tablesOf(root, name)
	if err != nil {
		return "", err
	}
	for _, table := range tables {
		var create string
		if err := root.QueryRow("SHOW CREATE TABLE "+name+"."+table).Scan(&table, &create); err != nil {
			return "", err
		}
		script.WriteString("; " + create)
	}
	for _, table := range tables {
		var filled bool
		if err := root.QueryRow("SELECT EXISTS (SELECT 1 FROM " + name + "." + table + ")").Scan(&filled); err != nil {
			return "", err
		}
		if filled {
			fmt.Fprintf(&script, "; INSERT INTO %s SELECT * FROM %s.%s", table, name, table)
		}
	}
	script.WriteString("; SET FOREIGN_KEY_CHECKS = 1")
	return script.String(), nil
}

// tablesOf lists the tables of a database; it refuses one with anything else in it, which would not be copied.
func tablesOf(root *sql.DB, name string) (tables []string, err error) {
	var others int
	err = root.QueryRow(`SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'BASE TABLE')
		+ (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = ?)
		+ (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?)`, name, name, name).Scan(&others)
	if err != nil {
		return nil, err
	}
	if others > 0 {
		return nil, fmt.Errorf("%d views, triggers or routines in the migrations: copies of a test database want to know how to copy them", others)
	}
	rows, err := root.Query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME", name)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var table string
		if err := rows.Scan(&table); err != nil {
			return nil, err
		}
		tables = append(tables, table)
	}
	return tables, rows.Err()
}
