package outline_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/ui/browser/rows"
	"pintail/ui/outline"
)

// Of 600 pixels 12 are the bar; Size 90, Modified 130, Class 120 stand at the right: edges at 248, 338, 468.
const (
	sizeX     = 300
	modifiedX = 400
)

func shown(o *outline.Outline) []string {
	var out []string
	for _, c := range o.State().Columns {
		if !c.Hidden {
			out = append(out, c.ID)
		}
	}
	return out
}

func width(o *outline.Outline, id string) float32 {
	for _, c := range o.State().Columns {
		if c.ID == id {
			return c.Width
		}
	}
	return -1
}

func TestOutline_SortsByClicksOnTitles(t *testing.T) {
	b := newBench(t, "c.txt", "a.txt", "b.txt") // sizes 1, 2, 3
	var got []string
	b.o.OnSort = func(col string, desc bool) {
		d := "+"
		if desc {
			d = "-"
		}
		got = append(got, col+d)
	}
	b.click(fyne.NewPos(sizeX, 10))
	b.click(fyne.NewPos(sizeX, 10))
	b.click(fyne.NewPos(60, 10))
	if !slices.Equal(got, []string{"size-", "size+", "name+"}) {
		t.Errorf("sorted %v", got)
	}
	if b.o.State().Sort != "name" {
		t.Error("the state does not tell the sorting")
	}
}

func TestOutline_ResizesColumnsByTheirEdges(t *testing.T) {
	b := newBench(t, "a.txt")
	saved := 0
	b.o.OnState = func() { saved++ }
	b.press(fyne.NewPos(338, 10)) // between Size and Modified
	b.dragTo(fyne.NewPos(318, 10))
	b.drop()
	if w := width(b.o, "modified"); w != 150 {
		t.Errorf("modified is %v wide, want 150: the edge must follow the pointer", w)
	}
	b.press(fyne.NewPos(318, 10))
	b.dragTo(fyne.NewPos(900, 10))
	b.drop()
	if w := width(b.o, "modified"); w != 70 {
		t.Errorf("modified is %v wide, want its least 70", w)
	}
	if saved != 2 || b.o.State().Sort != "" {
		t.Errorf("saved %d times, sorted by %q", saved, b.o.State().Sort)
	}
}

func TestOutline_MovesColumnsByTheirTitles(t *testing.T) {
	b := newBench(t, "a.txt")
	b.press(fyne.NewPos(modifiedX, 10))
	b.dragTo(fyne.NewPos(sizeX-30, 10))
	b.drop()
	if got := shown(b.o); !slices.Equal(got, []string{"name", "modified", "size", "class"}) {
		t.Errorf("columns %v", got)
	}
	b.press(fyne.NewPos(60, 10)) // the name stays first
	b.dragTo(fyne.NewPos(500, 10))
	b.drop()
	if got := shown(b.o); got[0] != "name" {
		t.Errorf("columns %v", got)
	}
}

func TestOutline_HidesColumnsByMenuAndKeepsState(t *testing.T) {
	b := newBench(t, "a.txt")
	items := b.o.ColumnMenu()
	if !items[0].Disabled || !items[1].Checked || items[4].Checked {
		t.Fatalf("menu %+v", items)
	}
	items[1].Action() // Size
	items[4].Action() // ETag
	if got := shown(b.o); !slices.Equal(got, []string{"name", "modified", "class", "etag"}) {
		t.Errorf("columns %v", got)
	}
	if b.shows("Size") || !b.shows("ETag") {
		t.Errorf("drawn %q", b.texts())
	}
	raw, err := json.Marshal(b.o.State())
	if err != nil {
		t.Fatal(err)
	}
	var st outline.State
	if err := json.Unmarshal(raw, &st); err != nil {
		t.Fatal(err)
	}
	other := newBench(t, "a.txt")
	st.Columns = append([]outline.ColumnState{{ID: "gone", Width: 9}}, st.Columns...)
	other.o.SetState(st)
	if !slices.Equal(shown(other.o), shown(b.o)) {
		t.Errorf("restored %v", shown(other.o))
	}
	items = b.o.ColumnMenu()
	items[len(items)-1].Action()
	if got := shown(b.o); !slices.Equal(got, []string{"name", "size", "modified", "class"}) {
		t.Errorf("after reset %v", got)
	}
}

func TestOutline_CutsLongNamesInTheMiddle(t *testing.T) {
	long := "begin-" + strings.Repeat("x", 200) + "-end.txt"
	b := newBench(t, long)
	found := false
	for _, s := range b.texts() {
		if strings.HasPrefix(s, "begin") && strings.HasSuffix(s, "end.txt") && strings.Contains(s, "…") {
			found = true
			if w := fyne.MeasureText(s, 12.5, fyne.TextStyle{}).Width; w > 248-40 || w < 248-70 {
				t.Errorf("%q is %v wide", s, w)
			}
		}
	}
	if !found {
		t.Errorf("drawn %q", b.texts())
	}
}

func TestOutline_ShowsTheLastOfAMillionRowsExactly(t *testing.T) {
	b := newBench(t)
	items := make([]rows.Item, 1000)
	for page := range 1000 {
		for i := range items {
			items[i] = rows.Item{Kind: rows.Object, Name: "n" + pad(page*1000+i)}
		}
		b.s.Append(0, items)
	}
	b.o.Changed(false)
	b.o.ScrollToOffset(math.Inf(1))
	list := b.o.VisibleRows()
	last := list[len(list)-1]
	if last.Name != "n0999999" || last.Pos.Y+last.Size.Height != 24+220 {
		t.Errorf("last row %+v", last)
	}
	b.o.ScrollToOffset(b.o.ScrollOffset() - 1)
	if got := b.o.VisibleRows()[0].Pos.Y; got != 24+1-22 { // float32 could not tell one pixel here
		t.Errorf("one pixel up puts the first row at %v", got)
	}
	if n := len(test.LaidOutObjects(b.o)); n > 400 {
		t.Errorf("%d objects for ten rows", n)
	}
}

func pad(n int) string {
	s := []byte("0000000")
	for i := 6; n > 0; i-- {
		s[i] = byte('0' + n%10)
		n /= 10
	}
	return string(s)
}

func TestOutline_ScrollsByWheelThumbAndTrack(t *testing.T) {
	b := newBench(t, numbered(100)...)
	b.o.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.NewDelta(0, -44)})
	if b.o.ScrollOffset() != 44 {
		t.Errorf("wheel: %v", b.o.ScrollOffset())
	}
	b.press(fyne.NewPos(594, 24+200)) // below the thumb: a page
	b.release()
	if b.o.ScrollOffset() != 44+198 {
		t.Errorf("track: %v", b.o.ScrollOffset())
	}
	b.o.ScrollToOffset(0)
	b.press(fyne.NewPos(594, 24+5))
	b.dragTo(fyne.NewPos(594, 24+5+192)) // 220 less a thumb of 28
	b.drop()
	if b.o.ScrollOffset() != 2200-220 {
		t.Errorf("thumb: %v", b.o.ScrollOffset())
	}
	if b.o.SelectedCount() != 0 {
		t.Error("the bar selected something")
	}
}

func TestOutline_TellsWhichRowsAreShown(t *testing.T) {
	b := newBench(t, numbered(100)...)
	first, last := -1, -1
	b.o.OnShown = func(f, l int) { first, last = f, l }
	b.o.ScrollToOffset(22 * 50)
	if first != 50 || last != 60 {
		t.Errorf("shown %d to %d", first, last)
	}
}

func TestOutline_SaysWhyItIsEmpty(t *testing.T) {
	b := newBench(t)
	again := 0
	b.o.SetMessage(&outline.Message{Icon: "warning", Title: "Access denied", Text: "No s3:ListBucket.", Action: "Try again", OnAction: func() { again++ }})
	if !b.shows("Access denied") || !b.shows("Try again") {
		t.Errorf("drawn %q", b.texts())
	}
	for _, o := range test.LaidOutObjects(b.o) {
		if tap, ok := o.(fyne.Tappable); ok {
			test.Tap(tap)
		}
	}
	if again != 1 {
		t.Error("the button does nothing")
	}
	b.add("", rows.Object, "a.txt")
	if b.shows("Access denied") {
		t.Error("the message stays over the rows")
	}
}
