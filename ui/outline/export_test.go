package outline

import "image"

// Tick is one step of the clock that runs during a drag.
func (o *Outline) Tick() { o.tick() }

// Drawn is the texts of the cells on screen as they are cut, row by row.
func (o *Outline) Drawn() []string {
	var out []string
	first, end := o.VisibleRange()
	for i := first; i < min(end+1, o.model.Len()); i++ {
		o.model.Row(i, &o.r.row)
		v := o.r.pool[i%len(o.r.pool)]
		for _, c := range o.r.cols {
			if d := c.colState.decl; d < len(o.r.row.Cells) && v.cells[d].full == o.r.row.Cells[d] {
				out = append(out, v.cells[d].cut)
			}
		}
	}
	return out
}

// Sheet is the picture of the rows as it was last drawn.
func (o *Outline) Sheet() *image.RGBA { return o.r.sheet.shown }

// NameStart is where the name of a row at the top level begins.
func (o *Outline) NameStart() int { return int(o.textStart(0)) }
