// Package typed tidies text as people type it into forms.
package typed

import (
	"strings"
	"unicode"
)

// Line is a text of one line: each run of white space is one space, and what cannot be seen is left out as in Lines.
func Line(s string) string {
	return strings.Join(strings.Fields(Lines(s)), " ")
}

// Lines keeps the lines of a text and leaves out what nobody can see in it: control characters, those that reverse the
// direction of writing, and more than one empty line in a row.
func Lines(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r == unicode.ReplacementChar, r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	for strings.Contains(s, "\n\n\n") {
		s = strings.ReplaceAll(s, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(s)
}

// Clip keeps the first n characters of a text.
func Clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}
