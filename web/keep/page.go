package keep

import (
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Page is HTML with holes. It is never changed, so that many may use it at once.
//
// Its pieces are compressed when it is made: each is a run of deflate blocks that refers to nothing outside of itself and
// ends at a byte, so a compressed answer is the pieces in a row, with what fills the holes between them.
type Page struct {
	pieces [][]byte // one more than there are holes
	packed [][]byte
	plain  int // the length of all pieces
}

// NewPage makes a page of the pieces between its holes. It keeps them.
func NewPage(pieces [][]byte) *Page {
	p := &Page{pieces: pieces, packed: make([][]byte, len(pieces))}
	for i, piece := range pieces {
		p.packed[i] = pack(nil, piece)
		p.plain += len(piece)
	}
	return p
}

// Size is the length of the page without what fills its holes.
func (p *Page) Size() int { return p.plain }

// Holes is how many holes there are.
func (p *Page) Holes() int { return len(p.pieces) - 1 }

// Weight is how many bytes the page takes.
func (p *Page) Weight() int {
	n := p.plain
	for _, b := range p.packed {
		n += len(b) + 64
	}
	return n
}

// Plain appends the page with its holes filled.
func (p *Page) Plain(dst []byte, holes [][]byte) []byte {
	for i, piece := range p.pieces {
		dst = append(dst, piece...)
		if i < len(holes) {
			dst = append(dst, holes[i]...)
		}
	}
	return dst
}

// The ends of a gzip stream that is not known by name or date, and its last, empty block.
var (
	gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}
	lastOne  = []byte{1, 0, 0, 0xff, 0xff}
)

// Gzip appends the page with its holes filled, compressed.
func (p *Page) Gzip(dst []byte, holes [][]byte) []byte {
	dst = append(dst, gzipHead...)
	sum, size := uint32(0), 0
	for i, piece := range p.pieces {
		dst = append(dst, p.packed[i]...)
		sum, size = crc32.Update(sum, crc32.IEEETable, piece), size+len(piece)
		if i < len(holes) {
			dst = pack(dst, holes[i])
			sum, size = crc32.Update(sum, crc32.IEEETable, holes[i]), size+len(holes[i])
		}
	}
	dst = append(dst, lastOne...)
	dst = binary.LittleEndian.AppendUint32(dst, sum)
	return binary.LittleEndian.AppendUint32(dst, uint32(size))
}

// storedUpTo is the length up to which to compress is not worth its time.
const storedUpTo = 256

var packers = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil {
		panic(err) // the level is one of flate's own
	}
	return w
}}

// sink appends what is written to it.
type sink []byte

func (s *sink) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}

// pack appends b as deflate blocks that end at a byte.
func pack(dst, b []byte) []byte {
	if len(b) <= storedUpTo {
		if len(b) == 0 {
			return dst
		}
		n := uint16(len(b))
		return append(append(dst, 0, byte(n), byte(n>>8), byte(^n), byte(^n>>8)), b...)
	}
	w := packers.Get().(*flate.Writer)
	defer packers.Put(w)
	to := sink(dst)
	w.Reset(&to)
	_, _ = w.Write(b) // a sink takes all
	_ = w.Flush()
	return to
}
