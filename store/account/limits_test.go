package account

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"dashop/store/limit"
)

// limitNames is one call of each function in limits.go that makes a name, all about things that look the same.
func limitNames() map[string]limit.Name {
	const thing = "1"
	v := Client{Address: thing, Device: "1.1"}
	return map[string]limit.Name{
		"captchaLimit": captchaLimit(v), "checkLimit": checkLimit(v), "oauthLimit": oauthLimit(v), "visitorLimit": visitorLimit(v),
		"codePauseLimit": codePauseLimit(thing), "codeMobileLimit": codeMobileLimit(thing),
		"codeHourLimit": codeHourLimit(v), "codeDayLimit": codeDayLimit(v), "codeShopLimit": codeShopLimit(),
		"loginAccountLimit": loginAccountLimit(thing), "loginAddressLimit": loginAddressLimit(v),
		"loginPairLimit": loginPairLimit(v, thing), "loginDeviceLimit": loginDeviceLimit(v, 1),
		"ownPasswordLimit": ownPasswordLimit(1), "pauseLimit": pauseLimit(ownPasswordLimit(1)),
	}
}

// Each name counts one thing: no two functions make the same, and all of them are in limits.go.
func TestLimitNamesDiffer(t *testing.T) {
	names := limitNames()
	maker := map[limit.Name]string{}
	for f, name := range names {
		if other, taken := maker[name]; taken {
			t.Errorf("%s and %s make the same name", f, other)
		}
		if maker[name] = f; name == (limit.Name{}) {
			t.Errorf("%s makes no name", f)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "limits.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	made := 0
	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && strings.HasSuffix(f.Name.Name, "Limit") {
			if made++; names[f.Name.Name] == (limit.Name{}) {
				t.Errorf("limitNames does not call %s", f.Name.Name)
			}
		}
	}
	if made != len(names) {
		t.Errorf("limits.go has %d makers of names, limitNames %d", made, len(names))
	}
}

// Each package makes the names of its limits in its file limits.go, and no two packages make names of one kind.
func TestLimitNamesAreMadeInOnePlace(t *testing.T) {
	maker := map[string]string{} // the file that makes names, by kind
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			filepath.Base(filepath.Dir(path)) == "limit" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			called, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || called.Sel.Name != "Under" && called.Sel.Name != "NewName" {
				return true
			}
			kind, ok := call.Args[0].(*ast.BasicLit)
			if !ok || filepath.Base(path) != "limits.go" {
				t.Errorf("%s makes a name of a limit", path)
			} else if other, made := maker[kind.Value]; made && other != path {
				t.Errorf("%s and %s make names of the kind %s", path, other, kind.Value)
			} else {
				maker[kind.Value] = path
			}
			return true
		})
		return nil
	})
	if err != nil || len(maker) < 10 {
		t.Errorf("%d kinds: %v", len(maker), err)
	}
}

// An account has one key, however its owner logs in, and a name nobody has is never an account's key.
func TestAccountKey(t *testing.T) {
	for _, name := range []string{"xiaoming", "13800135621"} {
		if key := accountKey(name, 7); key != "u7" {
			t.Errorf("%s: %s", name, key)
		}
	}
	if a, b := accountKey("138 0013-5621", 0), accountKey("13800135621", 0); a != b {
		t.Errorf("a mobile has two keys: %s and %s", a, b)
	}
	if accountKey("u7", 0) == accountKey("", 7) {
		t.Error("a name that nobody has counts for an account")
	}
}
