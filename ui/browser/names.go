package browser

import (
	"fmt"
	"strings"
	"time"

	"pintail/storage"
)

// CopyName is the proposed name of a duplicate: "report (2026-11-20 14.02.11).csv". Two dots of known double endings stay together.
func CopyName(name string, now time.Time) string {
	base, ext := splitExt(name)
	return fmt.Sprintf("%s (%s)%s", base, now.Format("2006-01-02 15.04.05"), ext)
}

// splitExt parts a name before its ending; a leading dot begins no ending.
func splitExt(name string) (base, ext string) {
	i := strings.LastIndexByte(name, '.')
	if i <= 0 {
		return name, ""
	}
	base, ext = name[:i], name[i:]
	if j := strings.LastIndexByte(base, '.'); j > 0 && strings.EqualFold(base[j:], ".tar") {
		return name[:j], name[j:]
	}
	return base, ext
}

// NameError is why a name cannot be given to a file or folder.
type NameError int

// The reasons.
const (
	NameFine NameError = iota
	NameEmpty
	NameSlash // "/" would make folders
	NameLong  // the whole key is above 1,024 bytes
	NameTaken
)

// maxKey is S3's limit for a key in bytes.
const maxKey = 1024

// CheckName tells whether an object or folder called name can be put into at. taken tells names that are there already.
func CheckName(name string, at storage.Location, folder bool, taken func(string) bool) NameError {
	switch {
	case name == "":
		return NameEmpty
	case strings.Contains(name, "/"):
		return NameSlash
	case len(at.Child(name, folder).Key) > maxKey:
		return NameLong
	case taken != nil && taken(name):
		return NameTaken
	}
	return NameFine
}

// WithName is l under another name in the same folder.
func WithName(l storage.Location, name string) storage.Location {
	return l.Parent().Child(name, l.IsFolder())
}

// Inside tells whether l is at or below folder.
func Inside(l, folder storage.Location) bool {
	switch {
	case folder.IsRoot():
		return true
	case l.Bucket != folder.Bucket:
		return false
	case folder.Key == "":
		return true
	}
	return strings.HasPrefix(l.Key, folder.Key)
}
