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
	"path/filepath"
	"strings"
	"testing"
	"time"

	xwebp "golang.org/x/image/webp"

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
	if p.Type != "image/webp" || !p.Hashed {
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
		"png": append(pngOf(t, corner(2000, 1000)), secret...), "webp": webp, "tiny": pngOf(t, corner(1, 1)),
		"thin": pngOf(t, corner(4096, 1)),
		"jpeg": append(jpegHeld(t, corner(40, 20), 1), secret...),
	} {
		stored, err := s.Upload(context.Background(), media.Photo, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		for file, side := range map[string]int{stored: 1280, media.Thumb(stored): 320} {
			kept := read(t, s, file)
			size, err := xwebp.DecodeConfig(bytes.NewReader(kept))
			if err != nil || max(size.Width, size.Height) > side || bytes.Contains(kept, []byte("script")) ||
				bytes.Contains(kept, []byte("GPS")) || bytes.Contains(kept, []byte("Exif")) {
				t.Errorf("%s: %s is %v, %v", name, file, size, err)
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
		stored, err := s.Upload(context.Background(), media.Photo, jpegHeld(t, corner(40, 20), turn))
		if err != nil {
			t.Fatal(err)
		}
		p, err := xwebp.Decode(bytes.NewReader(read(t, s, stored)))
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
	cut, cutJPEG := pngOf(t, corner(300, 300)), jpegHeld(t, corner(300, 300), 1)
	cutWebP, err := os.ReadFile("../../sql/demo/images/products/1001-1.webp")
	if err != nil {
		t.Fatal(err)
	}
	wide := jpegHeld(t, corner(8, 8), 1)
	frame := bytes.Index(wide, []byte{0xff, 0xc0}) // after which its length, its depth, and then its height and width stand
	binary.BigEndian.PutUint16(wide[frame+5:], 65_500)
	binary.BigEndian.PutUint16(wide[frame+7:], 65_500)
	for name, content := range map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "svg": []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`),
		"gif": moving.Bytes(), "bomb": bomb,
		"zip": []byte("PK\x03\x04" + strings.Repeat("x", 100)), "cut": cut[:len(cut)/2], "cut JPEG": cutJPEG[:len(cutJPEG)/2],
		"cut WebP": cutWebP[:len(cutWebP)/2], "huge JPEG": wide,
		"too large": append(pngOf(t, corner(2, 2)), make([]byte, media.MaxUpload)...),
		"too wide":  pngOf(t, image.NewGray(image.Rect(0, 0, 4097, 1))), "html": []byte("<html><body onload=alert(1)>"),
		"script that calls itself a GIF": []byte("GIF89a=1;alert(document.cookie)/*" + strings.Repeat("\x00", 100) + "*/"),
		"script with a head of JPEG":     append([]byte("\xff\xd8\xff\xe0\x2f\x2a*/=alert(1)/*"), make([]byte, 200)...),
	} {
		if stored, err := s.Upload(context.Background(), media.Photo, content); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %q, %v", name, stored, err)
		}
	}
}

// Of a face the middle is kept, as a square of one size, and upright; removing it takes it away.
func TestUploadFace(t *testing.T) {
	s, _ := open(t)
	for name, content := range map[string][]byte{
		"wide": pngOf(t, middle(900, 300)), "tall": pngOf(t, middle(300, 900)), "tiny": pngOf(t, middle(3, 3)),
		"held sideways": jpegHeld(t, middle(900, 300), 6),
	} {
		stored, err := s.Upload(context.Background(), media.Face, content)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		p, err := xwebp.Decode(bytes.NewReader(read(t, s, stored)))
		if err != nil {
			t.Fatal(err)
		}
		if p.Bounds() != image.Rect(0, 0, 256, 256) || media.Thumb(stored) != stored {
			t.Errorf("%s: %v, thumb %s", name, p.Bounds(), media.Thumb(stored))
		}
		for _, at := range []image.Point{{128, 128}, {40, 40}, {215, 215}} {
			if r, g, _, _ := p.At(at.X, at.Y).RGBA(); name != "tiny" && (r < 0xc000 || g > 0x4000) {
				t.Errorf("%s: %v is not of the middle", name, at)
			}
		}
		s.Remove(stored)
		if _, err := s.Open(stored); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s: it is still there", name)
		}
	}
	if _, err := s.Upload(context.Background(), media.Face, []byte("<svg/>")); !fault.Is(err, fault.Invalid) {
		t.Errorf("svg: %v", err)
	}
}

// middle is a white picture whose middle square is red.
func middle(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	side := min(w, h)
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 255, 255, 255}
			if dx, dy := x-(w-side)/2, y-(h-side)/2; dx >= 0 && dx < side && dy >= 0 && dy < side {
				c = color.RGBA{255, 0, 0, 255}
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

// Each kind comes out in the sizes that pages count on, whatever its shape was and however the camera was held.
func TestUploadKinds(t *testing.T) {
	s, _ := open(t)
	whole, small := image.Pt(800, 800), image.Pt(320, 320)
	for _, one := range []struct {
		kind        media.Kind
		full, thumb image.Point
	}{
		{media.Product, whole, small}, {media.Banner, image.Pt(1600, 480), image.Pt(800, 240)},
		{media.Logo, image.Pt(192, 192), image.Pt(192, 192)},
		{media.Face, image.Pt(256, 256), image.Pt(256, 256)},
	} {
		for name, content := range map[string][]byte{
			"wide": pngOf(t, middle(900, 300)), "tall": pngOf(t, middle(300, 900)), "tiny": pngOf(t, middle(1, 1)),
			"thin":          pngOf(t, middle(4096, 1)),
			"held sideways": jpegHeld(t, middle(900, 300), 6), "without colour": pngOf(t, image.NewNRGBA(image.Rect(0, 0, 30, 30))),
		} {
			stored, err := s.Upload(context.Background(), one.kind, content)
			if err != nil {
				t.Errorf("%d, %s: %v", one.kind, name, err)
				continue
			}
			for file, size := range map[string]image.Point{media.Thumb(stored): one.thumb, stored: one.full} {
				p, err := xwebp.Decode(bytes.NewReader(read(t, s, file)))
				if err != nil || p.Bounds().Size() != size {
					t.Errorf("%d, %s: %s is %v, not %v: %v", one.kind, name, file, p.Bounds(), size, err)
				}
			}
			s.Remove(stored)
			if _, err := s.Open(media.Thumb(stored)); !fault.Is(err, fault.NotFound) {
				t.Errorf("%d, %s: the small one is still there", one.kind, name)
			}
		}
	}
}

// A product's picture is seen whole, on white; what is clear in it is white too.
func TestUploadProductOnWhite(t *testing.T) {
	s, _ := open(t)
	red := image.NewNRGBA(image.Rect(0, 0, 600, 200))
	for i := range len(red.Pix) / 2 { // the lower half is clear
		red.Pix[i] = []uint8{255, 0, 0, 255}[i%4]
	}
	stored, err := s.Upload(context.Background(), media.Product, pngOf(t, red))
	if err != nil {
		t.Fatal(err)
	}
	p, err := xwebp.Decode(bytes.NewReader(read(t, s, stored)))
	if err != nil {
		t.Fatal(err)
	}
	for at, wantRed := range map[image.Point]bool{{10, 300}: true, {790, 380}: true, {400, 300}: true, {400, 200}: false, {400, 450}: false,
		{400, 700}: false} {
		r, g, _, _ := p.At(at.X, at.Y).RGBA()
		if r < 0xc000 || (g < 0x4000) != wantRed || (g > 0xe800) == wantRed {
			t.Errorf("%v: red %x, green %x", at, r, g)
		}
	}
}

// A WebP keeps its colours, however often it goes through: white stays white.
func TestUploadKeepsColours(t *testing.T) {
	s, _ := open(t)
	content := pngOf(t, corner(64, 64))
	var first []color.Color
	for i := range 3 {
		stored, err := s.Upload(context.Background(), media.Photo, content)
		if err != nil {
			t.Fatal(err)
		}
		content = read(t, s, stored)
		p, err := xwebp.Decode(bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		seen := []color.Color{p.At(10, 10), p.At(50, 50)}
		if i == 0 {
			first = seen
		}
		for j := range seen {
			was, is := first[j].(color.YCbCr), seen[j].(color.YCbCr)
			if d := int(was.Y) - int(is.Y); d < -3 || d > 3 {
				t.Errorf("time %d: brightness %d, was %d", i+1, is.Y, was.Y)
			}
		}
	}
}

// Uploads from before there was WebP go on: they are shown, have their small ones, and can be removed.
func TestOldUploads(t *testing.T) {
	s, _ := open(t)
	name, small := "uploads/full/abc-0123456789abcdef0123456789abcdef.jpg", "uploads/small/abc-0123456789abcdef0123456789abcdef.jpg"
	for _, file := range []string{name, small} {
		if err := s.Put(file, strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if media.Thumb(name) != small {
		t.Errorf("small one: %s", media.Thumb(name))
	}
	if p, err := s.Open(small); err != nil || p.Type != "image/jpeg" || p.Close() != nil {
		t.Errorf("open: %v", err)
	}
	s.Remove(name)
	for _, file := range []string{name, small} {
		if _, err := s.Open(file); !fault.Is(err, fault.NotFound) {
			t.Errorf("%s is still there", file)
		}
	}
}

// Only what was uploaded can be removed: neither the pictures of the shop nor anything beside the folder.
func TestRemoveLeavesTheRest(t *testing.T) {
	s, dir := open(t)
	outside := filepath.Join(filepath.Dir(dir), "x.jpg")
	if err := os.WriteFile(outside, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"images/avatars/fox.webp", "x.jpg", "uploads/fullx/x.jpg", "uploads/x.jpg", "uploads/small/x.jpg",
		"uploads/full/x.db"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.Remove(name)
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s is gone", name)
		}
	}
	for _, name := range []string{"../x.jpg", "uploads/full/../../x.jpg", "uploads/full/../../../x.jpg",
		"uploads/faces/../../images/avatars/fox.webp", outside, "", "uploads/full/", "uploads/full"} {
		s.Remove(name)
	}
	for _, file := range []string{outside, filepath.Join(dir, "x.jpg"), filepath.Join(dir, "images/avatars/fox.webp")} {
		if _, err := os.Stat(file); err != nil {
			t.Errorf("%s is gone", file)
		}
	}
}

// Few pictures are decoded at once; a request that waits until its deadline gets 503 with Retry-After.
func TestUploadWaitsItsTurn(t *testing.T) {
	s, _ := open(t)
	for range cap(media.Decoding) {
		media.Decoding <- struct{}{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	_, err := s.Upload(ctx, media.Photo, pngOf(t, corner(4, 4)))
	if !fault.Is(err, fault.Unavailable) || fault.Of(err).RetryAfter == 0 {
		t.Errorf("with all places taken: %v", err)
	}
	for range cap(media.Decoding) {
		<-media.Decoding
	}
	if _, err := s.Upload(context.Background(), media.Photo, pngOf(t, corner(4, 4))); err != nil {
		t.Errorf("with a place free: %v", err)
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
		stored, err := s.Upload(context.Background(), media.Photo, append(append(head, part...), b.Bytes()[2:]...))
		if err == nil {
			s.Remove(stored)
		}
	})
}
