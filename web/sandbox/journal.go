package sandbox

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// tradesFile holds a JSON line per change of a trade; the last line of a trade counts.
const tradesFile = "trades.jsonl"

// journal appends changes to the file of trades and rewrites it when most of it is out of date.
type journal struct {
	path   string
	file   *os.File
	lines  int
	trades *shelf[*Trade]
}

// openJournal reads the trades of earlier runs into trades. A last line that a crash cut short is dropped.
func openJournal(dir string, trades *shelf[*Trade]) (*journal, error) {
	j := &journal{path: filepath.Join(dir, tradesFile), trades: trades}
	data, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var t Trade
		if json.Unmarshal(scan.Bytes(), &t) == nil && t.OutTradeNo != "" {
			trades.put(t.OutTradeNo, &t)
		}
	}
	return j, j.rewrite()
}

// add appends t as it is now. A failure to write loses nothing but what a restart would have remembered.
func (j *journal) add(t *Trade) error {
	if j.file == nil {
		return fs.ErrClosed
	}
	line, err := json.Marshal(t)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	if j.lines++; j.lines > 1000+10*len(j.trades.items) {
		return j.rewrite()
	}
	return nil
}

// rewrite replaces the file by one line per trade and goes on appending to that.
func (j *journal) rewrite() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, no := range j.trades.order {
		if err := enc.Encode(j.trades.items[no]); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
	}
	if err := j.close(); err != nil {
		return err
	}
	if err := writeFile(j.path, b.Bytes(), 0o600); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	j.file, j.lines = f, len(j.trades.order)
	return nil
}

func (j *journal) close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
