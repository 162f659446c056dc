package search

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"  Ｈ９　耳机\t\n": "h9 耳机", "ﬁne ①": "fine 1", "a\x00b": "a b", "\xff茶": "茶", "ÅÉ": "åé", "": "",
	} {
		if got := normal(in); got != want {
			t.Errorf("normal(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestRuns(t *testing.T) {
	for in, want := range map[string]string{
		"澄音 h9 头戴降噪耳机":   "澄音 h9 头戴降噪耳机",
		"t恤":             "t 恤",
		"wh-1000xm4":     "wh -1000xm4",
		"a--b a-茶 茶-b":   "a b a 茶 茶 b",
		"6.5 英寸，1–120hz": "6 5 英寸 1 120hz",
		"《雨季来信》":         "雨季来信",
		"%_\\'\"🎁":       "",
		"-a":             "a",
		"カメラ一台":          "カメラ 一台",
	} {
		var got []string
		for _, r := range runs(in) {
			text := r.text
			if r.joined {
				text = "-" + text
			}
			got = append(got, text)
		}
		if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
			t.Errorf("runs(%q): %s", in, diff)
		}
	}
}

func TestPieces(t *testing.T) {
	if got := bigrams("降噪耳机"); !slices.Equal(got, []string{"降噪", "噪耳", "耳机"}) {
		t.Error(got)
	}
	if got := bigrams("茶"); !slices.Equal(got, []string{"茶"}) {
		t.Error(got)
	}
	if got := parts("1000xm4", 2); !slices.Equal(got, []string{"1000", "xm"}) {
		t.Error(got)
	}
	if got := parts("nova7", 1); !slices.Equal(got, []string{"nova", "7"}) {
		t.Error(got)
	}
	if got := parts("nova", 1); len(got) != 0 {
		t.Error(got)
	}
	if got := prefixes("phone"); !slices.Equal(got, []string{"ph", "pho", "phon"}) {
		t.Error(got)
	}
}

// A product is found by these terms, each at the level of the best field that has it, and by no others of the table.
func TestTerms(t *testing.T) {
	terms := termsOf(wordsOf([fields]string{
		fieldName: "澄音 WH-1000 耳机", fieldNameEN: "Wine Glass", fieldBrand: "重庆", fieldCategory3: "影音设备",
		fieldCaption: "地铁里", fieldText: "轻便的耳机，14e", fieldTextEN: "gentle",
	}))
	for term, level := range map[string]int{
		"澄音": 1, "耳机": 1, "耳": 1, "erji": 1, "er": 1, "ej": 2, "chengyin": 1, "cy": 2, "wh": 1, "1000": 1, "wh1000": 1, "10": 1, "wine": 1,
		"gla": 1,
		"重庆":  2, "chongqing": 2, "zhongqing": 2, "cq": 3, "影音": 2, "yingyin": 2, "地铁": 2, "轻便": 3, "14e": 3, "14": 3, "gentle": 3,
		"音机": 0, "地": 0, "ditie": 0, "gent": 0, "轻": 0, "庆影": 0, "音耳": 0,
	} {
		if got := terms[hash(term)]; got != level {
			t.Errorf("%s is at level %d, want %d", term, got, level)
		}
	}
}

// The rows of every shop are made of these: a change needs another version.
func TestHashNeverChanges(t *testing.T) {
	for term, want := range map[string]int64{"": -3750763034362895579, "a": -5808556873153909620} {
		if got := hash(term); got != want {
			t.Errorf("hash(%q) = %d, want %d", term, got, want)
		}
	}
}

func TestCuts(t *testing.T) {
	for word, want := range map[string]string{
		"erji": "er ji", "lanyayinxiang": "lan ya yin xiang", "xian": "xian", "lvcha": "lv cha",
		"lanyayinx": "lan ya yin", "cha": "cha", "zzz": "", "phone": "", "v": "",
	} {
		got := ""
		if all := cuts(word); len(all) > 0 {
			got = strings.Join(all[0], " ")
		}
		if got != want {
			t.Errorf("cuts(%q) begins with %q, want %q", word, got, want)
		}
	}
	// Both ways to read it are there.
	if all := cuts("xian"); len(all) != 2 || strings.Join(all[1], " ") != "xi an" {
		t.Errorf("cuts(xian) = %v", all)
	}
}

func TestBucket(t *testing.T) {
	if Bucket(-1) != Bucket(0) || Bucket(0) != 255 {
		t.Error("nothing sold is not the last bucket")
	}
	last := Bucket(0)
	for _, sold := range []int64{1, 2, 3, 4, 6, 8, 12, 1000, 1 << 40, 1<<63 - 1} {
		b := Bucket(sold)
		if b >= last || b < 0 {
			t.Errorf("bucket of %d is %d, after %d", sold, b, last)
		}
		last = b
	}
	if Bucket(100) != Bucket(110) {
		t.Error("a few more move a product")
	}
}

func TestMark(t *testing.T) {
	for _, c := range []struct{ q, text, want string }{
		{"降噪耳机", "澄音 H9 头戴降噪耳机", "澄音 H9 头戴[降噪耳机]"},
		{"h9 头戴", "澄音 H9 头戴降噪耳机", "澄音 [H9] [头戴]降噪耳机"},
		{"erji", "头戴降噪耳机", "头戴降噪[耳机]"},
		{"ej", "头戴降噪耳机", "头戴降噪[耳机]"},
		{"phone", "Phones and headphones", "[Phone]s and headphones"},
		{"9", "H9 19", "H[9] 19"},
		{"茶", "茶杯和茶壶", "[茶]杯和[茶]壶"},
		{"fine", "ﬁne ﬁnest", "[ﬁne] [ﬁne]st"},
		{"<b>", "a <b> c", "a <[b]> c"},
		{"%", "100%", "100%"},
		{"茶", "", ""},
		{"耳", "\xff耳", "\xff[耳]"},
	} {
		q, err := Parse(c.q)
		if err != nil {
			t.Fatal(err)
		}
		var got strings.Builder
		for _, p := range q.Mark(c.text) {
			if p.Hit {
				got.WriteString("[" + p.Text + "]")
			} else {
				got.WriteString(p.Text)
			}
		}
		if got.String() != c.want {
			t.Errorf("%q marks %q, want %q", c.q, got.String(), c.want)
		}
	}
}

func TestEdits(t *testing.T) {
	list := edits("abc")
	for _, want := range []string{"ab", "bac", "abd", "abcd", "xabc"} {
		if !slices.Contains(list, want) {
			t.Errorf("%s is not one away from abc", want)
		}
	}
	if slices.Contains(list, "abc") || slices.Contains(list, "cab") {
		t.Error(list)
	}
}

// Whatever the text, the tokenizer ends, the pieces of a marked text are the text, and every word of a name that is a
// product's finds it: its own terms are among the product's.
func FuzzWords(f *testing.F) {
	for _, s := range []string{"澄音 H9 头戴降噪耳机", "wh-1000xm4", "T恤", "\xff\x00", "xianxianxianxian", "🎁é́", "ﷺ", "-a-b-", "lanyayinxiang"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, name, asked string) {
		words := wordsOf([fields]string{fieldName: name})
		if !utf8.ValidString(words) || strings.Count(words, "\n") != fields-1 {
			t.Fatalf("words %q", words)
		}
		terms := termsOf(words)
		for _, r := range runs(strings.SplitN(words, "\n", 2)[0]) {
			for _, term := range newWord(r).choices[0].terms {
				if terms[hash(term)] != levelName {
					t.Errorf("%q is not found by its own %q", name, term)
				}
			}
		}
		q, err := Parse(asked)
		if err != nil {
			return
		}
		var whole strings.Builder
		for _, p := range q.Mark(name) {
			whole.WriteString(p.Text)
		}
		if whole.String() != name {
			t.Errorf("marking %q in %q makes %q", asked, name, whole.String())
		}
	})
}
