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

func TestLimitNamesAreMadeInOnePlace(t *testing.T) {
	seen := false
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		here := false
		ast.Inspect(file, func(n ast.Node) bool {
			if call, ok := n.(*ast.SelectorExpr); ok && (call.Sel.Name == "NewName" || call.Sel.Name == "Under") {
				if x, ok := call.X.(*ast.Ident); ok && (x.Name == "limit" || call.Sel.Name == "Under") {
					here = true
				}
			}
			return true
		})
		if own := filepath.Base(path) == "limits.go" && filepath.Base(filepath.Dir(path)) == "account"; own {
			seen = here
		} else if here {
			t.Errorf("%s makes a name of a limit", path)
		}
		return nil
	})
	if err != nil || !seen {
		t.Errorf("limits.go makes no names: %v", err)
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
