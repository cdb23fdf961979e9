package outline

// Selection is a copy of what is selected; it costs a bit per row and may be kept.
func (o *Outline) Selection() *Selection { return o.sel.Clone() }

// SelectedCount is the number of selected rows.
func (o *Outline) SelectedCount() int { return o.sel.Len() }

// IsSelected tells whether k is selected.
func (o *Outline) IsSelected(k Key) bool { return o.sel.Has(k) }

// Current is the row that the keyboard acts on, zero for none.
func (o *Outline) Current() Key { return o.cursor }

// Select selects exactly the given rows and shows the last of them.
func (o *Outline) Select(keys ...Key) {
	o.sel.Clear()
	o.cursor, o.anchor = 0, 0
	for _, k := range keys {
		if i, ok := o.model.Index(k); ok {
			o.sel.Add(k)
			o.cursor, o.anchor = k, k
			o.reveal(i)
		}
	}
	o.Refresh()
	o.selected()
}

// SelectAll selects every row there is now; rows that come later are not selected.
func (o *Outline) SelectAll() {
	for i := range o.model.Len() {
		o.sel.Add(o.model.Key(i))
	}
	o.Refresh()
	o.selected()
}

// SelectNone selects nothing.
func (o *Outline) SelectNone() {
	o.sel.Clear()
	o.Refresh()
	o.selected()
}

// InvertSelection selects what is not selected, and the other way round.
func (o *Outline) InvertSelection() {
	for i := range o.model.Len() {
		o.sel.Flip(o.model.Key(i))
	}
	o.Refresh()
	o.selected()
}

// selected tells the owner.
func (o *Outline) selected() {
	if o.OnSelect != nil {
		o.OnSelect()
	}
}

// only selects row i alone, without telling.
func (o *Outline) only(i int) {
	k := o.model.Key(i)
	o.sel.Clear()
	o.sel.Add(k)
	o.cursor, o.anchor = k, k
}

// extend selects from the anchor to row i, without telling.
func (o *Outline) extend(i int) {
	a, ok := o.model.Index(o.anchor)
	if !ok {
		a = i
		o.anchor = o.model.Key(i)
	}
	o.sel.Clear()
	for k := min(a, i); k <= max(a, i); k++ {
		o.sel.Add(o.model.Key(k))
	}
	o.cursor = o.model.Key(i)
}

// cursorIndex is the place of the current row, or -1.
func (o *Outline) cursorIndex() int {
	if i, ok := o.model.Index(o.cursor); ok && o.cursor != 0 {
		return i
	}
	return -1
}

// toggle opens or closes row i for the user.
func (o *Outline) toggle(i int, open bool) {
	k := o.model.Key(i)
	o.model.Toggle(i, open)
	if !open { // a hidden row cannot stay selected: one would delete what one does not see
		o.hiddenCursor(k)
	}
	o.Changed(!open)
	if o.OnToggle != nil {
		o.OnToggle(k, open)
	}
}

// hiddenCursor moves the cursor to the row k that has just been closed over it.
func (o *Outline) hiddenCursor(k Key) {
	if _, ok := o.model.Index(o.cursor); !ok && o.cursor != 0 {
		o.cursor, o.anchor = k, k
	}
}
