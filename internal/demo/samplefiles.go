package demo

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strings"
)

// body makes a small valid file for a name.
func (p *sampler) body(key string) []byte {
	n := p.random.IntN(40)
	switch filepath.Ext(key) {
	case ".png":
		return picture(96+4*n, p.random.Uint64())
	case ".pdf":
		return pdf(strings.TrimSuffix(filepath.Base(key), ".pdf"))
	case ".csv":
		return []byte(p.table(20 + n))
	case ".log":
		return []byte(p.accessLog(60 + 10*n))
	case ".json":
		return []byte(p.catalogue(10 + n))
	case ".gz":
		return p.compressed(key)
	case ".tar":
		return p.tape(key)
	case ".bin":
		return p.noise(40000 + 3000*n)
	}
	return []byte(note(filepath.Base(key), 5+n))
}

// picture paints a hill under a sky, another one for each seed. Its pixels have a palette and are not compressed, which
// makes the sample data fast to build and its pictures of a size to be expected.
func picture(size int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 7))
	base := [3]float64{60 + 140*r.Float64(), 60 + 140*r.Float64(), 90 + 140*r.Float64()}
	palette := make(color.Palette, 256)
	for i := range 128 {
		shade := float64(i) / 127
		palette[i] = color.NRGBA{clamp(base[0] + 60*shade), clamp(base[1] + 40*shade), clamp(base[2] - 50*shade), 255}
		palette[128+i] = color.NRGBA{clamp(base[2]/3 + 30*shade), clamp(base[1]/2 + 30*shade), clamp(base[0]/3 - 20*shade), 255}
	}
	height := size * 3 / 4
	horizon, slope := height/3+r.IntN(height/3), 1+r.IntN(5)
	img := image.NewPaletted(image.Rect(0, 0, size, height), palette)
	for y := range height {
		for x := range size {
			index := y * 124 / height
			if y > horizon+(x-size/2)*(x-size/2)/(size*slope) {
				index += 128
			}
			img.SetColorIndex(x, y, uint8(index+r.IntN(4)))
		}
	}
	var out bytes.Buffer
	_ = (&png.Encoder{CompressionLevel: png.NoCompression}).Encode(&out, img) // writing to memory cannot fail
	return out.Bytes()
}

func clamp(v float64) uint8 { return uint8(min(max(v, 0), 255)) }

// pdf writes a document of one page with a title.
func pdf(title string) []byte {
	safe := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' || strings.ContainsRune(`()\`, r) {
			return -1
		}
		return r
	}, title)
	text := "BT /F1 24 Tf 72 760 Td (" + safe + ") Tj /F1 11 Tf 0 -36 Td (Sample document of the embedded server) Tj ET"
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(text), text),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var offsets []int
	for i, o := range objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return b.Bytes()
}

func note(title string, lines int) string {
	var b strings.Builder
	b.WriteString(title + "\n" + strings.Repeat("=", len([]rune(title))) + "\n\n")
	for i := range lines {
		fmt.Fprintf(&b, "%2d. The quick brown fox jumps over the lazy dog, %d times a day.\n", i+1, 3*i+1)
	}
	return b.String()
}

func (p *sampler) table(rows int) string {
	var b strings.Builder
	b.WriteString("date,region,orders,revenue\n")
	for i := range rows {
		fmt.Fprintf(&b, "%s,%s,%d,%d.%02d\n", p.now.AddDate(0, 0, -i).Format("2006-01-02"), []string{"north", "south", "east", "west"}[i%4],
			p.random.IntN(500), p.random.IntN(90000), p.random.IntN(100))
	}
	return b.String()
}

func (p *sampler) accessLog(lines int) string {
	var b strings.Builder
	for i := range lines {
		fmt.Fprintf(&b, "192.0.2.%d - - [%02d:%02d:%02d] \"GET /page/%d HTTP/1.1\" 200 %d\n", p.random.IntN(255), i/60%24, i%60, p.random.IntN(60),
			p.random.IntN(400), p.random.IntN(20000))
	}
	return b.String()
}

func (p *sampler) catalogue(items int) string {
	rows := make([]string, items)
	for i := range rows {
		rows[i] = fmt.Sprintf(`  {"id": %d, "name": "Item %d", "price": %d.90}`, 1200+i, 1200+i, 5+p.random.IntN(95))
	}
	return "[\n" + strings.Join(rows, ",\n") + "\n]\n"
}

func (p *sampler) compressed(key string) []byte {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, "-- "+key+"\n"+p.table(400)) // writing to memory cannot fail
	_ = z.Close()
	return out.Bytes()
}

func (p *sampler) tape(key string) []byte {
	var out bytes.Buffer
	t := tar.NewWriter(&out)
	for i := range 5 {
		text := p.table(100)
		_ = t.WriteHeader(&tar.Header{Name: fmt.Sprintf("%s/%02d.csv", strings.TrimSuffix(filepath.Base(key), ".tar"), i+1), Mode: 0o644, Size: int64(len(text)), ModTime: p.ago(300)})
		_, _ = io.WriteString(t, text) // writing to memory cannot fail
	}
	_ = t.Close()
	return out.Bytes()
}

func (p *sampler) noise(n int) []byte {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(p.random.Uint32())
	}
	return out
}

func webPage(name string) string {
	title := strings.TrimSuffix(strings.TrimSuffix(name, "/index.html"), ".html")
	return "<!DOCTYPE html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>" + title + "</title><link rel=\"stylesheet\" href=\"/assets/style.css\"></head>\n" +
		"<body><h1>" + title + "</h1><p>A sample page of the embedded server.</p></body>\n</html>\n"
}
