package outline_test

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/software"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/browser/rows"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
)

// gallery columns, as the browser has them.
func objectColumns() []outline.Column {
	return []outline.Column{
		{ID: "name", Title: "Name", Width: 160, Min: 120, Flex: true, Fixed: true},
		{ID: "size", Title: "Size", Width: 90, Min: 50, Align: model.Trailing, SortDescFirst: true},
		{ID: "modified", Title: "Modified", Width: 130, Min: 70, SortDescFirst: true},
		{ID: "class", Title: "Storage class", Width: 120, Min: 60},
		{ID: "etag", Title: "ETag", Width: 200, Min: 60, Hidden: true},
	}
}

func ids(cols []outline.Column) []string {
	var out []string
	for _, c := range cols {
		out = append(out, c.ID)
	}
	return out
}

func sampleStore(t *testing.T) (*rows.Store, map[string]outline.Key) {
	t.Helper()
	s := rows.New(rows.Config{Columns: ids(objectColumns()), Zone: time.UTC})
	t.Cleanup(s.Close)
	at := time.Date(2026, 7, 1, 9, 0, 0, 0, time.UTC)
	keys := map[string]outline.Key{}
	add := func(parent string, kind rows.Kind, names ...string) {
		for i, n := range names {
			it := rows.Item{Kind: kind, Name: n, Size: int64(len(n)) * int64(len(n)) * 31337, Modified: at.AddDate(0, -i, -len(n)).Add(time.Duration(len(n)*7777) * time.Second), Class: []string{"STANDARD", "STANDARD", "STANDARD_IA", "GLACIER"}[i%4]}
			keys[parent+n] = s.Append(keys[parent], []rows.Item{it})[0]
		}
	}
	add("", rows.Bucket, "acme-backups", "acme-logs-eu", "acme-media-prod", "acme-public")
	m := "acme-media-prod"
	add(m, rows.Folder, "backups/", "images/", "logs/", "reports/", "static/", "tmp/")
	i := m + "images/"
	add(i, rows.Object, "banner-2026-summer-campaign-final-approved-v12.png", "emoji 🎉 party.gif", "hero.jpg", "logo.svg", "thumb_1.webp", "thumb_2.webp", "thumb_10.webp", "фото отпуск.jpg", "العربية ملف.png", "日本語のファイル名.png")
	add(i, rows.Version, "logo.svg")
	add(i, rows.Marker, "old.png")
	add(m, rows.Object, "data.parquet", "dump-2026-06-30.sql.zst", "index.html", "manifest.json", "README.md", "report.pdf", "site.tar.gz", "song.flac", "table.csv", "tool.exe", "video.mp4", "trailing space ", "line\nbreak.txt")
	s.SetOpen(keys[m], true)
	s.SetOpen(keys[i], true)
	return s, keys
}

// TestGallery_DrawsTheParts renders the parts in both themes and at double scale. With PINTAIL_SHOTS set to a folder the
// pictures are kept there to be looked at; without, it checks that the pictures are not empty.
func TestGallery_DrawsTheParts(t *testing.T) {
	for _, c := range []struct {
		name  string
		mode  look.Mode
		scale float32
	}{{"light", look.Light, 1}, {"dark", look.Dark, 1}, {"light2x", look.Light, 2}, {"dark2x", look.Dark, 2}} {
		if testing.Short() && c.name != "light" && c.name != "dark2x" {
			continue // a picture under the race detector takes seconds
		}
		t.Run(c.name, func(t *testing.T) {
			a := test.NewTempApp(t)
			a.Settings().SetTheme(look.New(look.Options{Mode: c.mode}))
			for name, make := range map[string]func(*testing.T, fyne.Window) fyne.CanvasObject{"browser": galleryBrowser, "parts": galleryParts} {
				w := test.NewTempWindow(t, widget.NewLabel(""))
				w.SetPadded(false)
				w.SetContent(make(t, w))
				w.Resize(fyne.NewSize(1080, 680))
				if cv, ok := w.Canvas().(software.WindowlessCanvas); ok {
					cv.SetScale(c.scale)
				}
				w.Content().Refresh()
				if name == "browser" {
					galleryMenu(w)
				}
				img := w.Canvas().Capture()
				first := img.At(5, 300)
				same := true
				for x := 0; x < img.Bounds().Dx(); x += 3 {
					same = same && img.At(x, 300) == first
				}
				if same {
					t.Errorf("%s is empty", name)
				}
				if dir := os.Getenv("PINTAIL_SHOTS"); dir != "" {
					f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%s-%s.png", name, c.name)))
					if err != nil {
						t.Fatal(err)
					}
					if err := png.Encode(f, img); err != nil {
						t.Fatal(err)
					}
					_ = f.Close()
				}
			}
		})
	}
}

func galleryMenu(w fyne.Window) {
	off := fyne.NewMenuItem("Restore…", nil)
	off.Disabled = true
	hid := fyne.NewMenuItem("Show hidden", func() {})
	hid.Checked = true
	key := func(label string, k fyne.Shortcut) *fyne.MenuItem {
		it := fyne.NewMenuItem(label, func() {})
		it.Shortcut = k
		return it
	}
	sub := fyne.NewMenuItem("Copy URL", nil)
	sub.ChildMenu = fyne.NewMenu("", fyne.NewMenuItem("HTTPS", nil), fyne.NewMenuItem("S3", nil))
	m := kit.ShowMenu(w.Canvas(), fyne.NewMenu("", key("Download", kit.Key(fyne.KeyDown, fyne.KeyModifierAlt)), key("Rename…", kit.Key(fyne.KeyF2)), key("Duplicate…", kit.Key(fyne.KeyD, fyne.KeyModifierControl)),
		fyne.NewMenuItemSeparator(), hid, sub, off, fyne.NewMenuItemSeparator(), key("Delete", kit.Key(fyne.KeyDelete))), fyne.NewPos(700, 420))
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	m.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
}

func galleryBrowser(t *testing.T, w fyne.Window) fyne.CanvasObject {
	s, keys := sampleStore(t)
	o := outline.New(s, objectColumns(), outline.Options{})
	o.SetState(outline.State{Sort: "name", Columns: o.State().Columns})
	s.SetNote(keys["acme-media-prodlogs/"], "listing stopped")
	side := kit.NewSourceList()
	side.SetItems([]kit.SourceItem{{Heading: true, Title: "BOOKMARKS"},
		{ID: "1", Title: "Acme production", Subtitle: "s3.eu-central-1.example.com", Icon: "kind-cloud", Mark: "error"},
		{ID: "2", Title: "Acme backups", Subtitle: "s3.eu-central-1.example.com", Icon: "kind-cloud"},
		{ID: "3", Title: "Lab", Icon: "kind-group", Expandable: true, Expanded: true},
		{ID: "4", Title: "MinIO (lab)", Subtitle: "localhost:9000", Icon: "kind-server", Depth: 1, Badge: "2"},
		{ID: "5", Title: "Ceph RGW", Subtitle: "127.0.0.1:7480", Icon: "kind-server", Depth: 1},
		{ID: "6", Title: "Sample data", Subtitle: "embedded server", Icon: "kind-demo"},
		{Heading: true, Title: "HISTORY"}, {ID: "7", Title: "acme-media-prod", Icon: "kind-history"}, {ID: "8", Title: "*.png in images", Icon: "kind-search"}})
	side.Select("1")
	var tools []fyne.CanvasObject
	for _, x := range [][2]string{{"connect", "Open Connection"}, {"quick-connect", "Quick Connect"}, {"", ""}, {"upload", "Upload"}, {"download", "Download"}, {"new-folder", "New Folder"}, {"delete", "Delete"}, {"", ""}, {"info", "Info"}, {"refresh", "Refresh"}, {"edit", "Edit"}} {
		if x[0] == "" {
			tools = append(tools, container.New(layout.NewCustomPaddedLayout(8, 8, 4, 4), kit.NewHairline()))
			continue
		}
		b := kit.NewToolButton(x[0], x[1], nil)
		b.SetEnabled(x[0] != "edit")
		tools = append(tools, b)
	}
	tr := kit.NewToolButton("transfers", "Transfers", nil)
	tr.SetBadge("3", false)
	tools = append(tools, kit.NewToolMenu("copy-url", "Copy URL", func() *fyne.Menu { return nil }), layout.NewSpacer(), tr)
	bar := container.NewStack(kit.NewPlate(look.ColorBar), container.New(layout.NewCustomPaddedLayout(2, 2, 6, 6), container.NewHBox(tools...)))
	find := kit.NewSearchField("Filter", "Clear", nil)
	up := kit.NewIconButton("up", "Up", nil)
	up.Disable()
	nav := container.New(layout.NewCustomPaddedLayout(0, 4, 6, 6), container.NewBorder(nil, nil, container.NewHBox(kit.NewIconButton("back", "Back", nil), kit.NewIconButton("forward", "Forward", nil), up), container.NewGridWrap(fyne.NewSize(220, 28), find), kit.NewSelect([]string{"/acme-media-prod/images"}, nil)))
	status := kit.NewStatusBar()
	status.SetText("31 items, 5 selected (8.1 MB)")
	status.SetParts(kit.StatusPart{Icon: "lock", Text: "TLS"}, kit.StatusPart{Icon: "globe", Text: "eu-central-1"}, kit.StatusPart{Icon: "key", Text: "…7Q2A"})
	menu := kit.NewMenuBar(w, fyne.NewMainMenu(fyne.NewMenu("File"), fyne.NewMenu("Edit"), fyne.NewMenu("View"), fyne.NewMenu("Go"), fyne.NewMenu("Bookmark"), fyne.NewMenu("Transfer"), fyne.NewMenu("Window"), fyne.NewMenu("Help")))
	body := kit.NewSplit(true, true, side, o, 216)
	i := "acme-media-prodimages/"
	o.Select(keys[i+"banner-2026-summer-campaign-final-approved-v12.png"], keys[i+"emoji 🎉 party.gif"], keys[i+"hero.jpg"], keys[i+"thumb_2.webp"])
	t.Cleanup(func() {})
	d := kit.NewDragLayer(container.NewBorder(container.NewVBox(menu, bar, nav, kit.NewHairline()), status, nil, nil, body))
	w.SetContent(d)
	w.Resize(fyne.NewSize(1080, 680))
	w.Canvas().Focus(o)
	o.SetDropTarget(keys["acme-media-prodtmp/"], true)
	o.ScrollToOffset(0)
	d.ShowLabel("3 items", fyne.NewPos(380, 540))
	return d
}

func galleryParts(t *testing.T, w fyne.Window) fyne.CanvasObject {
	form := kit.NewForm()
	e := kit.NewEntry()
	e.SetText("https://s3.example.com")
	form.Add("Endpoint", e).SetHint("The address of the server, with https.")
	sel := kit.NewSelect([]string{"eu-central-1", "us-east-1"}, nil)
	sel.SetIndex(0)
	form.Add("Region", sel)
	none := kit.NewSelect([]string{"Virtual host", "Path"}, nil)
	none.SetHint("Choose…")
	form.Add("Addressing", none)
	form.Add("Access key id", kit.NewEntry()).SetError("The key id has 20 characters.")
	form.Add("Secret", kit.NewPasswordEntry())
	off := kit.NewSelect([]string{"AWS4"}, nil)
	off.SetIndex(0)
	off.Disable()
	form.Add("Signature", off)
	form.Add("", kit.NewCheck("Keep in the keychain", nil))
	bars := container.NewVBox()
	for _, b := range []struct {
		s kit.BarState
		f float64
	}{{kit.BarRunning, .62}, {kit.BarUnknown, 0}, {kit.BarPaused, .4}, {kit.BarFailed, .3}, {kit.BarDone, 1}} {
		x := kit.NewThinBar()
		x.Set(b.s, b.f)
		if b.s == kit.BarUnknown {
			for range 7 {
				x.Step()
			}
		}
		bars.Add(container.New(layout.NewCustomPaddedLayout(2, 2, 0, 0), x))
	}
	dis := kit.NewButton("Disabled", kit.Plain, nil)
	dis.Disable()
	foc := kit.NewButton("Focused", kit.Plain, nil)
	foc.FocusGained()
	dfl := kit.NewButton("Connect", kit.Default, nil)
	dfl.FocusGained()
	buttons := container.NewHBox(dis, foc, kit.NewButton("Delete", kit.Danger, nil), kit.NewButton("Cancel", kit.Cancel, nil), kit.NewButton("Connect", kit.Default, nil), dfl)
	empty := outline.New(rows.New(rows.Config{Columns: ids(objectColumns())}), objectColumns(), outline.Options{})
	empty.SetMessage(&outline.Message{Icon: "warning", Title: "Access denied", Text: "The server refused to list the bucket acme-logs-eu. The key needs the permission s3:ListBucket.", Action: "Try again"})
	icons := container.NewGridWrap(fyne.NewSize(28, 28))
	for _, n := range allIcons(t) {
		icons.Add(container.NewCenter(func() fyne.CanvasObject {
			i := widget.NewIcon(look.Icon(n))
			return container.NewGridWrap(fyne.NewSize(22, 22), i)
		}()))
	}
	return container.NewStack(kit.NewPlate(look.ColorBar), container.New(layout.NewCustomPaddedLayout(16, 16, 16, 16), container.NewGridWithColumns(2, container.NewVBox(form, bars, buttons), container.NewBorder(icons, nil, nil, nil, empty))))
}
