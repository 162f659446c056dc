package db

import (
	"context"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"dashop/sql"
)

// Migrate brings the tables to the newest version. It may be run again at any time, also after it was killed at any
// statement, and by several programs at once: see package sql for how.
func (d *DB) Migrate(ctx context.Context) error {
	files, err := migrations(d.driver)
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	return d.migrate(ctx, files)
}

func (d *DB) migrate(ctx context.Context, files []migration) error {
	if d.driver == MySQL {
		return d.migrateMySQL(ctx, files)
	}
	missing, err := d.missing(ctx, files)
	if err != nil {
		return err
	}
	return d.migrateSQLite(ctx, missing)
}

// migration is one file of package sql.
type migration struct {
	version    int64
	name       string
	statements []string
}

// migrations reads the files of a driver, in the order of their numbers.
func migrations(driver string) ([]migration, error) {
	names, err := fs.Glob(sql.Migrations, driver+"/*.sql")
	if err != nil {
		return nil, err
	}
	var files []migration
	for _, path := range names {
		text, err := fs.ReadFile(sql.Migrations, path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimPrefix(path, driver+"/")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			return nil, fmt.Errorf("%s: the name begins with no number", path)
		}
		statements, err := split(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, migration{version, name, statements})
	}
	slices.SortFunc(files, func(a, b migration) int { return int(a.version - b.version) })
	return files, nil
}

// split cuts the text of a file into its statements: each ends with a semicolon at the end of a line.
func split(text string) (statements []string, err error) {
	var open []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" || strings.HasPrefix(strings.TrimLeft(line, " "), "--") {
			continue
		}
		body, ends := strings.CutSuffix(line, ";")
		open = append(open, body)
		if ends {
			statements = append(statements, strings.Join(open, "\n"))
			open = nil
		}
	}
	if len(open) > 0 {
		return nil, fmt.Errorf("the last statement has no semicolon: %s", open[0])
	}
	return statements, nil
}

// versionTable says which files were run. Its name and form are those of goose, which ran them in earlier programs and
// wants the row of version 0: so an earlier program still starts on this database.
var versionTable = map[string]string{
	SQLite: `CREATE TABLE IF NOT EXISTS goose_db_version (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		version_id INTEGER NOT NULL,
		is_applied INTEGER NOT NULL,
		tstamp TIMESTAMP DEFAULT (datetime('now')))`,
	MySQL: `CREATE TABLE IF NOT EXISTS goose_db_version (
		id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
		version_id BIGINT NOT NULL,
		is_applied BOOLEAN NOT NULL,
		tstamp DATETIME NULL DEFAULT CURRENT_TIMESTAMP)`,
}

const (
	appliedVersions = "SELECT version_id FROM goose_db_version WHERE is_applied = 1"
	addVersion      = "INSERT INTO goose_db_version (version_id, is_applied) VALUES (?, 1)"
	addZeroVersion  = "INSERT INTO goose_db_version (version_id, is_applied) " +
		"SELECT 0, 1 FROM (SELECT COUNT(*) AS n FROM goose_db_version) v WHERE v.n = 0"
)

// missing gives those of the files that were not run here yet. Numbers may have gaps, and a low one may come late.
func (d *DB) missing(ctx context.Context, files []migration) ([]migration, error) {
	find := "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = 'goose_db_version'"
	if d.driver == SQLite {
		find = "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name = 'goose_db_version'"
	}
	var found int
	if err := d.Get(ctx, &found, find); err != nil {
		return nil, fmt.Errorf("look for the versions: %w", err)
	}
	if found == 0 {
		return files, nil
	}
	var done []int64
	if err := d.Select(ctx, &done, appliedVersions); err != nil {
		return nil, fmt.Errorf("read the versions: %w", err)
	}
	var missing []migration
	for _, f := range files {
		if !slices.Contains(done, f.version) {
			missing = append(missing, f)
		}
	}
	return missing, nil
}

// migrationWait is how long one program waits for another that migrates.
const migrationWait = 2 * time.Minute

// migrateSQLite runs each missing file in one transaction together with its version, so a file is done whole or not at
// all, and of two programs the second finds it done.
func (d *DB) migrateSQLite(ctx context.Context, files []migration) error {
	for _, f := range files {
		err := patiently(ctx, func() error {
			return d.Tx(ctx, func(tx *Tx) error { return f.runWhole(ctx, tx) })
		})
		if err != nil {
			return fmt.Errorf("migrate %s: %w", f.name, err)
		}
	}
	return nil
}

// patiently runs do again as long as the database is busy, which it may be for as long as another program fills it.
func patiently(ctx context.Context, do func() error) error {
	err := do()
	for end := time.Now().Add(migrationWait); retryable(err) && time.Now().Before(end) && ctx.Err() == nil; {
		err = do()
	}
	return err
}

func (f migration) runWhole(ctx context.Context, tx *Tx) error {
	for _, prepare := range []string{versionTable[SQLite], addZeroVersion} {
		if _, err := tx.Exec(ctx, prepare); err != nil {
			return err
		}
	}
	var done []int64
	if err := tx.Select(ctx, &done, appliedVersions); err != nil || slices.Contains(done, f.version) {
		return err
	}
	for _, s := range f.statements {
		if _, err := tx.Exec(ctx, s); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, addVersion, f.version)
	return err
}
