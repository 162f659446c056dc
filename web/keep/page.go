package keep

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"slices"
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
	shift         shift  // by its length
}

// Fresh is a piece that is compressed when it is sent, if it has to be.
func Fresh(b []byte) Piece { return Piece{plain: b} }

// Page is HTML with holes. It is never changed, so that many may use it at once.
type Page struct {
	pieces []Piece // one more than there are holes; their bytes are parts of these two:
	plain  []byte  // the page with the holes filled as NewPage was told
	gzip   []byte  // the same compressed, or nil; then these are the fillings that are so already:
	packed []placed
}

// placed is a piece with the place in a page at which it begins.
type placed struct {
	Piece
	at int
}

// How a page is compressed.
const (
	quick    = flate.BestSpeed
	thorough = 6 // for what is sent often: a tenth smaller in twice the time
)

// NewPage makes a page of what stands between its holes, and of what usually fills them, if that is known; it copies both. It compresses
// them if packed, so that it is done once for all who get the page.
func NewPage(between [][]byte, usual []Piece, packed bool) *Page {
	p := &Page{pieces: make([]Piece, len(between))}
	size := 0
	for i, b := range between {
		p.pieces[i] = Fresh(b)
		size += len(b)
	}
	for _, piece := range usual {
		size += len(piece.plain)
	}
	p.plain = p.Plain(slices.Grow([]byte(nil), size), usual) // its capacity is then what it takes
	at := 0
	for i := range p.pieces {
		piece := &p.pieces[i]
		end := at + len(piece.plain)
		piece.plain = p.plain[at:end:end]
		if i < len(usual) {
			if usual[i].packed != nil && !packed {
				p.packed = append(p.packed, placed{usual[i], end})
			}
			end += len(usual[i].plain)
		}
		at = end
	}
	if packed {
		p.pack(usual)
	}
	return p
}

// pack compresses the page as it usually is, of which its pieces are parts.
func (p *Page) pack(usual []Piece) {
	scratch := scratches.Get().(*[]byte)
	defer scratches.Put(scratch)
	z := newStream((*scratch)[:0], thorough)
	ends := make([][2]int, len(p.pieces))
	for i := range p.pieces {
		piece := &p.pieces[i]
		piece.sum, piece.shift = crc32.ChecksumIEEE(piece.plain), shiftBy(len(piece.plain))
		ends[i][0] = len(z.out)
		z.add(*piece)
		ends[i][1] = len(z.out)
		if i < len(usual) {
			z.add(usual[i])
		}
	}
	*scratch = z.end()
	p.gzip = bytes.Clone(*scratch)
	for i, at := range ends {
		p.pieces[i].packed = p.gzip[at[0]:at[1]:at[1]]
	}
}

// scratches are for compressing: how much comes out is known only in the end, and a page holds no more than that.
var scratches = sync.Pool{New: func() any { return new([]byte) }}

// Whole is a page without holes as a piece of another.
func (p *Page) Whole() Piece { return p.pieces[0] }

// Weight is how many bytes the page takes.
func (p *Page) Weight() int { return cap(p.plain) + cap(p.gzip) + pieceSize*cap(p.pieces) + pageSize }

// Sizes of the structures in memory.
const (
	pieceSize = 56
	pageSize  = 96
)

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

// quickly is the page as it usually is, compressed for one answer: what lies between packed pieces as a whole, since each run that is
// compressed by itself costs a beginning.
func (p *Page) quickly(dst []byte) []byte {
	z, from := newStream(dst, quick), 0
	for _, piece := range p.packed {
		z.add(Fresh(p.plain[from:piece.at]))
		z.add(piece.Piece)
		from = piece.at + len(piece.plain)
	}
	z.add(Fresh(p.plain[from:]))
	return z.end()
}

// Gzip is Plain, compressed.
func (p *Page) Gzip(dst []byte, holes []Piece) []byte {
	z := newStream(dst, quick)
	for i, piece := range p.pieces {
		z.add(piece)
		if i < len(holes) {
			z.add(holes[i])
		}
	}
	return z.end()
}

// stream is a gzip stream that pieces are appended to.
type stream struct {
	out   []byte
	level int
	sum   uint32
	size  int
}

// The ends of a gzip stream that is not known by name or date, and its last, empty block.
var (
	gzipHead = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 255}
	lastOne  = []byte{1, 0, 0, 0xff, 0xff}
)

func newStream(dst []byte, level int) stream {
	return stream{out: append(dst, gzipHead...), level: level}
}

func (z *stream) add(piece Piece) {
	if piece.packed == nil {
		z.out, z.sum = pack(z.out, piece.plain, z.level), crc32.Update(z.sum, crc32.IEEETable, piece.plain)
	} else {
		z.out, z.sum = append(z.out, piece.packed...), piece.shift.of(z.sum)^piece.sum
	}
	z.size += len(piece.plain)
}

func (z *stream) end() []byte {
	z.out = append(z.out, lastOne...)
	z.out = binary.LittleEndian.AppendUint32(z.out, z.sum)
	return binary.LittleEndian.AppendUint32(z.out, uint32(z.size))
}

// storedUpTo is the length up to which to compress is not worth its time.
const storedUpTo = 256

// packers are by level.
var packers = [...]sync.Pool{quick: packersOf(quick), thorough: packersOf(thorough)}

func packersOf(level int) sync.Pool {
	return sync.Pool{New: func() any {
		w, err := flate.NewWriter(nil, level)
		if err != nil {
			panic(err) // the levels are flate's own
		}
		return w
	}}
}

// sink appends what is written to it.
type sink []byte

func (s *sink) Write(b []byte) (int, error) {
	*s = append(*s, b...)
	return len(b), nil
}

// pack appends b as deflate blocks that end at a byte.
func pack(dst, b []byte, level int) []byte {
	if len(b) <= storedUpTo {
		if len(b) == 0 {
			return dst
		}
		n := uint16(len(b))
		return append(append(dst, 0, byte(n), byte(n>>8), byte(^n), byte(^n>>8)), b...)
	}
	w := packers[level].Get().(*flate.Writer)
	defer packers[level].Put(w)
	to := sink(dst)
	w.Reset(&to)
	_, _ = w.Write(b) // a sink takes all
	_ = w.Flush()
	return to
}
