package bookmarks

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"pintail/internal/plist"
)

// Problem is one odd thing in a bookmark's file that did not stop the reading.
type Problem struct {
	Line int
	Text string
}

// field ties a key of the file to the text of a bookmark's field. set returns false for a text it does not take.
type field struct {
	key string
	get func(*Bookmark) string
	set func(*Bookmark, string) bool
}

func textField(key string, at func(*Bookmark) *string) field {
	return field{key,
		func(b *Bookmark) string { return *at(b) },
		func(b *Bookmark, s string) bool { *at(b) = s; return true }}
}

func boolField(key string, at func(*Bookmark) *bool) field {
	return field{key,
		func(b *Bookmark) string {
			if *at(b) {
				return "true"
			}
			return ""
		},
		func(b *Bookmark, s string) bool {
			*at(b) = s == "true"
			return s == "true" || s == "false"
		}}
}

// fields lists every text key in the order in which new files have them. The names that begin with Pintail are ours.
func fields() []field {
	return []field{
		textField("Protocol", func(b *Bookmark) *string { return &b.Protocol }),
		textField("Provider", func(b *Bookmark) *string { return &b.Provider }),
		textField("Nickname", func(b *Bookmark) *string { return &b.Nickname }),
		textField("UUID", func(b *Bookmark) *string { return &b.ID }),
		textField("Hostname", func(b *Bookmark) *string { return &b.Hostname }),
		{"Port", func(b *Bookmark) string { return itoa(b.Port) }, setPort},
		textField("Username", func(b *Bookmark) *string { return &b.Username }),
		textField("Path", func(b *Bookmark) *string { return &b.Path }),
		textField("Web URL", func(b *Bookmark) *string { return &b.WebURL }),
		textField("Download Folder", func(b *Bookmark) *string { return &b.DownloadFolder }),
		textField("Transfer Connection", func(b *Bookmark) *string { return &b.TransferConnection }),
		textField("Client Certificate", func(b *Bookmark) *string { return &b.ClientCertificate }),
		textField("Comment", func(b *Bookmark) *string { return &b.Comment }),
		{"Access Timestamp", lastUsed, setLastUsed},
		textField("Pintail Endpoint", func(b *Bookmark) *string { return &b.EndpointURL }),
		textField("Pintail Region", func(b *Bookmark) *string { return &b.Region }),
		{"Pintail Addressing", func(b *Bookmark) string { return string(b.Addressing) },
			func(b *Bookmark, s string) bool { b.Addressing = Addressing(s); return true }},
		textField("Pintail AWS Profile", func(b *Bookmark) *string { return &b.AWSProfile }),
		boolField("Pintail Anonymous", func(b *Bookmark) *bool { return &b.Anonymous }),
		textField("Pintail Folder", func(b *Bookmark) *string { return &b.Folder }),
		textField("Pintail Colour", func(b *Bookmark) *string { return &b.Colour }),
		boolField("Pintail Production", func(b *Bookmark) *bool { return &b.Production }),
		boolField("Pintail Read Only", func(b *Bookmark) *bool { return &b.ReadOnly }),
		textField("Pintail Proxy", func(b *Bookmark) *string { return &b.Proxy }),
		textField("Pintail Proxy Bypass", func(b *Bookmark) *string { return &b.ProxyBypass }),
		textField("Pintail CA Bundle", func(b *Bookmark) *string { return &b.CABundle }),
		textField("Pintail Client Certificate", func(b *Bookmark) *string { return &b.ClientCert }),
		textField("Pintail Client Key", func(b *Bookmark) *string { return &b.ClientKey }),
		{"Pintail Order", func(b *Bookmark) string {
			if b.Order == 0 {
				return ""
			}
			return strconv.FormatInt(b.Order, 10)
		}, setOrder},
	}
}

// The keys that are not texts.
const (
	keyLabels  = "Labels"
	keyCustom  = "Custom"
	keyBuckets = "Pintail Buckets"
	// keyOldDownload is the older dict form of the download folder; it is read when the text is missing.
	keyOldDownload = "Download Folder Dictionary"
	keyMaxConn     = "Maximum Connections"
)

func setPort(b *Bookmark, s string) bool {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > 65535 {
		return false
	}
	b.Port = n
	return true
}

func setOrder(b *Bookmark, s string) bool {
	n, err := strconv.ParseInt(s, 10, 64)
	b.Order = n
	return err == nil
}

// lastUsed is in milliseconds since 1970, as Cyberduck writes it.
func lastUsed(b *Bookmark) string {
	if b.LastUsed.IsZero() {
		return ""
	}
	return strconv.FormatInt(b.LastUsed.UnixMilli(), 10)
}

func setLastUsed(b *Bookmark, s string) bool {
	ms, err := strconv.ParseInt(s, 10, 64)
	const year9999 = 253402300799999
	if err != nil || ms <= 0 || ms > year9999 {
		return false
	}
	b.LastUsed = time.UnixMilli(ms).UTC()
	return true
}

// Parse reads one bookmark. A file without Protocol, or one that would not be stored, is an error; everything else
// that is odd is a Problem and the field stays empty.
func Parse(r io.Reader) (Bookmark, []Problem, error) {
	doc, err := plist.Parse(r, plist.Options{})
	if err != nil {
		return Bookmark{}, nil, fmt.Errorf("bookmark: %w", err)
	}
	return fromDict(doc)
}

func fromDict(doc plist.Document) (Bookmark, []Problem, error) {
	var b Bookmark
	var problems []Problem
	for _, w := range doc.Warnings {
		problems = append(problems, Problem(w))
	}
	for _, f := range fields() {
		v, ok := doc.Root.Get(f.key)
		if !ok {
			continue
		}
		text, isText := textOf(v)
		if !isText || (text != "" && !f.set(&b, text)) {
			problems = append(problems, Problem{v.Line, fmt.Sprintf("%s is not valid; it is ignored", f.key)})
		}
	}
	b.Labels = doc.Root.GetStrings(keyLabels)
	b.Buckets = doc.Root.GetStrings(keyBuckets)
	b.Custom = readCustom(doc.Root.GetDict(keyCustom))
	readOldKeys(&b, doc.Root)
	b.raw = doc.Root
	if err := b.Validate(); err != nil {
		return Bookmark{}, problems, err
	}
	return b, problems, nil
}

// textOf is the text of a simple value.
func textOf(v plist.Value) (string, bool) {
	switch v.Kind {
	case plist.Bool:
		return strconv.FormatBool(v.Bool), true
	case plist.String, plist.Integer, plist.Real, plist.Date:
		return v.Text, true
	}
	return "", false
}

func readCustom(d *plist.Dict) map[string]string {
	if d.Len() == 0 {
		return nil
	}
	custom := map[string]string{}
	for _, k := range d.Keys() {
		v, _ := d.Get(k)
		if text, ok := textOf(v); ok {
			custom[k] = text
		}
	}
	return custom
}

// readOldKeys takes what older versions of Cyberduck wrote. The keys stay in the file.
func readOldKeys(b *Bookmark, d *plist.Dict) {
	if b.DownloadFolder == "" {
		b.DownloadFolder, _ = d.GetDict(keyOldDownload).GetString("Path")
	}
	if n, _ := d.GetString(keyMaxConn); n == "1" && b.TransferConnection == "" {
		b.TransferConnection = "browser"
	}
}

// Marshal writes the bookmark as a property list: what its file had, with the changes in place, so that keys that we
// do not know and values that we did not change stay as they were.
func (b Bookmark) Marshal() []byte { return b.marshalOnto(b.raw) }

// marshalOnto puts what was changed since the bookmark was read into base.
func (b Bookmark) marshalOnto(base *plist.Dict) []byte {
	d := base.Clone()
	before := Bookmark{}
	if b.raw != nil {
		before = b.fromRaw()
	}
	b.write(d, before)
	return plist.Marshal(d)
}

// Export writes the bookmark for others: only keys that are known to hold no secret, without the place in the list
// and the time of last use.
func (b Bookmark) Export() []byte { return plist.Marshal(b.exported()) }

func (b Bookmark) exported() *plist.Dict {
	b.Order, b.LastUsed = 0, time.Time{}
	custom := maps.Clone(b.Custom)
	maps.DeleteFunc(custom, func(k, _ string) bool { return looksSecret(k) })
	b.Custom = custom
	d := &plist.Dict{}
	b.write(d, Bookmark{})
	return d
}

// fromRaw is the bookmark as its file had it.
func (b Bookmark) fromRaw() Bookmark {
	var old Bookmark
	for _, f := range fields() {
		if v, ok := b.raw.Get(f.key); ok {
			if text, ok := textOf(v); ok && text != "" {
				f.set(&old, text)
			}
		}
	}
	old.Labels = b.raw.GetStrings(keyLabels)
	old.Buckets = b.raw.GetStrings(keyBuckets)
	old.Custom = readCustom(b.raw.GetDict(keyCustom))
	readOldKeys(&old, b.raw)
	return old
}

// write puts into d what differs from before.
func (b Bookmark) write(d *plist.Dict, before Bookmark) {
	for _, f := range fields() {
		s := f.get(&b)
		if s == f.get(&before) {
			continue
		}
		setOrDelete(d, f.key, plist.NewString(s), s != "")
	}
	if b.DownloadFolder != before.DownloadFolder {
		d.Delete(keyOldDownload) // it would name another folder than the text
	}
	if !slices.Equal(b.Labels, before.Labels) {
		setOrDelete(d, keyLabels, plist.NewStrings(b.Labels), len(b.Labels) > 0)
	}
	if !slices.Equal(b.Buckets, before.Buckets) {
		setOrDelete(d, keyBuckets, plist.NewStrings(b.Buckets), len(b.Buckets) > 0)
	}
	if !maps.Equal(b.Custom, before.Custom) {
		sub := &plist.Dict{}
		for _, k := range slices.Sorted(maps.Keys(b.Custom)) {
			sub.Set(k, plist.NewString(b.Custom[k]))
		}
		setOrDelete(d, keyCustom, plist.NewDict(sub), len(b.Custom) > 0)
	}
}

func setOrDelete(d *plist.Dict, key string, v plist.Value, keep bool) {
	if keep {
		d.Set(key, v)
	} else {
		d.Delete(key)
	}
}

// fileName is the name of a bookmark's file.
func fileName(id string) string { return id + Ext }

func isBookmarkFile(name string) bool {
	return strings.HasSuffix(name, Ext) && !strings.HasPrefix(name, ".")
}
