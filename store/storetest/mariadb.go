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
	"time"

	_ "github.com/go-sql-driver/mysql" // the driver of root connections
)

// mariadbd is a MariaDB server with data of its own, which are thrown away with it.
type mariadbd struct {
	dsn   string // what a database's name is put behind
	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// startMariaDB starts a server whose data live in dir and waits until it answers.
func startMariaDB(dir string, options ...string) (*mariadbd, error) {
	program, err := exec.LookPath("mariadbd")
	if err != nil {
		return nil, err
	}
	data := filepath.Join(dir, "data")
	if err := installMariaDB(data); err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	s := &mariadbd{dsn: fmt.Sprintf("root@tcp(127.0.0.1:%d)/", port), dir: dir, ended: make(chan struct{})}
	s.cmd = exec.Command(program, append([]string{"--no-defaults", "--user=" + userName(), "--datadir=" + data,
		"--bind-address=127.0.0.1", "--port=" + strconv.Itoa(port), "--socket=" + filepath.Join(dir, "s"),
		"--pid-file=" + filepath.Join(dir, "pid"), "--log-error=" + filepath.Join(dir, "log.err"),
		"--skip-log-bin", "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=2", "--innodb-buffer-pool-size=256M",
		"--max-connections=1000", "--loose-innodb-snapshot-isolation=ON"}, options...)...)
	if err := s.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = s.cmd.Wait()
		close(s.ended)
	}()
	if err := s.wait(); err != nil {
		s.stop()
		return nil, err
	}
	return s, nil
}

// installMariaDB makes the tables of a new server. It is tried again, since it now and then fails while other servers start.
func installMariaDB(data string) (err error) {
	for range 3 {
		cmd := exec.Command("mariadb-install-db", "--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db",
			"--user="+userName(), "--datadir="+data)
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

// wait returns when the server answers.
func (s *mariadbd) wait() error {
	root, err := sql.Open("mysql", s.dsn)
	if err != nil {
		return err
	}
	defer root.Close()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if err = root.Ping(); err == nil {
			return nil
		}
	}
	log, _ := os.ReadFile(filepath.Join(s.dir, "log.err"))
	return errors.Join(err, errors.New(strings.TrimSpace(string(log))))
}

// stop ends the server and removes its data.
func (s *mariadbd) stop() {
	_ = s.cmd.Process.Kill()
	<-s.ended
	_ = os.RemoveAll(s.dir)
}
