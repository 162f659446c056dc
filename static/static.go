// Package static holds the shop's style sheet, script, icons and htmx, and serves them under one fingerprint.
package static

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"slices"
	"strings"
)

//go:embed css js img vendor
var files embed.FS

// layers are the folders of css/, in the order in which later rules win over earlier ones.
var layers = []string{"tokens", "reset", "base", "components", "pages", "utilities"}

var (
	assets = load()
	prefix = "/static/" + fingerprint(assets) + "/"
)

func init() {
	go squeezeAll()
}

// Asset is a file in the form in which it goes to one browser. Body is shared: do not write to it.
type Asset struct {
	Body      []byte
	Type      string // the Content-Type
	Encoding  string // the Content-Encoding: "br", "gzip" or none
	Immutable bool   // asked for under the current fingerprint, so it may be kept for a year
}

// URL is the path of a file with the fingerprint of this build, such as URL("shop.css") or URL("img/logo.svg").
// A name that does not exist is a mistake in the program and panics.
func URL(name string) string {
	if assets[name] == nil {
		panic("static: no file " + name)
	}
	return prefix + name
}

// Has says whether there is a file of that name.
func Has(name string) bool { return assets[name] != nil }

// Sprite is the address of one icon in the sprite, for the href of <use>.
func Sprite(icon string) string {
	return URL("img/icons.svg") + "#" + icon
}

// Icons are the names of all icons in the sprite.
func Icons() []string {
	var names []string
	for _, part := range strings.Split(string(assets["img/icons.svg"].plain), `<symbol id="`)[1:] {
		name, _, _ := strings.Cut(part, `"`)
		names = append(names, name)
	}
	return names
}

// Lookup finds the file for a request path, in the smallest form that the browser's Accept-Encoding allows. A path with
// another build's fingerprint still finds today's file, since two nodes may differ for a minute, but not as Immutable.
func Lookup(requestPath, acceptEncoding string) (Asset, bool) {
	rest, ok := strings.CutPrefix(requestPath, "/static/")
	if !ok {
		return Asset{}, false
	}
	_, name, _ := strings.Cut(rest, "/")
	f := assets[name]
	if f == nil {
		return Asset{}, false
	}
	body, encoding := f.best(acceptEncoding)
	return Asset{Body: body, Type: f.kind, Encoding: encoding, Immutable: strings.HasPrefix(requestPath, prefix)}, true
}

// load reads every file once: the style sheets joined into shop.css, the scripts into shop.js, all else under its own path.
func load() map[string]*file {
	all := map[string]*file{
		"shop.css": newFile("shop.css", joinCSS(files)),
		"shop.js":  newFile("shop.js", joinJS(files)),
	}
	for _, dir := range []string{"img", "vendor"} {
		walk(files, dir, func(name string) { all[name] = newFile(name, read(files, name)) })
	}
	return all
}

// joinCSS puts the files of each layer, in name order, into that layer.
func joinCSS(fsys fs.FS) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "@layer %s;\n", strings.Join(layers, ", "))
	for _, layer := range layers {
		fmt.Fprintf(&b, "@layer %s {\n", layer)
		walk(fsys, "css/"+layer, func(name string) {
			if strings.HasSuffix(name, ".css") {
				b.Write(read(fsys, name))
				b.WriteByte('\n')
			}
		})
		b.WriteString("}\n")
	}
	return b.Bytes()
}

// joinJS puts the scripts into one module, in name order.
func joinJS(fsys fs.FS) []byte {
	var b bytes.Buffer
	walk(fsys, "js", func(name string) { b.Write(read(fsys, name)) })
	return b.Bytes()
}

// walk calls fn with each file under dir in name order.
func walk(fsys fs.FS, dir string, fn func(name string)) {
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			fn(name)
		}
		return err
	})
	if err != nil {
		panic(err) // the files are part of the program
	}
}

func read(fsys fs.FS, name string) []byte {
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		panic(err) // the files are part of the program
	}
	return b
}

// fingerprint covers all files at once, so that a file may name its neighbours by relative paths.
func fingerprint(all map[string]*file) string {
	names := make([]string, 0, len(all))
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	sum := sha256.New()
	for _, name := range names {
		fmt.Fprintf(sum, "%s %d\n", name, len(all[name].plain))
		sum.Write(all[name].plain)
	}
	return hex.EncodeToString(sum.Sum(nil)[:6])
}

func contentType(name string) string {
	switch path.Ext(name) {
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case "":
		return "text/plain; charset=utf-8"
	}
	return mime.TypeByExtension(path.Ext(name))
}
