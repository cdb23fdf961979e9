package storage

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// literals are the texts in the source of this package, but for the tables of operations themselves.
func literals(t *testing.T) map[string]bool {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") || f == "permissions.go" || f == "proof.go" || f == "classify.go" {
			continue
		}
		src, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		file, err := parser.ParseFile(token.NewFileSet(), f, src, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if l, ok := n.(*ast.BasicLit); ok && l.Kind == token.STRING {
				if s, err := strconv.Unquote(l.Value); err == nil {
					found[s] = true
				}
			}
			return true
		})
	}
	return found
}

// A row for each operation, and no row that nothing asks for: in the permissions as in the answers.
func TestPermissions_AreThoseOfTheOperationsThereAre(t *testing.T) {
	used := literals(t)
	action := regexp.MustCompile(`^(s3|sts):[A-Z][A-Za-z]+$`)
	for op, p := range permissions {
		if !used[op] {
			t.Errorf("%s has a permission and nothing asks for it", op)
		}
		if _, ok := answers[op]; !ok {
			t.Errorf("%s has a permission and no row in the table of answers", op)
		}
		if !action.MatchString(p.action) || p.version != "" && !action.MatchString(p.version) {
			t.Errorf("%s: %+v is no action", op, p)
		}
	}
	for op := range answers {
		if permissions[op].action == "" {
			t.Errorf("%s has no permission", op)
		}
	}
}
