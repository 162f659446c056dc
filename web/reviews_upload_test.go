package web_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"path/filepath"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"dashop/store/media"
	"dashop/store/review"
	"dashop/web/webtest"
)

// sendFiles posts a form with files, as a browser does.
func sendFiles(t *testing.T, b *webtest.Browser, path string, fields map[string]string, files ...[]byte) (status int,
	page *goquery.Document) {
	t.Helper()
	return sendFilesAs(t, b, path, "pictures", fields, files...)
}

// sendFilesAs is sendFiles with another name of the field for the files.
func sendFilesAs(t *testing.T, b *webtest.Browser, path, field string, fields map[string]string, files ...[]byte) (status int,
	page *goquery.Document) {
	t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, value := range fields {
		_ = w.WriteField(name, value)
	}
	for i, content := range files {
		head := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="../../%d.svg"`, field, i)},
			"Content-Type": {"image/svg+xml"}}
		part, err := w.CreatePart(head)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(content)
	}
	_ = w.Close()
	size := body.Len()
	r, err := http.NewRequest(http.MethodPost, b.Shop.URL+path, &body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Origin", b.Shop.URL)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.AddCookie(&http.Cookie{Name: "sid", Value: b.Cookie("sid")})
	answer, err := b.Shop.Wire.RoundTrip(r)
	if err != nil && size > 1<<20 {
		return http.StatusRequestEntityTooLarge, nil // the shop hung up on what is too large before all of it was sent
	}
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if page, err = goquery.NewDocumentFromReader(answer.Body); err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, page
}

func square(t *testing.T, side int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewRGBA(image.Rect(0, 0, side, side))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// Pictures come along with a review, up to five; what is none is refused with words beside the field, and then nothing is kept.
func TestReviewPictures(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		b := s.Login("xiaoming")
		no := s.Order(xiaoming, 100102, 1)
		path, fields := "/orders/"+no+"/review", map[string]string{"item_id": "1", "score": "5", "comment": "有图有真相"}
		good := square(t, 400)
		if status, _ := sendFiles(t, b, path, fields, good); status != 409 {
			t.Errorf("before the receipt: %d", status)
		}
		s.Receive(xiaoming, no)
		svg := []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`)
		for name, files := range map[string][][]byte{
			"six": {good, good, good, good, good, good}, "svg": {good, svg},
			"large": {append(square(t, 10), make([]byte, media.MaxUpload)...)}, "empty": {good, {}},
		} {
			status, page := sendFiles(t, b, path, fields, files...)
			if status != 422 || page.Find("#f-pictures-wrong").Length() != 1 || page.Find("textarea").Text() != "有图有真相" {
				t.Errorf("%s: %d %s", name, status, page.Find("main").Text())
			}
		}
		s.User("stranger", "shopper")
		if status, _ := sendFiles(t, s.Login("stranger"), path, fields, good); status != 404 {
			t.Errorf("a stranger: %d", status)
		}
		if status, _ := sendFiles(t, s.Visitor(), path, fields, make([]byte, media.MaxUpload)); status != 413 {
			t.Errorf("much from nobody: %d", status)
		}
		if n := kept(t, s); n != 0 {
			t.Errorf("refused reviews left %d pictures", n)
		}
		var five [][]byte
		for range review.MaxPictures {
			five = append(five, good)
		}
		if status, page := sendFiles(t, b, path, fields, five...); status != 303 {
			t.Fatalf("five pictures: %d %s", status, page.Find("main").Text())
		}
		p := s.Visitor().Get("/products/1001/reviews?rate=pictures")
		if p.Count(".review__pictures img") != 5 || s.Int("SELECT COUNT(*) FROM review_pictures") != 5 {
			t.Fatalf("%d pictures are shown", p.Count(".review__pictures img"))
		}
		for _, path := range []string{p.Attr(".review__pictures img", "src"), p.Attr(".review__pictures a", "href")} {
			got, err := b.Send("GET", path, nil)
			if err != nil || got.Status != 200 || got.Header.Get("Content-Type") != "image/webp" ||
				got.Header.Get("X-Content-Type-Options") != "nosniff" ||
				!strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
				t.Errorf("%s: %d %v, %v", path, got.Status, got.Header, err)
			}
		}
		// Sent again, it is refused, and no picture is left over.
		if status, _ := sendFiles(t, b, path, fields, good); status != 409 {
			t.Errorf("twice: %d", status)
		}
		if n := kept(t, s); n != 5 {
			t.Errorf("%d pictures are kept", n)
		}
	})
}

// kept is how many uploads lie in the media folder.
func kept(t *testing.T, s *webtest.Shop) int {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(s.Uploads, "uploads", "full", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return len(names)
}
