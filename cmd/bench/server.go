package main

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// server is a process that answers, started by this program.
type server struct {
	cmd  *exec.Cmd
	addr string
	gone chan struct{} // closed when it has ended
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
	case <-time.After(10 * time.Second):
		_ = s.cmd.Process.Kill()
		<-s.gone
	}
}

// clockTick is the unit of times in /proc on Linux, 1/100 s on every platform that Go runs on.
const clockTick = 10 * time.Millisecond

// cpu is the CPU time of the process, in user and kernel mode.
func (s *server) cpu() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(text), ") ") // after the name, which may hold blanks
	fields := strings.Fields(rest)
	if len(fields) < 13 {
		return 0, errors.New("/proc/…/stat is not as expected")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * clockTick, errors.Join(err1, err2)
}

// startShop builds the shop, unless a built one is given, and starts it with the demo in dir.
func startShop(ctx context.Context, dir string, o options) (*server, error) {
	program := o.shop
	if program == "" {
		program = filepath.Join(dir, "shop")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, "dashop/cmd/shop").CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build the shop: %w\n%s", err, out)
		}
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd := exec.Command(program)
	cmd.Dir, cmd.Stderr = dir, log
	cmd.Env = []string{"HOME=" + dir, "PATH=" + os.Getenv("PATH"), "SHOP_SERVER_ADDR=" + ports[0],
		"SHOP_SERVER_PRIVATE_ADDR=" + ports[1], "SHOP_SANDBOX_ADDR=" + ports[2]}
	if o.dsn != "" {
		cmd.Env = append(cmd.Env, "SHOP_DATABASE_DRIVER=mysql", "SHOP_DATABASE_DSN="+o.dsn)
	}
	s, err := start(ctx, cmd)
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("start the shop: %w\n%s", err, text)
	}
	s.addr = ports[0]
	return s, nil
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

// answer is a recorded answer.
type answer struct {
	Headers [][2]string
	Body    []byte
}

// startBare starts this program again as the bare server of what was recorded.
func startBare(ctx context.Context, dir string, cells []*cell) (*server, error) {
	f, err := os.Create(filepath.Join(dir, "answers"))
	if err != nil {
		return nil, err
	}
	answers := map[string]answer{}
	for _, c := range cells {
		answers[c.barePath()] = c.answer
	}
	if err := errors.Join(gob.NewEncoder(f).Encode(answers), f.Close()); err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.Command(self)
	cmd.Env = []string{asBare + "=" + f.Name()}
	return start(ctx, cmd)
}

// serveBare is a Fiber app that returns recorded answers and does nothing else.
func serveBare(file string) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	answers := map[string]answer{}
	if err := errors.Join(gob.NewDecoder(f).Decode(&answers), f.Close()); err != nil {
		return err
	}
	app := fiber.New(fiber.Config{DisableStartupMessage: true})
	for path, a := range answers {
		app.Get(path, func(c *fiber.Ctx) error {
			for _, h := range a.Headers {
				c.Response().Header.Add(h[0], h[1])
			}
			return c.Send(a.Body)
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + l.Addr().String())
	return app.Listener(l)
}

// headersOf are the headers of an answer that a server sets by itself; those that the connection makes are left out.
func headersOf(r *fasthttp.Response) (list [][2]string) {
	for k, v := range r.Header.All() {
		switch string(k) {
		case fiber.HeaderContentLength, fiber.HeaderDate, fiber.HeaderConnection, fiber.HeaderServer:
		default:
			list = append(list, [2]string{string(k), string(v)})
		}
	}
	return list
}
