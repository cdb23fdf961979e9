// Package importing takes connections out of files into the bookmarks: of ours, of other programs, and of the AWS files where they are in use.
// It must never put a secret anywhere but into the store of secrets, take a connection twice, or change a bookmark that is there.
// Start reading at [File]; known.go finds the files that a computer has, export.go writes one for another computer.
package importing

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"pintail/bookmarks"
	"pintail/internal/text"
	"pintail/keychain"
)

// Errors of [Files] and [File], besides those of bookmarks.Read and the system's.
var (
	ErrEmpty        = errors.New("the folder has no bookmarks")
	ErrAWSElsewhere = errors.New("AWS files are used where they are")
)

// State is what came of one connection of a file.
type State int

// The states.
const (
	Added   State = iota
	There         // a bookmark of the same connection was there before
	LeftOut       // Why says the reason
	Would         // it would be added, were this not a dry run
	Unread        // Err says why the file, or the rest of it, was not taken
)

// Secret is what came of a connection's secret.
type Secret int

// The states of secrets.
const (
	NoSecret     Secret = iota // the file has none for it
	SecretKept                 // it is in the keychain of this system
	SecretInFile               // it is in the encrypted file
	SecretLost                 // Lost says why: the connection asks for it
)

// Line is one connection of a file and what came of it. No field holds a secret.
type Line struct {
	File   string
	Name   string // of the bookmark, else as the file calls it
	State  State
	Why    string // of LeftOut; with Added, what of the bookmark was left out
	Secret Secret
	Lost   error
	Err    error
}

// Env is where connections go.
type Env struct {
	Bookmarks *bookmarks.Store
	AWS       keychain.AWSFiles
	// Remember stores the secret of the bookmark id and says where, or why not.
	Remember func(ctx context.Context, id string, secret keychain.Secret) (keychain.StoreKind, error)
	DryRun   bool
}

// Files is the path itself, or the bookmarks of a folder.
func Files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		return []string{path}, err
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); (ext == bookmarks.Ext || ext == bookmarks.TransmitExt) && !strings.HasPrefix(e.Name(), ".") {
			list = append(list, filepath.Join(path, e.Name()))
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %w", path, ErrEmpty)
	}
	return list, nil
}

// File takes the connections of one file. With an error nothing of it after the lines was taken.
func File(ctx context.Context, env Env, file string) ([]Line, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	found, skipped, format, err := bookmarks.Read(f)
	if err := errors.Join(err, f.Close()); err != nil {
		return nil, err
	}
	if format == bookmarks.AWSFormat {
		if found, skipped, err = awsProfiles(env.AWS, file); err != nil {
			return nil, err
		}
	}
	var lines []Line
	for _, k := range skipped {
		lines = append(lines, Line{File: file, Name: k.Name, State: LeftOut, Why: k.Why})
	}
	for _, one := range found {
		line, err := env.take(ctx, one, format)
		if err != nil {
			return lines, err
		}
		line.File = file
		lines = append(lines, line)
	}
	return lines, nil
}

// All takes the connections of files and of folders of bookmarks. What cannot be read is told as a line, and the rest is taken.
func All(ctx context.Context, env Env, paths []string) []Line {
	var out []Line
	for _, path := range paths {
		files, err := Files(path)
		if err != nil {
			out = append(out, Line{File: path, Name: filepath.Base(path), State: Unread, Err: err})
			continue
		}
		for _, file := range files {
			lines, err := File(ctx, env, file)
			out = append(out, lines...)
			if err != nil {
				out = append(out, Line{File: file, Name: filepath.Base(file), State: Unread, Err: err})
			}
		}
	}
	return out
}

// awsProfiles are the profiles of the AWS files, which bookmarks name and never copy.
func awsProfiles(files keychain.AWSFiles, file string) ([]bookmarks.Found, []bookmarks.Skipped, error) {
	if !sameFile(file, files.Config) && !sameFile(file, files.Credentials) {
		return nil, nil, ErrAWSElsewhere
	}
	list, err := keychain.ListAWSProfiles(files)
	if err != nil {
		return nil, nil, err
	}
	var found []bookmarks.Found
	var skipped []bookmarks.Skipped
	for _, p := range list {
		b := bookmarks.Bookmark{Protocol: "s3", Nickname: p.Name, AWSProfile: p.Name, Region: p.Region, EndpointURL: p.Endpoint}
		if p.Kind == keychain.ProfileNone || b.Validate() != nil {
			skipped = append(skipped, bookmarks.Skipped{Name: p.Name, Why: text.T("importing.no_credentials")})
			continue
		}
		found = append(found, bookmarks.Found{Bookmark: b})
	}
	return found, skipped, nil
}

func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// take adds one connection under a free name, unless the same is there already. Its secret goes to the store of secrets or nowhere.
func (env Env) take(ctx context.Context, f bookmarks.Found, format bookmarks.Format) (Line, error) {
	b, s := f.Bookmark, env.Bookmarks
	own := format == bookmarks.DuckFormat || format == bookmarks.BundleFormat
	if old, ok := alike(s, b); ok && !own {
		return Line{Name: old.Title(), State: There}, nil
	}
	if _, err := s.Get(b.ID); err == nil {
		b.ID = ""
	}
	if !own {
		b.Nickname = freeName(s, b.Title())
	}
	line := Line{Name: b.Title(), State: Added}
	if b.Proxy != "" || b.ProxyBypass != "" || b.CABundle != "" || b.ClientCert != "" {
		// Whoever gave the file would stand between the person and the server.
		b.Proxy, b.ProxyBypass, b.CABundle, b.ClientCert, b.ClientKey = "", "", "", "", ""
		line.Why = text.T("advanced.network_left")
	}
	if env.DryRun {
		line.State = Would
		return line, nil
	}
	b, err := s.Add(b)
	if err != nil {
		return Line{}, err
	}
	line.Name = b.Title()
	if f.Secret.Empty() {
		return line, nil
	}
	kind, err := env.Remember(ctx, b.ID, f.Secret)
	switch {
	case err != nil:
		line.Secret, line.Lost = SecretLost, err
	case kind == keychain.FileStore:
		line.Secret = SecretInFile
	default:
		line.Secret = SecretKept
	}
	return line, nil
}

// WhyLost is why a secret was not stored, in a few words.
func WhyLost(err error) string {
	switch {
	case errors.Is(err, keychain.ErrFileLocked), errors.Is(err, keychain.ErrWrongPassphrase):
		return text.T("importing.lost_locked")
	case errors.Is(err, keychain.ErrUnavailable):
		return text.T("importing.lost_keychain")
	}
	return err.Error()
}

// alike is a bookmark of the same connection.
func alike(s *bookmarks.Store, b bookmarks.Bookmark) (bookmarks.Bookmark, bool) {
	for _, old := range s.List() {
		if old.EndpointURL == b.EndpointURL && old.Hostname == b.Hostname && old.Username == b.Username && old.AWSProfile == b.AWSProfile &&
			old.Path == b.Path && old.Anonymous == b.Anonymous && old.Provider == b.Provider && old.Region == b.Region {
			return old, true
		}
	}
	return bookmarks.Bookmark{}, false
}

// freeName is name, or name with the first number that makes it one of its own.
func freeName(s *bookmarks.Store, name string) string {
	free := name
	for n := 2; ; n++ {
		if _, err := s.Find(free); errors.Is(err, bookmarks.ErrNotFound) {
			return free
		}
		free = fmt.Sprintf("%s %d", name, n)
	}
}
