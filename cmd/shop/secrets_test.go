package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// secretRooms are where secrets are checked: what people prove who they are by, and what gateways sign.
var secretRooms = []string{"store/account", "store/payment", "web/session", "web/sandbox/logins"}

// secretName is how things are called whose comparison must not tell, by its time, how much of them was guessed.
var secretName = regexp.MustCompile(`(?i)(token|code|sign|signature|mac|secret|answer|password|passwd|proof|nonce|key|hash)s?$`)

// leakyCalls compare and stop at the first difference.
var leakyCalls = map[string]bool{"bytes.Equal": true, "bytes.Compare": true, "strings.EqualFold": true, "strings.Compare": true,
	"slices.Equal": true, "reflect.DeepEqual": true, "cmp.Compare": true}

// notSecret are comparisons of what is only called like a secret, with the reason.
var notSecret = map[string]string{
	"store/account/session.go: r.Hash == DeviceID(current)":              "hashes, which the page of devices shows to their owner",
	"store/account/oauth/qq.go: resp.StatusCode != http.StatusOK":        "a status of HTTP",
	"store/payment/start.go: *l.OpenKey == key":                          "names a way to pay one order, for the unique index",
	"store/payment/alipay/client.go: resp.StatusCode != http.StatusOK":   "a status of HTTP",
	"store/account/password.go: strings.EqualFold(name, password)":       "both were typed just now by the same person, who sets a password",
	`web/sandbox/logins/qq.go: c.Query("oauth_consumer_key") != QQAppID`: "the id of an app, which everybody may know",
}

// Secrets are compared by crypto/subtle or found by their hash; == and its like would tell a patient stranger, character by
// character, how far a guess was right.
func TestSecretsAreComparedInConstantTime(t *testing.T) {
	root := filepath.Join("..", "..")
	seen, excused := 0, map[string]bool{}
	for _, room := range secretRooms {
		err := filepath.WalkDir(filepath.Join(root, room), func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			seen++
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, found := range leaks(t, strings.TrimPrefix(path, root+string(filepath.Separator)), text) {
				if _, known := notSecret[found]; known {
					excused[found] = true
				} else {
					t.Errorf("%s: compare secrets with subtle.ConstantTimeCompare", found)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if seen < 30 || len(excused) != len(notSecret) {
		t.Errorf("%d files were looked at, and %d of %d excuses are needed", seen, len(excused), len(notSecret))
	}
}

// leaks are the comparisons in a file by which a secret could be guessed, as "file: expression".
func leaks(t *testing.T, name string, text []byte) (found []string) {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, name, text, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	note := func(n ast.Node) {
		found = append(found, fmt.Sprintf("%s: %s", name, text[fset.Position(n.Pos()).Offset:fset.Position(n.End()).Offset]))
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BinaryExpr:
			if (n.Op == token.EQL || n.Op == token.NEQ) && (secret(n.X) || secret(n.Y)) && !fixed(n.X) && !fixed(n.Y) {
				note(n)
			}
		case *ast.CallExpr:
			if s, ok := n.Fun.(*ast.SelectorExpr); ok && len(n.Args) == 2 && leakyCalls[fmt.Sprint(s.X)+"."+s.Sel.Name] &&
				(secret(n.Args[0]) || secret(n.Args[1])) {
				note(n)
			}
		case *ast.SwitchStmt:
			if n.Tag == nil || !secret(n.Tag) {
				break
			}
			for _, c := range n.Body.List {
				for _, value := range c.(*ast.CaseClause).List {
					if !fixed(value) {
						note(value)
					}
				}
			}
		}
		return true
	})
	return found
}

// secret says whether an expression is called like a secret, however it is converted.
func secret(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return secretName.MatchString(e.Name)
	case *ast.SelectorExpr:
		return secretName.MatchString(e.Sel.Name)
	case *ast.IndexExpr:
		return secret(e.X) || secret(e.Index)
	case *ast.SliceExpr:
		return secret(e.X)
	case *ast.StarExpr:
		return secret(e.X)
	case *ast.ParenExpr:
		return secret(e.X)
	case *ast.BasicLit: // a field by its name, such as values["sign"]
		return secretName.MatchString(strings.Trim(e.Value, "\"`"))
	case *ast.CallExpr: // []byte(token), r.Get("sign"), strings.TrimSpace(code), u.Token()
		if len(e.Args) > 0 {
			if s, ok := e.Fun.(*ast.Ident); ok && s.Name == "len" {
				return false
			}
			for _, arg := range e.Args {
				if secret(arg) {
					return true
				}
			}
			return false
		}
		return secret(e.Fun)
	}
	return false
}

// fixed says whether an expression is written in the code itself, so that nothing secret is compared with it.
func fixed(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.Ident:
		return e.Name == "nil" || e.Name == "true" || e.Name == "false"
	}
	return false
}

// The walk finds what it is for.
func TestLeaksAreSeen(t *testing.T) {
	for expression, leaky := range map[string]bool{
		`row.Token == token`: true, `in.Code != c.Code`: true, `string(mac) == want`: true, `bytes.Equal(sum, sign)`: true,
		`strings.EqualFold(a, r.Get("sign"))`: true,
		`*u.Secret == given`:                  true, `values["answer"][0] == want`: true, `token() == want`: true,
		`token == ""`: false, `a.Code == "10000"`: false, `len(token) == size`: false, `key == nil`: false, `row.Name == name`: false,
		`subtle.ConstantTimeCompare(token, want) == 1`: false, `hmac.Equal(sign, want)`: false,
	} {
		text := "package p\n\nvar _ = " + expression + "\n"
		if got := len(leaks(t, "p.go", []byte(text))) > 0; got != leaky {
			t.Errorf("%s: found %v, want %v", expression, got, leaky)
		}
	}
	if len(leaks(t, "p.go", []byte("package p\n\nfunc f() {\n\tswitch code {\n\tcase want, \"\":\n\t}\n}\n"))) != 1 {
		t.Error("a switch is not seen")
	}
}
