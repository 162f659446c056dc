package respond

import "testing"

// Two nodes, and a node before and after it was restarted, give a page the same tag: else no browser's copy would ever count.
// This tag was written down by another process.
func TestETagIsTheSameInEveryProcess(t *testing.T) {
	if got, want := ETag([]byte("<html>")), `W/"b7d082ee12e91b75"`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if ETag([]byte("a")) == ETag([]byte("b")) {
		t.Error("two pages have the same tag")
	}
}
