package media_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"dashop/store/fault"
	"dashop/store/media"
)

func open(t *testing.T) (*media.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "media")
	s, err := media.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func TestPutThenOpen(t *testing.T) {
	s, _ := open(t)
	for _, content := range []string{"first", "the second, longer"} {
		if err := s.Put("images/products/1-1.webp", strings.NewReader(content)); err != nil {
			t.Fatal(err)
		}
		p, err := s.Open("images/products/1-1.webp")
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(p)
		if err != nil || string(got) != content || p.Size != int64(len(content)) || p.Type != "image/webp" || p.Hashed {
			t.Errorf("got %q, %+v, %v; want %q as image/webp", got, p, err, content)
		}
		if err := p.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestHashedNames(t *testing.T) {
	s, _ := open(t)
	for name, want := range map[string]bool{
		"uploads/teapot-0123456789abcdef.webp":         true,
		"uploads/teapot.0123456789abcdef01234567.webp": true,
		"images/products/1049-1.webp":                  false,
		"uploads/0123456789abcde.webp":                 false,
	} {
		if err := s.Put(name, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
		p, err := s.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Hashed != want {
			t.Errorf("%s: Hashed = %v, want %v", name, p.Hashed, want)
		}
		_ = p.Close()
	}
}

// Neither reading nor writing leads out of the folder, and neither touches anything but pictures.
func TestNamesThatLeadAstray(t *testing.T) {
	s, dir := open(t)
	if err := os.WriteFile(filepath.Join(filepath.Dir(dir), "secret.webp"), []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Join(dir, "folder.webp"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("../secret.webp", filepath.Join(dir, "link.webp")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"", ".", "..", "/", "../secret.webp", "a/../../secret.webp", "/etc/passwd", "./a.webp", "a//b.webp", "a/./b.webp",
		`..\secret.webp`, `a\b.webp`, "%2e%2e/secret.webp", "a\x00.webp", ".hidden.webp", "a/.half-x.webp", "shop.db", "a.html", "a.webp/",
		"a.WEBP", "a", strings.Repeat("a", 200) + ".webp",
	} {
		if p, err := s.Open(name); !fault.Is(err, fault.NotFound) {
			t.Errorf("Open(%q) = %v, %v; want NotFound", name, p, err)
		}
		if err := s.Put(name, strings.NewReader("x")); !fault.Is(err, fault.Invalid) {
			t.Errorf("Put(%q) = %v; want Invalid", name, err)
		}
	}
	for _, name := range []string{"folder.webp", "link.webp", "missing.webp"} {
		if p, err := s.Open(name); !fault.Is(err, fault.NotFound) {
			t.Errorf("Open(%q) = %v, %v; want NotFound", name, p, err)
		}
	}
}

// A picture that breaks off half-way leaves the old one and no litter.
func TestPutThatBreaksOff(t *testing.T) {
	s, dir := open(t)
	if err := s.Put("a.webp", strings.NewReader("old")); err != nil {
		t.Fatal(err)
	}
	broken := io.MultiReader(bytes.NewReader(make([]byte, 1000)), failing{})
	if err := s.Put("a.webp", broken); err == nil {
		t.Fatal("a broken upload was kept")
	}
	got, err := os.ReadFile(filepath.Join(dir, "a.webp"))
	if err != nil || string(got) != "old" {
		t.Errorf("a.webp holds %q, %v; want the old picture", got, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("litter was left: %v", files)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection lost") }
