package main

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

type statOptions struct {
	Address address
	Version string
	KeyFile string // of a key for SSE-C
}

func statCommand(a *app, run func(context.Context, *app, statOptions) error) *cobra.Command {
	var o statOptions
	c := &cobra.Command{
		Use: "stat ADDR [--version ID]", Short: text.T("cli.stat.short"), Args: exactly(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if o.Address, err = remoteAddress(args[0]); err == nil && o.Address.IsRoot() {
				err = usagef("stat needs a bucket or an object")
			}
			if err != nil {
				return err
			}
			return run(cmd.Context(), a, o)
		},
	}
	c.Flags().StringVar(&o.Version, "version", "", "the version `ID`")
	c.Flags().StringVar(&o.KeyFile, "sse-c", "", "`FILE` with the key of an object that is encrypted with it (SSE-C)")
	return c
}

// statForm is what stat prints as JSON.
type statForm struct {
	Address    string            `json:"address"`
	Type       string            `json:"type"`
	Bucket     string            `json:"bucket"`
	Key        string            `json:"key,omitempty"`
	Region     string            `json:"region,omitempty"`
	Size       *int64            `json:"size,omitempty"`
	Modified   *string           `json:"modified,omitempty"`
	ETag       string            `json:"etag,omitempty"`
	Version    string            `json:"version,omitempty"`
	Class      string            `json:"class,omitempty"`
	Encryption *statEncryption   `json:"encryption,omitempty"`
	Checksums  map[string]string `json:"checksums,omitempty"`
	Headers    map[string]string `json:"headers,omitempty"`
	Metadata   map[string]string `json:"metadata,omitempty"`
	TagCount   int32             `json:"tag_count,omitempty"`
	Tags       map[string]string `json:"tags,omitempty"`
	Owner      string            `json:"owner,omitempty"`
	ACL        []statGrant       `json:"acl,omitempty"`
	Lock       *statLock         `json:"lock,omitempty"`
	Unread     []statUnread      `json:"unread,omitempty"`
	Restore    *statRestore      `json:"restore,omitempty"`
	Parts      int32             `json:"parts,omitempty"`
	Settings   []statSetting     `json:"settings,omitempty"` // of a bucket
}

type statEncryption struct {
	Type string `json:"type"`
	Key  string `json:"key,omitempty"`
}

type statRestore struct {
	Ongoing bool    `json:"ongoing"`
	Until   *string `json:"until,omitempty"`
}

func runStat(ctx context.Context, a *app, o statOptions) error {
	ctx, err := withKeyFile(ctx, o.KeyFile)
	if err != nil {
		return err
	}
	c, err := a.connect(ctx, o.Address)
	if err != nil {
		return err
	}
	loc := o.Address.Location
	var f statForm
	switch {
	case loc.IsBucket():
		f, err = a.statBucket(ctx, c.Session, loc)
	default:
		if loc, err = a.single(ctx, c.Session, o.Address, loc); err != nil {
			return err
		}
		loc.Version = o.Version
		f, err = a.statObject(ctx, c.Session, loc)
		err = missingVersion(err, loc)
	}
	if err != nil {
		return err
	}
	if a.opts.json() {
		a.out.object(f)
	} else {
		a.printStat(f)
	}
	return a.out.flush()
}

func (a *app) statBucket(ctx context.Context, s *storage.Session, loc storage.Location) (statForm, error) {
	f := statForm{Address: loc.String(), Type: "bucket", Bucket: loc.Bucket}
	err := again(ctx, a, func() (err error) { f.Region, err = s.BucketRegion(ctx, loc.Bucket); return err })
	if storage.KindOf(err) == storage.KindUnsupported || storage.KindOf(err) == storage.KindPermission {
		err = nil // who may not ask for the region may still list
	}
	if err != nil {
		return f, err
	}
	for _, err := range a.list(ctx, s, loc.Bucket, "", storage.ListOptions{Delimiter: "/", PageSize: 1}) {
		if err != nil && storage.KindOf(err) != storage.KindPermission {
			return f, err
		}
		break
	}
	f.Settings, err = a.bucketSettings(ctx, s, loc)
	return f, err
}

func (a *app) statObject(ctx context.Context, s *storage.Session, loc storage.Location) (statForm, error) {
	var info storage.Info
	err := again(ctx, a, func() (err error) { info, err = s.Stat(ctx, loc); return err })
	if storage.KindOf(err) == storage.KindNotFound && loc.Version == "" {
		return a.statFolder(ctx, s, loc, err)
	}
	if err != nil {
		return statForm{}, err
	}
	f := formOf(loc, info)
	a.statMore(ctx, s, loc, info, &f)
	return f, nil
}

// statFolder answers for a folder without a marker of its own.
func (a *app) statFolder(ctx context.Context, s *storage.Session, loc storage.Location, missing error) (statForm, error) {
	if !loc.IsFolder() {
		loc.Key += "/"
	}
	for page, err := range a.list(ctx, s, loc.Bucket, loc.Key, storage.ListOptions{PageSize: 1}) {
		if err == nil && len(page.Entries) > 0 {
			return statForm{Address: loc.String(), Type: "folder", Bucket: loc.Bucket, Key: loc.Key}, nil
		}
		break
	}
	return statForm{}, missing
}

func formOf(loc storage.Location, i storage.Info) statForm {
	f := statForm{
		Address: storage.Location{Bucket: loc.Bucket, Key: loc.Key}.String(), Type: "object", Bucket: loc.Bucket, Key: loc.Key, Size: &i.Size,
		Modified: stamp(i.Modified), ETag: i.ETag, Version: orElse(i.Location.Version, loc.Version), Class: classOf(i.Class),
		Metadata: i.Metadata, TagCount: i.TagCount, Parts: i.Parts, Headers: headersOf(i.Headers), Checksums: checksumsOf(i.Checksums),
	}
	if i.Encryption.Type != "" {
		f.Encryption = &statEncryption{i.Encryption.Type, i.Encryption.KeyID}
	}
	if i.Restore.Ongoing || !i.Restore.Until.IsZero() {
		f.Restore = &statRestore{Ongoing: i.Restore.Ongoing}
		if !i.Restore.Until.IsZero() {
			f.Restore.Until = stamp(i.Restore.Until)
		}
	}
	return f
}

func headersOf(h storage.Headers) map[string]string {
	m := map[string]string{}
	for name, v := range map[string]string{
		"Content-Type": h.ContentType, "Content-Disposition": h.ContentDisposition, "Content-Encoding": h.ContentEncoding,
		"Content-Language": h.ContentLanguage, "Cache-Control": h.CacheControl, "Expires": h.Expires,
		"x-amz-website-redirect-location": h.WebsiteRedirect,
	} {
		if v != "" {
			m[name] = v
		}
	}
	return m
}

// checksumsOf has the type beside the values: full object, or composite (a checksum of the parts' checksums).
func checksumsOf(c storage.Checksums) map[string]string {
	if len(c.Values) == 0 {
		return nil
	}
	m := map[string]string{"type": "COMPOSITE"}
	if c.FullObject {
		m["type"] = "FULL_OBJECT"
	}
	for name, v := range c.Values {
		m[strings.ToLower(string(name))] = v
	}
	return m
}

func (a *app) printStat(f statForm) {
	row := func(label, value string) {
		if value != "" {
			a.out.line("%-14s %s", label, a.out.name(value))
		}
	}
	row("Address", f.Address)
	row("Kind", f.Type)
	row("Region", f.Region)
	for _, st := range f.Settings {
		row(st.Name, st.line())
	}
	if f.Size != nil {
		if *f.Size < 1000 {
			row("Size", units.FormatExact(*f.Size))
		} else {
			row("Size", units.FormatBytes(*f.Size, a.sizes())+" ("+units.FormatExact(*f.Size)+")")
		}
	}
	if f.Modified != nil {
		if t, err := time.Parse(time.RFC3339, *f.Modified); err == nil {
			row("Modified", localTime(t)+" ("+units.FormatUTC(t)+")")
		}
	}
	row("Class", f.Class)
	row("ETag", f.ETag)
	row("Version", f.Version)
	if f.Encryption != nil {
		row("Encryption", strings.TrimSpace(f.Encryption.Type+" "+f.Encryption.Key))
	}
	if f.Parts > 0 {
		row("Parts", units.FormatCount(int64(f.Parts)))
	}
	rows(row, "Checksum", f.Checksums)
	rows(row, "Header", f.Headers)
	rows(row, "Metadata", f.Metadata)
	if f.TagCount > 0 && f.Tags == nil {
		row("Tags", units.FormatCount(int64(f.TagCount)))
	}
	a.printMore(f, row)
	if f.Restore != nil {
		state := "in progress"
		if f.Restore.Until != nil {
			state = "available until " + *f.Restore.Until
		}
		row("Restore", state)
	}
}

func rows(row func(label, value string), label string, m map[string]string) {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		row(label, name+": "+m[name])
	}
}
