package main

import (
	"context"
	"io"
	"log/slog"
	"sync"
	"time"
)

// logged runs do with the log that the settings ask for. All of it is written when do returns or panics, and at once from the moment
// when ctx ends, since whoever stops the program twice ends it then and there.
func logged(ctx context.Context, c *Config, out io.Writer, do func() error) error {
	log, buffer := newLog(c, out)
	defer buffer.close()
	defer context.AfterFunc(ctx, buffer.close)()
	slog.SetDefault(log)
	return do()
}

// newLog makes the log that the settings ask for. Its lines go to out through the buffer, which has to be closed at the end.
func newLog(c *Config, out io.Writer) (*slog.Logger, *logBuffer) {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.LogLevel)) // one of the words checked before
	opts := &slog.HandlerOptions{Level: level}
	buffer := &logBuffer{out: out, waiting: make([]byte, 0, logSize)}
	var lines slog.Handler = slog.NewTextHandler(buffer, opts)
	if c.LogFormat == "json" {
		lines = slog.NewJSONHandler(buffer, opts)
	}
	return slog.New(promptHandler{lines, buffer}), buffer
}

const (
	logDelay = 200 * time.Millisecond // how long a line may wait for others
	logSize  = 32 << 10               // how many bytes may wait
)

// logBuffer collects lines, so that a busy shop does not call the system for each request. Lines are written whole and in order.
// What is still waiting when the process is killed is lost.
type logBuffer struct {
	mu      sync.Mutex
	out     io.Writer
	waiting []byte
	closed  bool
}

// Write takes one or more whole lines.
func (b *logBuffer) Write(lines []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting)+len(lines) > logSize {
		b.write()
	}
	if b.closed || len(lines) > logSize {
		return b.out.Write(lines)
	}
	if len(b.waiting) == 0 {
		time.AfterFunc(logDelay, b.flush)
	}
	b.waiting = append(b.waiting, lines...)
	return len(lines), nil
}

// flush writes what is waiting.
func (b *logBuffer) flush() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.write()
}

// close writes what is waiting; from then on lines go out at once, since the process may end at any moment.
func (b *logBuffer) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	b.write()
}

func (b *logBuffer) write() {
	if len(b.waiting) > 0 {
		_, _ = b.out.Write(b.waiting) // there is nowhere to tell that the log cannot be written
		b.waiting = b.waiting[:0]
	}
}

// promptHandler writes warnings and errors at once, and all that came before them.
type promptHandler struct {
	slog.Handler
	buffer *logBuffer
}

func (h promptHandler) Handle(ctx context.Context, r slog.Record) error {
	err := h.Handler.Handle(ctx, r)
	if r.Level >= slog.LevelWarn {
		h.buffer.flush()
	}
	return err
}

func (h promptHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return promptHandler{h.Handler.WithAttrs(attrs), h.buffer}
}

func (h promptHandler) WithGroup(name string) slog.Handler {
	return promptHandler{h.Handler.WithGroup(name), h.buffer}
}
