package plist_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"pintail/internal/plist"
)

const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
`

func doc(body string) string { return head + "<dict>\n" + body + "\n</dict>\n</plist>\n" }

func parse(t *testing.T, s string) plist.Document {
	t.Helper()
	d, err := plist.Parse(strings.NewReader(s), plist.Options{Icons: []string{"Disk"}})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestParse_ReadsEveryKind(t *testing.T) {
	t.Parallel()
	d := parse(t, doc(`<key>s</key><string>a &amp; b &lt;c&gt; &#x263a;</string>
<key>i</key><integer> 443 </integer><key>r</key><real>1.5</real><key>t</key><true/><key>f</key><false></false>
<key>d</key><date>2026-11-20T16:00:00Z</date><key>data</key><data> aGVs
 bG8= </data><key>a</key><array><string>x</string><dict><key>k</key><string>v</string></dict></array>
<key>e</key><string/><key>c</key><string><![CDATA[<raw>]]></string>`)).Root
	texts := map[string]string{"s": "a & b <c> ☺", "i": "443", "r": "1.5", "d": "2026-11-20T16:00:00Z", "e": "", "c": "<raw>"}
	for k, want := range texts {
		if got, ok := d.GetString(k); !ok || got != want {
			t.Errorf("%s = %q %v, want %q", k, got, ok, want)
		}
	}
	if v, _ := d.Get("t"); v.Kind != plist.Bool || !v.Bool {
		t.Errorf("t = %+v", v)
	}
	if v, _ := d.Get("f"); v.Kind != plist.Bool || v.Bool {
		t.Errorf("f = %+v", v)
	}
	v, _ := d.Get("data")
	if b, err := v.Bytes(); err != nil || string(b) != "hello" {
		t.Errorf("data = %q %v", b, err)
	}
	a, _ := d.Get("a")
	if len(a.List) != 2 || a.List[1].Dict.Len() != 1 {
		t.Errorf("a = %+v", a)
	}
}

func TestParse_TellsLineAndReason(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<array>", 40) + strings.Repeat("</array>", 40)
	tests := []struct {
		name, in string
		line     int
		want     error
	}{
		{"empty", "", 1, plist.ErrNotXML},
		{"text", "hello", 1, plist.ErrNotXML},
		{"openstep", "{ a = b; }", 1, plist.ErrNotXML},
		{"utf16", "\xff\xfe<\x00p\x00", 1, plist.ErrNotXML},
		{"latin1", strings.Replace(doc(""), "UTF-8", "ISO-8859-1", 1), 1, plist.ErrNotXML},
		{"html", "<!DOCTYPE html>\n<html></html>", 2, plist.ErrNotXML},
		{"no dict", head + "<array/></plist>", 4, plist.ErrMalformed},
		{"cut", head + "<dict><key>a</key>", 4, plist.ErrMalformed},
		{"no value", doc("<key>a</key>"), 6, plist.ErrMalformed},
		{"no key", doc("<string>a</string>"), 5, plist.ErrMalformed},
		{"element in text", doc("<key>a</key><string><b/></string>"), 5, plist.ErrMalformed},
		{"text between", doc("oops"), 6, plist.ErrMalformed},
		{"unknown element", doc("<key>a</key>\n<blob/>"), 6, plist.ErrMalformed},
		{"bad integer", doc("<key>a</key>\n<integer>x</integer>"), 6, plist.ErrMalformed},
		{"bad date", doc("<key>a</key>\n<date>soon</date>"), 6, plist.ErrMalformed},
		{"two roots", head + "<dict/><dict/></plist>", 4, plist.ErrMalformed},
		{"more after", doc("") + "<x/>", 8, plist.ErrMalformed},
		{"unclosed", head + "<dict></plist>", 4, plist.ErrMalformed},
		{"deep", doc("<key>a</key>" + deep), 5, plist.ErrTooDeep},
		{"entity", "<!DOCTYPE p [<!ENTITY a \"b\">]><plist><dict/></plist>", 1, plist.ErrEntity},
		{"undeclared entity", doc("<key>&lol;</key><true/>"), 5, plist.ErrMalformed},
		{"large", doc("<key>a</key><string>" + strings.Repeat("x", plist.MaxBytes) + "</string>"), 5, plist.ErrTooLarge},
		{"large attribute", head + `<dict a="` + strings.Repeat("x", plist.MaxBytes) + `"/></plist>`, 4, plist.ErrTooLarge},
		{"large comment", head + "<!--" + strings.Repeat("x", plist.MaxBytes) + "--><dict/></plist>", 4, plist.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := plist.Parse(strings.NewReader(tt.in), plist.Options{})
			var se *plist.SyntaxError
			if !errors.As(err, &se) || !errors.Is(err, tt.want) {
				t.Fatalf("got %v, want %v", err, tt.want)
			}
			if se.Line != tt.line {
				t.Errorf("line %d, want %d: %v", se.Line, tt.line, err)
			}
		})
	}
}

// binaryBomb is a valid binary list of nested arrays, each holding the next one twice: 2^n when expanded.
func binaryBomb() []byte {
	const n = 20
	b := []byte("bplist00")
	var offsets []byte
	for i := range n {
		offsets = append(offsets, byte(len(b)))
		b = append(b, 0xa2, byte(i+1), byte(i+1))
	}
	offsets = append(offsets, byte(len(b)))
	b = append(b, 0x09)
	table := len(b)
	b = append(b, offsets...)
	trailer := make([]byte, 32)
	trailer[6], trailer[7], trailer[15], trailer[31] = 1, 1, n+1, byte(table)
	return append(b, trailer...)
}

func TestParse_RefusesBinaryBomb(t *testing.T) {
	t.Parallel()
	bomb := binaryBomb()
	for len(bomb) < 147 {
		bomb = append(bomb, 0)
	}
	if _, err := plist.Parse(bytes.NewReader(bomb), plist.Options{}); !errors.Is(err, plist.ErrBinary) {
		t.Fatalf("%d bytes: %v", len(bomb), err)
	}
}

func TestParse_IconHasItsOwnCap(t *testing.T) {
	t.Parallel()
	raw := bytes.Repeat([]byte{1, 2, 3}, 400<<10) // 1.6 MB as base64
	text := "\n\t" + base64.StdEncoding.EncodeToString(raw) + "\n\t"
	for _, element := range []string{"data", "string"} {
		in := doc("<key>Disk</key><" + element + ">" + text + "</" + element + ">\n<key>z</key>\n<string>after</string>")
		d := parse(t, in)
		v, _ := d.Root.Get("Disk")
		if b, err := v.Bytes(); err != nil || !bytes.Equal(b, raw) {
			t.Errorf("%s: %d bytes, %v", element, len(b), err)
		}
		if z, _ := d.Root.GetString("z"); z != "after" {
			t.Errorf("z = %q", z)
		}
		dropped, err := plist.Parse(strings.NewReader(in), plist.Options{Icons: []string{"Disk"}, DropIcons: true})
		if _, kept := dropped.Root.Get("Disk"); err != nil || kept || dropped.Root.Len() != 1 {
			t.Errorf("dropped: %v %v", kept, err)
		}
		if _, err := plist.Parse(strings.NewReader(in), plist.Options{}); !errors.Is(err, plist.ErrTooLarge) {
			t.Errorf("not named as an icon: %v", err)
		}
	}
}

func TestParse_LeavesOutIconThatIsTooLarge(t *testing.T) {
	t.Parallel()
	d := parse(t, doc("<key>Disk</key><string>"+strings.Repeat("A", plist.MaxIcon+1)+"</string><key>z</key><true/>"))
	if _, ok := d.Root.Get("Disk"); ok || d.Root.Len() != 1 || len(d.Warnings) != 1 {
		t.Fatalf("%v %+v", d.Root.Keys(), d.Warnings)
	}
}

func TestParse_EmptyIconElements(t *testing.T) {
	t.Parallel()
	for _, e := range []string{"<string/>", "<string></string>", "<data/>", "<string><![CDATA[QUJD]]></string>"} {
		d := parse(t, doc("<key>Disk</key>"+e+"\n<key>z</key><string>after</string>"))
		if z, _ := d.Root.GetString("z"); z != "after" || d.Root.Len() != 2 {
			t.Errorf("%s: %v", e, d.Root.Keys())
		}
	}
}

func TestParse_LastOfTwoKeysCounts(t *testing.T) {
	t.Parallel()
	d := parse(t, doc("<key>a</key><string>1</string>\n<key>b</key><true/>\n<key>a</key><string>2</string>"))
	if a, _ := d.Root.GetString("a"); a != "2" || len(d.Warnings) != 1 || d.Warnings[0].Line != 7 {
		t.Fatalf("%q %+v", a, d.Warnings)
	}
}

func TestMarshal_KeepsOrderAndUnknownKeys(t *testing.T) {
	t.Parallel()
	in := doc(`<key>z</key><string>&lt;&amp;
"'</string><key>a</key><array/><key>n</key><integer>7</integer>
<key>d</key><dict/><key>b</key><array><false/><data>QUI=</data></array><key>t</key><date>2026-11-20T16:00:00Z</date>`)
	first := plist.Marshal(parse(t, in).Root)
	again := parse(t, string(first)).Root
	if got := strings.Join(again.Keys(), ""); got != "zandbt" {
		t.Errorf("order %q", got)
	}
	if z, _ := again.GetString("z"); z != "<&\n\"'" {
		t.Errorf("z = %q", z)
	}
	if second := plist.Marshal(again); !bytes.Equal(first, second) {
		t.Errorf("not stable:\n%s\n%s", first, second)
	}
}

func TestDict_CloneIsApart(t *testing.T) {
	t.Parallel()
	d := parse(t, doc("<key>a</key><dict><key>b</key><array><string>c</string></array></dict>")).Root
	c := d.Clone()
	c.GetDict("a").Set("b", plist.NewString("changed"))
	c.Delete("a")
	if got := d.GetDict("a").GetStrings("b"); len(got) != 1 || got[0] != "c" {
		t.Fatalf("%v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(doc("<key>a</key><array><dict><key>b</key><true/></dict></array>")))
	f.Add([]byte(doc("<key>Disk</key><string>QUJD</string><key>Disk</key><data>QUJD</data>")))
	f.Add([]byte("<!--c--><plist><dict/></plist>"))
	f.Add(binaryBomb())
	f.Add([]byte(doc(strings.Repeat("<key>a</key>", 3))))
	f.Fuzz(func(t *testing.T, in []byte) {
		opts := plist.Options{Icons: []string{"Disk"}}
		d, err := plist.Parse(bytes.NewReader(in), opts)
		if err != nil {
			return
		}
		out := plist.Marshal(d.Root)
		again, err := plist.Parse(bytes.NewReader(out), opts)
		if errors.Is(err, plist.ErrTooLarge) {
			return // indents and escapes can grow a file past the cap
		}
		if err != nil {
			t.Fatalf("what was written is not read: %v\n%s", err, out)
		}
		if more := plist.Marshal(again.Root); !bytes.Equal(out, more) {
			t.Fatalf("not stable:\n%s\n%s", out, more)
		}
	})
}
