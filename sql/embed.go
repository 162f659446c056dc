// Package sql holds the migrations of both databases and the demo shop's data, embedded into the program.
//
// A migration is a file NNNN_what.sql, under the same name in mysql/ and in sqlite/. Files run once, in the order of
// their numbers; numbers may have gaps, and a low one that comes late is run when it comes. A file that was released is
// never changed. A statement ends with a semicolon at the end of a line; comments are lines that begin with --.
//
// A migration may be killed anywhere and is then simply run again. On SQLite a file and the note that it was run are
// one transaction. MySQL commits each change of the schema by itself, so there the number of statements that are done is
// noted after each one (migration_progress), and a file goes on where it stopped. A statement that changes data is one
// transaction with its note and so happens once, whatever it says. A change of the schema may have happened without its
// note: when exactly that statement is run again, the answers "table exists", "duplicate column", "duplicate key name"
// and "nothing to drop" count as done. So ALTER TABLE … ADD COLUMN, CREATE INDEX and CREATE TABLE are written plainly,
// without IF NOT EXISTS (MySQL 8 has none for columns), and one statement changes one table. Anything else that would
// fail or do harm when run twice (RENAME, for instance) must not be written.
//
// One program migrates at a time: on MySQL it holds a lease (the row of migration_lease, renewed while it works, taken
// over when it died); on SQLite the second program waits for the transaction and finds the file done.
//
// New columns have a default, so that a program from before the migration still runs on the new tables.
//
// Text is compared byte by byte on both databases. No file needs to say so: after the files a migration converts each
// table on MySQL whose text is compared otherwise, to utf8mb4_nopad_bin on MariaDB and utf8mb4_0900_bin on MySQL 8, which
// have no name in common. (utf8mb4_bin, which both have, takes no notice of blanks at the end, and SQLite does.) Where
// case should not count Go puts the text in order, or DB.Contains asks for it.
package sql

import "embed"

// Migrations has one folder per database, mysql and sqlite, with the same file names in both.
//
//go:embed mysql/*.sql sqlite/*.sql
var Migrations embed.FS

// Demo is the demo shop below demo/: a CSV file per table, the pictures that they name, and whose work they are.
//
//go:embed demo/*.csv demo/images demo/LICENSES.md
var Demo embed.FS
