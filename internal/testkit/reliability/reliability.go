// Package reliability keeps the tables of docs/reliability.md true: long tests leave what they counted, and the suite writes it down.
// It must never record a test that failed or was skipped, nor a figure that the test did not count itself.
// Start reading at [Record]; [Update] writes the document.
package reliability

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// EnvDir names the environment variable with the folder where test binaries leave their tables; unset, none are kept.
const EnvDir = "PINTAIL_RELIABILITY_DIR"

// Long tells whether the run is the long one, with the full figures.
func Long() bool { return os.Getenv("PINTAIL_LONG") == "1" }

// Table is one section of the document.
type Table struct {
	ID      string // names and orders the sections: "10-faults"; one test only has it
	Title   string
	Note    string // what was done and how it was judged, in a sentence or two; may be empty
	Columns []string
	Rows    [][]string // as many cells a row as there are columns; a cell is one line of plain text
}

// Record keeps a table when the test ends without failure or skip. It belongs to the end of a test that has counted everything;
// runs that are not [Long] record as well, if the variable is set.
func Record(t testing.TB, table Table) {
	t.Helper()
	for _, row := range table.Rows {
		if len(row) != len(table.Columns) {
			t.Fatalf("%s: a row has %d cells for %d columns: %q", table.ID, len(row), len(table.Columns), row)
		}
	}
	dir := os.Getenv(EnvDir)
	if dir == "" {
		return
	}
	t.Cleanup(func() {
		if t.Failed() || t.Skipped() {
			return
		}
		b, err := json.Marshal(table)
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, table.ID+".json"), b, 0o600)
		}
		if err != nil {
			t.Error(err)
		}
	})
}

// begin is the line after which the tests' part of the document begins; everything before it is written by hand.
const begin = "<!-- Below: written by `make test-long`. -->\n"

const section = "<!-- table "

// Update writes the tables in dir into the document. Sections without a table in dir stay as they are, unless whole says that
// everything has run: then they go.
func Update(doc, dir string, whole bool) error {
	old, err := os.ReadFile(doc)
	if err != nil {
		return fmt.Errorf("reliability: %w", err)
	}
	tables, err := read(dir)
	if err != nil {
		return err
	}
	text, err := merge(string(old), tables, whole)
	if err != nil {
		return fmt.Errorf("%s: %w", doc, err)
	}
	if err := os.WriteFile(doc, []byte(text), 0o644); err != nil {
		return fmt.Errorf("reliability: %w", err)
	}
	return nil
}

func read(dir string) ([]Table, error) {
	files, err := fs.Glob(os.DirFS(dir), "*.json")
	if err != nil {
		return nil, fmt.Errorf("reliability: %w", err)
	}
	var all []Table
	for _, name := range files {
		var t Table
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err == nil {
			err = json.Unmarshal(b, &t)
		}
		if err != nil {
			return nil, fmt.Errorf("reliability: %s: %w", name, err)
		}
		all = append(all, t)
	}
	return all, nil
}

// merge is the document with the tables in place of those of the same name.
func merge(old string, tables []Table, whole bool) (string, error) {
	head, rest, ok := strings.Cut(old, begin)
	if !ok {
		return "", errors.New("the line where the tests' part begins is missing")
	}
	texts := map[string]string{}
	for _, part := range strings.Split(rest, section)[1:] {
		if id, _, ok := strings.Cut(part, " -->"); ok && !whole {
			texts[id] = section + strings.TrimRight(part, "\n") + "\n"
		}
	}
	for _, t := range tables {
		texts[t.ID] = t.text()
	}
	ids := make([]string, 0, len(texts))
	for id := range texts {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, cmp.Compare[string])
	var b strings.Builder
	b.WriteString(head + begin)
	for _, id := range ids {
		b.WriteString("\n" + texts[id])
	}
	return b.String(), nil
}

func (t Table) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s%s -->\n## %s\n\n", section, t.ID, t.Title)
	if t.Note != "" {
		fmt.Fprintf(&b, "%s\n\n", t.Note)
	}
	row := func(cells []string) {
		escaped := make([]string, len(cells))
		for i, c := range cells {
			escaped[i] = strings.NewReplacer("|", "\\|", "\n", " ").Replace(c)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(escaped, " | "))
	}
	row(t.Columns)
	b.WriteString(strings.Repeat("|---", len(t.Columns)) + "|\n")
	for _, r := range t.Rows {
		row(r)
	}
	return b.String()
}
