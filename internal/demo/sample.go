package demo

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"time"
)

// sampler fills the sample buckets. Its random numbers are always the same ones, so the tree looks the same at each start;
// only the dates follow the clock.
type sampler struct {
	s      *Server
	random *rand.Rand
	now    time.Time
	err    error
}

// The sample buckets.
const (
	sampleMedia     = "studio-media"
	sampleDocuments = "company-documents"
	sampleBackups   = "backups-archive"
	sampleSite      = "www-example-site"
)

func (s *Server) addSample() error {
	p := &sampler{s: s, random: rand.New(rand.NewPCG(1, 2)), now: s.now()}
	for i, b := range []struct {
		name      string
		versioned bool
	}{{sampleMedia, false}, {sampleDocuments, true}, {sampleBackups, false}, {sampleSite, false}} {
		if err := s.AddBucket(b.name, p.now.AddDate(-2, 0, 17*i), b.versioned); err != nil {
			return err
		}
	}
	p.media()
	p.documents()
	p.backups()
	p.site()
	p.beside()
	return p.err
}

// beside is what Amazon's other services have of the sample buckets.
func (p *sampler) beside() {
	p.s.AddKMSKey("Documents", "alias/company-documents")
	p.s.AddKMSKey("Backups", "alias/backups")
	p.s.AddAccessPoint("press", sampleMedia, "")
	p.s.AddAccessPoint("cutting-room", sampleMedia, "vpc-0a1b2c3d4e5f60718")
	p.s.AddDistribution(sampleSite, p.ago(200))
}

// ago is a moment some days back, at an hour when people work.
func (p *sampler) ago(days int) time.Time {
	day := p.now.AddDate(0, 0, -days).Truncate(24 * time.Hour)
	t := day.Add(8*time.Hour + time.Duration(p.random.IntN(10*3600))*time.Second)
	if t.After(p.now) {
		return p.now.Add(-time.Duration(1+p.random.IntN(50)) * time.Minute)
	}
	return t
}

// add puts one object; its body follows from the name when it has none.
func (p *sampler) add(o Object) {
	if p.err != nil {
		return
	}
	if o.Body == nil && !o.Marker && !strings.HasSuffix(o.Key, "/") {
		o.Body = p.body(o.Key)
	}
	if o.ContentType == "" && !o.Marker {
		o.ContentType = contentType(o.Key)
	}
	p.err = p.s.Add(o)
}

func (p *sampler) put(bucket, key string, days int) {
	p.add(Object{Bucket: bucket, Key: key, Modified: p.ago(days)})
}

func (p *sampler) class(bucket, key string, days int, class string) {
	p.add(Object{Bucket: bucket, Key: key, Modified: p.ago(days), Class: class})
}

func (p *sampler) media() {
	const b = sampleMedia
	places := []string{"harbour", "old-town", "mountain-hut", "lighthouse", "market", "vineyard", "bridge", "dunes"}
	for i, place := range places {
		for n := 1; n <= 4; n++ {
			p.put(b, fmt.Sprintf("images/travel/%s/%s_%03d.png", place, place, n), 700-75*i-n)
		}
	}
	for n := range 12 {
		p.put(b, fmt.Sprintf("images/catalogue/item-%04d.png", 1200+7*n), 100-5*n)
	}
	for _, name := range []string{"Москва/Красная площадь.png", "北京/故宫.png", "東京/桜.png", "القاهرة/النيل.png", "Zürich/Altstadt.png", "🎉 party/🥂 cheers.png"} {
		p.put(b, "images/places/"+name, 60)
	}
	for n, size := range []int{64, 128, 256, 512} {
		p.add(Object{Bucket: b, Key: fmt.Sprintf("logos/pintail-%d.png", size), Modified: p.ago(30 + n), Body: picture(size, uint64(n)), Public: true})
	}
	p.put(b, "logos/brand-guide.pdf", 28)
	p.put(b, "README.txt", 3)
	p.add(Object{Bucket: b, Key: "raw/", Modified: p.ago(200), ContentType: "application/x-directory"})
	p.class(b, "raw/session-01.bin", 190, "STANDARD_IA")
	p.class(b, "raw/session-02.bin", 188, "ONEZONE_IA")
	p.class(b, "raw/session-03.bin", 5, "INTELLIGENT_TIERING")
}

func (p *sampler) documents() {
	const b = sampleDocuments
	for q := range 8 {
		days := 690 - 91*q
		end := p.now.AddDate(0, 0, -days-20) // a report is out three weeks after its quarter
		folder := fmt.Sprintf("reports/%d/Q%d/", end.Year(), (int(end.Month())+2)/3)
		p.put(b, folder+"summary.pdf", days)
		p.put(b, folder+"figures.csv", days-1)
	}
	for n := range 10 {
		p.add(Object{Bucket: b, Key: fmt.Sprintf("invoices/invoice-%05d.pdf", 20260+n), Modified: p.ago(200 - 20*n),
			Meta: map[string]string{"customer": fmt.Sprintf("C-%03d", 100+n)}, Tags: map[string]string{"department": "sales", "paid": fmt.Sprint(n < 8)}})
	}
	for _, days := range []int{90, 45, 12, 1} { // one file, four versions
		p.add(Object{Bucket: b, Key: "contracts/framework-agreement.txt", Modified: p.ago(days), Body: []byte(note("Framework agreement", 10+days%7))})
	}
	p.put(b, "contracts/draft-2024.txt", 400)
	p.add(Object{Bucket: b, Key: "contracts/draft-2024.txt", Modified: p.ago(120), Marker: true})
	p.put(b, "contracts/obsolete/terms.txt", 600)
	p.add(Object{Bucket: b, Key: "contracts/obsolete/terms.txt", Modified: p.ago(300), Marker: true})
	for _, name := range []string{"Протоколы/Совещание 12 марта.txt", "العقود/اتفاقية.txt", "議事録/第三回会議.txt", "Übersicht/Kostenträger.csv", "Notes 📝/to do ✅.txt"} {
		p.put(b, "international/"+name, 40)
	}
	p.put(b, "handbook.pdf", 15)
}

func (p *sampler) backups() {
	const b = sampleBackups
	for n := range 12 {
		class := "GLACIER_IR"
		if n < 3 {
			class = "STANDARD"
		}
		p.class(b, fmt.Sprintf("database/%s/orders.sql.gz", p.now.AddDate(0, -n, 0).Format("2006-01")), 30*n, class)
	}
	p.class(b, "archive/2024/accounts-2024.tar", 690, "DEEP_ARCHIVE")
	p.class(b, "archive/2025/accounts-2025.tar", 320, "GLACIER")
	p.class(b, "archive/2025/photos-2025.tar", 310, "GLACIER")
	for n := range 14 {
		day := p.now.AddDate(0, 0, -n)
		p.put(b, "logs/"+day.Format("2006/01/02")+"/access.log", n)
		if n%3 == 0 {
			p.put(b, "logs/"+day.Format("2006/01/02")+"/error.log", n)
		}
	}
	p.add(Object{Bucket: b, Key: "laptop/disk-image.bin", Modified: p.ago(70), Body: make([]byte, 3<<20)})
	for _, key := range []string{"a//b", "/leading slash", "a/../b", "./here", "plus+sign", "100%", "trailing space ", "line\nbreak", `quo"te'`,
		"semi;colon&amp", "back\\slash", "tilde~", "😀.txt", "e\u0301 decomposed", "é composed", strings.Repeat("long-", 40) + ".txt"} {
		p.put(b, "awkward keys/"+key, 10)
	}
}

func (p *sampler) site() {
	const b = sampleSite
	for _, page := range []string{"index.html", "about/index.html", "contact/index.html", "news/2026/autumn.html", "news/2026/summer.html", "404.html"} {
		p.add(Object{Bucket: b, Key: page, Modified: p.ago(8), Public: true, Body: []byte(webPage(page))})
	}
	p.add(Object{Bucket: b, Key: "assets/style.css", Modified: p.ago(9), Public: true, Body: []byte("body { font: 16px/1.5 sans-serif; margin: 3rem auto; max-width: 40rem; }\n")})
	p.add(Object{Bucket: b, Key: "assets/site.js", Modified: p.ago(9), Public: true, Body: []byte("document.documentElement.classList.add('ready');\n")})
	p.put(b, "assets/hero.png", 9)
	p.put(b, "robots.txt", 100)
	p.put(b, "data/catalogue.json", 2)
}

func contentType(key string) string {
	types := map[string]string{".png": "image/png", ".pdf": "application/pdf", ".txt": "text/plain; charset=utf-8", ".csv": "text/csv",
		".log": "text/plain", ".html": "text/html; charset=utf-8", ".css": "text/css", ".js": "text/javascript", ".json": "application/json",
		".gz": "application/gzip", ".tar": "application/x-tar"}
	return types[filepath.Ext(key)]
}
