package reliability

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestUpdate_ReplacesWhatWasRecorded(t *testing.T) {
	dir := t.TempDir()
	doc := filepath.Join(dir, "doc.md")
	if err := os.WriteFile(doc, []byte("# By hand\n\n"+begin), 0o600); err != nil {
		t.Fatal(err)
	}
	update := func(whole bool, tables ...Table) string {
		t.Helper()
		records := t.TempDir()
		t.Setenv(EnvDir, records)
		for _, table := range tables {
			t.Run("record", func(t *testing.T) { Record(t, table) })
		}
		if err := Update(doc, records, whole); err != nil {
			t.Fatal(err)
		}
		b, err := os.ReadFile(doc)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	one := Table{ID: "10-a", Title: "A", Note: "Why.", Columns: []string{"x", "y"}, Rows: [][]string{{"1", "a|b"}}}
	two := Table{ID: "20-b", Title: "B", Columns: []string{"z"}, Rows: [][]string{{"old"}}}
	want := "# By hand\n\n" + begin + "\n" + section + "10-a -->\n## A\n\nWhy.\n\n| x | y |\n|---|---|\n| 1 | a\\|b |\n\n" + section + "20-b -->\n## B\n\n| z |\n|---|\n| old |\n"
	if got := update(false, two, one); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	two.Rows[0][0] = "new"
	if got := update(false, two); got != strings.Replace(want, "old", "new", 1) {
		t.Errorf("the other table is gone, or this one is old:\n%s", got)
	}
	if got := update(true, two); strings.Contains(got, "## A") || !strings.Contains(got, "| new |") {
		t.Errorf("a table that no test wrote is still there:\n%s", got)
	}
}

func TestUpdate_NeedsItsMark(t *testing.T) {
	doc := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(doc, []byte("# By hand\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Update(doc, t.TempDir(), true); err == nil {
		t.Error("written where no part of ours is")
	}
}
