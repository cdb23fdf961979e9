package profiles_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"pintail/internal/testkit/features"
	"pintail/profiles"
)

// sound has every shape that a profile can have; the hostile ones are made of it.
const sound = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
<key>Protocol</key><string>s3</string>
<key>Vendor</key><string>v &amp; w</string>
<key>Default Port</key><integer>443</integer>
<key>Regions</key><array><string>a</string><string>b</string></array>
<key>Properties</key><array><string>s3.upload.multipart.size=1</string></array>
<key>Disk</key><string>QUJD</string>
<key>Hostname Configurable</key><true/>
</dict>
</plist>
`

// hostile makes the corpus: every cut of the file, bombs of each kind, and random damage from the seed.
func hostile(seed uint64) map[string]string {
	c := map[string]string{}
	for i := 0; i < len(sound); i += 7 {
		c[fmt.Sprintf("cut at %d", i)] = sound[:i]
	}
	wrap := func(s string) string { return strings.Replace(sound, "<dict>", "<dict>"+s, 1) }
	const mega = 1 << 20
	rep := strings.Repeat
	bombs := map[string]string{
		"arrays":            wrap("<key>x</key>" + rep("<array>", mega)),
		"dicts":             wrap(rep("<key>x</key><dict>", mega/4)),
		"plists":            rep("<plist>", mega),
		"closed arrays":     wrap("<key>x</key>" + rep("<array>", 30000) + rep("</array>", 30000)),
		"comment":           "<!--" + rep("x", 9*mega) + "-->" + sound,
		"instruction":       "<?x " + rep("y", 9*mega) + "?>" + sound,
		"doctype":           "<!DOCTYPE " + rep("x", 9*mega) + ">" + sound,
		"doctype nested":    "<!DOCTYPE p [" + rep("<!ENTITY a 'b'>", mega/4) + "]>" + sound,
		"attributes":        rep("", 1) + "<plist " + rep(`a="" `, 2*mega) + "/>",
		"icon attributes":   wrap("<key>Disk</key><string " + rep(`a="" `, 2*mega) + "/>"),
		"icon inner":        wrap("<key>Disk</key><string><x " + rep(`a="" `, 2*mega) + "/></string>"),
		"icon endless":      wrap("<key>Disk</key><string>" + rep("QUJD", 5*mega)),
		"icon twice":        wrap(rep("<key>Disk</key><string>"+rep("QUJD", mega/2)+"</string>", 5)),
		"icons many":        wrap(rep("<key>Disk</key><string>QUJD</string>", 50000)),
		"icon cdata":        wrap("<key>Disk</key><string><![CDATA[" + rep("A", 9*mega) + "]]></string>"),
		"text":              wrap("<key>x</key><string>" + rep("y", 9*mega) + "</string>"),
		"key":               wrap("<key>" + rep("y", 9*mega) + "</key><true/>"),
		"keys":              wrap(manyKeys(15000)),
		"same keys":         wrap(rep("<key>x</key><true/>", 12000)),
		"bools":             wrap("<key>x</key><array>" + rep("<true/>", 35000) + "</array>"),
		"properties":        wrap("<key>Properties</key><array>" + rep("<string>a=b</string>", 10000) + "</array>"),
		"long property":     wrap("<key>Properties</key><array><string>s3.storage.class.options=" + rep("a ", 100000) + "</string></array>"),
		"entities":          wrap("<key>x</key><string>" + rep("&amp;", 50000) + "</string>"),
		"references":        wrap("<key>x</key><string>" + rep("&#65;", 50000) + "</string>"),
		"unknown entity":    wrap("<key>&lol;</key><true/>"),
		"null":              wrap("<key>\x00</key><true/>"),
		"not utf-8":         wrap("<key>\xff\xfe</key><true/>"),
		"utf-16":            "\xff\xfe<\x00?\x00x\x00m\x00l\x00",
		"utf-32":            "\x00\x00\xfe\xff\x00\x00\x00<",
		"encoding":          strings.Replace(sound, "UTF-8", "UTF-16", 1),
		"binary":            "bplist00" + rep("\xa2\x01\x01", 40),
		"openstep":          rep("(", 9*mega),
		"braces":            rep("{", 9*mega),
		"blanks":            rep(" ", 9*mega),
		"line ends":         rep("\n", 9*mega),
		"nulls":             rep("\x00", 9*mega),
		"angles":            rep("<", 9*mega),
		"closes":            rep("</a>", 5*mega),
		"namespaces":        `<a:plist xmlns:a="x"><a:dict/></a:plist>`,
		"gzip":              "\x1f\x8b\x08\x00\x00\x00\x00\x00",
		"big integer":       wrap("<key>Default Port</key><integer>" + rep("9", 200000) + "</integer>"),
		"big real":          wrap("<key>x</key><real>1e" + rep("9", 200000) + "</real>"),
		"negative port":     wrap("<key>Default Port</key><integer>-1</integer>"),
		"host with user":    wrap("<key>Default Hostname</key><string>a:b@c</string>"),
		"host with newline": wrap("<key>Default Hostname</key><string>a\nb</string>"),
		"byte order marks":  rep("\xef\xbb\xbf", 10) + sound,
	}
	for name, s := range bombs {
		c[name] = s
	}
	r := rand.New(rand.NewPCG(seed, 0))
	for i := range 200 {
		b := []byte(sound)
		for range 1 + r.IntN(8) {
			switch at := r.IntN(len(b)); r.IntN(3) {
			case 0:
				b[at] = byte(r.IntN(256))
			case 1:
				b = append(b[:at], b[at+1:]...)
			default:
				from := r.IntN(len(sound) - 20)
				b = append(b[:at], append([]byte(sound[from:from+20]), b[at:]...)...)
			}
		}
		c[fmt.Sprintf("random %d", i)] = string(b)
	}
	return c
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<key>%d</key><true/>", i)
	}
	return b.String()
}

// TestHostile_CostsLittle bounds what one profile may allocate and logs the slowest; one that hangs ends the test run.
func TestHostile_CostsLittle(t *testing.T) {
	features.Proved(t, "profile.format", features.Embedded, "")
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	corpus := hostile(seed)
	if len(corpus) < 250 {
		t.Fatalf("only %d profiles", len(corpus))
	}
	const maxBytes = 64 << 20
	most, worst, slowest := uint64(0), "", time.Duration(0)
	for name, in := range corpus {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		start := time.Now()
		p, err := profiles.Parse(strings.NewReader(in), name)
		took := time.Since(start)
		runtime.ReadMemStats(&after)
		if err == nil {
			_ = p.Supported()
			_, _ = p.Icon()
		}
		used := after.TotalAlloc - before.TotalAlloc // all that was allocated, so an upper bound of what was in use
		if used > most {
			most, worst = used, name
		}
		slowest = max(slowest, took)
		if used > maxBytes {
			t.Errorf("%s: %d bytes allocated", name, used)
		}
	}
	t.Logf("%d profiles, at most %d KiB allocated (%s) and %v for one", len(corpus), most>>10, worst, slowest)
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(sound))
	for _, s := range []string{"", "bplist00", doc(""), doc("<key>Properties</key><dict><key>s3.listing.chunksize</key><integer>-1</integer></dict>"),
		doc("<key>Context</key><string>http://[fd00:ec2::254]/</string>"), doc("<key>Default Hostname</key><string>::1</string>")} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		p, err := profiles.Parse(bytes.NewReader(in), "fuzz")
		if err != nil {
			return
		}
		if p.Protocol == "" || p.Vendor == "" || p.DefaultPort < 1 || p.DefaultPort > 65535 || (p.Scheme != "http" && p.Scheme != "https") {
			t.Fatalf("not a whole profile: %+v", p)
		}
		_ = p.Supported()
		out, err := p.Encode()
		if err != nil {
			t.Fatal(err)
		}
		if q, err := profiles.Parse(bytes.NewReader(out), "again"); err == nil && (q.Vendor != p.Vendor || q.DefaultHostname != p.DefaultHostname) {
			t.Fatalf("changed by rewriting: %+v\n%+v", p, q)
		}
	})
}
