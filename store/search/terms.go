package search

import (
	"dashop/store/typed"
	"strings"
)

// The fields of a product, in the order of the lines of its words.
const (
	fieldName = iota
	fieldNameEN
	fieldBrand
	fieldBrandEN
	fieldCategory2
	fieldCategory2EN
	fieldCategory3
	fieldCategory3EN
	fieldCaption
	fieldCaptionEN
	fieldText
	fieldTextEN
	fields
)

// What is read of a description: its beginning says what it is, and a term for each pair of ten thousand characters would
// make the table large for little.
const (
	maxText   = 300
	maxTextEN = 400
)

// kind says which terms a field gets.
type kind struct {
	level    int
	single   bool // each Chinese character too, for a query of one character
	pinyin   bool
	prefixes bool
}

var kinds = [fields]kind{
	fieldName:        {levelName, true, true, true},
	fieldNameEN:      {levelName, true, true, true},
	fieldBrand:       {levelNote, true, true, true},
	fieldBrandEN:     {levelNote, false, false, true},
	fieldCategory2:   {levelNote, true, true, false},
	fieldCategory2EN: {levelNote, false, false, true},
	fieldCategory3:   {levelNote, true, true, false},
	fieldCategory3EN: {levelNote, false, false, true},
	fieldCaption:     {levelNote, false, false, false},
	fieldCaptionEN:   {levelNote, false, false, false},
	fieldText:        {levelText, false, false, false},
	fieldTextEN:      {levelText, false, false, false},
}

// wordsOf puts the fields of a product together as they are kept: normal, a field a line.
func wordsOf(texts [fields]string) string {
	lines := make([]string, fields)
	for i, text := range texts {
		limit := 500
		switch i {
		case fieldText:
			limit = maxText
		case fieldTextEN:
			limit = maxTextEN
		}
		lines[i] = typed.Clip(normal(typed.Clip(text, 2*limit)), limit)
	}
	return strings.Join(lines, "\n")
}

// termsOf are all terms of a product's words, each with the best level at which it stands. It is a function of the words
// alone, so that the rows of a product can be told from what is kept in search_docs.
func termsOf(words string) map[int64]int {
	found := termSet{}
	for i, line := range strings.Split(words, "\n") {
		if i < fields {
			found.field(line, kinds[i])
		}
	}
	return found
}

type termSet map[int64]int

func (t termSet) add(term string, level int) {
	h := hash(term)
	if was := t[h]; was == 0 || level < was {
		t[h] = level
	}
}

func (t termSet) field(line string, k kind) {
	before := ""
	for _, r := range runs(line) {
		if r.han {
			t.han(r.text, k)
			before = ""
			continue
		}
		word := typed.Clip(r.text, maxWord)
		t.word(word, k)
		if r.joined && before != "" { // wh-1000 is found as wh1000 too
			word = typed.Clip(before+word, maxWord)
			t.add(word, k.level)
		}
		before = word
	}
}

func (t termSet) word(word string, k kind) {
	t.add(word, k.level)
	for _, part := range parts(word, 2) {
		t.add(part, k.level)
	}
	if k.prefixes {
		for _, p := range prefixes(word) {
			t.add(p, k.level)
		}
	}
}

func (t termSet) han(text string, k kind) {
	for _, pair := range bigrams(text) {
		t.add(pair, k.level)
	}
	if k.single {
		for _, r := range text {
			t.add(string(r), k.level)
		}
	}
	if !k.pinyin {
		return
	}
	var before []string
	for _, r := range text {
		now := readings(r)
		for _, s := range now {
			t.add(s, k.level)
			for _, b := range before {
				t.add(b+s, k.level)
				t.add(b[:1]+s[:1], min(k.level+1, levelText))
			}
		}
		before = now
	}
}
