package info

import (
	"image/color"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// LeastWidth is how narrow the pane may be.
const LeastWidth = 340

// Options are what the pane needs of the window around it.
type Options struct {
	Copy     func(string) // to the clipboard
	Register func(id string, o fyne.CanvasObject)
	Prefix   string // of the ids of its parts: "info", "pinned"
	Pin      func() // nil: it is a window of its own
	Close    func()
	Download func(at storage.Location, size int64)
	CopyLink func(at []storage.Location, span time.Duration) // pre-signed, for reading
	Failed   func(error)                                     // a report of something that failed
	// Rename gives an object or a folder another name and says why it cannot, "" if it can. Nil: names are only shown.
	Rename func(it Item, name string) (problem string)
	// Word is what has to be typed before something is taken away: the name of a connection marked as production, "" for nothing.
	Word func() string
	// CacheSeconds is how long the offered Cache-Control lets copies be kept.
	CacheSeconds func() int64
	// Restoring says for how many days and how fast archived objects are restored unless something else is chosen.
	Restoring func() (days int64, tier string)
}

// view draws one tab.
type view interface {
	object() fyne.CanvasObject
	update()
}

// Pane is the inspector.
type Pane struct {
	Object fyne.CanvasObject
	VM     *ViewModel

	o          Options
	icon       *canvas.Image
	title, sub *kit.Label
	tabs       *kit.Tabs
	body       *fyne.Container
	foot       *applyBar
	frame      *fyne.Container
	views      map[Tab]view
}

// NewPane returns the inspector of vm, whose Changed must call Update.
func NewPane(vm *ViewModel, o Options) *Pane {
	p := &Pane{VM: vm, o: o, icon: canvas.NewImageFromResource(look.Icon("info")), body: container.NewStack(),
		title: kit.NewLabel("", kit.LabelStyle{Bold: true, Cut: kit.CutMiddle}), sub: kit.NewCaption("")}
	p.icon.FillMode = canvas.ImageFillContain
	p.icon.SetMinSize(fyne.NewSquareSize(28))
	p.foot = newApplyBar(p)
	p.tabs = kit.NewTabs([]string{text.T("info.tab_general"), text.T("info.tab_permissions"), text.T("info.tab_metadata"), "S3", text.T("info.tab_versions"), text.T("distribution.tab")}, func(i int) { vm.Choose(Tab(i)) })
	p.views = map[Tab]view{General: newGeneralView(p), Permissions: newAccessView(p), Metadata: newMetadataView(p), Service: newServiceView(p), Versions: newVersionsView(p), Distribution: newDistributionView(p)}
	var tools []fyne.CanvasObject
	if o.Pin != nil {
		pin := kit.NewIconButton("pin", text.T("info.pin"), o.Pin)
		shut := kit.NewIconButton("close", text.T("info.close"), o.Close)
		p.register("pin", pin)
		p.register("close", shut)
		tools = append(tools, container.NewCenter(pin), container.NewCenter(shut))
	}
	names := container.New(layout.NewCustomPaddedVBoxLayout(-1), p.title, p.sub)
	head := container.New(layout.NewCustomPaddedLayout(8, 4, 12, 8), container.NewBorder(nil, nil,
		container.New(layout.NewCustomPaddedLayout(0, 0, 0, 8), container.NewCenter(p.icon)),
		container.New(layout.NewCustomPaddedHBoxLayout(0), tools...), names))
	top := container.New(layout.NewCustomPaddedVBoxLayout(0), head,
		container.New(layout.NewCustomPaddedLayout(0, 0, 6, 6), p.tabs), kit.NewHairline())
	least := canvas.NewRectangle(color.Transparent)
	least.SetMinSize(fyne.NewSize(LeastWidth, 120))
	p.frame = container.NewBorder(top, p.foot.object, nil, nil, p.body)
	p.Object = container.NewStack(least, p.frame)
	p.register("", p.title)
	p.register("tabs", p.tabs)
	p.Update()
	return p
}

func (p *Pane) register(id string, o fyne.CanvasObject) {
	if id != "" {
		id = "." + id
	}
	p.o.Register(p.o.Prefix+id, o)
}

// Update draws what the view-model has.
func (p *Pane) Update() {
	title, sub, icon := p.VM.Heading()
	p.title.SetText(title)
	p.sub.SetText(sub)
	ink := look.ColorInk
	if p.VM.Empty() {
		ink = theme.ColorNameDisabled
	}
	if res := look.IconIn(icon, ink); p.icon.Resource == nil || p.icon.Resource.Name() != res.Name() {
		p.icon.Resource = res
		p.icon.Refresh()
	}
	p.tabs.SetIndex(int(p.VM.Tab()))
	p.foot.update()
	v := p.views[p.VM.Tab()]
	v.update()
	if len(p.body.Objects) != 1 || p.body.Objects[0] != v.object() {
		p.body.Objects = []fyne.CanvasObject{v.object()}
		p.body.Refresh()
	}
}

// Tabs is the row of titles, which can have the keyboard.
func (p *Pane) Tabs() *kit.Tabs { return p.tabs }
