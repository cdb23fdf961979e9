package profiles

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pintail/assets"
	"pintail/internal/atomicfile"
	"pintail/internal/plist"
)

// Names of bundled profiles' vendors, for code that needs a certain one.
const (
	VendorAmazon    = "pintail-amazon-s3"
	VendorIdentity  = "pintail-amazon-identity-center"
	VendorHTTPS     = "pintail-s3-https"
	VendorHTTP      = "pintail-s3-http"
	VendorPathStyle = "pintail-s3-path-style"
	VendorDemo      = "pintail-demo"
)

// Errors of the registry; check with errors.Is.
var (
	ErrNotFound  = errors.New("no such profile")
	ErrAmbiguous = errors.New("several profiles have that name")
	ErrBundled   = errors.New("a bundled profile cannot be removed")
	ErrExists    = errors.New("another profile with that file name is installed")
	ErrValue     = errors.New("a profile cannot have that value")
)

// maxInstalled bounds how many files of the folder are read.
const maxInstalled = 5000

// FileProblem is a file of the folder that could not be used. The file stays where it is.
type FileProblem struct {
	File string
	Err  error
}

// Registry knows the bundled and the installed profiles. Safe for concurrent use.
type Registry struct {
	dir string

	mu        sync.Mutex // guards all below
	general   []Profile  // the bundled ones that every connection without a profile needs
	installed []Profile
	all       []Profile // nil until somebody wants the providers' too: to read them takes most of a short command's time
	problems  []FileProblem
}

// OpenRegistry reads the bundled profiles and those in dir; a folder that is missing is empty, "" means none. A
// profile that cannot be read is a [Registry.Problems] entry, not an error. Icons are not kept; see [Registry.Icon].
func OpenRegistry(dir string) (*Registry, error) {
	r := &Registry{dir: dir}
	return r, r.Reload()
}

// Reload reads everything again.
func (r *Registry) Reload() error {
	general, err := readBundled(generalNames())
	if err != nil {
		return err
	}
	installed, problems, err := readFolder(r.dir)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.general, r.installed, r.all, r.problems = general, installed, nil, problems
	return nil
}

// generalNames are the files of the profiles that belong to no provider, in the order of lists.
func generalNames() []string {
	return []string{"Amazon S3", "S3 (HTTPS)", "S3 (HTTP)", "S3 (path style)", "Pintail demo server"}
}

// Bundled returns the profiles that come with the programs, in the order lists show them: the general ones, then by name.
func Bundled() ([]Profile, error) {
	general, err := readBundled(generalNames())
	if err != nil {
		return nil, err
	}
	providers, err := readProviders()
	return append(general, providers...), err
}

func readProviders() ([]Profile, error) {
	entries, err := fs.ReadDir(assets.Profiles(), ".") // sorted
	if err != nil {
		return nil, fmt.Errorf("bundled profiles: %w", err)
	}
	var names []string
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), Ext); !slices.Contains(generalNames(), name) {
			names = append(names, name)
		}
	}
	return readBundled(names)
}

func readBundled(names []string) ([]Profile, error) {
	var out []Profile
	for _, name := range names {
		raw, err := fs.ReadFile(assets.Profiles(), name+Ext)
		if err != nil {
			return nil, fmt.Errorf("bundled profile %s: %w", name, err)
		}
		p, err := Parse(bytes.NewReader(raw), "bundled/"+name+Ext)
		if err != nil {
			return nil, err
		}
		p.Bundled = true
		out = append(out, p)
	}
	return out, nil
}

func readFolder(dir string) ([]Profile, []FileProblem, error) {
	if dir == "" {
		return nil, nil, nil
	}
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("profiles: %w", err)
	}
	var out []Profile
	var problems []FileProblem
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), Ext) || strings.HasPrefix(e.Name(), atomicfile.TempPrefix) {
			continue
		}
		if len(out)+len(problems) >= maxInstalled {
			problems = append(problems, FileProblem{File: dir, Err: fmt.Errorf("only %d profiles are read", maxInstalled)})
			break
		}
		file := filepath.Join(dir, e.Name())
		p, err := readFile(file)
		if err != nil {
			problems = append(problems, FileProblem{File: file, Err: err})
			continue
		}
		p.Bundled = false // what a file says of itself does not make it ours
		out = append(out, p)
	}
	slices.SortStableFunc(out, func(a, b Profile) int {
		return strings.Compare(strings.ToLower(a.Title()), strings.ToLower(b.Title()))
	})
	return out, problems, nil
}

func readFile(file string) (Profile, error) {
	f, err := openRegular(file)
	if err != nil {
		return Profile{}, fmt.Errorf("profile: %w", err)
	}
	defer f.Close()
	return parse(f, file, true)
}

// ReadFile reads one profile from a file of the user's, as --profile FILE does.
func ReadFile(file string) (Profile, error) { return readFile(file) }

// openRegular refuses what could block or never end: a pipe, a device.
func openRegular(file string) (*os.File, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", file)
	}
	return os.Open(file)
}

// All returns every profile: bundled first, then installed by title.
func (r *Registry) All() []Profile {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		providers, err := readProviders()
		if err != nil {
			r.problems = append(r.problems, FileProblem{File: "bundled", Err: err})
		}
		r.all = slices.Concat(r.general, providers, r.installed)
	}
	return slices.Clone(r.all)
}

// Problems lists the files of the folder that could not be used.
func (r *Registry) Problems() []FileProblem {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.problems)
}

// Find looks a profile up by what a user types: the file name with or without its ending, the description, the name
// or the vendor, in that order and without case. It returns ErrNotFound or ErrAmbiguous.
func (r *Registry) Find(name string) (Profile, error) {
	all := r.All()
	for _, key := range []func(Profile) string{
		func(p Profile) string { return p.File },
		func(p Profile) string { return filepath.Base(p.File) },
		func(p Profile) string { return strings.TrimSuffix(filepath.Base(p.File), Ext) },
		func(p Profile) string { return p.Description },
		func(p Profile) string { return p.Name },
		func(p Profile) string { return p.Vendor },
	} {
		var found []Profile
		for _, p := range all {
			if strings.EqualFold(key(p), name) {
				found = append(found, p)
			}
		}
		if len(found) == 1 {
			return found[0], nil
		}
		if len(found) > 1 {
			return Profile{}, fmt.Errorf("%w: %q", ErrAmbiguous, name)
		}
	}
	return Profile{}, fmt.Errorf("%w: %q", ErrNotFound, name)
}

// ForBookmark finds the profile of a bookmark by its Protocol and Provider. Vendors repeat in real files; the host
// decides between them, then the first wins. Without a provider the protocol's own profile is meant: Amazon S3 for
// Amazon's hosts and no host, S3 (HTTPS) for others. The generic profiles that Cyberduck's bookmarks name are answered by
// ours when they are not installed. It returns ErrNotFound.
func (r *Registry) ForBookmark(protocol, provider, host string) (Profile, error) {
	if provider == "" || provider == protocol {
		if protocol != S3 {
			return Profile{}, fmt.Errorf("%w: protocol %q", ErrNotFound, protocol)
		}
		provider = VendorHTTPS
		if h := "." + strings.ToLower(host); h == "." || strings.HasSuffix(h, ".amazonaws.com") {
			provider = VendorAmazon
		}
	}
	p, err := r.byVendor(protocol, provider, host)
	if alias, ok := vendorAlias(provider); errors.Is(err, ErrNotFound) && ok && protocol == S3 {
		return r.byVendor(protocol, alias, host)
	}
	return p, err
}

func (r *Registry) byVendor(protocol, provider, host string) (Profile, error) {
	r.mu.Lock()
	general := r.general
	r.mu.Unlock()
	for _, p := range general { // ours, whatever an installed file calls itself
		if p.Protocol == protocol && p.Vendor == provider {
			return p, nil
		}
	}
	var first *Profile
	all := r.All()
	for i, p := range all {
		if p.Protocol != protocol || p.Vendor != provider {
			continue
		}
		if strings.EqualFold(p.DefaultHostname, host) {
			return p, nil
		}
		if first == nil {
			first = &all[i]
		}
	}
	if first == nil {
		return Profile{}, fmt.Errorf("%w: vendor %q", ErrNotFound, provider)
	}
	return *first, nil
}

// Install reads a profile and puts an unchanged copy into the folder. One with the same content is replaced; another
// content under the same file name is ErrExists. fileName is the name it came with, with or without a folder.
func (r *Registry) Install(src io.Reader, fileName string) (Profile, error) {
	if r.dir == "" {
		return Profile{}, errors.New("install profile: there is no profiles folder")
	}
	raw, err := io.ReadAll(io.LimitReader(src, plist.MaxTotal+1))
	if err != nil {
		return Profile{}, fmt.Errorf("install profile: %w", err)
	}
	base := safeName(fileName)
	p, err := parse(bytes.NewReader(raw), base, true)
	if err != nil {
		return Profile{}, err
	}
	target := filepath.Join(r.dir, base)
	if old, err := os.ReadFile(target); err == nil && !bytes.Equal(old, raw) {
		return Profile{}, fmt.Errorf("install profile %s: %w", base, ErrExists)
	}
	if err := atomicfile.MkdirAll(r.dir, 0o700); err != nil {
		return Profile{}, fmt.Errorf("install profile: %w", err)
	}
	if err := atomicfile.Write(target, raw, 0o600); err != nil {
		return Profile{}, fmt.Errorf("install profile: %w", err)
	}
	p.File, p.Bundled = target, false
	return p, r.Reload()
}

// safeName makes a file name for the folder of what a file was called elsewhere.
func safeName(name string) string {
	name = filepath.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSpace(strings.TrimSuffix(name, Ext))
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || strings.ContainsRune(`<>:"/\|?*`, c) {
			return '_'
		}
		return c
	}, name)
	const longest = 120
	for len(name) > longest {
		runes := []rune(name)
		name = string(runes[:len(runes)-1])
	}
	if name = strings.Trim(name, ". "); name == "" {
		name = "profile"
	}
	return name + Ext
}

// Remove deletes an installed profile, found as [Registry.Find] does. It returns ErrBundled for one of ours.
func (r *Registry) Remove(name string) error {
	p, err := r.Find(name)
	if err != nil {
		return err
	}
	if p.Bundled {
		return fmt.Errorf("%w: %q", ErrBundled, name)
	}
	if err := os.Remove(p.File); err != nil {
		return fmt.Errorf("remove profile: %w", err)
	}
	return r.Reload()
}
