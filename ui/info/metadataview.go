package info

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// metadataView draws the Metadata tab.
type metadataView struct {
	p      *Pane
	page   *kit.Page
	tables []*lineTable
	copy   *kit.Button
	foot   *fyne.Container
}

func newMetadataView(p *Pane) *metadataView {
	v := &metadataView{p: p, page: kit.NewPage(12, 14)}
	keep := func(o fyne.CanvasObject) { adopt(v.page, o) }
	for _, g := range []struct {
		group     MetaGroup
		id, title string
	}{{Headers, "headers", text.T("info.headers")}, {User, "metadata", text.T("info.user_metadata")}, {Tags, "tags", text.T("info.tags")}} {
		t := newLineTable(p.VM, g.group, g.title, keep)
		p.register(g.id, t)
		p.register(g.id+".add", t.add)
		v.tables = append(v.tables, t)
	}
	v.tables[Headers].preset = v.presets
	v.copy = kit.NewButton(text.T("copymeta.button"), kit.Plain, v.askOther)
	v.foot = container.New(layout.NewCustomPaddedHBoxLayout(0), v.copy)
	keep(v.copy)
	p.register("copyfrom", v.copy)
	return v
}

func (v *metadataView) object() fyne.CanvasObject { return v.page }

func (v *metadataView) update() {
	for _, t := range v.tables {
		t.update()
	}
	if _, ok := v.p.VM.bucket(); ok {
		v.page.SetParts(v.tables[Tags])
		return
	}
	open, _ := v.p.VM.MetaState(Headers)
	v.copy.SetEnabled(open)
	v.page.SetParts(v.tables[Headers], v.tables[User], v.tables[Tags], v.foot)
}

// askOther asks for the object whose values are taken over.
func (v *metadataView) askOther() {
	c := fyne.CurrentApp().Driver().CanvasForObject(v.copy)
	if c == nil {
		return
	}
	vm := v.p.VM
	bucket := vm.Subject().Items[0].At.Bucket
	askLine(c, v.p.o.Register, text.T("copymeta.title"), text.T("copymeta.label"), "", func(s string) {
		vm.CopyMetadata(otherObject(bucket, s), func(err error) {
			if err != nil {
				v.p.o.Failed(err)
			}
		})
	})
}

// hasPreset tells whether usual values are offered for a header.
func hasPreset(name string) bool { return len(presetsOf(name, 1)) > 0 }

// presetsOf are usual values of a header.
func presetsOf(name string, cacheSeconds int64) []string {
	switch name {
	case "Cache-Control":
		return []string{CachePreset(cacheSeconds), "no-cache", "no-store"}
	case "Content-Type":
		return []string{"text/html; charset=utf-8", "text/plain; charset=utf-8", "text/css; charset=utf-8", "text/javascript; charset=utf-8",
			"application/json", "application/pdf", "application/octet-stream", "image/jpeg", "image/png", "image/svg+xml", "image/webp", "video/mp4"}
	case "Content-Disposition":
		return []string{"inline", "attachment"}
	case "Content-Encoding":
		return []string{"gzip", "br", "zstd"}
	}
	return nil
}

func (v *metadataView) presets(name string, below fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	c := d.CanvasForObject(below)
	if c == nil {
		return
	}
	var items []*fyne.MenuItem
	for _, s := range presetsOf(name, v.p.o.CacheSeconds()) {
		items = append(items, fyne.NewMenuItem(s, func() {
			for i, n := range v.p.VM.Lines(Headers) {
				if n.Name == name {
					v.p.VM.SetValue(Headers, i, s)
				}
			}
		}))
	}
	kit.ShowMenu(c, fyne.NewMenu("", items...), d.AbsolutePositionForObject(below).AddXY(0, below.Size().Height))
}
