package info

import (
	"context"
	"slices"
	"strconv"

	"pintail/internal/text"
	"pintail/storage"
)

// service is the draft of the S3 tab for objects: what they have, and what is wanted. "" is several, or not known.
type service struct {
	class, wasClass string
	enc, wasEnc     string // type of encryption; [encNone] is none
	key, wasKey     string
	keyName         string // of key, for people
	typed           bool   // the key is typed, not chosen
	lock            lock
	made            bool
}

// encNone stands for the bucket's own way, which may be no encryption.
const encNone = "none"

// encryptionTypes are the choices of encryption in their order.
func encryptionTypes() []string { return []string{encNone, "AES256", "aws:kms", "aws:kms:dsse"} }

// storageClasses are those that S3 has and objects can be put into.
func storageClasses() []string {
	return []string{"STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "REDUCED_REDUNDANCY", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}
}

func (vm *ViewModel) loadService() {
	if at, ok := vm.bucket(); ok {
		vm.loadSettings(at)
		return
	}
	if !vm.objectsOnly() || vm.Partial() {
		return
	}
	vm.loadHeads()
	vm.loadVersioned()
	if vm.heads.state == ready {
		if !vm.service.made {
			vm.service = newService(vm.heads.value)
		}
		vm.loadLock()
	}
	if byKMS(vm.service.enc) {
		vm.loadKeys()
	}
}

func newService(heads []storage.Info) service {
	s := service{made: true}
	for i, h := range heads {
		class, enc, key := or(h.Class, "STANDARD"), or(h.Encryption.Type, encNone), h.Encryption.KeyID
		if i == 0 {
			s.wasClass, s.wasEnc, s.wasKey = class, enc, key
			continue
		}
		if class != s.wasClass {
			s.wasClass = ""
		}
		if enc != s.wasEnc || key != s.wasKey {
			s.wasEnc, s.wasKey = "", ""
		}
	}
	s.class, s.enc, s.key = s.wasClass, s.wasEnc, s.wasKey
	return s
}

// ServiceState says whether class and encryption can be edited, and if not, why.
func (vm *ViewModel) ServiceState() (open bool, reason string) {
	fine, reason := vm.objectsState()
	return fine && vm.service.made, reason
}

// Classes are the storage classes to choose from: the known ones, and those that the objects have.
func (vm *ViewModel) Classes() []string {
	out := storageClasses()
	if c := vm.service.wasClass; c != "" && !slices.Contains(out, c) {
		out = append(out, c)
	}
	return out
}

// Class is the chosen storage class, "" for several.
func (vm *ViewModel) Class() string { return vm.service.class }

// SetClass chooses one.
func (vm *ViewModel) SetClass(c string) { vm.service.class = c; vm.Changed() }

// Encryption is the chosen encryption ("" for several) and its key.
func (vm *ViewModel) Encryption() (kind, key string) { return vm.service.enc, vm.service.key }

// SetEncryption chooses an encryption; a key counts for those by KMS only.
func (vm *ViewModel) SetEncryption(kind, key string) {
	if !byKMS(kind) {
		key, vm.service.typed = "", false
	}
	vm.service.enc, vm.service.key, vm.service.keyName = kind, key, vm.nameOfKey(key)
	vm.load()
	vm.Changed()
}

// encryptionName is a type of encryption in words.
func encryptionName(kind string) string {
	switch kind {
	case encNone:
		return text.T("info.encryption_bucket")
	case "AES256":
		return "SSE-S3"
	case "aws:kms":
		return "SSE-KMS"
	case "aws:kms:dsse":
		return "DSSE-KMS"
	}
	return kind
}

func (s *service) encChanged() bool { return s.enc != s.wasEnc || s.key != s.wasKey }

func (s *service) changes() []Change {
	var out []Change
	if s.class != s.wasClass {
		out = append(out, Change{text.T("info.class"), or(s.wasClass, text.T("info.several")), s.class})
	}
	if s.encChanged() {
		was := text.T("info.several")
		if s.wasEnc != "" {
			was = encryptionName(s.wasEnc)
		}
		to := encryptionName(s.enc)
		if s.key != "" {
			to += " " + s.keyName
		}
		out = append(out, Change{text.T("info.encryption"), was, to})
	}
	return append(out, s.lock.changes()...)
}

func (s *service) edit() storage.Edit {
	var e storage.Edit
	if s.class != s.wasClass {
		e.Class = s.class
	}
	if s.encChanged() {
		e.Encryption = &storage.Encryption{Type: s.enc, KeyID: s.key}
		if s.enc == encNone {
			e.Encryption.Type = ""
		}
	}
	return e
}

func (s *service) problem() string { return s.lock.problem() }

// Archives are the selected objects that are in an archive now, and the tiers they can be restored with.
func (vm *ViewModel) Archives() (at []storage.Location, tiers []string) {
	for i, it := range vm.subject.Items {
		h, ok := vm.head(i)
		if !ok || it.Folder || len(storage.RestoreTiers(h.Class)) == 0 {
			continue
		}
		at = append(at, it.At)
		if tiers == nil {
			tiers = storage.RestoreTiers(h.Class)
			continue
		}
		own := storage.RestoreTiers(h.Class)
		tiers = slices.DeleteFunc(tiers, func(t string) bool { return !slices.Contains(own, t) })
	}
	return at, tiers
}

// Days reads how many days a restored copy is wanted for; false if that is no such number.
func Days(s string) (int, bool) {
	n, err := strconv.Atoi(s)
	return n, err == nil && n >= 1 && n <= 36500
}

// Restore asks for the archived objects among the selected ones. Its outcome goes to Config.Applied.
func (vm *ViewModel) Restore(days int, tier string) {
	at, _ := vm.Archives()
	if len(at) > 0 && vm.run == nil {
		vm.restore(vm.subject.Session, at, storage.RestoreOptions{Days: days, Tier: tier})
	}
}

func (vm *ViewModel) restore(s *storage.Session, at []storage.Location, o storage.RestoreOptions) {
	policy := vm.Policy()
	vm.start(at, func(ctx context.Context, l storage.Location) ([]string, error) {
		return nil, policy.Do(ctx, func() error { _, err := s.Restore(ctx, l, o); return err })
	}, func(out *Outcome) { out.Retry = func() { vm.restore(s, out.again(), o) } })
}
