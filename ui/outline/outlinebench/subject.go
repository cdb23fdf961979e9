package outlinebench

import (
	"fmt"
	"image/color"
	"strconv"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/ui/browser/rows"
	"pintail/ui/look"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
)

// Subject is a widget over rows that can be scrolled by the script.
type Subject struct {
	object fyne.CanvasObject
	store  *rows.Store
	n      int
	to     func(row float64) // puts that row at the top
}

// Object is the widget.
func (s *Subject) Object() fyne.CanvasObject { return s.object }

// Close frees the rows.
func (s *Subject) Close() { s.store.Close() }

// Where the parts of the script end.
const (
	smoothEnd = 200
	pagesEnd  = 400
)

// Step is frame i of the script: 200 frames of smooth scrolling by 7 rows, 200 by whole pages, 200 of jumps as by
// dragging the thumb.
func (s *Subject) Step(i int) {
	row := 0.0
	switch {
	case i < smoothEnd:
		row = float64(i) * 7
	case i < pagesEnd:
		row = smoothEnd*7 + float64(i-smoothEnd)*30
	default:
		row = float64(i-pagesEnd) * float64(s.n-100) / (Frames - pagesEnd)
	}
	s.to(min(row, float64(s.n-100)))
}

func emptyContent() fyne.CanvasObject { return canvas.NewRectangle(color.Transparent) }

func columns() []outline.Column {
	return []outline.Column{
		{ID: "name", Title: "Name", Min: 120, Flex: true, Fixed: true},
		{ID: "size", Title: "Size", Width: 90, Min: 40, Align: model.Trailing},
		{ID: "modified", Title: "Modified", Width: 140, Min: 40},
		{ID: "class", Title: "Storage class", Width: 110, Min: 40},
	}
}

// NewStore returns n objects as a listing delivers them, page by page, with ETags, classes and an owner.
func NewStore(n int) *rows.Store {
	s := rows.New(rows.Config{Columns: []string{"name", "size", "modified", "class"}})
	at := time.Date(2026, 1, 2, 3, 4, 0, 0, time.UTC)
	ends := []string{".dat", ".png", ".json", ".txt", ".gz"}
	classes := []string{"STANDARD", "STANDARD_IA", "GLACIER"}
	page := make([]rows.Item, 0, 1000)
	for i := range n {
		page = append(page, rows.Item{Kind: rows.Object, Name: fmt.Sprintf("object-%07d%s", i, ends[i%5]), Size: int64(i) * 977,
			Modified: at.Add(time.Duration(i) * time.Minute), Class: classes[i%3], ETag: fmt.Sprintf("%032x", i), Owner: "acme"})
		if len(page) == cap(page) || i == n-1 {
			s.Append(0, page)
			page = page[:0]
		}
	}
	return s
}

// NewSubject returns the widget called name ("outline", "still", "list", "tree") over n rows.
func NewSubject(name string, n int) (*Subject, error) {
	s := &Subject{n: n, store: NewStore(n)}
	switch name {
	case "outline":
		s.outline()
	case "still":
		s.still()
	case "list":
		s.list()
	case "tree":
		s.tree()
	default:
		s.store.Close()
		return nil, fmt.Errorf("no widget called %q", name)
	}
	return s, nil
}

func (s *Subject) outline() {
	o := outline.New(s.store, columns(), outline.Options{})
	height := float64(look.Size(look.SizeRow))
	s.object, s.to = o, func(row float64) { o.ScrollToOffset(row * height) }
}

// still is an outline that is drawn anew in each frame but does not scroll: what a frame costs at least.
func (s *Subject) still() {
	o := outline.New(s.store, columns(), outline.Options{})
	s.object, s.to = o, func(float64) { canvas.Refresh(o) }
}

func (s *Subject) list() {
	var row model.Row
	l := widget.NewList(s.store.Len, func() fyne.CanvasObject {
		return container.NewHBox(widget.NewIcon(theme.FileIcon()), widget.NewLabel("object-0000000.json"), widget.NewLabel("000.0 MB"),
			widget.NewLabel("2026-01-02 03:04"), widget.NewLabel("STANDARD_IA"))
	}, func(i int, o fyne.CanvasObject) {
		s.store.Row(i, &row)
		c := o.(*fyne.Container).Objects
		for k, cell := range row.Cells {
			c[k+1].(*widget.Label).SetText(cell)
		}
	})
	height := l.CreateItem().MinSize().Height + theme.Padding()
	s.object, s.to = l, func(row float64) { l.ScrollToOffset(float32(row) * height) }
}

func (s *Subject) tree() {
	ids := make([]string, s.n)
	for i := range ids {
		ids[i] = strconv.Itoa(i)
	}
	var row model.Row
	t := widget.NewTree(func(id string) []string {
		if id == "" {
			return ids
		}
		return nil
	}, func(id string) bool { return id == "" }, func(bool) fyne.CanvasObject {
		return widget.NewLabel("object-0000000.json")
	}, func(id string, _ bool, o fyne.CanvasObject) {
		i, _ := strconv.Atoi(id) // ids are made above
		s.store.Row(i, &row)
		o.(*widget.Label).SetText(row.Cells[0])
	})
	height := widget.NewLabel("x").MinSize().Height + theme.Padding()
	s.object, s.to = t, func(row float64) { t.ScrollToOffset(float32(row) * height) }
}
