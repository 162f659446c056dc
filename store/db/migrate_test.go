package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"dashop/store/db"
	"dashop/store/storetest"
)

var errKilled = errors.New("killed")

func eachEmpty(t *testing.T, test func(t *testing.T, c db.Config)) {
	for _, driver := range []string{db.SQLite, db.MySQL} {
		t.Run(driver, func(t *testing.T) { test(t, storetest.Empty(t, driver)) })
	}
}

// schema is the whole schema of a database, with the rows that migrations write, a line a table or index.
func schema(t *testing.T, d *db.DB) []string {
	t.Helper()
	ctx := context.Background()
	var lines []string
	if d.Driver() == db.SQLite {
		must(t, d.Select(ctx, &lines, "SELECT name || ': ' || COALESCE(sql, '') FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'"))
	} else {
		var tables []string
		must(t, d.Select(ctx, &tables, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"))
		_, pool := d.Pools()
		for _, table := range tables {
			var name, text string
			must(t, pool.QueryRow("SHOW CREATE TABLE "+table).Scan(&name, &text))
			if strings.HasPrefix(table, "migration_") || table == "goose_db_version" {
				text, _, _ = strings.Cut(text, "ENGINE=") // their AUTO_INCREMENT differs
			}
			lines = append(lines, text)
		}
	}
	slices.Sort(lines)
	text := strings.Join(lines, "\n")
	for table, query := range map[string]string{
		"goose_db_version": "SELECT version_id FROM goose_db_version ORDER BY version_id",
		"catalog_version":  "SELECT id + 1000 * version FROM catalog_version",
	} {
		if strings.Contains(text, table) {
			var rows []int64
			must(t, d.Select(ctx, &rows, query))
			lines = append(lines, fmt.Sprint("rows of ", table, rows))
		}
	}
	slices.Sort(lines)
	return lines
}

// newest is the last version that a database has, 0 for an empty one.
func newest(t *testing.T, d *db.DB) (version int64) {
	t.Helper()
	if len(schema(t, d)) == 0 {
		return 0
	}
	must(t, d.Get(context.Background(), &version, "SELECT version_id FROM goose_db_version ORDER BY version_id DESC LIMIT 1"))
	return version
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// A migration is killed once before and once after each statement that it runs, and begun again each time. It comes to
// the same end as one that nothing disturbed. On SQLite a file that was broken off leaves nothing at all.
func TestMigrationsKilledAnywhereAreResumed(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		whole := storetest.Open(t, storetest.Empty(t, c.Driver))
		versions, err := db.Versions(c.Driver)
		must(t, err)
		after := map[int64][]string{} // the schema after each file
		for _, version := range versions {
			must(t, whole.MigrateTo(ctx, version))
			after[version] = schema(t, whole)
		}

		statements, err := db.Statements(c.Driver)
		must(t, err)
		d := storetest.Open(t, c)
		var (
			mu     sync.Mutex // the lease is renewed beside
			killed = map[string]bool{}
			latest string
			dead   bool
		)
		kill := db.InjectFaults(ctx, func(s string) error {
			mu.Lock()
			defer mu.Unlock()
			point := s
			switch {
			case slices.Contains(statements, s) || strings.HasPrefix(s, "ALTER TABLE "):
				latest = s
			case latest != "": // done, and nothing says so
				point, latest = latest+"; then: "+s, ""
			}
			if !dead && !killed[point] {
				killed[point], dead = true, true
			}
			if dead {
				return errKilled
			}
			return nil
		})
		for {
			dead, latest = false, ""
			err := d.Migrate(kill)
			if err == nil {
				break
			}
			if !errors.Is(err, errKilled) {
				t.Fatalf("after %d kills: %v", len(killed), err)
			}
			must(t, d.FreeLease(ctx))
			if c.Driver == db.SQLite {
				if diff := cmp.Diff(after[newest(t, d)], schema(t, d)); diff != "" {
					t.Fatalf("half a file is left:\n%s", diff)
				}
			}
		}
		if len(killed) < len(statements) {
			t.Fatalf("killed at %d points only, with %d statements", len(killed), len(statements))
		}
		if diff := cmp.Diff(after[versions[len(versions)-1]], schema(t, d)); diff != "" {
			t.Fatalf("other schema than without kills:\n%s", diff)
		}
	})
}

// Earlier programs noted no progress: a file that one of them left half done on MySQL is run to its end.
func TestMigrationBrokenOffByAnEarlierProgram(t *testing.T) {
	ctx := context.Background()
	whole := storetest.Open(t, storetest.Empty(t, db.MySQL))
	must(t, whole.Migrate(ctx))
	d := storetest.Open(t, storetest.Empty(t, db.MySQL))
	must(t, d.MigrateTo(ctx, 12))
	statements, err := db.Statements(db.MySQL)
	must(t, err)
	first := slices.IndexFunc(statements, func(s string) bool { return strings.HasPrefix(s, "ALTER TABLE spus ADD COLUMN version") })
	for _, s := range statements[first : first+3] {
		storetest.Exec(t, d, s)
	}
	must(t, d.Migrate(ctx))
	if diff := cmp.Diff(schema(t, whole), schema(t, d)); diff != "" {
		t.Fatalf("other schema than in one go:\n%s", diff)
	}
}

// What a statement does to data happens once, wherever the file is killed, also when nothing in it makes it repeatable.
func TestMigrationOfDataHappensOnce(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		d := storetest.Open(t, c)
		text := `CREATE TABLE counters (id INT NOT NULL PRIMARY KEY, n INT NOT NULL);
INSERT INTO counters (id, n) VALUES (1, 0);
UPDATE counters SET n = n + 1;
ALTER TABLE counters ADD COLUMN extra INT NOT NULL DEFAULT 7;
UPDATE counters SET n = n + 1;
`
		runs := 0
		for at := 1; ; at++ {
			calls := 0
			kill := db.InjectFaults(ctx, func(string) error {
				if calls++; calls >= at {
					return errKilled
				}
				return nil
			})
			err := d.MigrateText(kill, 1, text)
			if err == nil {
				break
			}
			if runs++; !errors.Is(err, errKilled) || runs > 1000 {
				t.Fatal(err)
			}
			must(t, d.FreeLease(ctx))
		}
		var n int
		must(t, d.Get(ctx, &n, "SELECT n + 10 * extra FROM counters"))
		if n != 72 {
			t.Fatalf("got %d after %d kills", n, runs)
		}
	})
}

// "Already there" is no answer to be content with in a file that nobody began: there two files want the same name.
func TestMigrationThatFindsItsColumnFails(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		d := storetest.Open(t, c)
		must(t, d.Migrate(ctx))
		text := "ALTER TABLE skus ADD COLUMN fresh INT NOT NULL DEFAULT 0;\nALTER TABLE users ADD COLUMN favourites BIGINT NOT NULL DEFAULT 0;\n"
		if err := d.MigrateText(ctx, 9001, text); err == nil {
			t.Fatal("a second column favourites was taken for the first")
		}
	})
}

// MySQL 8, which no test has, knows IF [NOT] EXISTS for tables alone.
func TestMigrationsAreWrittenForMySQL8(t *testing.T) {
	statements, err := db.Statements(db.MySQL)
	must(t, err)
	for _, s := range statements {
		rest := strings.NewReplacer("CREATE TABLE IF NOT EXISTS", "", "DROP TABLE IF EXISTS", "").Replace(s)
		for _, word := range []string{"IF NOT EXISTS", "IF EXISTS", "nopad_bin", "RETURNING", "SEQUENCE ", "uca1400"} {
			if strings.Contains(rest, word) {
				t.Errorf("%s is MariaDB's alone: %s", word, s)
			}
		}
	}
}

// All text on MySQL is compared as SQLite compares it, whatever a file says of its columns.
func TestTextColumnsAreExact(t *testing.T) {
	ctx := context.Background()
	d := storetest.Open(t, storetest.Empty(t, db.MySQL))
	must(t, d.Migrate(ctx))
	query := `SELECT CONCAT(table_name, '.', column_name, ' ', collation_name) FROM information_schema.columns
		WHERE table_schema = DATABASE() AND table_name NOT LIKE 'migration\_%'
			AND collation_name NOT IN ('utf8mb4_nopad_bin', 'utf8mb4_0900_bin')`
	var wrong []string
	must(t, d.Select(ctx, &wrong, query))
	if len(wrong) > 0 {
		t.Fatalf("wrongly compared: %v", wrong)
	}
	must(t, d.MigrateText(ctx, 9001, "CREATE TABLE late (\n\tword VARCHAR(9) NOT NULL\n) COLLATE=utf8mb4_unicode_ci;"))
	must(t, d.Select(ctx, &wrong, query))
	if len(wrong) > 0 {
		t.Fatalf("wrongly compared in a new table: %v", wrong)
	}
}

// Numbers have gaps, and a low one may come after a high one.
func TestMigrationWithLowNumberComesLate(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		d := storetest.Open(t, c)
		must(t, d.MigrateText(ctx, 40, "CREATE TABLE high (id INT NOT NULL PRIMARY KEY);"))
		must(t, d.MigrateText(ctx, 38, "CREATE TABLE low (id INT NOT NULL PRIMARY KEY);"))
		must(t, d.MigrateText(ctx, 38, "CREATE TABLE low (id INT NOT NULL PRIMARY KEY);"))
		var n int
		must(t, d.Get(ctx, &n, "SELECT COUNT(*) FROM low"))
	})
}

// Several programs that start on an empty database at once all find it migrated.
func TestMigrateAtOnce(t *testing.T) {
	eachEmpty(t, func(t *testing.T, c db.Config) {
		ctx := context.Background()
		whole := storetest.Open(t, storetest.Empty(t, c.Driver))
		must(t, whole.Migrate(ctx))
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				d, err := db.Open(ctx, c)
				if err != nil {
					t.Error(err)
					return
				}
				defer d.Close()
				if err := d.Migrate(ctx); err != nil {
					t.Error(err)
				}
			})
		}
		group.Wait()
		if diff := cmp.Diff(schema(t, whole), schema(t, storetest.Open(t, c))); diff != "" {
			t.Fatalf("other schema than when migrated alone:\n%s", diff)
		}
	})
}

// The lease of a program that died runs out; one that is alive keeps it, however long it takes.
func TestMigrationLease(t *testing.T) {
	defer db.SetLeaseTime(600 * time.Millisecond)()
	ctx := context.Background()
	c := storetest.Empty(t, db.MySQL)
	d := storetest.Open(t, c)
	must(t, d.MigrateText(ctx, 1, "CREATE TABLE one (id INT NOT NULL PRIMARY KEY);"))

	must(t, d.Lease(ctx)) // and dies
	must(t, d.MigrateText(ctx, 2, "INSERT INTO one (id) VALUES (2);"))

	slow := make(chan error)
	go func() {
		slow <- d.MigrateText(ctx, 3, "INSERT INTO one (id) SELECT 3 + SLEEP(2);\nINSERT INTO one (id) VALUES (30);\n")
	}()
	for held := 0; held == 0; {
		must(t, d.Get(ctx, &held, "SELECT COUNT(*) FROM migration_lease WHERE owner <> ''"))
	}
	must(t, d.MigrateText(ctx, 4, "INSERT INTO one (id) SELECT id + 100 FROM one;"))
	must(t, <-slow)
	var rows []int
	must(t, d.Select(ctx, &rows, "SELECT id FROM one ORDER BY id"))
	if fmt.Sprint(rows) != "[2 3 30 102 103 130]" {
		t.Fatalf("the second did not wait for the first: %v", rows)
	}

	// One that lost its lease and was not told changes nothing any more.
	defer db.SetLeaseTime(time.Hour)()
	go func() { slow <- d.MigrateText(ctx, 5, "INSERT INTO one (id) SELECT 5 + SLEEP(1);") }()
	for held := 0; held == 0; {
		must(t, d.Get(ctx, &held, "SELECT COUNT(*) FROM migration_lease WHERE owner <> ''"))
	}
	storetest.Exec(t, d, "UPDATE migration_lease SET owner = 'another'")
	if err := <-slow; !errors.Is(err, db.LeaseLost) {
		t.Fatalf("went on without its lease: %v", err)
	}
	rows = nil
	must(t, d.Select(ctx, &rows, "SELECT id FROM one WHERE id = 5"))
	if len(rows) > 0 {
		t.Fatal("it has written all the same")
	}
}
