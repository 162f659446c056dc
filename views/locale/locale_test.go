package locale

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"dashop/store/fault"
)

const root = "../.."

func TestEveryKeyHasEnglish(t *testing.T) {
	keys := usedKeys(t)
	if len(keys) < 50 {
		t.Fatalf("found only %d keys: the scan itself is broken", len(keys))
	}
	for _, key := range sorted(keys) {
		if _, ok := english[key]; !ok {
			t.Errorf("%s: no English for %q", keys[key], key)
		}
	}
}

func TestEnglishKeepsTheVerbs(t *testing.T) {
	for zh, en := range english {
		if a, b := verbs(zh), verbs(en); !slices.Equal(a, b) {
			t.Errorf("%q has verbs %v, its English %q has %v", zh, a, en, b)
		}
	}
}

func TestNoKeyIsTranslatedTwice(t *testing.T) {
	for _, zh := range clashes {
		t.Errorf("two files translate %q differently", zh)
	}
}

func TestText(t *testing.T) {
	text := fault.Text{Msg: "展开 %s", Args: []any{fault.Text{Msg: "购物车"}}}
	if got := Text(En, text); got != "Open Cart" {
		t.Errorf("English: %q", got)
	}
	if got := Text(Zh, text); got != "展开 购物车" {
		t.Errorf("Chinese: %q", got)
	}
	if got := T(En, "没有译文的 100%"); got != "没有译文的 100%" {
		t.Errorf("without a translation: %q", got)
	}
}

func TestScanFindsKeys(t *testing.T) {
	src := "package x\nvar a = v.T(\"甲 %s\", b)\nvar b = fault.New(fault.Invalid, 0, `乙`)\nvar c = e.With(\"f\", \"丙\")\n" +
		"var d = fault.Text{Msg: \"丁\"}\nvar e = fault.Text{\"戊\", nil}\nvar f = other(\"己\")\n"
	got := goKeys(t, "x.go", []byte(src))
	if want := []string{"甲 %s", "乙", "丙", "丁", "戊"}; !slices.Equal(got, want) {
		t.Errorf("Go: got %q, want %q", got, want)
	}
	templ := "<p title={ v.T(\"甲\") }>{ v.T(\"乙 %d\", n) }</p>{ v.Text(fault.Text{Msg: \"丙\"}) }"
	if got, want := templKeys([]byte(templ)), []string{"甲", "乙 %d", "丙"}; !slices.Equal(got, want) {
		t.Errorf("templ: got %q, want %q", got, want)
	}
}

// usedKeys scans the repository's sources for texts that people read, with the file of each.
func usedKeys(t *testing.T) map[string]string {
	keys := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return nil // a file of another's build came and went
		}
		if name := d.Name(); d.IsDir() && (name == ".git" || name == "data" || name == "node_modules") {
			return filepath.SkipDir
		}
		var found []string
		switch {
		case strings.HasSuffix(path, ".templ"):
			found = templKeys(read(t, path))
		case strings.HasSuffix(path, "_templ.go"), strings.HasSuffix(path, "_test.go"):
		case strings.HasSuffix(path, ".go"):
			found = goKeys(t, path, read(t, path))
		}
		for _, key := range found {
			if hasHan(key) {
				keys[key] = strings.TrimPrefix(path, root+"/")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func read(t *testing.T, path string) []byte {
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// templCall finds the same calls in a templ file, which the Go parser does not read.
var templCall = regexp.MustCompile(`(?:\bv\.T\(|\blocale\.T\([^,"]+, |\bfault\.Text\{(?:Msg: )?|\.With\("[^"]*", |\bfault\.Field\("[^"]*", |\bfault\.New\([^"]*)("(?:[^"\\]|\\.)*")`)

func templKeys(src []byte) []string {
	var keys []string
	for _, m := range templCall.FindAllSubmatch(src, -1) {
		if s, err := strconv.Unquote(string(m[1])); err == nil {
			keys = append(keys, s)
		}
	}
	return keys
}

// messageAt is where a function of this name takes its message, or -1.
func messageAt(name string) int {
	switch name {
	case "T":
		return 0 // v.T; locale.T has the language before it, so any string among the first two counts
	case "New":
		return 2
	case "Field", "With":
		return 1
	}
	return -1
}

func goKeys(t *testing.T, path string, src []byte) []string {
	file, err := parser.ParseFile(token.NewFileSet(), path, src, parser.SkipObjectResolution)
	if err != nil {
		t.Logf("%s: not scanned: %v", path, err)
		return nil
	}
	var keys []string
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			keys = append(keys, callKeys(n)...)
		case *ast.CompositeLit:
			keys = append(keys, textKeys(n)...)
		case *ast.FuncDecl:
			// What a Name method returns is shown through T: the words of states, reasons and events.
			if n.Name.Name == "Name" && n.Recv != nil && n.Body != nil {
				keys = append(keys, returned(n.Body)...)
			}
		}
		return true
	})
	return keys
}

func callKeys(call *ast.CallExpr) []string {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.SelectorExpr:
		name = f.Sel.Name
	case *ast.Ident:
		name = f.Name
	}
	at := messageAt(name)
	if at < 0 {
		return nil
	}
	last := at
	if name == "T" {
		last = 1
	}
	for i := at; i <= last && i < len(call.Args); i++ {
		if s, ok := literal(call.Args[i]); ok {
			return []string{s}
		}
	}
	return nil
}

func textKeys(lit *ast.CompositeLit) []string {
	sel, ok := lit.Type.(*ast.SelectorExpr)
	id, _ := lit.Type.(*ast.Ident)
	if !(ok && sel.Sel.Name == "Text" || id != nil && id.Name == "Text") || len(lit.Elts) == 0 {
		return nil
	}
	first := lit.Elts[0]
	if kv, ok := first.(*ast.KeyValueExpr); ok {
		first = kv.Value
	}
	if s, ok := literal(first); ok {
		return []string{s}
	}
	return nil
}

func returned(body *ast.BlockStmt) []string {
	var keys []string
	ast.Inspect(body, func(n ast.Node) bool {
		if ret, ok := n.(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			if s, ok := literal(ret.Results[0]); ok {
				keys = append(keys, s)
			}
		}
		return true
	})
	return keys
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

var verb = regexp.MustCompile(`%[+\-# 0-9.\[\]]*[a-zA-Z%]`)

// verbs are the %-verbs of a text in the order of their arguments.
func verbs(s string) []string {
	all := verb.FindAllString(s, -1)
	if strings.Contains(s, "%[") {
		slices.Sort(all)
		for i := range all {
			all[i] = "%" + all[i][len(all[i])-1:]
		}
	}
	return all
}

func hasHan(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r >= 0x4E00 && r <= 0x9FFF })
}

func sorted(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
