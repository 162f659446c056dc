package main

import (
	"bytes"
	"os"
	"testing"
)

// A terminal is what shows progress line over line; /dev/null and files are none.
func TestIsTerminal(t *testing.T) {
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	if isTerminal(null) || isTerminal(&bytes.Buffer{}) {
		t.Error("what shows nothing counts as a terminal")
	}
}
