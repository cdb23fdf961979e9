package info

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/storage"
	"pintail/ui/look"
)

// Enter renames once, what cannot be is said below the field, and Escape and leaving the field change nothing.
func TestPane_NameRenames(t *testing.T) {
	b := newBench(t)
	d := newDesk(t, b, look.Light, LeastWidth)
	var asked []string
	d.pane.o.Rename = func(it Item, name string) string {
		if name == "taken.txt" {
			return "There is something of that name"
		}
		asked = append(asked, it.At.Key+" -> "+name)
		return ""
	}
	b.show(b.put("dir/old.txt", "x", storage.WriteOptions{}))
	b.calm()
	n := d.pane.views[General].(*generalView).name
	write := func(s string, key fyne.KeyName) {
		d.win.Canvas().Focus(n.entry)
		n.entry.TypedShortcut(&fyne.ShortcutSelectAll{})
		test.Type(n.entry, s)
		n.entry.TypedKey(&fyne.KeyEvent{Name: key})
	}
	write("x", fyne.KeyEscape)
	if n.entry.Text != "old.txt" || asked != nil {
		t.Errorf("Escape leaves %q, %q", n.entry.Text, asked)
	}
	write("taken.txt", fyne.KeyReturn)
	d.pane.Update() // an answer comes meanwhile
	if n.entry.Text != "taken.txt" || n.row.Remark() != "There is something of that name" || asked != nil {
		t.Errorf("%q, it says %q, %q", n.entry.Text, n.row.Remark(), asked)
	}
	d.inside("name")
	d.keep("name")
	write("new.txt", fyne.KeyReturn)
	write("new.txt", fyne.KeyReturn)
	if len(asked) != 1 || asked[0] != "dir/old.txt -> new.txt" || n.row.Remark() != "" {
		t.Errorf("asked %q, it says %q", asked, n.row.Remark())
	}
	write("newer.txt", fyne.KeyTab)
	d.win.Canvas().Unfocus()
	if n.entry.Text != "old.txt" || len(asked) != 1 {
		t.Errorf("leaving the field: %q, %q", n.entry.Text, asked)
	}
	b.show(Item{At: storage.Location{Bucket: "bucket"}, Folder: true})
	if f := b.fact("name"); f.Value != "bucket" || n.renames() {
		t.Error("a bucket can be renamed")
	}
	b.show(Item{At: storage.Location{Bucket: "bucket", Key: "a\nb"}})
	if n.renames() {
		t.Error("a name that is not shown as it is can be edited")
	}
}
