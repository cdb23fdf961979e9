package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"pintail/internal/atomicfile"
	"pintail/internal/plist"
)

// Changes is what an editor may change of a profile; all that it does not name stays as the file has it.
type Changes struct {
	Description    string // title; never empty
	Scheme         string // http or https
	Hostname, Path string
	Port           int // 0 = the scheme's own
	Region         string
	Regions        []string
	AnyHostname    bool // a person may name another host
	AnyPort        bool
}

// Changes are the values that p has now.
func (p Profile) Changes() Changes {
	return Changes{Description: p.Title(), Scheme: p.Scheme, Hostname: p.DefaultHostname, Path: p.DefaultPath, Port: p.DefaultPort, Region: p.Region,
		Regions: slices.Clone(p.Regions), AnyHostname: p.Fields.Hostname, AnyPort: p.Fields.Port}
}

// apply puts what differs from p into raw.
func (c Changes) apply(p Profile, raw *plist.Dict) {
	was := p.Changes()
	text := func(key, old, now string) {
		switch {
		case old == now:
		case now == "":
			raw.Delete(key)
		default:
			raw.Set(key, plist.NewString(now))
		}
	}
	flag := func(key string, old, now bool) {
		if old != now {
			raw.Set(key, plist.NewBool(now))
		}
	}
	text("Description", was.Description, c.Description)
	text("Scheme", was.Scheme, c.Scheme)
	if c.Hostname != was.Hostname { // an empty one says that there is none, a missing one that it is Amazon's
		raw.Set("Default Hostname", plist.NewString(c.Hostname))
	}
	text("Default Path", was.Path, c.Path)
	text("Region", was.Region, c.Region)
	if c.Port != was.Port {
		port := ""
		if c.Port != 0 {
			port = strconv.Itoa(c.Port)
		}
		text("Default Port", strconv.Itoa(was.Port), port)
	}
	if !slices.Equal(c.Regions, was.Regions) {
		if raw.Delete("Regions"); len(c.Regions) > 0 {
			raw.Set("Regions", plist.NewStrings(c.Regions))
		}
	}
	flag("Hostname Configurable", was.AnyHostname, c.AnyHostname)
	flag("Port Configurable", was.AnyPort, c.AnyPort)
}

// ByFile is the profile of that [Profile.File]; ErrNotFound when it is gone.
func (r *Registry) ByFile(file string) (Profile, error) {
	for _, p := range r.All() {
		if p.File == file {
			return p, nil
		}
	}
	return Profile{}, fmt.Errorf("%w: %q", ErrNotFound, file)
}

// Change rewrites an installed profile, named by its [Profile.File]. It returns ErrBundled for one of ours, and ErrValue or a
// *ParseError with the file untouched when the result would not be such a profile.
func (r *Registry) Change(file string, c Changes) (Profile, error) {
	p, err := r.ByFile(file)
	if err != nil {
		return Profile{}, err
	}
	if p.Bundled {
		return Profile{}, fmt.Errorf("%w: %q", ErrBundled, p.Title())
	}
	whole, err := readWhole(file)
	if err != nil {
		return Profile{}, err
	}
	raw := whole.raw.Clone()
	c.apply(whole, raw)
	return r.put(file, raw, c)
}

// Duplicate installs a copy of a profile, bundled or installed, that differs in c and has a vendor of its own: bookmarks tell profiles
// apart by that.
func (r *Registry) Duplicate(file string, c Changes) (Profile, error) {
	p, err := r.ByFile(file)
	if err != nil {
		return Profile{}, err
	}
	encoded, err := p.Encode()
	if err != nil {
		return Profile{}, err
	}
	whole, err := parse(bytes.NewReader(encoded), file, false)
	if err != nil {
		return Profile{}, err
	}
	raw := whole.raw.Clone()
	c.apply(whole, raw)
	raw.Set("Bundled", plist.NewBool(false))
	vendor, n := p.Vendor, 2
	for r.hasVendor(vendor) {
		vendor = p.Vendor + "-" + strconv.Itoa(n)
		n++
	}
	raw.Set("Vendor", plist.NewString(vendor))
	target, err := freeName(r.dir, c.Description)
	if err != nil {
		return Profile{}, err
	}
	return r.put(target, raw, c)
}

func (r *Registry) hasVendor(vendor string) bool {
	return slices.ContainsFunc(r.All(), func(p Profile) bool { return strings.EqualFold(p.Vendor, vendor) })
}

// kept returns an error that names the field of which the profile would not keep what c says.
func (c Changes) kept(p Profile) error {
	got := p.Changes()
	if c.Port == 0 {
		c.Port = schemePort(c.Scheme)
	}
	for _, f := range []struct {
		name string
		same bool
	}{
		{"Description", got.Description == c.Description && c.Description != ""}, {"Scheme", got.Scheme == c.Scheme}, {"Default Hostname", got.Hostname == c.Hostname},
		{"Default Port", got.Port == c.Port}, {"Default Path", got.Path == c.Path}, {"Regions", slices.Equal(got.Regions, c.Regions)},
		{"Region", got.Region == c.Region || c.Region == ""}, {"Hostname Configurable", got.AnyHostname == c.AnyHostname}, {"Port Configurable", got.AnyPort == c.AnyPort},
	} {
		if !f.same {
			return fmt.Errorf("%w: %s", ErrValue, f.name)
		}
	}
	return nil
}

// put writes a profile into the folder, once what is written can be read and means what c says.
func (r *Registry) put(target string, raw *plist.Dict, c Changes) (Profile, error) {
	if r.dir == "" {
		return Profile{}, errNoFolder
	}
	data := plist.Marshal(raw)
	p, err := parse(bytes.NewReader(data), filepath.Base(target), true)
	if err == nil {
		err = c.kept(p)
	}
	if err != nil {
		return Profile{}, err
	}
	if err := atomicfile.MkdirAll(r.dir, 0o700); err != nil {
		return Profile{}, fmt.Errorf("write profile: %w", err)
	}
	if err := atomicfile.Write(target, data, 0o600); err != nil {
		return Profile{}, fmt.Errorf("write profile: %w", err)
	}
	if err := r.Reload(); err != nil {
		return Profile{}, err
	}
	return r.ByFile(target)
}

var errNoFolder = errors.New("there is no profiles folder")

// InstallFile is [Registry.Install] of a file.
func (r *Registry) InstallFile(file string) (Profile, error) {
	f, err := openRegular(file)
	if err != nil {
		return Profile{}, fmt.Errorf("install profile: %w", err)
	}
	defer f.Close() // only read
	return r.Install(f, file)
}

// Export writes a profile as a file of its own into a folder and returns its path. Files that are there stay.
func (r *Registry) Export(file, dir string) (string, error) {
	p, err := r.ByFile(file)
	if err != nil {
		return "", err
	}
	data, err := p.Encode()
	if err != nil {
		return "", err
	}
	target, err := freeName(dir, strings.TrimSuffix(filepath.Base(file), Ext))
	if err != nil {
		return "", err
	}
	if err := atomicfile.Write(target, data, 0o644); err != nil {
		return "", fmt.Errorf("export profile: %w", err)
	}
	return target, nil
}

// RemoveFile deletes an installed profile, named by its [Profile.File]. It returns ErrBundled for one of ours.
func (r *Registry) RemoveFile(file string) error {
	p, err := r.ByFile(file)
	if err != nil {
		return err
	}
	if p.Bundled {
		return fmt.Errorf("%w: %q", ErrBundled, p.Title())
	}
	if err := os.Remove(file); err != nil {
		return fmt.Errorf("remove profile: %w", err)
	}
	return r.Reload()
}

// freeName is a path in dir for a profile that nothing has yet.
func freeName(dir, name string) (string, error) {
	stem := strings.TrimSuffix(safeName(name), Ext)
	for n := 1; n < maxInstalled; n++ {
		try := stem + Ext
		if n > 1 {
			try = stem + " " + strconv.Itoa(n) + Ext
		}
		if _, err := os.Lstat(filepath.Join(dir, try)); errors.Is(err, fs.ErrNotExist) {
			return filepath.Join(dir, try), nil
		} else if err != nil {
			return "", fmt.Errorf("profiles: %w", err)
		}
	}
	return "", fmt.Errorf("%w: %q", ErrExists, name)
}
