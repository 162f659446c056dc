package main

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"dashop/sql"
)

// What the program may take: as a file without the demo's pictures, and in memory when it is idle, its own and mapped together.
const (
	mostBinary = 30_000_000
	mostIdle   = 40_000 // kB
)

// The program is small on the disk, and in memory at any start but that which makes the demo; stopped, it has logged each request.
func TestProgramIsSmall(t *testing.T) {
	dir := t.TempDir()
	program := filepath.Join(dir, "shop")
	build := exec.Command("go", "build", "-ldflags=-s -w", "-o", program, "dashop/cmd/shop")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	if size := fileSize(t, program) - picturesSize(t); size > mostBinary {
		t.Errorf("the program is %d bytes without pictures, more than %d", size, mostBinary)
	}
	out := &output{}
	start := func(args ...string) *exec.Cmd {
		cmd := exec.Command(program, args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, out, out
		cmd.Env = append(environment(dir, "SHOP_LOG_LEVEL=info"), "HOME="+dir)
		return cmd
	}
	if err := start("demo").Run(); err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	leavePageCache(t, program)
	cmd := start()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill() }()
	address := waitOpen(t, out)
	kept := waitIdle(t, cmd.Process.Pid)
	t.Logf("idle: %s", kept)

	const asked = 50
	for range asked {
		res, err := http.Get(address + "/categories/1")
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
		res.Body.Close()
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		t.Errorf("stop: %v", err)
	}
	if n := strings.Count(out.String(), "path=/categories/1 status=200"); n != asked {
		t.Errorf("%d requests were logged of %d", n, asked)
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

func picturesSize(t *testing.T) (total int64) {
	t.Helper()
	err := fs.WalkDir(sql.Demo, "demo/images", func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			total += info.Size()
		}
		return err
	})
	if err != nil || total < 5_000_000 {
		t.Fatalf("%d bytes of pictures, %v", total, err)
	}
	return total
}

// leavePageCache makes a file that was just written be read from the disk again, as after a start of the machine. Just written, it
// is in the cache in large pieces, of which newer kernels map the whole for each byte that is touched.
func leavePageCache(t *testing.T, path string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	if err := unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED); err != nil {
		t.Fatal(err)
	}
}

// waitOpen waits until the program is open and gives its address.
func waitOpen(t *testing.T, out *output) string {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if m := openLine.FindStringSubmatch(out.String()); m != nil {
			return m[1]
		}
	}
	t.Fatalf("not open after a minute:\n%s", out)
	return ""
}

// waitIdle waits until a process that was just started is as small as an idle one may be: what its start needs is given back, but
// within the first seconds more is still taken.
func waitIdle(t *testing.T, pid int) (kept string) {
	t.Helper()
	time.Sleep(3 * time.Second)
	line := regexp.MustCompile(`(VmRSS|RssAnon|RssFile):\s+(\d+) kB`)
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			t.Fatal(err)
		}
		found := line.FindAllStringSubmatch(string(status), -1)
		if len(found) != 3 {
			t.Fatalf("/proc says nothing of the memory:\n%s", status)
		}
		kept = fmt.Sprint(found)
		if rss, _ := strconv.Atoi(found[0][2]); rss <= mostIdle {
			return kept
		}
		if time.Now().After(end) {
			t.Errorf("the idle program holds %s, more than %d kB", kept, mostIdle)
			return kept
		}
	}
}
