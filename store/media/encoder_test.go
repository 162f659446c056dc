package media_test

import (
	"bytes"
	"fmt"
	"testing"

	"dashop/store/media"
)

// Pictures are encoded in the sandbox, never by a C library of the host: the switch is off, and it is the encoder's own, since
// turned on it makes the encoder call a library that is not there.
func TestNoLibraryOfTheHostIsUsed(t *testing.T) {
	if *media.UseHostLibrary {
		t.Fatal("the host's library is used")
	}
	encode := func() (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		return media.Encode(&bytes.Buffer{}, corner(8, 8))
	}
	if err := encode(); err != nil {
		t.Fatal(err)
	}
	*media.UseHostLibrary = true
	defer func() { *media.UseHostLibrary = false }()
	if err := encode(); err == nil {
		t.Error("the switch is not the encoder's: a host with its library would use that")
	}
}
