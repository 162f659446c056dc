package captcha

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/png"
	"strings"
	"testing"
)

func drawn(t *testing.T, digits string) *image.Paletted {
	t.Helper()
	b, err := Picture(digits, 264, 88)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	p, ok := img.(*image.Paletted)
	if !ok || p.Rect != image.Rect(0, 0, 264, 88) {
		t.Fatalf("%T of %v", img, img.Bounds())
	}
	return p
}

func TestFontHasTenDigits(t *testing.T) {
	for i, rows := range font() {
		dots := strings.Count(strings.Join(rows, ""), "#")
		if len(rows) != digitHeight || dots < 40 {
			t.Errorf("%d has %d rows and %d dots", i, len(rows), dots)
		}
		for _, row := range rows {
			if len(row) != digitWidth || strings.Trim(row, "#.") != "" {
				t.Errorf("%d has the row %q", i, row)
			}
		}
	}
}

// The digits are there to be read: dark, more of them where more are to be read, and no more disturbed than people can bear.
func TestPictureShowsTheDigits(t *testing.T) {
	inked := func(digits string) int {
		n := 0
		p := drawn(t, digits)
		for _, v := range p.Pix {
			if v == ink {
				n++
			}
		}
		if p.Palette[paper] != (color.RGBA{255, 255, 255, 255}) {
			t.Errorf("the ground is %v", p.Palette[paper])
		}
		r, g, b, _ := p.Palette[ink].RGBA()
		if max(r, g, b) > 0x8080 {
			t.Errorf("the ink is pale: %v", p.Palette[ink])
		}
		return n
	}
	var eights, ones int
	for range 20 {
		eights, ones = eights+inked("88888"), ones+inked("11111")
	}
	if ones < 20*700 || eights < ones+20*500 {
		t.Errorf("20 pictures of 88888 have %d dots of ink, of 11111 %d", eights, ones)
	}
}

func TestNoTwoPicturesAreAlike(t *testing.T) {
	first := drawn(t, "30914")
	for range 10 {
		same := 0
		for i, v := range drawn(t, "30914").Pix {
			if (v == ink) == (first.Pix[i] == ink) {
				same++
			}
		}
		if same == len(first.Pix) {
			t.Error("the same picture again")
		}
	}
}

func TestSound(t *testing.T) {
	for _, lang := range []string{"zh", "en"} {
		one, err := Sound("30914", lang)
		if err != nil {
			t.Fatal(err)
		}
		two, err := Sound("30914", lang)
		if err != nil || bytes.Equal(one, two) {
			t.Errorf("%s: the same sound again, %v", lang, err)
		}
		for _, b := range [][]byte{one, two} {
			length := int(binary.LittleEndian.Uint32(b[wavBegin-4:]))
			if string(b[:4]) != "RIFF" || len(b)%2 != 0 || len(b) != wavBegin+length+length%2 ||
				int(binary.LittleEndian.Uint32(b[4:])) != len(b)-8 {
				t.Errorf("%s: a WAV of %d bytes with %d of sound", lang, len(b), length)
			}
			if seconds := length / rate; seconds < 7 || seconds > 25 {
				t.Errorf("%s: five digits take %d s", lang, seconds)
			}
			if loud := loudness(b[wavBegin:]); loud < 20 {
				t.Errorf("%s: nothing is to be heard (%d)", lang, loud)
			}
		}
	}
}

// loudness is how far the loudest hundredth of the samples is from silence.
func loudness(samples []byte) int {
	var counts [silence + 1]int
	for _, v := range samples {
		counts[max(int(v)-silence, silence-int(v))]++
	}
	n := 0
	for level := silence; level > 0; level-- {
		if n += counts[level]; n > len(samples)/100 {
			return level
		}
	}
	return 0
}

func TestOnlyDigits(t *testing.T) {
	if _, err := Picture("12a45", 264, 88); err == nil {
		t.Error("a picture of letters")
	}
	if _, err := Sound("12a45", "zh"); err == nil {
		t.Error("a letter is read aloud")
	}
	if _, err := Sound("12345", "xx"); err == nil {
		t.Error("a language that is not there")
	}
}

func TestMixIsBounded(t *testing.T) {
	for a := range 256 {
		for b := range 256 {
			under := []byte{byte(b)}
			mix(under, []byte{byte(a)})
			if a == silence && int(under[0]) != b {
				t.Fatalf("silence changes %d to %d", b, under[0])
			}
			if a > silence && int(under[0]) < min(b, silence) {
				t.Fatalf("%d over %d wraps to %d", a, b, under[0])
			}
		}
	}
}

func TestAtSpeed(t *testing.T) {
	if got := atSpeed([]byte{1, 2, 3, 4}, 1.5); !bytes.Equal(got, []byte{1, 1, 2, 3, 3, 4}) {
		t.Errorf("%v", got)
	}
}
