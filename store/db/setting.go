package db

import "context"

// Setting is a value that the shop keeps for itself under a name, such as how far a job has come; without one it is fault.NotFound.
func Setting(ctx context.Context, q Queryer, name string) (value string, err error) {
	err = q.Get(ctx, &value, "SELECT value FROM settings WHERE name = ?", name)
	return value, err
}

// SetSetting keeps value under a name, in place of an earlier one.
func SetSetting(ctx context.Context, tx *Tx, name, value string) error {
	query := "INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
	if tx.driver == MySQL {
		query = "INSERT INTO settings (name, value) VALUES (?, ?) ON DUPLICATE KEY UPDATE value = VALUES(value)"
	}
	_, err := tx.Exec(ctx, query, name, value)
	return err
}
