package demo

import (
	"context"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"

	"dashop/sql"
	"dashop/store/db"
)

// table is a table's name with its columns, and the rows to put into it.
type table struct {
	name    string
	columns []string
	rows    [][]any
}

// insert writes the rows.
func (t *table) insert(ctx context.Context, tx *db.Tx) error {
	return tx.InsertMany(ctx, t.name, t.columns, t.rows)
}

// add appends one row.
func (t *table) add(values ...any) { t.rows = append(t.rows, values) }

// newTable reads a name with its columns: skus (id, spu_id, …).
func newTable(text string) *table {
	name, columns, _ := strings.Cut(strings.TrimSuffix(text, ")"), " (")
	return &table{name: name, columns: strings.Split(columns, ",")}
}

// record is one line of a CSV file. A column that is not there or no number is a mistake in the embedded data; the first
// one is kept in err.
type record struct {
	file   string
	at     map[string]int
	values []string
	err    *error
}

// each calls do with every line of a file of the demo.
func each(file string, do func(r record)) error {
	f, err := sql.Demo.Open("demo/" + file)
	if err != nil {
		return err
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	at := map[string]int{}
	for i, name := range lines[0] {
		at[name] = i
	}
	var wrong error
	for _, values := range lines[1:] {
		do(record{file: file, at: at, values: values, err: &wrong})
		if wrong != nil {
			return wrong
		}
	}
	return nil
}

func (r record) text(column string) string {
	i, ok := r.at[column]
	if !ok {
		*r.err = fmt.Errorf("%s has no column %s", r.file, column)
		return ""
	}
	return r.values[i]
}

func (r record) int(column string) int64 {
	text := r.text(column)
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil && *r.err == nil {
		*r.err = fmt.Errorf("%s: %s %q is no number", r.file, column, text)
	}
	return n
}

// maybe is a number, or 0 where the column is empty.
func (r record) maybe(column string) int64 {
	if r.text(column) == "" {
		return 0
	}
	return r.int(column)
}
