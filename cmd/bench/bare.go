package main

import (
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"
)

// answer is a recorded answer.
type answer struct {
	Headers [][2]string
	Body    []byte
}

// barePath is the path of an answer on the bare server.
func barePath(line string) string {
	return "/" + strings.NewReplacer(", ", "-", " ", "-", "?", "", "=", "").Replace(line)
}

// startBare starts this program again as the bare server of answers by path.
func startBare(ctx context.Context, dir string, answers map[string]answer) (*server, error) {
	f, err := os.Create(filepath.Join(dir, "answers"))
	if err != nil {
		return nil, err
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
