package keep

import (
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"
)

// Piece is a run of bytes, with the same compressed or not yet. It is never changed.
//
// Compressed it is a run of deflate blocks that refers to nothing outside of itself and ends at a byte, so that a
// compressed answer is pieces in a row.
type Piece struct {
	plain, packed []byte
	sum           uint32 // of a packed piece
	shift         *shift // by its length
}

// Pack is a piece that is compressed now, to be sent often. It keeps b.
func Pack(b []byte) Piece {
	by := shiftBy(len(b))
	return Piece{plain: b, packed: pack([]byte{}, b), sum: crc32.ChecksumIEEE(b), shift: &by}
}

// Fresh is a piece that is compressed when it is sent, if it has to be.
func Fresh(b []byte) Piece { return Piece{plain: b} }

// Page is HTML with holes. It is never changed, so that many may use it at once.
type Page struct {
	pieces []Piece // one more than there are holes
	plain  int     // the length of all pieces
}

// NewPage makes a page of what stands between its holes. It keeps that.
func NewPage(between [][]byte) *Page {
	p := &Page{}
	for _, b := range between {
		p.pieces = append(p.pieces, Pack(b))
		p.plain += len(b)
	}
	return p
}

// Size is the length of the page without what fills its holes.
func (p *Page) Size() int { return p.plain }

// Whole is a page without holes as a piece of another.
func (p *Page) Whole() Piece { return p.pieces[0] }

// Weight is how many bytes the page takes.
func (p *Page) Weight() int {
	n := p.plain
	for _, piece := range p.pieces {
		n += len(piece.packed) + 250
	}
	return n
}

// Plain appends the page with its holes filled. One filling more than there are holes goes to the end.
func (p *Page) Plain(dst []byte, holes []Piece) []byte {
	for i, piece := range p.pieces {
		dst = append(dst, piece.plain...)
		if i < len(holes) {
			dst = append(dst, holes[i].plain...)
		}
	}
	return dst
}

// The ends of a gzip stream that is not known by name or date, and its last, empty block.
var (
	gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}
	lastOne  = []byte{1, 0, 0, 0xff, 0xff}
)

// Gzip is Plain, compressed.
func (p *Page) Gzip(dst []byte, holes []Piece) []byte {
	dst = append(dst, gzipHead...)
	sum, size := uint32(0), 0
	add := func(piece Piece) {
		if piece.packed == nil {
			dst, sum = pack(dst, piece.plain), crc32.Update(sum, crc32.IEEETable, piece.plain)
		} else {
			dst, sum = append(dst, piece.packed...), piece.shift.of(sum)^piece.sum
		}
		size += len(piece.plain)
	}
	for i, piece := range p.pieces {
		add(piece)
		if i < len(holes) {
			add(holes[i])
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
