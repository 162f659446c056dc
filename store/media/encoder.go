package media

import (
	"image"
	"io"
	_ "unsafe" // for go:linkname

	encoder "github.com/gen2brain/webp"
)

// useHostLibrary is the encoder's own switch between the C library of the host, where it finds one, and its sandbox (libwebp
// compiled to WebAssembly). It has no function for it, and its build tag would hold only in builds that name it.
//
//go:linkname useHostLibrary github.com/gen2brain/webp.dynamic
var useHostLibrary bool

// The encoder looks for the host's library while it is initialised, which is before this. From here on every build, with or
// without the tag nodynamic, encodes in the sandbox, so that what people send never meets C code outside it and all nodes
// make the same files.
func init() { useHostLibrary = false }

// webpOptions: a third of the time of the library's own method, for files as small.
var webpOptions = encoder.Options{Quality: 80, Method: 2}

// encode writes a picture as WebP. The first one takes a second longer, since the encoder is compiled only then.
func encode(w io.Writer, picture *image.RGBA) error { return encoder.Encode(w, picture, webpOptions) }
