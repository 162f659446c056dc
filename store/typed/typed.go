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
	count := 0
	for at := range s {
		if count == n {
			return s[:at]
		}
		count++
	}
	return s
}

// Digits is a code or number without white space, and with ASCII digits in place of the full-width ones of Chinese keyboards.
func Digits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case unicode.IsSpace(r):
			return -1
		}
		return r
	}, s)
}
