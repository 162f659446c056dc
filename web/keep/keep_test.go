package keep_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"dashop/web/keep"
)

type text string

func (t text) Weight() int { return len(t) }

// Whatever pieces and fillings a page has, it says the same compressed and plain.
func TestCompressedPagesSayTheSame(t *testing.T) {
	words := rapid.SliceOfN(rapid.SampledFrom([]byte("ab<> 中\x00\xff")), 0, 900)
	rapid.Check(t, func(r *rapid.T) {
		between := rapid.SliceOfN(words, 1, 6).Draw(r, "between")
		var want []byte
		var holes []keep.Piece
		more := rapid.IntRange(0, 1).Draw(r, "more") // a filling more than there are holes
		for i, b := range between {
			want = append(want, b...)
			if i < len(between)-1+more {
				hole := words.Draw(r, "hole")
				want = append(want, hole...)
				if rapid.Bool().Draw(r, "packed") {
					holes = append(holes, keep.NewPage([][]byte{hole}, nil, true).Whole())
				} else {
					holes = append(holes, keep.Fresh(hole))
				}
			}
		}
		var usual []keep.Piece
		if rapid.Bool().Draw(r, "usual") {
			usual = holes[:min(len(holes), len(between))]
		}
		packed := rapid.Bool().Draw(r, "packed")
		p := keep.NewPage(between, usual, packed)
		if got := p.Plain(nil, holes); !bytes.Equal(got, want) {
			r.Fatalf("plain: %q, want %q", got, want)
		}
		if got, err := unzip(p.Gzip(nil, holes)); err != nil || !bytes.Equal(got, want) {
			r.Fatalf("compressed: %q, %v, want %q", got, err, want)
		}
		if usual == nil || packed {
			return
		}
		if got, err := unzip(keep.Quickly(p)); err != nil || !bytes.Equal(got, want) {
			r.Fatalf("compressed for one answer: %q, %v, want %q", got, err, want)
		}
	})
}

func unzip(b []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}

func TestACrowdMakesAPageOnce(t *testing.T) {
	c := keep.New[int, text](1<<20, time.Minute)
	var made atomic.Int64
	var crowd sync.WaitGroup
	for range 50 {
		crowd.Go(func() {
			got, err := c.Get(t.Context(), 1, func(context.Context) (text, error) {
				made.Add(1)
				time.Sleep(20 * time.Millisecond)
				return "page", nil
			})
			if err != nil || got != "page" {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
	crowd.Wait()
	if n := made.Load(); n != 1 {
		t.Errorf("made %d times", n)
	}
}

// Who gives up, fails or panics costs only the own request.
func TestWhoFailsFailsAlone(t *testing.T) {
	c := keep.New[int, text](1<<20, time.Minute)
	gone, leave := context.WithCancel(t.Context())
	begun := make(chan struct{})
	go func() {
		_, _ = c.Get(gone, 1, func(ctx context.Context) (text, error) {
			close(begun)
			<-ctx.Done()
			return "", ctx.Err()
		})
	}()
	<-begun
	time.AfterFunc(20*time.Millisecond, leave)
	if got, err := c.Get(t.Context(), 1, func(context.Context) (text, error) { return "page", nil }); err != nil || got != "page" {
		t.Errorf("after another gave up: %q, %v", got, err)
	}
	wrong := errors.New("wrong")
	if _, err := c.Get(t.Context(), 2, func(context.Context) (text, error) { return "", wrong }); !errors.Is(err, wrong) {
		t.Errorf("%v", err)
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = c.Get(t.Context(), 2, func(context.Context) (text, error) { panic("wrong") })
	}()
	if got, err := c.Get(t.Context(), 2, func(context.Context) (text, error) { return "right", nil }); err != nil || got != "right" {
		t.Errorf("after a failure and a panic: %q, %v", got, err)
	}
}

// However much goes in, the bytes stay within the bound, and what is asked for often stays.
func TestBound(t *testing.T) {
	const bound = 1 << 20
	c := keep.New[string, text](bound, time.Minute)
	get := func(key string) (made bool) {
		_, err := c.Get(t.Context(), key, func(context.Context) (text, error) {
			made = true
			return text(strings.Repeat("x", 10_000)), nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	for range 20 {
		get("/")
	}
	again := 0
	for i := range 5000 {
		get(fmt.Sprint("hostile ", i))
		if i%20 == 0 && get("/") {
			again++
		}
	}
	if n := c.Weight(); n > bound {
		t.Errorf("%d bytes, the bound is %d", n, bound)
	}
	if again > 5 {
		t.Errorf("the page that everybody wants was made %d times anew", again)
	}
}
