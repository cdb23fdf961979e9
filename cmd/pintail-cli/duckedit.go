package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"pintail/internal/localfs"
	"pintail/internal/text"
	"pintail/storage"
	"pintail/transfer"
)

// duckEdit opens an object in an editor and stores it again if it was changed, with its properties, and only if nobody else has
// changed it meanwhile. What cannot be stored stays on this computer.
func (a *app) duckEdit(ctx context.Context, addr address, application string) error {
	editor, err := a.duckEditor(application)
	if err != nil {
		return err
	}
	if addr.Key == "" || addr.IsFolder() {
		return usagef("%s names no object", addr.Given)
	}
	c, err := a.connect(ctx, addr)
	if err != nil {
		return err
	}
	name, err := localfs.KeyToLocal(addr.Name())
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", program+"-edit-")
	if err != nil {
		return err
	}
	path := filepath.Join(dir, filepath.Base(name))
	info, before, err := a.fetchInto(ctx, c.Session, addr.Location, path)
	if err != nil {
		a.removeTemp(dir)
		return err
	}
	cmd := exec.CommandContext(ctx, editor, path)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = a.sys.Stdin, a.sys.Stdout, a.sys.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w; %s", editor, err, text.T("cli.duck.kept", path))
	}
	after, err := fileSum(path)
	if err == nil && bytes.Equal(before, after) {
		a.removeTemp(dir)
		a.note(text.T("cli.duck.unchanged", escape(addr.Given)))
		return nil
	}
	if err == nil {
		err = a.storeEdited(ctx, c.Session, info, path)
	}
	if err != nil {
		a.console.line(program + ": " + text.T("cli.duck.kept", path))
		return err
	}
	a.removeTemp(dir)
	return nil
}

// fetchInto reads a whole object into a new file and proves it.
func (a *app) fetchInto(ctx context.Context, s *storage.Session, loc storage.Location, path string) (info storage.Info, sum []byte, err error) {
	err = again(ctx, a, func() error {
		body, err := s.Read(ctx, loc, storage.ReadOptions{Length: -1, Whole: true})
		if err != nil {
			return err
		}
		defer body.Close() // the reading has told what there is to tell
		info = body.Info
		f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
		if err != nil {
			return err
		}
		hash, check := sha256.New(), transfer.CheckContent(info)
		if err := copyOut(io.MultiWriter(f, hash, check), body, loc); err != nil {
			_ = f.Close() // it is not used
			return err
		}
		sum = hash.Sum(nil)
		if _, err := check.Proof(); err != nil {
			_ = f.Close() // it is not used
			return err
		}
		return f.Close()
	})
	return info, sum, err
}

func fileSum(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() // it was only read
	h := sha256.New()
	_, err = io.Copy(h, f)
	return h.Sum(nil), err
}

// storeEdited replaces the object that was read, which must still be the same.
func (a *app) storeEdited(ctx context.Context, s *storage.Session, info storage.Info, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close() // it is only read
	st, err := f.Stat()
	if err != nil {
		return err
	}
	loc := storage.Location{Bucket: info.Location.Bucket, Key: info.Location.Key}
	write := storage.WriteOptions{Headers: info.Headers, Metadata: info.Metadata, Class: info.Class, Encryption: info.Encryption, IfMatch: info.ETag}
	if info.TagCount > 0 {
		if err := again(ctx, a, func() (err error) { write.Tags, err = s.Tags(ctx, info.Location); return err }); err != nil {
			return err
		}
	}
	var w storage.Written
	put := func() (err error) { w, err = s.Put(ctx, loc, storage.Body{R: f, Size: st.Size()}, write); return err }
	if err := again(ctx, a, put); err != nil {
		return err
	}
	a.note(text.T("cli.duck.stored", escape(loc.String()), w.Proof.String()))
	return nil
}
