package main

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"time"
)

// server is a process that answers, started by this program.
type server struct {
	cmd      *exec.Cmd
	addr     string
	database int           // the process id of its database, where that is another process on this machine, or 0
	gone     chan struct{} // closed when it has ended
}

var openLine = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// start starts a program and waits until it prints its address.
func start(ctx context.Context, cmd *exec.Cmd) (*server, error) {
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, gone: make(chan struct{})}
	addr := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if m := openLine.FindStringSubmatch(lines.Text()); m != nil && len(addr) == 0 {
				addr <- m[1]
			}
		}
		_ = cmd.Wait()
		close(s.gone)
	}()
	select {
	case s.addr = <-addr:
		return s, nil
	case <-s.gone:
		return nil, fmt.Errorf("%s ended before it answered", filepath.Base(cmd.Path))
	case <-ctx.Done():
		s.stop()
		return nil, ctx.Err()
	}
}

// stop ends the process that start started.
func (s *server) stop() {
	_ = s.cmd.Process.Signal(os.Interrupt)
	select {
	case <-s.gone:
	case <-time.After(15 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

// cpu is the CPU time of the process and of its database.
func (s *server) cpu() (time.Duration, error) {
	all, err := cpuOf(s.cmd.Process.Pid)
	if err != nil || s.database == 0 {
		return all, err
	}
	more, err := cpuOf(s.database)
	return all + more, err
}

func freePorts(n int) (addrs []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close()
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}
