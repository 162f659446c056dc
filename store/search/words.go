package search

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

const (
	maxWord   = 32 // the letters of a word that count
	minPrefix = 2
	maxPrefix = 10
)

// normal is text as it is compared: full-width forms and ligatures made plain (NFKC), lower case, controls and runs of
// blanks one blank.
func normal(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(norm.NFKC.String(strings.ToValidUTF8(text, ""))), func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// run is a piece of normal text: Chinese characters, or letters and digits of other scripts.
type run struct {
	text   string
	han    bool
	joined bool // only a hyphen stands between the run before and this one
}

func isWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) }

// runs cuts normal text where the kind of character changes; what is neither is left out.
func runs(text string) []run {
	var all []run
	var now []rune
	han, between := false, ""
	end := func() {
		if len(now) == 0 {
			return
		}
		joined := between == "-" && !han && !all[len(all)-1].han
		all = append(all, run{text: string(now), han: han, joined: joined})
		now, between = nil, ""
	}
	for _, r := range text {
		isHan := unicode.Is(unicode.Han, r)
		if !isHan && !isWord(r) {
			end()
			if len(all) > 0 && len(between) < 2 {
				between += string(r)
			}
			continue
		}
		if isHan != han {
			end()
		}
		han, now = isHan, append(now, r)
	}
	end()
	return all
}

// bigrams are the overlapping pairs of a Chinese run; a single character is itself.
func bigrams(text string) []string {
	r := []rune(text)
	if len(r) == 1 {
		return []string{text}
	}
	pairs := make([]string, 0, len(r)-1)
	for i := 1; i < len(r); i++ {
		pairs = append(pairs, string(r[i-1:i+1]))
	}
	return pairs
}

// parts are the pieces of a word such as 1000xm4 between letters and digits, those shorter than least left out.
func parts(word string, least int) []string {
	var list []string
	from := 0
	r := []rune(word)
	for i := 1; i <= len(r); i++ {
		if i == len(r) || unicode.IsDigit(r[i]) != unicode.IsDigit(r[i-1]) {
			if i-from >= least && i-from < len(r) {
				list = append(list, string(r[from:i]))
			}
			from = i
		}
	}
	return list
}

// prefixes are the beginnings of a word by which it is found while somebody types.
func prefixes(word string) []string {
	var list []string
	r := []rune(word)
	for n := minPrefix; n < len(r) && n <= maxPrefix; n++ {
		list = append(list, string(r[:n]))
	}
	return list
}

// hash is a term as the table keeps it: FNV-1a, written out since it is most of what indexing does. It must never change:
// the rows of every shop are made of it.
func hash(term string) int64 {
	h := uint64(14695981039346656037)
	for i := range len(term) {
		h = (h ^ uint64(term[i])) * 1099511628211
	}
	return int64(h)
}
