package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of the root connection
)

// serverDSN is what a database's name is put behind.
var serverDSN string

var mariadb struct {
	once sync.Once
	root *sql.DB
	dir  string
	cmd  *exec.Cmd
	err  error
}

// server gives the root connection of a MariaDB that belongs to the tests: the one that SHOP_TEST_MYSQL names
// (such as root@tcp(127.0.0.1:3307)/), or one started here in a temporary folder.
func server() (*sql.DB, error) {
	mariadb.once.Do(func() {
		if mariadb.err = startServer(); mariadb.err != nil {
			return
		}
		mariadb.root, mariadb.err = sql.Open("mysql", serverDSN)
		if mariadb.err == nil {
			mariadb.err = waitFor(mariadb.root)
		}
	})
	return mariadb.root, mariadb.err
}

func startServer() error {
	if dsn := os.Getenv("SHOP_TEST_MYSQL"); dsn != "" {
		serverDSN = dsn
		return nil
	}
	program, err := exec.LookPath("mariadbd")
	if err != nil {
		return err
	}
	if mariadb.dir, err = os.MkdirTemp("", "dashop-mariadb-"); err != nil {
		return err
	}
	data := filepath.Join(mariadb.dir, "data")
	if err := install(data); err != nil {
		return err
	}
	port, err := freePort()
	if err != nil {
		return err
	}
	mariadb.cmd = exec.Command(program, "--no-defaults", "--user="+userName(), "--datadir="+data,
		"--bind-address=127.0.0.1", "--port="+strconv.Itoa(port), "--socket="+filepath.Join(mariadb.dir, "s"),
		"--pid-file="+filepath.Join(mariadb.dir, "pid"), "--log-error="+filepath.Join(mariadb.dir, "log"),
		"--skip-log-bin", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=128M",
		"--max-connections=600", "--loose-innodb-snapshot-isolation=ON")
	serverDSN = fmt.Sprintf("root@tcp(127.0.0.1:%d)/", port)
	return mariadb.cmd.Start()
}

// install makes the tables of a new server. It is tried again, since it now and then fails while other servers start.
func install(data string) (err error) {
	for range 3 {
		cmd := exec.Command("mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", "--user="+userName(), "--datadir="+data)
		out, failure := cmd.CombinedOutput()
		if failure == nil {
			return nil
		}
		err = fmt.Errorf("mariadb-install-db: %w\n%s", failure, out)
		_ = os.RemoveAll(data)
	}
	return err
}

// userName is root for root, as mariadbd wants it said, and else the person who runs the tests.
func userName() string {
	if os.Getuid() == 0 {
		return "root"
	}
	return os.Getenv("USER")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

func waitFor(root *sql.DB) error {
	var err error
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = root.Ping(); err == nil {
			return nil
		}
	}
	log, _ := os.ReadFile(filepath.Join(mariadb.dir, "log"))
	return errors.Join(err, errors.New(strings.TrimSpace(string(log))))
}

// stopServer ends the server that startServer started, and no other.
func stopServer() {
	if mariadb.cmd != nil && mariadb.cmd.Process != nil {
		_ = mariadb.cmd.Process.Kill() // its data are thrown away
		_ = mariadb.cmd.Wait()
	}
	if mariadb.dir != "" {
		_ = os.RemoveAll(mariadb.dir)
	}
}
