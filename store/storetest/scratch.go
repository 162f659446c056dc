package storetest

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// shared is the folder in which the test programs of one user find each other. Each program holds a locked file in
// runs/ while it lives; the kernel lets go of the lock however the program ends, so that the next one can clear up
// after one that was killed.
func shared() string {
	return filepath.Join(os.TempDir(), "dashop-tests-"+strconv.Itoa(os.Getuid()))
}

// memory is where data live that may be lost: in main memory where there is room for them, as the tests would
// otherwise mostly wait for the disk.
var memory = sync.OnceValue(func() string {
	const ram, want = "/dev/shm", 1 << 30
	var fs syscall.Statfs_t
	if err := syscall.Statfs(ram, &fs); err != nil || int64(fs.Bavail)*int64(fs.Bsize) < want || freeMemory() < 2*want {
		return filepath.Join(shared(), "data")
	}
	return filepath.Join(ram, "dashop-tests-"+strconv.Itoa(os.Getuid()))
})

// freeMemory is how many bytes programs can still have, or 0 on a system that does not say.
func freeMemory() int64 {
	f, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0
	}
	defer f.Close()
	for {
		var name, unit string
		var kilobytes int64
		if _, err := fmt.Fscanf(f, "%s %d %s\n", &name, &kilobytes, &unit); err != nil {
			return 0
		}
		if name == "MemAvailable:" {
			return kilobytes << 10
		}
	}
}

// run is this test program: its name among those that run, and its folder in memory.
type run struct {
	id, dir string
	lock    *os.File
}

// thisRun registers the program when it first needs a folder.
var thisRun = sync.OnceValues(func() (*run, error) {
	runs := filepath.Join(shared(), "runs")
	for _, dir := range []string{runs, memory()} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	var lock *os.File
	err := exclusively(filepath.Join(shared(), "runs.lock"), func() (err error) {
		clearUp(runs)
		if lock, err = os.CreateTemp(runs, ""); err != nil {
			return err
		}
		return syscall.Flock(int(lock.Fd()), syscall.LOCK_EX)
	})
	if err != nil {
		return nil, err
	}
	r := &run{id: filepath.Base(lock.Name()), lock: lock}
	r.dir = filepath.Join(memory(), r.id)
	atEnd(r.end)
	return r, os.Mkdir(r.dir, 0o700)
})

// end removes what the program leaves behind.
func (r *run) end() {
	_ = os.RemoveAll(r.dir)
	_ = os.Remove(r.lock.Name())
	_ = r.lock.Close()
}

// clearUp removes what programs left behind that were killed. Their databases go with the server.
func clearUp(runs string) {
	names, _ := filepath.Glob(filepath.Join(runs, "*"))
	for _, name := range names {
		f, err := os.Open(name)
		if err != nil {
			continue
		}
		if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) == nil {
			_ = os.RemoveAll(filepath.Join(memory(), filepath.Base(name)))
			_ = os.Remove(name)
		}
		_ = f.Close()
	}
}

// exclusively runs do while no other program does so with the same file.
func exclusively(file string, do func() error) error {
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return err
	}
	return do()
}

// Dir is a folder for data that the test may lose, in memory where the machine has room. A test of what outlasts the
// machine wants t.TempDir.
func Dir(t testing.TB) string {
	t.Helper()
	r, err := thisRun()
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(r.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		_ = out.Close()
		return err
	}
	return out.Close()
}
