package search

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

// The scheme of pinyin is bounded like that of characters: of each Chinese run in a name, brand or category
//
//   - each syllable (cha finds 茶),
//   - each pair of neighbouring syllables (erji finds 耳机),
//   - the initials of each pair (ej finds 耳机), one level below
//
// are terms. A longer query is cut into syllables, or else initials, whose pairs must all be there; the words of the
// products found are then read once more to see that they stand in a row. A last syllable that is not complete yet, as
// while typing, is left out of that.

// more are the characters that goods are often named with and that have a second reading today.
var more = map[rune]string{
	'重': "chong", '长': "zhang", '调': "diao", '乐': "yue", '行': "hang", '会': "kuai", '还': "huan", '降': "xiang", '薄': "bo",
	'弹': "tan", '便': "pian", '干': "gan", '好': "hao", '空': "kong", '卷': "juan", '量': "liang", '少': "shao", '数': "shu",
	'相': "xiang", '种': "zhong", '转': "zhuan", '着': "zhao", '只': "zhi", '中': "zhong", '藏': "zang", '称': "chen", '盛': "sheng",
	'朝': "chao", '率': "lv", '角': "jiao", '壳': "qiao", '露': "lou", '削': "xue", '血': "xie", '柏': "bai", '参': "shen", '石': "shi",
	'大': "da", '拓': "tuo", '单': "dan", '提': "ti", '发': "fa", '处': "chu", '得': "de", '地': "di", '的': "de", '系': "xi", '奇': "qi",
	'番': "fan", '茄': "qie", '扁': "bian", '仔': "zai", '糕': "gao", '泡': "pao", '散': "san", '炮': "pao", '钉': "ding", '枪': "qiang",
}

// readingsText has a line for each syllable: the syllable, a blank, and the characters that are usually read so. It says what the
// dictionary of github.com/mozillazg/go-pinyin says (see NOTICE), which itself is decoded at each start into 3 MB.
//
//go:embed readings.txt
var readingsText string

// dictionary has the syllables of all characters.
type dictionary struct {
	readings [][]string // the first of them is none
	of       []uint16   // by character: which of the readings
}

// decoded is the dictionary, which takes some milliseconds the first time.
var decoded = sync.OnceValue(func() *dictionary {
	d := &dictionary{readings: [][]string{nil}}
	for line := range strings.Lines(readingsText) {
		syllable, characters, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		d.add(characters, syllable)
	}
	for r, second := range more {
		if usual := d.find(r); !slices.Contains(usual, second) {
			d.add(string(r), append(slices.Clone(usual), second)...)
		}
	}
	return d
})

func (d *dictionary) add(characters string, syllables ...string) {
	for _, r := range characters {
		if missing := int(r) + 1 - len(d.of); missing > 0 {
			d.of = append(d.of, make([]uint16, missing)...)
		}
		d.of[r] = uint16(len(d.readings))
	}
	d.readings = append(d.readings, syllables)
}

func (d *dictionary) find(r rune) []string {
	if r < 0 || int(r) >= len(d.of) {
		return nil
	}
	return d.readings[d.of[r]]
}

// readings are the syllables of a character, the usual one first; none for a character that is not in the dictionary. The
// answer is shared: do not change it.
func readings(r rune) []string { return decoded().find(r) }

// syllables is every syllable that some character is read as.
var syllables = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for _, list := range decoded().readings {
		for _, s := range list {
			all[s] = true
		}
	}
	for _, odd := range []string{"m", "n", "ng", "hm", "hng"} { // read so by a handful; they would cut real words to pieces
		delete(all, odd)
	}
	return all
})

const maxSyllable = 6

// maxCuts bounds the ways in which one word is cut.
const maxCuts = 4

// cuts are the ways to read a Latin word as syllables, those with the longest first syllables first. A rest that begins a
// syllable without ending it may be left over at the end.
func cuts(word string) [][]string {
	var found [][]string
	var now []string
	steps := 0
	var cut func(rest string)
	cut = func(rest string) {
		if steps++; steps > 400 || len(found) >= maxCuts {
			return
		}
		if rest == "" {
			found = append(found, append([]string(nil), now...))
			return
		}
		for n := min(maxSyllable, len(rest)); n > 0; n-- {
			if syllables()[rest[:n]] {
				now = append(now, rest[:n])
				cut(rest[n:])
				now = now[:len(now)-1]
			}
		}
	}
	cut(word)
	if len(found) > 0 || len(word) < 3 {
		return found
	}
	for n := 1; n < maxSyllable && n < len(word)-1; n++ { // the last syllable is being typed
		if begins(word[len(word)-n:]) {
			if cut(word[:len(word)-n]); len(found) > 0 {
				return found
			}
		}
	}
	return nil
}

// begins says whether some syllable begins so.
func begins(text string) bool { return beginnings()[text] }

var beginnings = sync.OnceValue(func() map[string]bool {
	all := map[string]bool{}
	for s := range syllables() {
		for n := 1; n <= len(s); n++ {
			all[s[:n]] = true
		}
	}
	return all
})

// isLatin says whether a word could be pinyin at all.
func isLatin(word string) bool {
	for i := range len(word) {
		if word[i] < 'a' || word[i] > 'z' {
			return false
		}
	}
	return word != ""
}

// spelled finds the first place in text where Chinese characters in a row are read as these syllables, or, for initials,
// begin with these letters. from and to are byte offsets.
func spelled(text string, want []string, initials bool) (from, to int, ok bool) {
	for at := range text {
		end, i := at, 0
		for i < len(want) && end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if !readAs(r, want[i], initials) {
				break
			}
			end, i = end+size, i+1
		}
		if i == len(want) {
			return at, end, true
		}
	}
	return 0, 0, false
}

func readAs(r rune, want string, initial bool) bool {
	if r < utf8.RuneSelf {
		return false
	}
	for _, s := range readings(r) {
		if s == want || initial && s[:1] == want {
			return true
		}
	}
	return false
}
