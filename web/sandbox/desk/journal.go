package desk

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Journal is a file with a JSON line per change of a thing on a shelf; the last line of a thing counts. It is rewritten when most of it
// is out of date. It is not safe for many goroutines.
type Journal[T any] struct {
	path  string
	file  *os.File
	lines int
	shelf *Shelf[T]
}

// OpenJournal puts the things of earlier runs onto the shelf, by their keys; one whose key is "" is left out. A last line that a crash
// cut short is dropped.
func OpenJournal[T any](path string, shelf *Shelf[T], key func(T) string) (*Journal[T], error) {
	j := &Journal[T]{path: path, shelf: shelf}
	data, err := os.ReadFile(j.path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	scan := bufio.NewScanner(bytes.NewReader(data))
	scan.Buffer(nil, 1<<20)
	for scan.Scan() {
		var item T
		if json.Unmarshal(scan.Bytes(), &item) != nil {
			continue
		}
		if k := key(item); k != "" {
			shelf.Put(k, item)
		}
	}
	return j, j.rewrite()
}

// Add appends a thing as it is now. A failure to write loses nothing but what a restart would have remembered.
func (j *Journal[T]) Add(item T) error {
	if j.file == nil {
		return fs.ErrClosed
	}
	line, err := json.Marshal(item)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(append(line, '\n')); err != nil {
		return err
	}
	if j.lines++; j.lines > 1000+10*j.shelf.Len() {
		return j.rewrite()
	}
	return nil
}

// rewrite replaces the file by one line per thing and goes on appending to that.
func (j *Journal[T]) rewrite() error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	for _, key := range j.shelf.order {
		if err := enc.Encode(j.shelf.items[key]); err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
	}
	if err := j.Close(); err != nil {
		return err
	}
	if err := writeFile(j.path, b.Bytes(), 0o600); err != nil {
		return err
	}
	f, err := os.OpenFile(j.path, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	j.file, j.lines = f, j.shelf.Len()
	return nil
}

// Close closes the file; closing it again does nothing.
func (j *Journal[T]) Close() error {
	if j.file == nil {
		return nil
	}
	err := j.file.Close()
	j.file = nil
	return err
}
