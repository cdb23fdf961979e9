package keychain

import (
	"context"
	"errors"
	"io/fs"

	"pintail/internal/atomicfile"
)

// ChangePassphrase asks for the passphrase of the file, even if this run has it, and for the one that opens it from now on. The file is
// replaced whole: until then the old passphrase opens it. Errors: [ErrNoFile], those of [File.Get], and what the disk says.
func (f *File) ChangePassphrase(ctx context.Context) error {
	end, err := f.begin(ctx, f.refused.Load())
	if err != nil {
		return err
	}
	defer end()
	old, err := f.confirm(ctx)
	if err != nil {
		return err
	}
	pass, err := f.answer(ctx, PassphraseQuestion{Path: f.path, Change: true, New: true})
	if err != nil {
		return err
	}
	unlock, err := atomicfile.Lock(f.path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	raw, err := f.stored()
	if err != nil {
		return err
	}
	items, err := decryptSecrets(raw, old) // what is in it now: another program may have stored a secret during the questions
	if err != nil {
		return f.failed(err)
	}
	return f.write(items, pass)
}

// confirm asks for the passphrase of the file until an answer opens it.
func (f *File) confirm(ctx context.Context) (Secret, error) {
	q := PassphraseQuestion{Path: f.path, Change: true}
	for asked := 1; ; asked++ {
		raw, err := f.stored()
		if err != nil {
			return Secret{}, err
		}
		old, err := f.answer(ctx, q)
		if err != nil {
			return Secret{}, err
		}
		_, err = decryptSecrets(raw, old)
		switch {
		case err == nil:
			return old, nil
		case !errors.Is(err, ErrWrongPassphrase) || asked == passphraseTries:
			return Secret{}, f.failed(err)
		}
		q.Wrong = true
	}
}

// stored is the file as it is.
func (f *File) stored() ([]byte, error) {
	raw, err := readSecrets(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrNoFile
	}
	if err != nil {
		return nil, f.failed(err)
	}
	return raw, nil
}
