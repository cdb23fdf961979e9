// Package model is what an outline shows, without any drawing: rows, their keys, and the selection of them.
// It must never import the toolkit, so that stores of rows are plain Go and tested as such.
// Start reading at [Model].
package model

// Key is the lasting name of a row: it survives sorting, expanding and refreshing. Zero is no row.
// Keys should be small and dense (1, 2, 3, …): a selection of n neighbouring keys costs n bits.
type Key uint64

// Row is what the outline draws of one row. The outline reuses one value for all rows, so a model fills every field.
type Row struct {
	Key        Key
	Depth      int  // 0 for the rows at the top
	Expandable bool // has a triangle
	Expanded   bool
	Loading    bool   // its children are on their way
	Dimmed     bool   // drawn in grey: an old version, a delete marker
	Droppable  bool   // rows and files can be dropped on it
	Icon       string // name of a picture of ui/look
	Badge      string // name of a small line picture after the name, or empty
	Note       string // grey text after the name, or empty
	// Cells has one text per column in the order in which the columns were declared; the first is the name.
	Cells []string
	// Wanted says which cells will be shown; a model may leave the others empty. Set by the outline.
	Wanted []bool
}

// Wants tells whether the cell of column c is needed.
func (r *Row) Wants(c int) bool { return c >= len(r.Wanted) || r.Wanted[c] }

// SetCell stores the text of column c, making room where needed.
func (r *Row) SetCell(c int, text string) {
	for len(r.Cells) <= c {
		r.Cells = append(r.Cells, "")
	}
	r.Cells[c] = text
}

// Model is the list of the rows that are visible when everything expanded is shown, from top to bottom.
// All methods are called on the thread of the window and must return at once, also for a million rows.
type Model interface {
	// Len is the number of rows.
	Len() int
	// Row fills into with row i, 0 ≤ i < Len.
	Row(i int, into *Row)
	// Key is the key of row i.
	Key(i int) Key
	// Index is the place of the row with key k; false when it is gone or inside a closed folder.
	Index(k Key) (int, bool)
	// Toggle opens or closes row i.
	Toggle(i int, open bool)
	// Parent is the place of the row that holds row i, or -1.
	Parent(i int) int
	// Sort asks for another order by the column with that id; it may take effect later.
	Sort(column string, desc bool)
	// Find is the first row from place from on, going round, whose name begins with prefix in any case, or -1.
	Find(prefix string, from int) int
}

// Align is the side to which a column's texts stick.
type Align int

// The alignments.
const (
	Leading Align = iota
	Trailing
	Center
)

// Column declares one column. Id and order of declaration are fixed; what the user changes is a [ColumnState].
type Column struct {
	ID    string
	Title string
	Width float32 // at first; of the flexible column, its least
	Min   float32
	Align Align
	// Flex takes what the others leave; exactly the first column should have it.
	Flex bool
	// Hidden at first; the user can show it.
	Hidden bool
	// Fixed cannot be hidden nor moved (the name).
	Fixed bool
	// SortDescFirst makes the first click sort downwards (sizes, times).
	SortDescFirst bool
	// Mono draws figures of one width.
	Mono bool
}

// ColumnState is what the user made of a column; it is saved and given back at the next start.
type ColumnState struct {
	ID     string  `json:"id"`
	Width  float32 `json:"width,omitempty"`
	Hidden bool    `json:"hidden,omitempty"`
}

// State is what an outline remembers: its columns in their order and the sorting.
type State struct {
	Columns []ColumnState `json:"columns,omitempty"`
	Sort    string        `json:"sort,omitempty"`
	Desc    bool          `json:"desc,omitempty"`
}
