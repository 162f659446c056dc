// Package media keeps uploaded pictures in a folder, by paths that cannot lead out of it.
package media

import (
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"dashop/store/fault"
)

// types are the content types of pictures that a browser can show, by file extension.
var types = map[string]string{
	".gif":  "image/gif",
	".jpeg": "image/jpeg",
	".jpg":  "image/jpeg",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".webp": "image/webp",
}

// element is one name on a path. It begins with no dot, so that neither .. nor a half-written file is ever named.
var element = regexp.MustCompile(`^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$`)

// hashed matches the name of a file that contains a hash of its content, which therefore never changes.
var hashed = regexp.MustCompile(`[.-][0-9a-f]{16,64}\.[a-z]+$`)

// Store is a folder of pictures. It is safe for concurrent use.
type Store struct {
	root *os.Root // refuses what leads out of the folder, through links too
}

// Picture is an open picture. Close it.
type Picture struct {
	io.ReadSeekCloser
	Type    string // the Content-Type
	Size    int64
	ModTime time.Time
	Hashed  bool // the name contains a hash of the content, which therefore never changes
}

// Open opens the folder dir and makes it first if need be.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("make media folder: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open media folder: %w", err)
	}
	return &Store{root: root}, nil
}

// Close closes the folder.
func (s *Store) Close() error { return s.root.Close() }

// Put stores a picture under name, such as images/products/1-1.webp, replacing an old one. A reader sees the old picture or the new
// one, never a part. A name that is no plain path of a picture is Invalid.
func (s *Store) Put(name string, content io.Reader) error {
	if contentType(name) == "" {
		return fault.Field("picture", "这不是可以上传的图片")
	}
	if err := s.put(name, content); err != nil {
		return fmt.Errorf("keep picture %s: %w", name, err)
	}
	return nil
}

func (s *Store) put(name string, content io.Reader) error {
	dir := path.Dir(name)
	if err := s.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	half := path.Join(dir, ".half-"+rand.Text())
	f, err := s.root.OpenFile(half, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, content)
	if err == nil {
		err = f.Sync() // otherwise the name could survive a power cut without the content
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = s.root.Rename(half, name)
	}
	if err != nil {
		_ = s.root.Remove(half)
	}
	return err
}

// Open opens a picture for reading. A missing file, or one that is not a picture, is NotFound.
func (s *Store) Open(name string) (*Picture, error) {
	kind := contentType(name)
	if kind == "" {
		return nil, fault.Missing()
	}
	f, err := s.root.Open(name)
	if err != nil {
		return nil, fault.Missing().Wrap(err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fault.Missing().Wrap(err)
	}
	return &Picture{ReadSeekCloser: f, Type: kind, Size: info.Size(), ModTime: info.ModTime(), Hashed: hashed.MatchString(name)}, nil
}

// contentType is "" for anything but a plain relative path of a picture.
func contentType(name string) string {
	if !fs.ValidPath(name) {
		return ""
	}
	for part := range strings.SplitSeq(name, "/") {
		if !element.MatchString(part) {
			return ""
		}
	}
	return types[path.Ext(name)]
}
