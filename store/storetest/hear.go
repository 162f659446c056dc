package storetest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"dashop/store/db"
)

// Statement is one that the shop sent, with the arguments of some of the times.
type Statement struct {
	Text string // with lists of placeholders as one
	From string // the file and line that sent it first
	Uses []Use
	seen map[string]bool // the uses
}

// Use is a statement as it was sent.
type Use struct {
	Text string
	Args []any
}

// mostUses are kept of a statement.
const mostUses = 100

// Heard is what the shops of a test sent to their databases, on each driver.
type Heard struct {
	mu sync.Mutex
	by map[string]map[string]*Statement // by driver and text
}

var listener atomic.Pointer[Heard]

// Hear keeps the statements that the shop sends to databases that are opened from now until the end of the test. Those that tests send
// themselves are left out.
func Hear(t testing.TB) *Heard {
	t.Helper()
	h := &Heard{by: map[string]map[string]*Statement{}}
	if !listener.CompareAndSwap(nil, h) {
		t.Fatal("another test is listening")
	}
	t.Cleanup(func() { listener.Store(nil) })
	return h
}

func (h *Heard) listenTo(d *db.DB) {
	driver := d.Driver()
	d.OnStatement(func(statement string, args []any) {
		from, ours := sender()
		if !ours {
			return
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		if h.by[driver] == nil {
			h.by[driver] = map[string]*Statement{}
		}
		text := Plain(statement)
		s := h.by[driver][text]
		if s == nil {
			s = &Statement{Text: text, From: from, seen: map[string]bool{}}
			h.by[driver][text] = s
		}
		if key := statement + fmt.Sprint(args...); len(s.Uses) < mostUses && !s.seen[key] {
			s.seen[key] = true
			s.Uses = append(s.Uses, Use{statement, slices.Clone(args)})
		}
	})
}

// sender is the line outside store/db that sent a statement, and whether it is the shop's.
func sender() (from string, ours bool) {
	var pcs [24]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])])
	for {
		f, more := frames.Next()
		inside := strings.Contains(f.File, "store/db/") && !strings.HasSuffix(f.File, "_test.go")
		if !inside || !more {
			test := strings.HasSuffix(f.File, "_test.go") || strings.Contains(f.File, "/storetest/") || strings.Contains(f.File, "/webtest/")
			at := f.File[max(0, strings.LastIndex(f.File, "store/")):]
			return at + ":" + strconv.Itoa(f.Line), !test && !strings.Contains(f.File, "store/demo/")
		}
	}
}

// Statements are those of a driver, in the order of their text.
func (h *Heard) Statements(driver string) []*Statement {
	h.mu.Lock()
	defer h.mu.Unlock()
	var list []*Statement
	for _, s := range h.by[driver] {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *Statement) int { return strings.Compare(a.Text, b.Text) })
	return list
}

var (
	lists  = regexp.MustCompile(`\?(?:, ?\?)+`)
	tuples = regexp.MustCompile(`\(\?\)(?:, ?\(\?\))+`)
	blanks = regexp.MustCompile(`\s+`)
)

// Plain is a statement with each run of white space as one blank, and each list of placeholders as one.
func Plain(statement string) string {
	plain := strings.TrimSpace(blanks.ReplaceAllString(statement, " "))
	return tuples.ReplaceAllString(lists.ReplaceAllString(plain, "?"), "(?)")
}

var (
	keyword = regexp.MustCompile(`\b(?:SELECT|INSERT|UPDATE|DELETE|FROM|WHERE|AND|JOIN|ORDER BY|GROUP BY|LIMIT|OFFSET|VALUES|UNION|SET|IN) ?`)
	verb    = regexp.MustCompile(`%(?:\[\d+\])?[a-z]`)
)

// Unheard are the pieces of SQL in the source below root, with where they stand, that were in no statement that was heard on any driver.
// Files for which skip says so are left out.
func (h *Heard) Unheard(t testing.TB, root string, skip func(file string) bool) map[string]string {
	t.Helper()
	var all strings.Builder
	for _, driver := range []string{db.SQLite, db.MySQL} {
		for _, s := range h.Statements(driver) {
			all.WriteString(s.Text + "\n")
		}
	}
	heard, missing := all.String(), map[string]string{}
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		file, _ := filepath.Rel(root, path)
		if err != nil || e.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") || skip(filepath.ToSlash(file)) {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for at, piece := range pieces(t, file, source) {
			if !strings.Contains(heard, piece) {
				missing[piece] = at
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return missing
}

// pieces are the parts of SQL in the texts of a file, by where they stand: a text that is filled in by Sprintf has several.
func pieces(t testing.TB, name string, source []byte) map[string]string {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		literal, ok := n.(*ast.BasicLit)
		if !ok || literal.Kind != token.STRING {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil || !keyword.MatchString(text) {
			return true
		}
		for i, piece := range verb.Split(text, -1) {
			if piece = Plain(piece); len(piece) > 3 {
				found[set.Position(literal.Pos()).String()+":"+strconv.Itoa(i)] = piece
			}
		}
		return true
	})
	return found
}
