package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// counted is a log that counts how often it was written to.
type counted struct {
	output
	writes int
}

func (c *counted) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.writes++
	return c.b.Write(p)
}

func (c *counted) seen() (lines []string, writes int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return strings.Split(strings.TrimSuffix(c.b.String(), "\n"), "\n"), c.writes
}

func bufferedLog(format string) (*slog.Logger, *logBuffer, *counted) {
	out := &counted{}
	log, buffer := newLog(&Config{LogLevel: "info", LogFormat: format}, out)
	return log, buffer, out
}

// A line waits for others, at most 200 ms, and what comes later waits as long again.
func TestLogLinesWaitForOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, buffer, out := bufferedLog("text")
		defer buffer.close()
		for round := 1; round <= 3; round++ {
			for n := range 50 {
				log.Info("request", "n", n)
			}
			time.Sleep(logDelay - time.Millisecond)
			if _, writes := out.seen(); writes != round-1 {
				t.Fatalf("round %d: written %d times before the delay", round, writes)
			}
			time.Sleep(2 * time.Millisecond)
			lines, writes := out.seen()
			if writes != round || len(lines) != 50*round || !strings.HasSuffix(lines[50*round-1], "n=49") {
				t.Fatalf("round %d: written %d times, %d lines", round, writes, len(lines))
			}
		}
	})
}

// Warnings and errors are written at once, behind all that came before them, in either format and from a log with attributes.
func TestLogErrorsAreWrittenAtOnce(t *testing.T) {
	for _, format := range []string{"text", "json"} {
		for _, level := range []slog.Level{slog.LevelWarn, slog.LevelError} {
			log, buffer, out := bufferedLog(format)
			log.Info("first")
			log.With("room", "till").WithGroup("g").Log(context.Background(), level, "second", "n", 2)
			lines, writes := out.seen()
			if len(lines) != 2 || writes != 1 || !strings.Contains(lines[0], "first") || !strings.Contains(lines[1], "till") {
				t.Errorf("%s, %s: written %d times: %q", format, level, writes, lines)
			}
			if format == "json" && !json.Valid([]byte(lines[1])) {
				t.Errorf("no JSON: %s", lines[1])
			}
			buffer.close()
		}
	}
}

// A full buffer is written without waiting, and never in the middle of a line.
func TestLogIsWrittenWhenFull(t *testing.T) {
	log, buffer, out := bufferedLog("text")
	for n := range 2000 {
		log.Info("request", "n", n)
	}
	lines, writes := out.seen()
	if writes < 2 || writes > 10 || !strings.HasSuffix(out.String(), "\n") {
		t.Errorf("2000 lines were written %d times, the last %q", writes, lines[len(lines)-1])
	}
	long := strings.Repeat("x", logSize)
	log.Info(long)
	if lines, _ := out.seen(); len(lines) != 2001 || !strings.Contains(lines[2000], long) {
		t.Errorf("a line that fits in no buffer: %d lines", len(lines))
	}
	buffer.close()
}

// After the end nothing waits any more.
func TestLogAfterTheEnd(t *testing.T) {
	log, buffer, out := bufferedLog("text")
	log.Info("first")
	buffer.close()
	log.Info("second")
	buffer.close()
	if lines, _ := out.seen(); len(lines) != 2 || !strings.Contains(lines[1], "second") {
		t.Errorf("%q", lines)
	}
}

// Many who log at once find all their lines, each whole and in the order in which they logged.
func TestLogKeepsTheOrder(t *testing.T) {
	log, buffer, out := bufferedLog("text")
	const people, each = 100, 50
	var all sync.WaitGroup
	for who := range people {
		all.Go(func() {
			for n := range each {
				level := slog.LevelInfo
				if n%20 == 7 {
					level = slog.LevelWarn
				}
				log.Log(context.Background(), level, "request", "who", who, "n", n)
			}
		})
	}
	all.Wait()
	buffer.close()
	var next [people]int
	lines, _ := out.seen()
	for _, line := range lines {
		var who, n int
		_, what, _ := strings.Cut(line, "msg=request ")
		if _, err := fmt.Sscanf(what, "who=%d n=%d", &who, &n); err != nil || next[who] != n {
			t.Fatalf("%q, want n=%d: %v", line, next[who], err)
		}
		next[who]++
	}
	for who, n := range next {
		if n != each {
			t.Errorf("%d has %d lines", who, n)
		}
	}
}

// A log that cannot be written costs nobody a request.
func TestLogThatCannotBeWritten(t *testing.T) {
	log, buffer := newLog(&Config{LogLevel: "info"}, broken{})
	log.Info("request")
	log.Error("failed")
	log.Info(strings.Repeat("x", 2*logSize))
	buffer.close()
	if len(buffer.waiting) > 0 {
		t.Error("lines are kept that were refused")
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// Whatever ends a command, its log is written: an error, a panic, or the wish to stop, from which on nothing waits.
func TestLogIsWrittenAtTheEnd(t *testing.T) {
	old := slog.Default()
	defer slog.SetDefault(old)
	c := &Config{LogLevel: "info"}
	wrong := errors.New("wrong")
	for what, do := range map[string]func() error{
		"an error": func() error { slog.Info("first"); return wrong },
		"a panic":  func() error { slog.Info("first"); panic("wrong") },
	} {
		out := &counted{}
		func() {
			defer func() { _ = recover() }()
			if err := logged(context.Background(), c, out, do); !errors.Is(err, wrong) {
				t.Errorf("%s: %v", what, err)
			}
		}()
		if lines, _ := out.seen(); !strings.Contains(lines[0], "first") {
			t.Errorf("%s: %q", what, lines)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		out := &counted{}
		_ = logged(ctx, c, out, func() error {
			slog.Info("first")
			stop()
			synctest.Wait()
			slog.Info("second")
			if lines, _ := out.seen(); len(lines) != 2 {
				t.Errorf("after the wish to stop there is only %q", lines)
			}
			return nil
		})
	})
}
