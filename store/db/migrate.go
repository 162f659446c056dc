package db

import (
	"context"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"dashop/sql"
)

// Migrate brings the tables to the newest version. It may be run again at any time, also by two programs at once:
// on MySQL they wait for each other, and each file holds only statements that do no harm when repeated.
func (d *DB) Migrate(ctx context.Context) error {
	unlock, err := d.lockMigrations(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	dialect := map[string]database.Dialect{SQLite: database.DialectSQLite3, MySQL: database.DialectMySQL}[d.driver]
	files, err := fs.Sub(sql.Migrations, d.driver)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, d.write.DB, files, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// lockMigrations holds a named lock of the MySQL server on a connection of its own. SQLite has one writer anyway.
func (d *DB) lockMigrations(ctx context.Context) (unlock func(), err error) {
	if d.driver != MySQL {
		return func() {}, nil
	}
	conn, err := d.write.Connx(ctx)
	if err != nil {
		return nil, err
	}
	var got int
	// The lock belongs to this database, not to the whole server. The driver's read time-out is 10 s, so ask for less and again.
	for try := 0; try < 30 && got == 0; try++ {
		if err := conn.GetContext(ctx, &got, "SELECT GET_LOCK(CONCAT('dashop.migrate.', DATABASE()), 4)"); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("wait for another migration: %w", err)
		}
	}
	if got == 0 {
		_ = conn.Close()
		return nil, fmt.Errorf("another migration has not ended")
	}
	return func() {
		var gone int
		_ = conn.GetContext(context.WithoutCancel(ctx), &gone, "SELECT RELEASE_LOCK(CONCAT('dashop.migrate.', DATABASE()))")
		_ = conn.Close()
	}, nil
}
