// Package sql holds the migrations of both databases and the demo shop's data, embedded into the program.
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
