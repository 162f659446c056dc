package db

import (
	"errors"
	"slices"
	"strings"
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
	mysqlStorage         = 1030 // with the number of the system in its text: 28 is a full disk
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
	c.ClientFoundRows = true    // an UPDATE that writes equal values has matched its row all the same
	c.InterpolateParams = true  // one round trip a query; safe, since the character set is utf8mb4
	c.Collation = "utf8mb4_bin" // of what is no column; columns have a finer one, see exactCollations
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
	return &DB{driver: MySQL, write: pool, read: pool, mysql: c}, nil
}

// mysqlOutages are the errors with which a server says that it cannot serve now: they are no fault of the statement.
var mysqlOutages = []uint16{
	1040, 1203, 1226, // too many connections
	1047, 1180, 1181, // a cluster node without its group; an error during COMMIT or ROLLBACK
	1053, 1077, 1079, 1927, // shutting down; the connection was killed
	1158, 1159, 1160, 1161, // the wire
	1290, 1836, 1792, // only to be read
	3, 1021, 1026, 1114, // the disk is full
	5, 1037, 1041, // out of memory
	2006, 2013, // gone, in the words of the client library: a proxy may pass them on
}

// mysqlOutage says whether err is of mysqlOutages.
func mysqlOutage(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && (slices.Contains(mysqlOutages, e.Number) || e.Number == mysqlStorage && strings.Contains(e.Message, "error 28"))
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
