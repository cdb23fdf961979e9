package outline

import (
	"image"
	"image/color"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// typeset measures and draws texts of scripts that need no shaping, in the theme's font. Each letter is rasterised once for
// each quarter of a pixel; a text is then a row of copies. The toolkit shapes and rasterises each text as a whole, which was
// most of the work of scrolling. What it cannot draw ([typeset.plain] says no) is left to the toolkit.
type typeset struct {
	resource fyne.Resource
	px       float32 // device pixels of an em
	sfnt     *sfnt.Font
	face     font.Face
	buf      sfnt.Buffer
	ascent   int     // device pixels from the top of a line to the base line
	height   float32 // device pixels of a line
	advances map[rune]fixed.Int26_6
	kerns    map[[2]rune]fixed.Int26_6
	letters  map[letterKey]letter
}

type letterKey struct {
	r       rune
	quarter uint8
}

// letter is how much each pixel is covered, 0 to 255, relative to the pen on the base line.
type letter struct {
	at    image.Rectangle
	cover []uint8
}

// missing is the advance of letters that the font does not have.
const missing = fixed.Int26_6(-1)

// set chooses font and size, and forgets what was drawn with another one. Without a usable font no text is plain.
func (t *typeset) set(resource fyne.Resource, px float32) {
	if t.resource == resource && t.px == px {
		return
	}
	if t.resource != resource {
		t.sfnt = nil
		if resource != nil {
			if f, err := opentype.Parse(resource.Content()); err == nil {
				t.sfnt = f
			}
		}
	}
	t.resource, t.px, t.face = resource, px, nil
	t.advances, t.kerns, t.letters = map[rune]fixed.Int26_6{}, map[[2]rune]fixed.Int26_6{}, map[letterKey]letter{}
	if t.sfnt == nil {
		return
	}
	face, err := opentype.NewFace(t.sfnt, &opentype.FaceOptions{Size: float64(px), DPI: 72, Hinting: font.HintingNone})
	if err != nil {
		return
	}
	m := face.Metrics()
	t.face, t.ascent, t.height = face, m.Ascent.Ceil(), float32(m.Ascent+m.Descent)/64
}

// plain tells whether all of s can be drawn here: Latin, Greek, Cyrillic and common marks that stand on their own.
func (t *typeset) plain(s string) bool {
	if t.face == nil {
		return false
	}
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c < 0x7f {
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !alone(r) || t.advance(r) == missing {
			return false
		}
		i += n
	}
	return true
}

// alone tells whether a letter is drawn the same whatever stands beside it.
func alone(r rune) bool {
	switch {
	case r >= 0xa0 && r <= 0x24f && r != 0xad, r >= 0x370 && r <= 0x3ff, r >= 0x400 && r <= 0x482, r >= 0x48a && r <= 0x52f:
		return true
	case r >= 0x1e00 && r <= 0x1eff, r >= 0x2010 && r <= 0x2027, r >= 0x2030 && r <= 0x205e, r >= 0x20a0 && r <= 0x20bf:
		return true
	}
	return false
}

func (t *typeset) advance(r rune) fixed.Int26_6 {
	if a, ok := t.advances[r]; ok {
		return a
	}
	a := missing
	if i, err := t.sfnt.GlyphIndex(&t.buf, r); err == nil && i != 0 {
		if w, ok := t.face.GlyphAdvance(r); ok {
			a = w
		}
	}
	t.advances[r] = a
	return a
}

func (t *typeset) kern(a, b rune) fixed.Int26_6 {
	pair := [2]rune{a, b}
	k, ok := t.kerns[pair]
	if !ok {
		k = t.face.Kern(a, b)
		t.kerns[pair] = k
	}
	return k
}

// width is the length of a plain text in device pixels.
func (t *typeset) width(s string) float32 {
	var x fixed.Int26_6
	last := rune(-1)
	for _, r := range s {
		if last >= 0 {
			x += t.kern(last, r)
		}
		x += max(t.advance(r), 0)
		last = r
	}
	return float32(x) / 64
}

// draw writes a plain text with the corner of its line at x, y in device pixels.
func (t *typeset) draw(dst *image.RGBA, s string, x, y int, ink color.RGBA) {
	pen := fixed.I(x)
	last := rune(-1)
	for _, r := range s {
		if last >= 0 {
			pen += t.kern(last, r)
		}
		quarter := uint8(pen&63) >> 4
		l := t.letter(letterKey{r, quarter})
		l.draw(dst, pen.Floor(), y+t.ascent, ink)
		pen += max(t.advance(r), 0)
		last = r
	}
}

func (t *typeset) letter(k letterKey) letter {
	if l, ok := t.letters[k]; ok {
		return l
	}
	var l letter
	at, mask, from, _, ok := t.face.Glyph(fixed.Point26_6{X: fixed.Int26_6(k.quarter) * 16}, k.r)
	if a, isAlpha := mask.(*image.Alpha); ok && isAlpha && !at.Empty() {
		l.at = at
		for y := range at.Dy() { // the face draws the next letter over its mask
			l.cover = append(l.cover, a.Pix[a.PixOffset(from.X, from.Y+y):][:at.Dx()]...)
		}
	}
	t.letters[k] = l
	return l
}

// draw mixes ink into dst where the letter covers it.
func (l *letter) draw(dst *image.RGBA, x, y int, ink color.RGBA) {
	at := l.at.Add(image.Pt(x, y))
	in := at.Intersect(dst.Rect)
	wide := at.Dx()
	for py := in.Min.Y; py < in.Max.Y; py++ {
		cover := l.cover[(py-at.Min.Y)*wide+in.Min.X-at.Min.X:][:in.Dx()]
		line := dst.Pix[dst.PixOffset(in.Min.X, py):][:4*in.Dx()]
		for i, c := range cover {
			if c == 0 {
				continue
			}
			p := line[4*i : 4*i+4 : 4*i+4]
			m := uint32(c)
			rest := 255*255 - uint32(ink.A)*m
			p[0] = uint8((uint32(ink.R)*m*255 + uint32(p[0])*rest + 32512) / 65025)
			p[1] = uint8((uint32(ink.G)*m*255 + uint32(p[1])*rest + 32512) / 65025)
			p[2] = uint8((uint32(ink.B)*m*255 + uint32(p[2])*rest + 32512) / 65025)
			p[3] = uint8((uint32(ink.A)*m*255 + uint32(p[3])*rest + 32512) / 65025)
		}
	}
}
