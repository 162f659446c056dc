package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/valyala/fasthttp"
)

// step is one thing that a client does, such as a request or an order, and fails when the answer is wrong.
type step func(ctx context.Context, http *fasthttp.HostClient, client int) error

// errBusy says that the server asked to come again later.
var errBusy = errors.New("the server is busy")

const (
	busyPause     = 20 * time.Millisecond
	answerTimeout = 20 * time.Second
)

func connect(s *server, clients int) *fasthttp.HostClient {
	return &fasthttp.HostClient{Addr: s.addr, MaxConns: clients, ReadTimeout: answerTimeout, WriteTimeout: answerTimeout,
		MaxIdemponentCallAttempts: 1}
}

// tally collects what clients did.
type tally struct {
	mu    sync.Mutex
	all   load
	wrong error
}

func (t *tally) add(one load, wrong error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all.waits = append(t.all.waits, one.waits...)
	t.all.busy += one.busy
	t.all.missing += one.missing
	if t.wrong == nil {
		t.wrong = wrong
	}
}

// closedLoop has clients repeat a step, each as soon as it has done the last one, until the time is up.
func closedLoop(ctx context.Context, s *server, clients int, length time.Duration, do step) (load, error) {
	http := connect(s, clients)
	defer http.CloseIdleConnections()
	var t tally
	began := time.Now()
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			var mine load
			var wrong error
			for from := time.Now(); from.Before(began.Add(length)) && ctx.Err() == nil && wrong == nil; {
				err := do(ctx, http, client)
				now := time.Now()
				switch {
				case errors.Is(err, errBusy):
					mine.busy++
					time.Sleep(busyPause)
				case err != nil:
					wrong = err
				default:
					mine.waits = append(mine.waits, now.Sub(from))
				}
				from = now
			}
			t.add(mine, wrong)
		})
	}
	all.Wait()
	t.all.took = time.Since(began)
	return t.all, errors.Join(t.wrong, ctx.Err())
}

// openLoop begins a step so many times a second, at random moments, whether or not others are done, with at most so many at once. The
// time that a step takes counts from the moment when it was due. What was due and has found no free client by the end is missing.
func openLoop(ctx context.Context, s *server, clients int, rate float64, length time.Duration, do step) (load, error) {
	http := connect(s, clients)
	defer http.CloseIdleConnections()
	var t tally
	began := time.Now()
	due := make(chan time.Time, int(rate*length.Seconds()*2)+64)
	var all sync.WaitGroup
	for client := range clients {
		all.Go(func() {
			var mine load
			var wrong error
			for at := range due {
				if wrong != nil || ctx.Err() != nil || time.Since(began) > length {
					mine.missing++
					continue
				}
				switch err := do(ctx, http, client); {
				case errors.Is(err, errBusy):
					mine.busy++
				case err != nil:
					wrong = err
				default:
					mine.waits = append(mine.waits, time.Since(at))
				}
			}
			t.add(mine, wrong)
		})
	}
	for at := began; ; {
		at = at.Add(time.Duration(rand.ExpFloat64() / rate * float64(time.Second)))
		if at.After(began.Add(length)) || ctx.Err() != nil {
			break
		}
		time.Sleep(time.Until(at))
		due <- at
	}
	close(due)
	all.Wait()
	t.all.took = time.Since(began)
	return t.all, errors.Join(t.wrong, ctx.Err())
}
