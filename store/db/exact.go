package db

import (
	"context"
	"fmt"
	"regexp"
	"strings"
)

// exactCollations compare text byte by byte and count blanks at its end, as SQLite does: the first is MariaDB's, the
// second MySQL's (8.0.17 and newer). utf8mb4_bin, which both have, takes 'a' and 'a ' as the same.
var exactCollations = []any{"utf8mb4_nopad_bin", "utf8mb4_0900_bin"}

// exactCollation is the one that the server has.
func (d *DB) exactCollation(ctx context.Context) (name string, err error) {
	query := "SELECT collation_name FROM information_schema.collations WHERE collation_name IN (?, ?) ORDER BY collation_name DESC LIMIT 1"
	if err := d.Get(ctx, &name, query, exactCollations...); err != nil {
		return "", fmt.Errorf("the server has none of the collations %v: %w", exactCollations, err)
	}
	return name, nil
}

var createsTable = regexp.MustCompile(`(?i)^CREATE TABLE\s+(?:IF NOT EXISTS\s+)?(\w+)`)

// inexact names the tables of some files that are there and have a text column, or a default for new ones, that is compared otherwise.
func (d *DB) inexact(ctx context.Context, files []migration, collation string) (tables []string, err error) {
	var ours []string
	for _, f := range files {
		for _, s := range f.statements {
			if m := createsTable.FindStringSubmatch(s); m != nil {
				ours = append(ours, m[1])
			}
		}
	}
	if len(ours) == 0 {
		return nil, nil
	}
	query, args := In(`SELECT table_name FROM information_schema.tables
			WHERE table_schema = DATABASE() AND table_name IN (?) AND table_collation <> ?
		UNION SELECT table_name FROM information_schema.columns
			WHERE table_schema = DATABASE() AND table_name IN (?) AND collation_name <> ?
		ORDER BY 1`, ours, collation, ours, collation)
	if err := d.Select(ctx, &tables, query, args...); err != nil {
		return nil, fmt.Errorf("read the collations: %w", err)
	}
	return tables, nil
}

// makeExact has all text of the tables compared byte by byte. It keeps what is in them, and each key can only become
// finer. It goes on where it was broken off, since it looks at what there is.
func (d *DB) makeExact(ctx context.Context, files []migration, collation string, lease *lease) error {
	tables, err := d.inexact(ctx, files, collation)
	if err != nil {
		return err
	}
	for _, table := range tables {
		err := d.Tx(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(ctx, "ALTER TABLE "+table+" CONVERT TO CHARACTER SET utf8mb4 COLLATE "+collation); err != nil {
				return err
			}
			return lease.check(ctx, tx)
		})
		if err != nil {
			return fmt.Errorf("text of %s: %w", table, err)
		}
	}
	return nil
}

// Contains is a condition for WHERE, with its arguments: one of the columns has the text in it. The letters A to Z match
// in either case and all else matches itself alone, on both databases.
func (d *DB) Contains(text string, columns ...string) (condition string, args []any) {
	text = strings.ReplaceAll(text, "\x00", "") // SQLite would take it for the end
	test, pattern := " LIKE ? ESCAPE '!'", "%"+likeEscapes.Replace(text)+"%"
	if d.driver == MySQL { // its LIKE follows the collation, in which case counts
		test, pattern = " REGEXP ?", eitherCase(text)
	}
	tests := make([]string, len(columns))
	for i, c := range columns {
		tests[i] = c + test
		args = append(args, pattern)
	}
	return "(" + strings.Join(tests, " OR ") + ")", args
}

// likeEscapes makes a text literal inside LIKE … ESCAPE '!'.
var likeEscapes = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// eitherCase is a regular expression for a text of which the letters A to Z may be in either case.
func eitherCase(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case 'a' <= r && r <= 'z':
			b.WriteString("[" + string(r) + string(r-'a'+'A') + "]")
		case 'A' <= r && r <= 'Z':
			b.WriteString("[" + string(r-'A'+'a') + string(r) + "]")
		case r < 0x80 && (r < '0' || r > '9'):
			b.WriteString(`\` + string(r))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
