package media_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"strings"
	"testing"

	"dashop/store/fault"
	"dashop/store/media"
)

// corner is a white picture with a red upper left quarter.
func corner(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			if x < w/2 && y < h/2 {
				c = color.RGBA{255, 0, 0, 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func pngOf(t *testing.T, p image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// jpegHeld is a JPEG with an Exif part that says how the camera was held, and where it was.
func jpegHeld(t *testing.T, p image.Image, turn uint16) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, nil); err != nil {
		t.Fatal(err)
	}
	tiff := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01"), byte(turn>>8), byte(turn), 0, 0, 0, 0, 0, 0)
	part := append([]byte("Exif\x00\x00"), append(tiff, "GPS 39.9N 116.4E"...)...)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
	return append(append(head, part...), b.Bytes()[2:]...)
}

func read(t *testing.T, s *media.Store, name string) []byte {
	t.Helper()
	p, err := s.Open(name)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	defer p.Close()
	if p.Type != "image/jpeg" || !p.Hashed {
		t.Errorf("%s: %s, hashed %v", name, p.Type, p.Hashed)
	}
	content, err := io.ReadAll(p)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// What is kept of an upload is a picture, upright, no larger than need be, and nothing else that was in the file.
func TestUploadKeepsThePictureAlone(t *testing.T) {
	s, _ := open(t)
	webp, err := os.ReadFile("../../sql/demo/images/products/1001-1.webp")
	if err != nil {
		t.Fatal(err)
	}
	secret := "<script>alert(1)</script>"
	for name, content := range map[string][]byte{
		"png": append(pngOf(t, corner(2000, 1000)), secret...), "webp": webp, "tiny": pngOf(t, corner(1, 1)), "thin": pngOf(t, corner(4096, 1)),
		"jpeg": append(jpegHeld(t, corner(40, 20), 1), secret...),
	} {
		stored, err := s.Upload(context.Background(), content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, side := range map[string]int{stored: 1600, media.Thumb(stored): 320} {
			kept := read(t, s, file)
			size, kind, err := image.DecodeConfig(bytes.NewReader(kept))
			if err != nil || kind != "jpeg" || max(size.Width, size.Height) > side || bytes.Contains(kept, []byte("script")) || bytes.Contains(kept, []byte("GPS")) || bytes.Contains(kept, []byte("Exif")) {
				t.Errorf("%s: %s is %s %v, %v", name, file, kind, size, err)
			}
		}
		s.Remove(stored)
		s.Remove(stored)
		for _, file := range []string{stored, media.Thumb(stored)} {
			if _, err := s.Open(file); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s is still there", file)
			}
		}
	}
}

// However the camera was held, the red corner comes out where it was seen.
func TestUploadTurnsUpright(t *testing.T) {
	s, _ := open(t)
	for turn, want := range map[uint16]image.Point{
		1: {5, 5}, 2: {35, 5}, 3: {35, 15}, 4: {5, 15}, 5: {5, 5}, 6: {15, 5}, 7: {15, 35}, 8: {5, 35}, 9: {5, 5}, 0: {5, 5},
	} {
		stored, err := s.Upload(context.Background(), jpegHeld(t, corner(40, 20), turn))
		if err != nil {
			t.Fatal(err)
		}
		p, err := jpeg.Decode(bytes.NewReader(read(t, s, stored)))
		if err != nil {
			t.Fatal(err)
		}
		if r, g, _, _ := p.At(want.X, want.Y).RGBA(); r < 0xc000 || g > 0x4000 {
			t.Errorf("orientation %d: %v is not red", turn, want)
		}
		if wide := p.Bounds().Dx() > p.Bounds().Dy(); wide != (turn < 5 || turn > 8) {
			t.Errorf("orientation %d: %v", turn, p.Bounds())
		}
	}
}

// What is no picture, or claims to be a huge one, is refused before it is decoded.
func TestUploadRefuses(t *testing.T) {
	s, _ := open(t)
	var moving bytes.Buffer
	if err := gif.Encode(&moving, corner(4, 4), nil); err != nil {
		t.Fatal(err)
	}
	bomb := pngOf(t, corner(1, 1))
	binary.BigEndian.PutUint32(bomb[16:], 50_000)
	binary.BigEndian.PutUint32(bomb[20:], 50_000)
	cut := pngOf(t, corner(300, 300))
	for name, content := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "gif": moving.Bytes(), "bomb": bomb,
		"zip": []byte("PK\x03\x04" + strings.Repeat("x", 100)), "cut": cut[:len(cut)/2], "too large": append(pngOf(t, corner(2, 2)), make([]byte, media.MaxUpload)...),
		"too wide": pngOf(t, image.NewGray(image.Rect(0, 0, 4097, 1))), "html": []byte("<html><body onload=alert(1)>"),
	} {
		if stored, err := s.Upload(context.Background(), content); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q, %v", name, stored, err)
		}
	}
	for _, name := range []string{"../../etc/passwd", "images/products/1.webp", "uploads/full/../../x.jpg", ""} {
		s.Remove(name) // leads nowhere
	}
}

// Broken camera data never break an upload.
func FuzzUpload(f *testing.F) {
	f.Add([]byte("MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06\x00\x00"))
	f.Add([]byte("II*\x00\xff\xff\xff\xff"))
	dir := f.TempDir()
	s, err := media.Open(dir)
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, corner(8, 4), nil); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, tiff []byte) {
		part := append([]byte("Exif\x00\x00"), tiff[:min(len(tiff), 1000)]...)
		head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(part)+2))
		stored, err := s.Upload(context.Background(), append(append(head, part...), b.Bytes()[2:]...))
		if err == nil {
			s.Remove(stored)
		}
	})
}
