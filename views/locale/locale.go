// Package locale puts the words of every page into the reader's language.
package locale

import (
	"fmt"

	"dashop/store/fault"
)

// Lang is a language of the shop.
type Lang string

// The languages. Chinese is the one in which the pages are written.
const (
	Zh Lang = "zh"
	En Lang = "en"
)

// Tag is the language for the lang attribute of <html>.
func (l Lang) Tag() string {
	if l == En {
		return "en"
	}
	return "zh-CN"
}

// Parse reads a language from a cookie or a query; anything unknown is "".
func Parse(s string) Lang {
	switch l := Lang(s); l {
	case Zh, En:
		return l
	}
	return ""
}

// english is the English catalogue: Chinese text to English text. Each en_*.go file adds its own part.
var english = map[string]string{}

// clashes are the keys that two files translate differently, for the test to name.
var clashes []string

// add puts one file's part into the English catalogue: var _ = add(map[string]string{…}).
func add(part map[string]string) bool {
	for zh, en := range part {
		if old, ok := english[zh]; ok && old != en {
			clashes = append(clashes, zh)
		}
		english[zh] = en
	}
	return true
}

// T says msg, a Chinese text with %-verbs for args, in a language. A text without a translation stays Chinese.
func T(lang Lang, msg string, args ...any) string {
	if lang == En {
		if en, ok := english[msg]; ok {
			msg = en
		}
	}
	if len(args) == 0 {
		return msg
	}
	return fmt.Sprintf(msg, args...)
}

// Text says a fault's sentence in a language. An argument that is itself a fault.Text is put into the language first.
func Text(lang Lang, t fault.Text) string {
	args := make([]any, len(t.Args))
	for i, a := range t.Args {
		if inner, ok := a.(fault.Text); ok {
			a = Text(lang, inner)
		}
		args[i] = a
	}
	return T(lang, t.Msg, args...)
}
