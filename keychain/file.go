package keychain

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"sync/atomic"

	"pintail/internal/atomicfile"
)

// How the encrypted file fails; check with errors.Is. Each comes in a *FileError.
var (
	// ErrFileLocked: nobody gave the passphrase. It is an [ErrUnavailable] too.
	ErrFileLocked = errors.New("the encrypted file of secrets is locked")
	// ErrWrongPassphrase: the passphrase does not open the file.
	ErrWrongPassphrase = errors.New("the passphrase does not open the encrypted file of secrets")
	// ErrNoFile: there is no file whose passphrase could be changed.
	ErrNoFile = errors.New("there is no encrypted file of secrets")
	// ErrFileBroken: the file is not one that [File] writes, or not all of it. It stays as it is.
	ErrFileBroken = errors.New("the encrypted file of secrets is damaged")
)

// FileError says which encrypted file failed, and why.
type FileError struct {
	Path string
	Err  error
}

func (e *FileError) Error() string { return e.Path + ": " + e.Err.Error() }

// Unwrap returns the reason.
func (e *FileError) Unwrap() error { return e.Err }

// Is makes a locked file match ErrUnavailable.
func (e *FileError) Is(target error) bool {
	return target == ErrUnavailable && errors.Is(e.Err, ErrFileLocked)
}

// PassphraseQuestion asks for the passphrase of an encrypted file.
type PassphraseQuestion struct {
	Path  string
	New   bool // it is chosen now: who mistypes here is locked out, so it is to be typed twice
	Wrong bool // the last answer did not open the file
	// Change: the passphrase is changed; first the one of now is asked for, then the New one.
	Change bool
}

// AskPassphrase asks the user. Without an answer it returns ErrFileLocked or the error of ctx.
type AskPassphrase func(ctx context.Context, q PassphraseQuestion) (Secret, error)

// passphraseTries is how often one call asks before it has failed.
const passphraseTries = 3

// File keeps secrets in one file that is encrypted with a passphrase, for systems without a store of their own. The passphrase is asked
// for when a secret is first needed, and held in memory. Several programs may use the file together: each change is made to what is in
// it then. Safe for concurrent use.
type File struct {
	path   string
	ask    AskPassphrase
	factor int
	turn   chan struct{} // full while a call runs; guards what follows

	pass  Secret            // of this run; empty until it was asked for
	raw   []byte            // the file as it was when items was read
	items map[string]Secret // by account; never changed in place

	refused atomic.Int64 // how often no passphrase was given
}

// NewFile returns the store in the file at path; its folder is made when a secret is first stored. It does not touch the file yet.
func NewFile(path string, ask AskPassphrase) *File { return newFile(path, ask, workFactor) }

func newFile(path string, ask AskPassphrase, factor int) *File {
	return &File{path: path, ask: ask, factor: factor, turn: make(chan struct{}, 1)}
}

// Kind is FileStore.
func (f *File) Kind() StoreKind { return FileStore }

// Get implements [Store]; besides its errors it returns a *FileError. It asks for no passphrase where there is no file.
func (f *File) Get(ctx context.Context, it Item) (Secret, error) {
	if err := check(ctx, it); err != nil {
		return Secret{}, err
	}
	end, err := f.begin(ctx, f.refused.Load())
	if err != nil {
		return Secret{}, err
	}
	defer end()
	items, err := f.open(ctx, false)
	if err != nil {
		return Secret{}, err
	}
	s, ok := items[it.Account()]
	if !ok {
		return Secret{}, ErrNotFound
	}
	return s, nil
}

// Set implements [Store]; besides its errors it returns a *FileError or what the disk says.
func (f *File) Set(ctx context.Context, it Item, s Secret) error {
	return f.change(ctx, it, true, func(items map[string]Secret) error {
		items[it.Account()] = s
		return nil
	})
}

// Delete implements [Store]; besides its errors it returns a *FileError or what the disk says.
func (f *File) Delete(ctx context.Context, it Item) error {
	return f.change(ctx, it, false, func(items map[string]Secret) error {
		if _, ok := items[it.Account()]; !ok {
			return ErrNotFound
		}
		delete(items, it.Account())
		return nil
	})
}

// begin waits for the calls before this one; refused is how often no passphrase was given until now. Who waited while the user gave none
// is not asked the same again.
func (f *File) begin(ctx context.Context, refused int64) (end func(), err error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case f.turn <- struct{}{}:
	}
	if f.refused.Load() != refused {
		<-f.turn
		return nil, f.failed(ErrFileLocked)
	}
	return func() { <-f.turn }, nil
}

func (f *File) failed(err error) error { return &FileError{Path: f.path, Err: err} }

// open gives what is in the file and asks for the passphrase as long as it is not known; for a file that is not there only to make it.
func (f *File) open(ctx context.Context, create bool) (map[string]Secret, error) {
	q := PassphraseQuestion{Path: f.path}
	for asked := 0; ; asked++ {
		items, err := f.read()
		switch {
		case err == nil && (!create || !f.pass.Empty()):
			return items, nil
		case err == nil, errors.Is(err, errNoPassphrase):
		case errors.Is(err, ErrWrongPassphrase) && asked < passphraseTries:
			q.Wrong = asked > 0 // else another program changed it
		default:
			return nil, err
		}
		q.New = err == nil
		if f.pass, err = f.answer(ctx, q); err != nil {
			return nil, err
		}
	}
}

// answer asks one question; no answer locks the file for all who wait.
func (f *File) answer(ctx context.Context, q PassphraseQuestion) (Secret, error) {
	pass, err := f.ask(ctx, q)
	if err == nil && pass.Empty() {
		err = ErrFileLocked
	}
	if errors.Is(err, ErrFileLocked) {
		f.refused.Add(1)
		err = f.failed(err)
	}
	if err != nil {
		return Secret{}, err
	}
	return pass, nil
}

var errNoPassphrase = errors.New("the passphrase is not known yet")

// read gives what is in the file now, nothing when there is none, and asks nobody. A passphrase that is wrong is forgotten.
func (f *File) read() (map[string]Secret, error) {
	raw, err := readSecrets(f.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case errors.Is(err, ErrFileBroken):
		return nil, f.failed(err)
	case err != nil:
		return nil, fmt.Errorf("read the encrypted file of secrets: %w", err)
	case f.items != nil && string(raw) == string(f.raw):
		return f.items, nil // opening takes its time
	case f.pass.Empty():
		return nil, errNoPassphrase
	}
	items, err := decryptSecrets(raw, f.pass)
	if errors.Is(err, ErrWrongPassphrase) {
		f.pass = Secret{}
	}
	if err != nil {
		return nil, f.failed(err)
	}
	f.raw, f.items = raw, items
	return items, nil
}

// change edits what is in the file under its lock, so that what another program stored in between is kept. The user is asked before the
// lock is taken, never under it.
func (f *File) change(ctx context.Context, it Item, create bool, edit func(map[string]Secret) error) error {
	if err := check(ctx, it); err != nil {
		return err
	}
	end, err := f.begin(ctx, f.refused.Load())
	if err != nil {
		return err
	}
	defer end()
	if items, err := f.open(ctx, create); err != nil {
		return err
	} else if items == nil && !create {
		return ErrNotFound
	}
	if err := atomicfile.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return err
	}
	unlock, err := atomicfile.Lock(f.path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	items, err := f.read()
	if err != nil {
		return err
	}
	next := map[string]Secret{}
	maps.Copy(next, items)
	if err := edit(next); err != nil {
		return err
	}
	return f.write(next, f.pass)
}

// write replaces the file whole. Its lock is held.
func (f *File) write(items map[string]Secret, pass Secret) error {
	raw, err := encryptSecrets(items, pass, f.factor)
	if err != nil {
		return err
	}
	if err := atomicfile.Write(f.path, raw, 0o600); err != nil {
		return err
	}
	f.pass, f.raw, f.items = pass, raw, items
	return nil
}
