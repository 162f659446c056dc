package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
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

// mysqlAnswerWait is how long the server may take for an answer, whatever the context says.
const mysqlAnswerWait = 10 * time.Second

func openMySQL(dsn string) (*DB, error) {
	if err := checkDSN(dsn); err != nil {
		return nil, err
	}
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
	// Not all that the driver does heeds a context: without these a dead wire would hang a request for ever.
	c.Timeout, c.ReadTimeout, c.WriteTimeout = 2*time.Second, mysqlAnswerWait, mysqlAnswerWait
	if c.Params == nil {
		c.Params = map[string]string{}
	}
	maps.Copy(c.Params, mysqlSession)
	connector, err := mysql.NewConnector(c)
	if err != nil {
		return nil, err
	}
	pool := sqlx.NewDb(sql.OpenDB(readCommitted{connector}), "mysql")
	pool.SetMaxOpenConns(mysqlPoolSize)
	pool.SetMaxIdleConns(mysqlPoolSize)
	pool.SetConnMaxLifetime(3 * time.Minute)
	return &DB{driver: MySQL, write: pool, read: pool, mysql: c}, nil
}

// mysqlSession are the variables of each session.
var mysqlSession = map[string]string{
	"time_zone":                "'+00:00'",
	"sql_mode":                 "'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	"innodb_lock_wait_timeout": "5",
}

// readCommitted opens sessions whose transactions are READ COMMITTED: the shop's rules stand on guarded updates and unique
// keys, which need no snapshot, and so no gap locks are taken. The variable for it has another name on each server.
type readCommitted struct{ driver.Connector }

// Connect opens a session.
func (c readCommitted) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	_, err = conn.(driver.ExecerContext).ExecContext(ctx, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", nil)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return conn, nil
}

// What a DSN may say after its question mark: parameters of the connection and of the session that are the operator's.
var operatorParams = []string{"allowCleartextPasswords", "allowNativePasswords", "connectionAttributes", "lock_wait_timeout",
	"max_execution_time", "max_statement_time", "maxAllowedPacket", "serverPubKey", "tls", "wait_timeout", "wsrep_sync_wait"}

// shopParams are the shop's own. A DSN may repeat some of them, with the value that they have anyway.
var shopParams = map[string]string{
	"parseTime": "true", "loc": "UTC", "clientFoundRows": "true", "interpolateParams": "true", "charset": "utf8mb4",
	"collation": "", "timeout": "", "readTimeout": "", "writeTimeout": "", "multiStatements": "false",
	"time_zone": "", "sql_mode": "", "innodb_lock_wait_timeout": "", "transaction_isolation": "", "tx_isolation": "", "autocommit": "",
}

// checkDSN refuses parameters that the shop does not know or would have to override, and names them.
func checkDSN(dsn string) error {
	_, params, _ := strings.Cut(dsn[strings.LastIndex(dsn, "/")+1:], "?")
	if params == "" {
		return nil
	}
	for param := range strings.SplitSeq(params, "&") {
		name, value, _ := strings.Cut(param, "=")
		own, ours := shopParams[name]
		switch {
		case ours && (own == "" || value != own):
			return fmt.Errorf("the DSN sets %s, which the shop sets itself: leave it out", name)
		case !ours && !slices.Contains(operatorParams, name):
			return fmt.Errorf("the DSN sets %q, which is not known here; it may set: %s", name, strings.Join(operatorParams, ", "))
		}
	}
	return nil
}

// pingMySQL asks for what is answered without waiting, also by a cluster node that has lost its group.
func (d *DB) pingMySQL(ctx context.Context) error {
	state, err := d.mysqlState(ctx, "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'wsrep_on')")
	if err == nil && state["wsrep_on"] == "ON" {
		var cluster map[string]string
		cluster, err = d.mysqlState(ctx, "SHOW GLOBAL STATUS WHERE Variable_name IN ('wsrep_ready', 'wsrep_cluster_status')")
		if err == nil && (cluster["wsrep_ready"] != "ON" || cluster["wsrep_cluster_status"] != "Primary") {
			err = fmt.Errorf("a cluster node that cannot serve: wsrep_ready %s, wsrep_cluster_status %s", cluster["wsrep_ready"],
				cluster["wsrep_cluster_status"])
		}
	}
	for _, name := range []string{"read_only", "super_read_only"} {
		if value := state[name]; err == nil && value != "" && value != "OFF" && value != "0" {
			err = fmt.Errorf("the database is only to be read: %s is %s", name, value)
		}
	}
	return err
}

func (d *DB) mysqlState(ctx context.Context, query string) (map[string]string, error) {
	var rows []struct {
		Name  string `db:"Variable_name"`
		Value string `db:"Value"`
	}
	err := d.Select(ctx, &rows, query)
	state := map[string]string{}
	for _, r := range rows {
		state[r.Name] = r.Value
	}
	return state, err
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
	return errors.As(err, &e) && (slices.Contains(mysqlOutages, e.Number) ||
		e.Number == mysqlStorage && strings.Contains(e.Message, "error 28"))
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

func mysqlRetryable(err error) bool {
	switch mysqlCode(err) {
	case mysqlDeadlock, mysqlLockWaitTimeout, mysqlSnapshotLost:
		return true
	}
	return false
}

// mysqlUncommitted says whether a server refused to run COMMIT at all. 1180 is not among them: it comes from its middle.
func mysqlUncommitted(err error) bool {
	switch mysqlCode(err) {
	case 1047, 1290, 1792, 1836:
		return true
	}
	return false
}
