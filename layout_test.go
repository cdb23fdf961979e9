// Package pintail_test holds the rules of the repository's layout as tests: who may import what, and how files look.
// It must never list exceptions: a rule that does not fit is changed in docs/design.md first.
// Start reading at TestLayout_ImportsFollowTheArchitecture.
package pintail_test

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// source is one Go file of the module.
type source struct {
	path   string // slash-separated, from the repository's root
	dir    string
	test   bool
	lines  int
	syntax *ast.File
	fset   *token.FileSet
}

// sources parses every Go file of the module.
func sources(t *testing.T) []source {
	t.Helper()
	var list []source
	fset := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != "." && (d.Name() == "testdata" || d.Name() == "build" || strings.ContainsAny(d.Name()[:1], "._")) {
			return filepath.SkipDir
		}
		if _, err := os.Stat(filepath.Join(p, "go.mod")); d.IsDir() && p != "." && err == nil {
			return filepath.SkipDir // another module: what it needs is none of ours
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		f, err := parser.ParseFile(fset, p, b, parser.ParseComments)
		if err != nil {
			return err
		}
		p = filepath.ToSlash(p)
		list = append(list, source{
			path: p, dir: path.Dir(p), test: strings.HasSuffix(p, "_test.go"),
			lines: bytes.Count(b, []byte("\n")), syntax: f, fset: fset,
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// imports is the import paths of a file.
func (s source) imports() []string {
	var list []string
	for _, i := range s.syntax.Imports {
		if p, err := strconv.Unquote(i.Path.Value); err == nil {
			list = append(list, p)
		}
	}
	return list
}

// under says whether a slash-separated path is one of the folders or below one.
func under(p string, folders ...string) bool {
	return slices.ContainsFunc(folders, func(f string) bool { return p == f || strings.HasPrefix(p, f+"/") })
}

// importRule says which folders alone may import a family of packages.
type importRule struct {
	family  string
	folders []string
}

var importRules = []importRule{
	{"fyne.io", []string{"ui", "cmd/pintail"}},
	{"fyne.io/fyne/v2/app", []string{"cmd/pintail"}},
	{"github.com/aws", []string{"storage", "keychain"}},
	{"pintail/ui", []string{"ui", "cmd/pintail"}},
	{"pintail/cmd", nil},
}

func TestLayout_ImportsFollowTheArchitecture(t *testing.T) {
	for _, s := range sources(t) {
		for _, imp := range s.imports() {
			for _, r := range importRules {
				if under(imp, r.family) && !under(s.dir, r.folders...) {
					t.Errorf("%s imports %s: only %q may", s.path, imp, r.folders)
				}
			}
			if !s.test && under(s.dir, "storage") && under(imp, "pintail") && !under(imp, "pintail/storage", "pintail/internal") {
				t.Errorf("%s imports %s: storage knows internal leaf packages only", s.path, imp)
			}
			if !s.test && under(s.dir, "transfer") && under(imp, "pintail") &&
				!under(imp, "pintail/transfer", "pintail/storage", "pintail/internal") {
				t.Errorf("%s imports %s: transfer knows storage and internal packages only", s.path, imp)
			}
		}
	}
}

// What storage uses knows nothing else of the project, so that no cycle and no back door can grow there.
func TestLayout_StorageUsesLeavesOnly(t *testing.T) {
	all := sources(t)
	leaves := map[string]bool{}
	for _, s := range all {
		for _, imp := range s.imports() {
			if !s.test && under(s.dir, "storage") && under(imp, "pintail/internal") {
				leaves[strings.TrimPrefix(imp, "pintail/")] = true
			}
		}
	}
	for _, s := range all {
		for _, imp := range s.imports() {
			if !s.test && leaves[s.dir] && under(imp, "pintail") {
				t.Errorf("%s imports %s, but storage uses %s", s.path, imp, s.dir)
			}
		}
	}
}

func TestLayout_WindowsTouchNoFiles(t *testing.T) {
	banned := []string{"Open", "OpenFile", "OpenRoot", "Create", "CreateTemp", "ReadFile", "WriteFile", "ReadDir", "Mkdir",
		"MkdirAll", "MkdirTemp", "Remove", "RemoveAll", "Rename", "Stat", "Lstat", "Truncate"}
	for _, s := range sources(t) {
		if s.test || !under(s.dir, "ui") {
			continue
		}
		ast.Inspect(s.syntax, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == "os" && slices.Contains(banned, sel.Sel.Name) {
				t.Errorf("%s uses os.%s: files belong to internal/localfs", s.fset.Position(n.Pos()), sel.Sel.Name)
			}
			return true
		})
	}
}

func TestLayout_EveryPackageSaysWhatItIsFor(t *testing.T) {
	docs := map[string]int{} // folder → lines of its package comment
	for _, s := range sources(t) {
		if s.test && s.dir != "." {
			continue
		}
		lines := 0
		if s.syntax.Doc != nil {
			lines = strings.Count(strings.TrimSpace(s.syntax.Doc.Text()), "\n") + 1
		}
		docs[s.dir] = max(docs[s.dir], lines)
	}
	for dir, lines := range docs {
		if lines < 2 || lines > 12 {
			t.Errorf("%s: its package comment has %d lines; about three say what for, what never, where to start", dir, lines)
		}
	}
}

// A longer file says why at its head: "// Over 500 lines: the reason".
func TestLayout_LongFilesGiveAReason(t *testing.T) {
	for _, s := range sources(t) {
		if s.lines <= 500 {
			continue
		}
		reason := slices.ContainsFunc(s.syntax.Comments, func(g *ast.CommentGroup) bool {
			return s.fset.Position(g.Pos()).Line <= 12 && strings.Contains(g.Text(), "Over 500 lines: ")
		})
		if !reason {
			t.Errorf("%s has %d lines and gives no reason at its head", s.path, s.lines)
		}
	}
}

// deps is every package that a program links when built with the environment env.
func deps(t *testing.T, pkg string, env ...string) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", pkg)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -deps %s: %v", pkg, err)
	}
	return strings.Fields(string(out))
}

func TestLayout_CommandLineLinksNoWindowSystem(t *testing.T) {
	for _, target := range []string{"linux", "darwin", "windows"} {
		for _, d := range deps(t, "./cmd/pintail-cli", "CGO_ENABLED=0", "GOOS="+target) {
			if under(d, "fyne.io", "github.com/go-gl", "pintail/ui") {
				t.Errorf("%s: pintail-cli links %s", target, d)
			}
		}
	}
}

func TestLayout_ProgramsLinkNoTestCode(t *testing.T) {
	for program, cgo := range map[string]string{"./cmd/pintail": "1", "./cmd/pintail-cli": "0"} {
		for _, d := range deps(t, program, "CGO_ENABLED="+cgo) {
			if d == "testing" || under(d, "pintail/internal/testkit", "pintail/internal/faultserver") {
				t.Errorf("%s links %s", program, d)
			}
		}
	}
}
