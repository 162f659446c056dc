package search

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/mozillazg/go-pinyin"
)

var update = flag.Bool("update", false, "write readings.txt anew")

// The shop reads characters as the library's dictionary does; go test ./store/search -run Readings -update takes over a newer one.
func TestReadingsAreThoseOfTheDictionary(t *testing.T) {
	plain := pinyin.NewArgs() // without tones
	said := map[string][]rune{}
	usual := map[rune]string{}
	for _, n := range slices.Sorted(maps.Keys(pinyin.PinyinDict)) {
		r := rune(n)
		if list := pinyin.SinglePinyin(r, plain); len(list) > 0 && isLatin(list[0]) { // else such as ê, which nobody types
			said[list[0]], usual[r] = append(said[list[0]], r), list[0]
		}
	}
	var text strings.Builder
	for _, syllable := range slices.Sorted(maps.Keys(said)) {
		text.WriteString(syllable + " " + string(said[syllable]) + "\n")
	}
	if *update {
		if err := os.WriteFile("readings.txt", []byte(text.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text.String() != readingsText {
		t.Error("readings.txt is not what the library says: run this test with -update")
	}
	for r := range rune(0x110000) {
		got, want := readings(r), []string(nil)
		if s := usual[r]; s != "" {
			want = append(want, s)
		}
		if second := more[r]; second != "" && !slices.Contains(want, second) {
			want = append(want, second)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%c is read as %q, want %q", r, got, want)
		}
	}
	if readings(-1) != nil {
		t.Error("what is no character is read aloud")
	}
}
