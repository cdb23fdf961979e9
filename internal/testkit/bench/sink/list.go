package sink

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// series is what a bucket's name makes up: "syn-N-SIZE-PERDIR" has N keys of SIZE bytes, PERDIR in each folder (0 = no folders).
type series struct {
	n, perDir int
	size      int64
	ok        bool
}

func synthetic(bucket string) series {
	var y series
	n, err := fmt.Sscanf(bucket, "syn-%d-%d-%d", &y.n, &y.size, &y.perDir)
	y.ok = err == nil && n == 3 && y.n >= 0 && y.perDir >= 0
	return y
}

// Bucket is the name of a bucket that has n keys of size bytes, perDir in each folder (0 = no folders).
func Bucket(n int, size int64, perDir int) string {
	return fmt.Sprintf("syn-%d-%d-%d", n, size, perDir)
}

// Key is the name of the i-th key of a bucket that is made up.
func Key(bucket string, i int) string { return synthetic(bucket).key(i) }

func appendPadded(b []byte, v, width int) []byte {
	var digits [12]byte
	for i := width - 1; i >= 0; i-- {
		digits[i] = byte('0' + v%10)
		v /= 10
	}
	return append(b, digits[:width]...)
}

func (y series) appendKey(b []byte, i int) []byte {
	if y.perDir > 0 {
		b = appendPadded(append(b, 'd'), i/y.perDir, 6)
		b = append(b, '/')
	}
	return appendPadded(append(b, 'f'), i, 9)
}

func (y series) key(i int) string { return string(y.appendKey(nil, i)) }

// keys is the names of a bucket in order: made up, or of what was put there.
type keys struct {
	series
	names []string
	sizes []int64
}

func (c *session) keys(bucket, prefix string) keys {
	k := keys{series: synthetic(bucket)}
	if k.ok {
		return k
	}
	c.mu.RLock()
	defer c.mu.RUnlock()
	for name := range c.objects {
		if strings.HasPrefix(name, bucket+"/"+prefix) {
			k.names = append(k.names, name[len(bucket)+1:])
		}
	}
	sort.Strings(k.names)
	for _, name := range k.names {
		k.sizes = append(k.sizes, c.objects[bucket+"/"+name].size)
	}
	k.n = len(k.names)
	return k
}

func (k keys) at(i int) string {
	if k.ok {
		return k.key(i)
	}
	return k.names[i]
}

func (k keys) appendAt(b []byte, i int) []byte {
	if k.ok {
		return k.appendKey(b, i)
	}
	return append(b, k.names[i]...)
}

func (k keys) sizeAt(i int) int64 {
	if k.ok {
		return k.size
	}
	return k.sizes[i]
}

// after is the first index from lo whose key satisfies past; past must not turn false again.
func (k keys) after(lo int, past func(key string) bool) int {
	return lo + sort.Search(k.n-lo, func(i int) bool { return past(k.at(lo + i)) })
}

func (c *session) bucketGet(r *request) error {
	q := r.query
	switch {
	case r.bucket == "":
		c.count("ListBuckets", r)
		return c.xml(`<ListAllMyBucketsResult` + ns + `><Owner><ID>o</ID></Owner><Buckets><Bucket><Name>b</Name><CreationDate>` + lastMod +
			`</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>`)
	case r.method == "HEAD":
		c.count("HeadBucket", r)
		return c.reply("200 OK", "x-amz-bucket-region: us-east-1\r\n", nil)
	case q.Has("location"):
		c.count("GetBucketLocation", r)
		return c.xml(`<LocationConstraint` + ns + `>us-east-1</LocationConstraint>`)
	case q.Has("versioning"):
		c.count("GetBucketVersioning", r)
		return c.xml(`<VersioningConfiguration` + ns + `/>`)
	case q.Has("uploads"):
		c.count("ListMultipartUploads", r)
		return c.xml(`<ListMultipartUploadsResult` + ns + `><Bucket>` + r.bucket + `</Bucket><IsTruncated>false</IsTruncated></ListMultipartUploadsResult>`)
	case q.Has("ownershipControls"): // as S3 makes buckets: objects have no access lists of their own
		c.count("GetBucketOwnership", r)
		return c.xml(`<OwnershipControls` + ns + `><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>`)
	case q.Has("object-lock"):
		c.count("GetObjectLock", r)
		return c.fail(r, "404 Not Found", "ObjectLockConfigurationNotFoundError")
	}
	return c.list(r)
}

// page is one answer to a listing, while it is put together.
type page struct {
	keys
	prefix, delimiter string
	most, items       int
	next, end         int // indices of keys
	last              string
	contents, folders []byte
}

// list answers both forms of a listing.
func (c *session) list(r *request) error {
	c.count("ListObjects", r)
	q := r.query
	v2 := q.Get("list-type") == "2"
	p := page{keys: c.keys(r.bucket, q.Get("prefix")), prefix: q.Get("prefix"), delimiter: q.Get("delimiter"), most: 1000}
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n < p.most {
		p.most = n
	}
	p.begin(q.Get("continuation-token"), orOther(v2, q.Get("start-after"), q.Get("marker")))
	p.contents = make([]byte, 0, min(p.most, p.end-p.next)*230+600)
	for p.next < p.end && p.items < p.most {
		p.add()
	}
	return c.reply("200 OK", "", p.document(r, v2))
}

func orOther(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}

// begin finds where the page starts and where the listing ends.
func (p *page) begin(token, after string) {
	p.end = p.n
	if p.prefix != "" {
		p.next = p.after(0, func(k string) bool { return k >= p.prefix })
		p.end = p.after(p.next, func(k string) bool { return !strings.HasPrefix(k, p.prefix) })
	}
	from := 0
	if n, err := strconv.Atoi(token); err == nil {
		from = n
	} else if after != "" {
		folder := p.delimiter != "" && strings.HasSuffix(after, p.delimiter)
		from = p.after(0, func(k string) bool { return k > after && !(folder && strings.HasPrefix(k, after)) })
	}
	p.next = max(p.next, from)
}

// add puts the next key, or the folder that it is in, onto the page.
func (p *page) add() {
	p.items++
	if p.delimiter != "" {
		k := p.at(p.next)
		if i := strings.Index(k[len(p.prefix):], p.delimiter); i >= 0 {
			p.last = k[:len(p.prefix)+i+len(p.delimiter)]
			p.folders = append(p.folders, "<CommonPrefixes><Prefix>"+p.last+"</Prefix></CommonPrefixes>"...)
			p.next = p.after(p.next, func(k string) bool { return !strings.HasPrefix(k, p.last) })
			return
		}
	}
	b := append(p.contents, "<Contents><Key>"...)
	b = p.appendAt(b, p.next)
	b = append(b, "</Key><LastModified>"+lastMod+"</LastModified><ETag>&quot;0123456789abcdef0123456789abcdef-1&quot;</ETag><Size>"...)
	b = strconv.AppendInt(b, p.sizeAt(p.next), 10)
	p.contents = append(b, "</Size><StorageClass>STANDARD</StorageClass></Contents>"...)
	p.last = ""
	p.next++
}

func (p *page) document(r *request, v2 bool) []byte {
	b := make([]byte, 0, len(p.contents)+len(p.folders)+600)
	b = append(b, xmlHead+"<ListBucketResult"+ns+"><Name>"+r.bucket+"</Name><Prefix>"+p.prefix+"</Prefix>"...)
	if p.delimiter != "" {
		b = append(b, "<Delimiter>"+p.delimiter+"</Delimiter>"...)
	}
	if r.query.Get("encoding-type") == "url" {
		b = append(b, "<EncodingType>url</EncodingType>"...) // no key here has anything to encode
	}
	more := p.next < p.end
	b = fmt.Appendf(b, "<MaxKeys>%d</MaxKeys><KeyCount>%d</KeyCount><IsTruncated>%t</IsTruncated>", p.most, p.items, more)
	if more && v2 {
		b = fmt.Appendf(b, "<NextContinuationToken>%d</NextContinuationToken>", p.next)
	} else if more {
		last := p.last
		if last == "" {
			last = p.at(p.next - 1)
		}
		b = append(b, "<NextMarker>"+last+"</NextMarker>"...)
	}
	b = append(b, p.contents...)
	b = append(b, p.folders...)
	return append(b, "</ListBucketResult>"...)
}
