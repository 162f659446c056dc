package db

import (
	"errors"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
)

// The errors of a MySQL server that the shop knows by number.
const (
	mysqlDuplicate       = 1062
	mysqlLockWaitTimeout = 1205
	mysqlDeadlock        = 1213
	mysqlSnapshotLost    = 1020 // snapshot isolation of newer MariaDB
	mysqlPoolSize        = 32
)

func openMySQL(dsn string) (*DB, error) {
	c, err := mysql.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	if c.DBName == "" {
		return nil, errors.New("the DSN names no database")
	}
	c.ParseTime = true
	c.Loc = time.UTC
	c.ClientFoundRows = true   // an UPDATE that writes equal values has matched its row all the same
	c.InterpolateParams = true // one round trip a query; safe, since the character set is utf8mb4
	c.Collation = "utf8mb4_unicode_ci"
	// Commit does not heed its context: without these a dead wire would hang a request for ever.
	c.Timeout, c.ReadTimeout, c.WriteTimeout = 2*time.Second, 10*time.Second, 10*time.Second
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	c.Params["time_zone"] = "'+00:00'"
	c.Params["sql_mode"] = "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
	c.Params["innodb_lock_wait_timeout"] = "5"
	pool, err := sqlx.Open("mysql", c.FormatDSN())
	if err != nil {
		return nil, err
	}
	pool.SetMaxOpenConns(mysqlPoolSize)
	pool.SetMaxIdleConns(mysqlPoolSize)
	pool.SetConnMaxLifetime(3 * time.Minute)
	return &DB{driver: MySQL, write: pool, read: pool}, nil
}

func mysqlCode(err error) uint16 {
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number
	}
	return 0
}

// IsDuplicate says whether err is a row refused because a unique key is taken.
func IsDuplicate(err error) bool {
	return mysqlCode(err) == mysqlDuplicate || sqliteDuplicate(err)
}

// retryable says whether the transaction certainly did nothing and may be run again.
func retryable(err error) bool {
	switch mysqlCode(err) {
	case mysqlDeadlock, mysqlLockWaitTimeout, mysqlSnapshotLost:
		return true
	}
	return sqliteRetryable(err)
}
