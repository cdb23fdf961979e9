package info

import (
	"context"
	"slices"

	"pintail/internal/text"
	"pintail/storage"
)

// Setting is a bucket's setting with few choices. A choice of "" is that it was never set.
type Setting struct {
	ID, Label string
	Choices   []string
	read      func(context.Context, *storage.Session, storage.Location) (string, error)
	write     func(context.Context, *storage.Session, storage.Location, string) error
}

const (
	on  = "on"
	off = "off"
)

func onOff(b bool) string {
	if b {
		return on
	}
	return off
}

// bucketSettings are the settings of a bucket that are edited here.
func bucketSettings() []Setting {
	list := []Setting{
		{ID: "versioning", Label: text.T("info.set_versioning"), Choices: []string{"", "Enabled", "Suspended"},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				v, err := s.Versioning(ctx, at)
				return v.Status, err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				v, err := s.Versioning(ctx, at)
				if err != nil {
					return err
				}
				v.Status = to
				return s.SetVersioning(ctx, at, v, "")
			}},
		{ID: "encryption", Label: text.T("info.set_encryption"), Choices: []string{"", "AES256", "aws:kms", "aws:kms:dsse"},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				e, err := s.BucketEncryption(ctx, at)
				return e.Type, err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				e, err := s.BucketEncryption(ctx, at)
				if err != nil {
					return err
				}
				if e.Type = to; to == "" || to == "AES256" {
					e.KeyID = ""
				}
				return s.SetBucketEncryption(ctx, at, e)
			}},
		{ID: "ownership", Label: text.T("info.set_ownership"), Choices: []string{"", "BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				o, err := s.Ownership(ctx, at)
				return o, err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				if to == "" {
					return s.DeleteOwnership(ctx, at)
				}
				return s.SetOwnership(ctx, at, to)
			}},
		{ID: "payer", Label: text.T("info.set_payer"), Choices: []string{off, on},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				b, err := s.RequesterPays(ctx, at)
				return onOff(b), err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				return s.SetRequesterPays(ctx, at, to == on)
			}},
		{ID: "acceleration", Label: text.T("info.set_acceleration"), Choices: []string{off, on},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				v, err := s.Acceleration(ctx, at)
				return onOff(v == "Enabled"), err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				return s.SetAcceleration(ctx, at, to == on)
			}},
	}
	for _, p := range []struct {
		id, label string
		field     func(*storage.PublicAccessBlock) *bool
	}{{"BlockPublicAcls", text.T("info.set_block_acls"), func(b *storage.PublicAccessBlock) *bool { return &b.BlockPublicAcls }},
		{"IgnorePublicAcls", text.T("info.set_ignore_acls"), func(b *storage.PublicAccessBlock) *bool { return &b.IgnorePublicAcls }},
		{"BlockPublicPolicy", text.T("info.set_block_policy"), func(b *storage.PublicAccessBlock) *bool { return &b.BlockPublicPolicy }},
		{"RestrictPublicBuckets", text.T("info.set_restrict"), func(b *storage.PublicAccessBlock) *bool { return &b.RestrictPublicBuckets }}} {
		list = append(list, Setting{ID: p.id, Label: p.label, Choices: []string{off, on},
			read: func(ctx context.Context, s *storage.Session, at storage.Location) (string, error) {
				b, err := s.PublicAccessBlock(ctx, at)
				return onOff(*p.field(&b)), err
			},
			write: func(ctx context.Context, s *storage.Session, at storage.Location, to string) error {
				b, err := s.PublicAccessBlock(ctx, at)
				if err != nil {
					return err
				}
				*p.field(&b) = to == on
				return s.SetPublicAccessBlock(ctx, at, b)
			}})
	}
	return list
}

// settings is the draft of the S3 tab for a bucket.
type settings struct {
	list []Setting
	read []part[string]
	want []string // "=" as it is
}

const asIs = "="

func (vm *ViewModel) loadSettings(at storage.Location) {
	b := &vm.settings
	if b.list == nil {
		b.list = bucketSettings()
		b.read = make([]part[string], len(b.list))
		b.want = slices.Repeat([]string{asIs}, len(b.list))
	}
	s := vm.subject.Session
	for i, set := range b.list {
		ask(vm, &b.read[i], func(ctx context.Context) (string, error) { return set.read(ctx, s, at) })
	}
}

// Settings are the settings of the selected bucket.
func (vm *ViewModel) Settings() []Setting { return vm.settings.list }

// SettingValue is the wanted value of setting i; not open with the reason why, or without one while it is being asked for.
func (vm *ViewModel) SettingValue(i int) (value string, open bool, reason string) {
	p := vm.settings.read[i]
	switch {
	case p.state == failed:
		return "", false, Reason(p.err)
	case p.state != ready:
		return "", false, ""
	case vm.settings.want[i] != asIs:
		return vm.settings.want[i], true, ""
	}
	return p.value, true, ""
}

// Set chooses a value.
func (vm *ViewModel) Set(i int, value string) {
	vm.settings.want[i] = value
	if value == vm.settings.read[i].value {
		vm.settings.want[i] = asIs
	}
	vm.Changed()
}

// choiceName is a choice in words.
func choiceName(c string) string {
	switch c {
	case "":
		return text.T("info.not_set")
	case on:
		return text.T("info.on")
	case off:
		return text.T("info.off")
	case "Enabled":
		return text.T("info.enabled")
	case "Suspended":
		return text.T("info.suspended")
	case "AES256", "aws:kms", "aws:kms:dsse":
		return encryptionName(c)
	}
	return c
}

func (b *settings) changes() []Change {
	var out []Change
	for i, w := range b.want {
		if w != asIs {
			out = append(out, Change{b.list[i].Label, choiceName(b.read[i].value), choiceName(w)})
		}
	}
	return out
}

func (b *settings) edit() storage.Edit { return storage.Edit{} }

func (b *settings) problem() string {
	for i, w := range b.want {
		if w == "" && b.list[i].ID == "versioning" {
			return text.T("info.versioning_stays")
		}
	}
	return ""
}

// writes are what has to be done for the changes.
func (b *settings) writes() []bucketWrite {
	var out []bucketWrite
	for i, w := range b.want {
		if w != asIs {
			set := b.list[i]
			out = append(out, func(ctx context.Context, s *storage.Session, at storage.Location) error {
				return set.write(ctx, s, at, w)
			})
		}
	}
	return out
}
