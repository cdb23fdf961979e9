package bookmarks

import (
	"bytes"
	"fmt"

	"pintail/internal/plist"
)

// keyBundle holds the bookmarks of a file that has all of them.
const keyBundle = "Pintail Bookmarks"

// ExportAll writes bookmarks into one file, each as [Bookmark.Export] does: without secrets, without what is only of use here.
func ExportAll(list []Bookmark) []byte {
	all := plist.Value{Kind: plist.Array}
	for _, b := range list {
		all.List = append(all.List, plist.NewDict(b.exported()))
	}
	d := &plist.Dict{}
	d.Set(keyBundle, all)
	return plist.Marshal(d)
}

// readDuck reads one bookmark, or a file of [ExportAll].
func readDuck(data []byte) ([]Found, []Skipped, Format, error) {
	doc, err := plist.Parse(bytes.NewReader(data), plist.Options{Limit: maxImport})
	if err != nil {
		return nil, nil, DuckFormat, err
	}
	if _, ok := doc.Root.Get(transmitProtocol); ok {
		found, skipped := readTransmit(doc.Root)
		return found, skipped, TransmitFormat, nil
	}
	if _, ok := doc.Root.Get(keyArchive); ok {
		return nil, nil, "", ErrArchive
	}
	all, isBundle := doc.Root.Get(keyBundle)
	if !isBundle {
		b, _, err := fromDict(doc)
		return []Found{{Bookmark: b}}, nil, DuckFormat, err
	}
	var found []Found
	var skipped []Skipped
	for i, v := range all.List {
		name := fmt.Sprintf("bookmark %d", i+1)
		if v.Kind != plist.Dictionary {
			skipped = append(skipped, Skipped{name, "it is no bookmark"})
			continue
		}
		b, _, err := fromDict(plist.Document{Root: v.Dict})
		if err != nil {
			skipped = append(skipped, Skipped{name, why(err)})
			continue
		}
		found = append(found, Found{Bookmark: b})
	}
	return found, skipped, BundleFormat, nil
}
