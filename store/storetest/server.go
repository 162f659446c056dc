package storetest

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// All test programs of a `go test ./...` share one MariaDB. It belongs to a keeper, a process of its own that ends it
// when nobody has used it for a while. Files carry what they know of each other:
//
//	shared()/server.lock     held while somebody looks for the server or starts one
//	shared()/server          names the folder of the newest server
//	FOLDER/users             locked (shared) by each program that uses the server, and by the keeper to see that nobody does
//	FOLDER/dsn               written when the server answers, removed when the keeper ends it

const (
	keeperFolder   = "DASHOP_TEST_KEEPER" // set for a keeper: the folder of its server
	keeperPatience = time.Minute
)

func init() {
	if dir := os.Getenv(keeperFolder); dir != "" {
		keeperMain(dir)
		os.Exit(0)
	}
}

// server is the MariaDB of the tests: the one that SHOP_TEST_MYSQL names (such as root@tcp(127.0.0.1:3307)/), or the
// shared one, which is started where there is none.
var server = sync.OnceValues(func() (*testServer, error) {
	dsn := os.Getenv("SHOP_TEST_MYSQL")
	if dsn == "" {
		var err error
		if dsn, err = sharedServer(); err != nil {
			return nil, err
		}
	}
	root, err := sql.Open("mysql", dsn+"?multiStatements=true&interpolateParams=true")
	if err != nil {
		return nil, err
	}
	return &testServer{dsn: dsn, root: root}, root.Ping()
})

type testServer struct {
	dsn  string  // what a database's name is put behind
	root *sql.DB // takes several statements at once
}

var databases atomic.Int64

// create makes a database whose name no other test program uses.
func (s *testServer) create() (name string, err error) {
	r, err := thisRun()
	if err != nil {
		return "", err
	}
	name = fmt.Sprintf("shop_test_%s_%d", r.id, databases.Add(1))
	_, err = s.root.Exec("CREATE DATABASE " + name + " CHARACTER SET utf8mb4")
	return name, err
}

func (s *testServer) drop(name string) { _, _ = s.root.Exec("DROP DATABASE IF EXISTS " + name) }

// sharedServer gives the DSN of the server that all test programs of this user share.
func sharedServer() (dsn string, err error) {
	if _, err := exec.LookPath("mariadbd"); err != nil {
		return "", err
	}
	if err := os.MkdirAll(shared(), 0o700); err != nil {
		return "", err
	}
	current := filepath.Join(shared(), "server")
	err = exclusively(current+".lock", func() error {
		if dir, err := os.ReadFile(current); err == nil {
			if dsn, err = joinServer(string(dir)); err == nil {
				return nil
			}
		}
		dir, err := startKeeper()
		if err != nil {
			return err
		}
		if dsn, err = joinServer(dir); err != nil {
			return err
		}
		return os.WriteFile(current, []byte(dir), 0o600)
	})
	return dsn, err
}

// users is the lock by which the keeper knows that this program uses its server. It is held until the program ends.
//
//lint:ignore U1000 it is only held: a file that nothing refers to is closed by the garbage collector
var users *os.File

func joinServer(dir string) (dsn string, err error) {
	f, err := os.Open(filepath.Join(dir, "users"))
	if err != nil {
		return "", err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH); err != nil {
		return "", errors.Join(err, f.Close())
	}
	text, err := os.ReadFile(filepath.Join(dir, "dsn"))
	if err == nil {
		err = answers(string(text))
	}
	if err != nil {
		return "", errors.Join(err, f.Close())
	}
	users = f
	return string(text), nil
}

func answers(dsn string) error {
	root, err := sql.Open("mysql", dsn)
	if err != nil {
		return err
	}
	defer root.Close()
	return root.Ping()
}

// startKeeper starts a keeper, which is this same program, and waits until its server answers.
func startKeeper() (dir string, err error) {
	if err := os.MkdirAll(memory(), 0o700); err != nil {
		return "", err
	}
	if dir, err = os.MkdirTemp(memory(), "server-"); err != nil {
		return "", err
	}
	program, err := os.Executable()
	if err != nil {
		return "", err
	}
	out, in, err := os.Pipe()
	if err != nil {
		return "", err
	}
	defer out.Close()
	keeper := exec.Command(program)
	keeper.Env = append(os.Environ(), keeperFolder+"="+dir)
	keeper.Dir = dir
	keeper.ExtraFiles = []*os.File{in}
	keeper.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // what ends the tests must not end the keeper
	err = keeper.Start()
	_ = in.Close()
	if err != nil {
		return "", err
	}
	complaint, err := io.ReadAll(out) // ends when the server answers or the keeper has given up
	if err == nil && len(complaint) > 0 {
		err = errors.New(strings.TrimSpace(string(complaint)))
	}
	return dir, errors.Join(err, keeper.Process.Release())
}

// keeperMain is the keeper's program. It tells its parent, through a pipe, what kept the server from starting.
func keeperMain(dir string) {
	parent := os.NewFile(3, "parent")
	syscall.CloseOnExec(3) // or the server would hold it open
	defer os.RemoveAll(dir)
	s, err := startMariaDB(dir)
	if err == nil {
		defer s.stop()
		err = os.WriteFile(filepath.Join(dir, "users"), nil, 0o600)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "dsn"), []byte(s.dsn), 0o600)
	}
	if err != nil {
		fmt.Fprintln(parent, err)
		return
	}
	_ = parent.Close()
	waitForUsers(s)
}

// waitForUsers returns when the server has ended or was not used for a while. Then nobody can begin to use it any more.
func waitForUsers(s *mariadbd) {
	lock, err := os.Open(filepath.Join(s.dir, "users"))
	if err != nil {
		return
	}
	for used := time.Now(); ; {
		select {
		case <-s.ended:
			return
		case <-time.After(time.Second):
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
			used = time.Now()
			continue
		}
		if time.Since(used) > keeperPatience {
			_ = os.Remove(filepath.Join(s.dir, "dsn"))
			return
		}
		_ = syscall.Flock(int(lock.Fd()), syscall.LOCK_UN)
	}
}
