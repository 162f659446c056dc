package media

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"dashop/store/fault"
)

// MaxFile is the largest file to download that a merchant may upload, in bytes.
const MaxFile = 8 << 20

// A file to download is kept under a name that is no picture's, so that nobody gets it but by the shop's own hands.
const (
	fileFolder = "files/"
	fileEnd    = ".file"
)

// fileEnds are the sorts of files that may be offered for download, by the end of their names.
var fileEnds = regexp.MustCompile(`(?i)\.(?:pdf|epub|txt|md|csv|zip|mp3|mp4|png|jpe?g|webp|docx|xlsx|pptx)$`)

// UploadFile keeps a file to download under a name that nobody can guess, and returns that. original is what the person called it.
// A file of another sort, or one that is too large or empty, is Invalid, with the wrong field named file.
func (s *Store) UploadFile(original string, content []byte) (name string, err error) {
	switch {
	case !fileEnds.MatchString(original):
		return "", fault.Field("file", "可以上传 PDF、EPUB、TXT、ZIP、MP3、MP4、图片或 Office 文件")
	case len(content) == 0:
		return "", fault.Field("file", "这个文件是空的")
	case len(content) > MaxFile:
		return "", fault.Field("file", "文件最大 %d MB", MaxFile>>20)
	}
	sum := sha256.Sum256(content)
	name = fileFolder + strings.ToLower(rand.Text()) + "-" + hex.EncodeToString(sum[:16]) + fileEnd
	return name, s.PutFile(name, bytes.NewReader(content))
}

// PutFile keeps a file to download under a name that begins with files/ and ends with .file.
func (s *Store) PutFile(name string, content io.Reader) error {
	if !isFile(name) {
		return fmt.Errorf("keep file %s: no name of a file to download", name)
	}
	if err := s.put(name, content); err != nil {
		return fmt.Errorf("keep file %s: %w", name, err)
	}
	return nil
}

// OpenFile opens a file to download and says how many bytes it has; a missing one is NotFound.
func (s *Store) OpenFile(name string) (content io.ReadCloser, size int64, err error) {
	if !isFile(name) {
		return nil, 0, fault.Missing()
	}
	f, err := s.root.Open(name)
	if err != nil {
		return nil, 0, fault.Missing().Wrap(err)
	}
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, 0, fault.Missing().Wrap(err)
	}
	return f, info.Size(), nil
}

// RemoveFile deletes an uploaded file to download; a missing one does no harm.
func (s *Store) RemoveFile(name string) {
	if isFile(name) {
		_ = s.root.Remove(name)
	}
}

func isFile(name string) bool {
	return fs.ValidPath(name) && strings.HasPrefix(name, fileFolder) && path.Ext(name) == fileEnd && element.MatchString(path.Base(name))
}
