package static

import (
	"bytes"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
)

func TestLookup(t *testing.T) {
	for _, name := range []string{"shop.css", "shop.js", "img/icons.svg", "img/favicon.svg", "vendor/htmx/htmx.min.js"} {
		a, ok := Lookup(URL(name), "")
		if !ok || len(a.Body) == 0 || a.Encoding != "" || !a.Immutable {
			t.Errorf("%s: ok %v, %d bytes, encoding %q, immutable %v", name, ok, len(a.Body), a.Encoding, a.Immutable)
		}
	}
	if a, ok := Lookup("/static/0123456789ab/shop.css", ""); !ok || a.Immutable {
		t.Error("another build's fingerprint must find the file, and must not be kept for a year")
	}
	for _, path := range []string{"/static/", "/static/shop.css", "/shop.css", "/static/x/../shop.css", "/static/x/css/tokens/color.css",
		""} {
		if _, ok := Lookup(path, ""); ok {
			t.Errorf("%q must not be found", path)
		}
	}
}

func TestURLPanicsOnUnknownName(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	URL("shop.cs")
}

func TestSmallerForms(t *testing.T) {
	plain, _ := Lookup(URL("shop.css"), "")
	for _, test := range []struct {
		accept, encoding string
		open             func(io.Reader) io.Reader
	}{
		{"gzip, deflate, br, zstd", "br", func(r io.Reader) io.Reader { return brotli.NewReader(r) }},
		{"gzip", "gzip", func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z }},
		{"br;q=0, gzip;q=0.5", "gzip", func(r io.Reader) io.Reader { z, _ := gzip.NewReader(r); return z }},
	} {
		a := waitFor(t, "shop.css", test.accept, test.encoding)
		got, err := io.ReadAll(test.open(bytes.NewReader(a.Body)))
		if err != nil || !bytes.Equal(got, plain.Body) {
			t.Errorf("%s: does not unpack to the plain file: %v", test.accept, err)
		}
		if a.Type != "text/css; charset=utf-8" {
			t.Errorf("type %q", a.Type)
		}
	}
}

// waitFor gives the background time to finish, which under the race detector on a busy machine takes many seconds.
func waitFor(t *testing.T, name, accept, encoding string) Asset {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); {
		if a, _ := Lookup(URL(name), accept); a.Encoding == encoding {
			return a
		}
		time.Sleep(25 * time.Millisecond)
	}
	t.Fatalf("%s never came as %s", name, encoding)
	return Asset{}
}

func TestAccepts(t *testing.T) {
	for _, test := range []struct {
		header string
		want   bool
	}{{"br", true}, {"gzip, BR", true}, {"br;q=1.0", true}, {"br; q=0.1", true}, {"br;q=0", false}, {"br;q=0.000", false},
		{"brotli", false}, {"", false}} {
		if got := Accepts(test.header, "br"); got != test.want {
			t.Errorf("%q: %v", test.header, got)
		}
	}
}

func TestCSSIsJoinedInLayerOrder(t *testing.T) {
	fsys := fstest.MapFS{}
	for _, layer := range layers {
		fsys["css/"+layer+"/b.css"] = &fstest.MapFile{Data: []byte(".b-" + layer + "{}")}
		fsys["css/"+layer+"/a.css"] = &fstest.MapFile{Data: []byte(".a-" + layer + "{}")}
	}
	got := string(joinCSS(fsys))
	want := "@layer tokens, reset, base, components, pages, utilities;\n"
	for _, layer := range layers {
		want += "@layer " + layer + " {\n.a-" + layer + "{}\n.b-" + layer + "{}\n}\n"
	}
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestCSSKeepsTheRules catches what breaks a joined sheet or the policy of no foreign hosts.
func TestCSSKeepsTheRules(t *testing.T) {
	comment := regexp.MustCompile(`(?s)/\*.*?\*/`)
	for _, layer := range layers {
		walk(files, "css/"+layer, func(name string) {
			css := comment.ReplaceAllString(string(read(files, name)), "")
			if a, b := strings.Count(css, "{"), strings.Count(css, "}"); a != b {
				t.Errorf("%s: %d { but %d }", name, a, b)
			}
			for _, bad := range []string{"@import", "!important", "http:", "https:", "data:"} {
				if strings.Contains(css, bad) {
					t.Errorf("%s: has %s", name, bad)
				}
			}
			if id := regexp.MustCompile(`(?m)^\s*#[a-z]`).FindString(css); id != "" {
				t.Errorf("%s: styles an id: %s", name, id)
			}
		})
	}
}

// TestTokensExist catches a misspelt var().
func TestTokensExist(t *testing.T) {
	css := string(assets["shop.css"].plain)
	defined := map[string]bool{}
	for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):`).FindAllStringSubmatch(css, -1) {
		defined[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)\)`).FindAllStringSubmatch(css, -1) {
		if !defined[m[1]] {
			t.Errorf("var(%s) is nowhere defined", m[1])
		}
	}
}

func TestSpriteHasTheIcons(t *testing.T) {
	icons := Icons()
	for _, name := range []string{"search", "shopping-cart", "refresh-cw", "circle-alert", "flower-2", "x"} {
		if !slices.Contains(icons, name) {
			t.Errorf("no icon %s", name)
		}
	}
	if !strings.HasSuffix(Sprite("x"), "/img/icons.svg#x") {
		t.Errorf("Sprite: %s", Sprite("x"))
	}
}

func TestScriptStaysSmall(t *testing.T) {
	if n := bytes.Count(joinJS(files), []byte("\n")); n >= 240 {
		t.Errorf("the scripts have %d lines", n)
	}
}

func TestFingerprintFollowsContent(t *testing.T) {
	one := map[string]*file{"a": newFile("a", []byte("1"))}
	two := map[string]*file{"a": newFile("a", []byte("2"))}
	if fingerprint(one) == fingerprint(two) {
		t.Error("a changed file keeps its fingerprint")
	}
}
