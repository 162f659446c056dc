package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/go-sql-driver/mysql"
	_ "modernc.org/sqlite" // the driver of SQLite
)

// data is where one shop keeps what it has: a folder, and a database in it or on a MariaDB server.
type data struct {
	folder string
	server *mysql.Config // nil for SQLite
	name   string        // of the database on the server
}

// maker makes the data of a shop once and copies them for each program.
type maker struct {
	options
	folder  string
	program string
	server  *mysql.Config
	file    string // of the made shop
	name    string // of the made database
}

// made is the setting that says that a database on a server was made to the end.
const made = "bench.made"

// make makes a shop by the program's own command, unless it was kept.
func (m *maker) make(ctx context.Context) error {
	kept := fmt.Sprintf("dashop-bench-%d-skus", m.skus)
	if m.dsn != "" {
		return m.makeOnServer(ctx, strings.ReplaceAll(kept, "-", "_"))
	}
	if m.file = filepath.Join(m.folder, "made.db"); m.keep != "" {
		m.file = filepath.Join(m.keep, kept+".db")
		if _, err := os.Stat(m.file); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		if err := os.MkdirAll(m.keep, 0o755); err != nil {
			return err
		}
	}
	d := &data{folder: filepath.Join(m.folder, "made")}
	if err := m.runDemo(ctx, d); err != nil {
		return err
	}
	if err := copyFile(d.file(), m.file+".part"); err != nil {
		return err
	}
	return errors.Join(os.Rename(m.file+".part", m.file), os.RemoveAll(d.folder))
}

func (m *maker) makeOnServer(ctx context.Context, kept string) (err error) {
	if m.server, err = mysql.ParseDSN(m.dsn); err != nil {
		return fmt.Errorf("-dsn: %w", err)
	}
	if m.server.DBName != "" {
		return errors.New("-dsn names a server, not a database: user:password@tcp(host:port)/")
	}
	if m.name = kept; m.keep == "" {
		m.name = ownDatabase("made")
	}
	d := &data{folder: filepath.Join(m.folder, "made"), server: m.server, name: m.name}
	db, err := d.open()
	if err != nil {
		return err
	}
	defer db.Close()
	var there string
	if db.QueryRowContext(ctx, "SELECT value FROM settings WHERE name = ?", made).Scan(&there) == nil {
		return nil
	}
	if err := errors.Join(d.drop(), d.create()); err != nil {
		return err
	}
	if err := m.runDemo(ctx, d); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "INSERT INTO settings (name, value) VALUES (?, 'yes')", made)
	return errors.Join(err, os.RemoveAll(d.folder))
}

func (m *maker) runDemo(ctx context.Context, d *data) error {
	if err := os.MkdirAll(d.folder, 0o755); err != nil {
		return err
	}
	args := []string{"demo"}
	if m.skus > 0 {
		args = append(args, "--skus", fmt.Sprint(m.skus))
	}
	cmd := d.command(m.program, args...)
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(os.Interrupt) })
	defer stop()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("make the shop: %w\n%s", err, out)
	}
	return nil
}

// copy makes data of their own for a shop.
func (m *maker) copy(ctx context.Context, who string) (*data, error) {
	d := &data{folder: filepath.Join(m.folder, who), server: m.server}
	if err := os.MkdirAll(filepath.Dir(d.file()), 0o755); err != nil {
		return nil, err
	}
	if m.server == nil {
		return d, copyFile(m.file, d.file())
	}
	d.name = ownDatabase(who)
	if err := errors.Join(d.drop(), d.create()); err != nil {
		return nil, err
	}
	return d, copyTables(ctx, m.server, m.name, d.name)
}

// close removes what was made and is not to be kept.
func (m *maker) close() error {
	if m.keep != "" || m.name == "" {
		return nil // a file goes with the folder
	}
	return (&data{server: m.server, name: m.name}).drop()
}

// ownDatabase is a name that no other run uses.
func ownDatabase(what string) string { return fmt.Sprintf("dashop_bench_%d_%s", os.Getpid(), what) }

func (d *data) file() string { return filepath.Join(d.folder, "data", "shop.db") }

// command is a shop on these data.
func (d *data) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(program, args...)
	cmd.Dir = d.folder
	cmd.Env = []string{"HOME=" + d.folder, "PATH=" + os.Getenv("PATH")}
	if d.server != nil {
		cmd.Env = append(cmd.Env, "SHOP_DATABASE_DRIVER=mysql", "SHOP_DATABASE_DSN="+d.config().FormatDSN())
	}
	return cmd
}

// config is how a shop reaches its database on the server.
func (d *data) config() *mysql.Config {
	c := d.server.Clone()
	c.DBName = d.name
	return c
}

// open opens the database beside the shop.
func (d *data) open() (*sql.DB, error) {
	if d.server == nil {
		return sql.Open("sqlite", "file:"+d.file()+"?_pragma=busy_timeout(10000)")
	}
	c := d.config()
	c.InterpolateParams = true
	return sql.Open("mysql", c.FormatDSN())
}

func (d *data) create() error {
	return d.onServer("CREATE DATABASE " + d.name + " CHARACTER SET utf8mb4")
}

func (d *data) drop() error { return d.onServer("DROP DATABASE IF EXISTS " + d.name) }

func (d *data) onServer(statement string) error {
	db, err := sql.Open("mysql", d.server.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(statement)
	return err
}

// remove removes a database on a server; files go with their folder.
func (d *data) remove() error {
	if d.server == nil {
		return nil
	}
	return d.drop()
}

// process is the id of the database's process, if that is on this machine, or 0.
func (d *data) process() (int, error) {
	if d.server == nil {
		return 0, nil
	}
	_, port, err := net.SplitHostPort(d.server.Addr)
	if err != nil {
		return 0, nil //nolint:nilerr // a socket: its owner is not looked for
	}
	return listenerOf(port)
}

// copyTables copies all tables of a database on a server to an empty one, with their indexes and foreign keys.
func copyTables(ctx context.Context, server *mysql.Config, from, to string) error {
	c := server.Clone()
	c.DBName = to
	db, err := sql.Open("mysql", c.FormatDSN())
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx) // one, since what is SET is the connection's
	if err != nil {
		return err
	}
	defer conn.Close()
	tables, err := texts(ctx, conn, "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", from)
	if err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, "SET foreign_key_checks = 0, unique_checks = 0"); err != nil {
		return err
	}
	for _, t := range tables {
		var name, create string
		if err := conn.QueryRowContext(ctx, "SHOW CREATE TABLE "+from+"."+t).Scan(&name, &create); err != nil {
			return err
		}
		for _, statement := range []string{create, "INSERT INTO " + t + " SELECT * FROM " + from + "." + t, "ANALYZE TABLE " + t} {
			if _, err := conn.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("copy table %s: %w", t, err)
			}
		}
	}
	return nil
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

// list reads a column.
func list[T any](ctx context.Context, q queryer, query string, args ...any) (all []T, err error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var one T
		if err := rows.Scan(&one); err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

func texts(ctx context.Context, q queryer, query string, args ...any) ([]string, error) {
	return list[string](ctx, q, query, args...)
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
