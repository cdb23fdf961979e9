// Package preferences holds the user's settings: typed, with defaults, in one JSON file that the app and the command
// line share. It must never hold a secret, lose a name it does not know, or write a value that it would not read.
// Start reading at keys.go, the table of all settings; a value is read as preferences.S3Location.Get(p).
package preferences

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pintail/internal/atomicfile"
)

// Errors of this package; check with errors.Is.
var (
	ErrUnknown = errors.New("no such preference")
	ErrInvalid = errors.New("invalid value")
)

// ValueError says which preference does not take a value and what it takes.
type ValueError struct {
	Name, Value, Want string
}

func (e *ValueError) Error() string { return fmt.Sprintf("%s: %q %s", e.Name, e.Value, e.Want) }

// Is makes the error match ErrInvalid.
func (e *ValueError) Is(target error) bool { return target == ErrInvalid }

// maxFile is far above what the table can fill.
const maxFile = 1 << 20

// Options say where the settings are.
type Options struct {
	// File is the settings file; "" keeps everything in memory. It and its folder need not exist.
	File string
	// Overrides win over the file for this run and are never written (the environment of a duck-style call).
	Overrides map[string]string
}

// Preferences are the settings of one user. Safe for concurrent use. Call Close at the end.
type Preferences struct {
	file string
	defs map[string]*Definition

	mu        sync.Mutex // guards all below
	set       map[string]string
	overrides map[string]string
	unknown   map[string]json.RawMessage
	problems  []error
	watchers  map[int]chan string
	nextID    int

	follow *follower // nil without Follow
}

// Open reads the settings. A file that is missing or damaged is not an error: defaults hold and [Preferences.Problems]
// says what was wrong; a damaged file is set aside under the name with .damaged before the first write.
// An override that is unknown or invalid is an error.
func Open(o Options) (*Preferences, error) {
	p := &Preferences{file: o.File, defs: map[string]*Definition{}, set: map[string]string{},
		overrides: map[string]string{}, watchers: map[int]chan string{}}
	for _, k := range table() {
		d := k.Def()
		p.defs[d.Name] = &d
	}
	for name, v := range o.Overrides {
		norm, err := p.check(name, v)
		if err != nil {
			return nil, err
		}
		p.overrides[name] = norm
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.loadLocked(); err != nil {
		p.problems = append(p.problems, err)
	}
	return p, nil
}

func (p *Preferences) check(name, value string) (string, error) {
	d, ok := p.defs[name]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	return d.Check(value)
}

// Problems are what was wrong with the file when it was last read; each names the setting or the file.
func (p *Preferences) Problems() []error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.problems)
}

// Get returns the value in force: override, file, default.
func (k Key[T]) Get(p *Preferences) T { return k.parse(p.value(k.def)) }

// Set stores a value; it is validated as [Preferences.SetString] does.
func (k Key[T]) Set(p *Preferences, v T) error { return p.SetString(k.def.Name, k.format(v)) }

func (p *Preferences) value(d *Definition) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if v, ok := p.overrides[d.Name]; ok {
		return v
	}
	if v, ok := p.set[d.Name]; ok {
		return v
	}
	return d.Default
}

// GetString returns the value in force as text, or ErrUnknown.
func (p *Preferences) GetString(name string) (string, error) {
	d, ok := p.defs[name]
	if !ok {
		return "", fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	return p.value(d), nil
}

// IsSet reports whether the user changed the preference (in the file or by an override).
func (p *Preferences) IsSet(name string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, inFile := p.set[name]
	_, over := p.overrides[name]
	return inFile || over
}

// SetString validates and stores a value given as text. It returns ErrUnknown, a *ValueError, or what the disk says;
// then nothing has changed. An override of the same name ends.
func (p *Preferences) SetString(name, value string) error {
	norm, err := p.check(name, value)
	if err != nil {
		return err
	}
	return p.change(name, func() {
		delete(p.overrides, name)
		p.set[name] = norm
	})
}

// Reset puts the default back, or returns ErrUnknown.
func (p *Preferences) Reset(name string) error {
	if _, ok := p.defs[name]; !ok {
		return fmt.Errorf("%w: %q", ErrUnknown, name)
	}
	return p.change(name, func() {
		delete(p.overrides, name)
		delete(p.set, name)
	})
}

// change applies one edit to what is in the file now, so that a change by another process in between is kept.
func (p *Preferences) change(name string, edit func()) error {
	p.mu.Lock()
	changed, err := p.changeLocked(name, edit)
	p.notifyLocked(changed)
	p.mu.Unlock()
	return err
}

func (p *Preferences) changeLocked(name string, edit func()) ([]string, error) {
	before := maps.Clone(p.set)
	overrides := maps.Clone(p.overrides)
	if p.file != "" {
		if err := atomicfile.MkdirAll(filepath.Dir(p.file), 0o700); err != nil {
			return nil, fmt.Errorf("preferences: %w", err)
		}
		unlock, err := atomicfile.Lock(p.file + ".lock")
		if err != nil {
			return nil, fmt.Errorf("preferences: %w", err)
		}
		defer unlock()
		if err := p.loadLocked(); err != nil {
			if err := p.setAside(err); err != nil {
				return nil, err
			}
		}
	}
	edit()
	if err := p.saveLocked(); err != nil {
		p.set, p.overrides = before, overrides
		return nil, err
	}
	return append(differing(before, p.set), name), nil
}

// Reload reads the file again, for changes that another process made; listeners hear what differs.
func (p *Preferences) Reload() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := maps.Clone(p.set)
	err := p.loadLocked()
	p.notifyLocked(differing(before, p.set))
	return err
}

func differing(a, b map[string]string) []string {
	var names []string
	for n, v := range b {
		if old, ok := a[n]; !ok || old != v {
			names = append(names, n)
		}
	}
	for n := range a {
		if _, ok := b[n]; !ok {
			names = append(names, n)
		}
	}
	return names
}

// loadLocked replaces what is known of the file. With an error nothing is replaced.
func (p *Preferences) loadLocked() error {
	if p.file == "" {
		return nil
	}
	raw, err := readCapped(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		raw, err = []byte("{}"), nil
	}
	if err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return fmt.Errorf("preferences %s: %w: %w", p.file, errDamaged, err)
	}
	p.set, p.unknown, p.problems = map[string]string{}, map[string]json.RawMessage{}, nil
	for _, name := range slices.Sorted(maps.Keys(all)) {
		d, ok := p.defs[name]
		if !ok {
			p.unknown[name] = all[name]
			continue
		}
		v, err := d.Check(plain(all[name]))
		if err != nil {
			// Kept as it is: a newer version may take it.
			p.unknown[name] = all[name]
			p.problems = append(p.problems, err)
			continue
		}
		p.set[name] = v
	}
	return nil
}

var errDamaged = errors.New("the file is damaged")

// setAside keeps a damaged file for the user before it is replaced. Any other error is final.
func (p *Preferences) setAside(cause error) error {
	if !errors.Is(cause, errDamaged) {
		return cause
	}
	if err := os.Rename(p.file, p.file+".damaged"); err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	return nil
}

// plain turns a JSON string, number or bool into text; everything else stays JSON and fails the check.
func plain(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		return s
	}
	return strings.TrimSpace(string(raw))
}

func (p *Preferences) saveLocked() error {
	if p.file == "" {
		return nil
	}
	all := map[string]json.RawMessage{}
	maps.Copy(all, p.unknown)
	for name, v := range p.set {
		raw := json.RawMessage(v)
		if k := p.defs[name].Kind; k != KindBool && k != KindInt && k != KindBytes {
			quoted, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("preferences: %w", err)
			}
			raw = quoted
		}
		all[name] = raw
	}
	data, err := json.MarshalIndent(all, "", "  ") // sorts by name
	if err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	if err := atomicfile.Write(p.file, append(data, '\n'), 0o600); err != nil {
		return fmt.Errorf("preferences: %w", err)
	}
	return nil
}

// Watch returns a channel that receives the name of each preference that changes, and a function that ends it. A
// listener that is slow misses no name as long as it has fewer than 64 waiting; read the value when the name comes.
func (p *Preferences) Watch() (<-chan string, func()) {
	const waiting = 64
	p.mu.Lock()
	defer p.mu.Unlock()
	id, ch := p.nextID, make(chan string, waiting)
	p.nextID++
	p.watchers[id] = ch
	return ch, func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		if _, ok := p.watchers[id]; ok {
			delete(p.watchers, id)
			close(ch)
		}
	}
}

func (p *Preferences) notifyLocked(names []string) {
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		for _, ch := range p.watchers {
			select {
			case ch <- name:
			default: // the listener is far behind
			}
		}
	}
}
