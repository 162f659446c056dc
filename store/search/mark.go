package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// Piece is a part of a text; Hit says that it was searched for.
type Piece struct {
	Text string
	Hit  bool
}

// Mark cuts a text so that what the query searched for can be shown. The pieces together are the text, unchanged.
func (q Query) Mark(text string) []Piece {
	plain, from := folded(text)
	marked := make([]bool, len(text))
	for _, w := range q.words {
		for _, at := range w.places(plain) {
			// A character may fold to several: what is marked are whole characters of the text.
			for i := from[at[0]]; i < from[at[1]]; i++ {
				marked[i] = true
			}
		}
	}
	var pieces []Piece
	for start, i := 0, 1; i <= len(text); i++ {
		if i == len(text) || marked[i] != marked[start] {
			pieces = append(pieces, Piece{text[start:i], marked[start]})
			start = i
		}
	}
	return pieces
}

// folded is a text as it is compared, with the byte of the text that each of its bytes came from; one more for the end.
func folded(text string) (string, []int) {
	var plain strings.Builder
	var from []int
	for at, r := range text {
		folded := strings.ToLower(norm.NFKC.String(string(r)))
		plain.WriteString(folded)
		for range len(folded) {
			from = append(from, at)
		}
	}
	return plain.String(), append(from, len(text))
}

// places are where a word stands in a folded text, as pairs of byte offsets: the word itself, or the beginning of a longer
// one, or else what is read so.
func (w word) places(plain string) [][2]int {
	var found [][2]int
	for at := 0; ; {
		i := strings.Index(plain[at:], w.text)
		if i < 0 {
			break
		}
		from, to := at+i, at+i+len(w.text)
		if w.han || begun(plain, from) {
			found = append(found, [2]int{from, to})
		}
		at = to
	}
	if len(found) > 0 || !isLatin(w.text) {
		return found
	}
	for _, cut := range cuts(w.text) {
		if from, to, ok := spelled(plain, cut, false); ok {
			return [][2]int{{from, to}}
		}
	}
	if letters := strings.Split(w.text, ""); len(letters) > 1 {
		if from, to, ok := spelled(plain, letters, true); ok {
			return [][2]int{{from, to}}
		}
	}
	return nil
}

// begun says whether a word of letters, or a part of one such as the digits of h9, begins at a byte.
func begun(plain string, at int) bool {
	if at == 0 {
		return true
	}
	var last rune
	for _, r := range plain[:at] {
		last = r
	}
	var first rune
	for _, r := range plain[at:] {
		first = r
		break
	}
	return !isWord(last) || unicode.Is(unicode.Han, last) || unicode.IsDigit(last) != unicode.IsDigit(first)
}
