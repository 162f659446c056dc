package static

import (
	"bytes"
	"math/bits"
	"runtime/debug"
	"strings"
	"sync/atomic"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

// file is one asset with its smaller forms, which are filled in shortly after the start.
type file struct {
	kind       string
	plain      []byte
	gzip, brot atomic.Pointer[[]byte]
}

func newFile(name string, body []byte) *file {
	return &file{kind: contentType(name), plain: body}
}

// squeezeAll makes the smaller forms of every file, gzip first since it is quick; until then files go out as they are.
func squeezeAll() {
	for _, f := range assets {
		keepSmaller(&f.gzip, f.plain, gzipped(f.plain))
	}
	for _, f := range assets {
		keepSmaller(&f.brot, f.plain, brotlied(f.plain))
	}
	debug.FreeOSMemory() // nothing so large is needed again
}

func keepSmaller(to *atomic.Pointer[[]byte], plain, small []byte) {
	if len(small) < len(plain) {
		to.Store(&small)
	}
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w, _ := gzip.NewWriterLevel(&out, gzip.BestCompression)
	_, _ = w.Write(b) // a buffer takes every write
	_ = w.Close()
	return out.Bytes()
}

// minWindow is the smallest window there is, as a power of two.
const minWindow = 10

func brotlied(b []byte) []byte {
	var out bytes.Buffer
	// A window just large enough: the encoder's own tables are many times as large, 32 MB with the default one.
	w := brotli.NewWriterOptions(&out, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: max(minWindow, bits.Len(uint(len(b))))})
	_, _ = w.Write(b)
	_ = w.Close()
	return out.Bytes()
}

// best picks the smallest form that is ready and accepted.
func (f *file) best(acceptEncoding string) ([]byte, string) {
	if b := f.brot.Load(); b != nil && Accepts(acceptEncoding, "br") {
		return *b, "br"
	}
	if b := f.gzip.Load(); b != nil && Accepts(acceptEncoding, "gzip") {
		return *b, "gzip"
	}
	return f.plain, ""
}

// Accepts says whether an Accept-Encoding header takes a coding, such as gzip; a weight of zero is a refusal.
func Accepts(header, coding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), coding) {
			q := strings.TrimPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
			return strings.Trim(q, "0.") != "" || q == ""
		}
	}
	return false
}
