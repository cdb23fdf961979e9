package profiles

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"pintail/internal/plist"
)

// ErrNoIcon is returned when a profile has no icon that can be used.
var ErrNoIcon = errors.New("the profile has no icon")

// Icon decodes the image of a profile (Disk, else Icon): usually a TIFF or PNG of 64 or 128 pixels, at most 3 MiB as
// text. The image itself is not looked at. Profiles of a registry read their file again for it.
func (p Profile) Icon() ([]byte, error) {
	raw := p.raw
	if !hasIcon(raw) && p.File != "" && !p.Bundled {
		f, err := openRegular(p.File)
		if err != nil {
			return nil, fmt.Errorf("icon: %w", err)
		}
		defer f.Close()
		full, err := parse(f, p.File, false)
		if err != nil {
			return nil, err
		}
		raw = full.raw
	}
	for _, key := range iconKeys() {
		v, ok := raw.Get(key)
		if !ok || strings.TrimSpace(v.Text) == "" {
			continue
		}
		b, err := v.Bytes()
		if err != nil {
			return nil, fmt.Errorf("icon of %s: %w", p.File, err)
		}
		return b, nil
	}
	return nil, ErrNoIcon
}

func hasIcon(d *plist.Dict) bool {
	for _, key := range iconKeys() {
		if _, ok := d.Get(key); ok {
			return true
		}
	}
	return false
}

// Encode writes the profile as it was read: keys that we do not know stay, in their order. Comments do not.
// A profile made without [Parse] has nothing to write and returns an error.
func (p Profile) Encode() ([]byte, error) {
	if p.raw == nil {
		return nil, errors.New("encode profile: it was not read from a file")
	}
	raw := p.raw
	if !hasIcon(raw) && p.File != "" && !p.Bundled {
		if _, err := os.Stat(p.File); err == nil {
			full, err := readWhole(p.File)
			if err != nil {
				return nil, err
			}
			raw = full.raw
		}
	}
	return plist.Marshal(raw), nil
}

func readWhole(file string) (Profile, error) {
	f, err := openRegular(file)
	if err != nil {
		return Profile{}, fmt.Errorf("profile: %w", err)
	}
	defer f.Close()
	return parse(f, file, false)
}
