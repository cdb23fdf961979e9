package bookmarks

import (
	"context"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"pintail/bookmarks"
	"pintail/internal/importing"
	"pintail/keychain"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/tasks"
)

// places is an importer whose places are given.
type places struct {
	known []importing.Known
	took  []string
	lines []importing.Line
}

func (p *places) Find(context.Context) []importing.Known { return p.known }
func (p *places) Import(_ context.Context, paths []string) []importing.Line {
	p.took = paths
	return p.lines
}
func (p *places) Export(context.Context, string) (string, error) { return "", nil }

func TestShowImport_TakesWhatIsTickedAndSaysWhatCameOfIt(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	win := test.NewTempWindow(t, widget.NewLabel(""))
	win.Resize(fyne.NewSize(800, 600))
	posted := make(chan func(), 10)
	g := tasks.New(t.Context(), func(f func()) { posted <- f })
	t.Cleanup(func() { g.Close(); g.Wait() })
	p := &places{known: []importing.Known{{Format: bookmarks.AWSFormat, Path: "/home/me/.aws/config"}, {Format: bookmarks.MCFormat, Path: "/home/me/.mc/config.json"}},
		lines: []importing.Line{{Name: "box", Secret: importing.SecretLost, Lost: keychain.ErrUnavailable}, {Name: "kept", Secret: importing.SecretInFile}, {Name: "old", State: importing.There},
			{Name: "a\u202eb", State: importing.LeftOut, Why: "it is not S3"}, {Name: "x", State: importing.Unread, Err: bookmarks.ErrEncrypted}}}
	parts := map[string]fyne.CanvasObject{}
	var chosen func([]string)
	ShowImport(ImportOptions{Store: func() keychain.StoreKind { return keychain.FileStore }, Canvas: win.Canvas(), Tasks: g, Importer: p, Register: func(id string, o fyne.CanvasObject) { parts[id] = o },
		Choose: func(done func([]string)) { chosen = done }})
	(<-posted)()
	ok := parts["dialog.ok"].(*kit.Button)
	for _, id := range []string{"import.source.0", "import.source.1"} {
		parts[id].(*kit.Check).SetChecked(false)
	}
	if !ok.Disabled() {
		t.Error("nothing is ticked and can be imported")
	}
	parts["import.choose"].(*kit.Button).Tapped(nil)
	chosen([]string{"/tmp/all.plist", "/home/me/.aws/config"})
	parts["import.source.1"].(*kit.Check).SetChecked(true)
	ok.Tapped(nil)
	(<-posted)()
	if !slices.Equal(p.took, []string{"/home/me/.mc/config.json", "/tmp/all.plist"}) {
		t.Errorf("took %q", p.took)
	}
	said := parts["import.summary"].(*summary).UIText()
	for _, want := range []string{"2 bookmarks were added.", "1 secret was not stored, since there is no keychain; the connection asks for it.", "1 secret is in the encrypted file.", "kept: added, secret in the encrypted file", "box: added, asks for its secret", "old: there already", "left out: it is not S3", "x: not read: The file is encrypted."} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
}
