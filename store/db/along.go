package db

// Primary is the primary key of any table, for Along.
const Primary = "PRIMARY"

// Along is put behind a table in a query that has to be read along this index, whatever the database thinks of it: SQLite does not
// know how many rows there are, and MySQL's guess is as old as its statistics. Lists need it whose index gives the order too.
// SQLite has no name for a primary key; it takes that where a + before the other columns keeps their indexes away, and the + is
// nothing to MySQL.
func (d *DB) Along(index string) string {
	switch {
	case d.driver == MySQL:
		return " FORCE INDEX (" + index + ")"
	case index == Primary:
		return ""
	}
	return " INDEXED BY " + index
}
