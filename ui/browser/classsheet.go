package browser

import (
	"slices"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/preferences"
	"pintail/storage"
	"pintail/ui/kit"
)

// classes are the storage classes to choose from: those of the profile, or all that S3 has, and the one that the items have.
func (w *Window) classes(items []Item) []string {
	out := slices.Clone(w.VM.Connection().Profile.Quirks.StorageClasses)
	if len(out) == 0 {
		out = []string{"STANDARD", "INTELLIGENT_TIERING", "STANDARD_IA", "ONEZONE_IA", "REDUCED_REDUNDANCY", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"}
	}
	for _, it := range items {
		if it.Class != "" && !slices.Contains(out, it.Class) {
			out = append(out, it.Class)
		}
	}
	return out
}

// commonClass is the class that all items have, "" for several.
func commonClass(items []Item) string {
	class := items[0].Class
	for _, it := range items {
		if it.Folder || it.Class != class {
			return ""
		}
	}
	return class
}

// askClass asks for another storage class and says what the change does.
func (w *Window) askClass(items []Item) {
	if len(items) == 0 {
		return
	}
	classes, has := w.classes(items), commonClass(items)
	form := kit.NewForm()
	var e *editSheet
	pick := kit.NewSelect(classes, func(int) { e.update() })
	pick.SetHint(text.T("info.several"))
	pick.SetIndex(slices.Index(classes, has))
	form.Add(text.T("info.class"), pick)
	w.register("class.class", pick)
	e = &editSheet{title: titled(items, text.T("edits.class_one", plainName(items[0])), text.N("edits.class_many", len(items), len(items))), form: form, first: pick, role: kit.Default, ok: text.T("edits.change_ok")}
	e.fine = func() bool { return pick.Index() >= 0 && (has == "" || classes[pick.Index()] != has) }
	e.says = func(p DeletePlan) []editLine {
		out := w.rewriteLines(p)
		if i := pick.Index(); i >= 0 && len(storage.RestoreTiers(classes[i])) > 0 {
			out = append(out, warned(text.T("edits.into_archive", classes[i])))
		}
		return out
	}
	e.done = func() { w.VM.Change(items, storage.Edit{Class: classes[pick.Index()]}) }
	e.show(w, items)
}

// encryptions are the ways to encrypt in their order; "" is as the bucket says.
func encryptions() []string { return []string{"AES256", "aws:kms", "aws:kms:dsse", ""} }

// askEncrypt asks how items are to be encrypted at rest, and says what the change does.
func (w *Window) askEncrypt(items []Item) {
	if len(items) == 0 {
		return
	}
	kinds := encryptions()
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = explain.Encryption(k, text.T("info.encryption_bucket"))
	}
	form := kit.NewForm()
	var e *editSheet
	var key *keyPick
	byKMS := func(i int) bool { return i >= 0 && (kinds[i] == "aws:kms" || kinds[i] == "aws:kms:dsse") }
	pick := kit.NewSelect(names, func(i int) {
		key.show(byKMS(i))
		e.update()
	})
	start := max(slices.Index(kinds, preferences.S3Encryption.Get(w.s.Preferences)), 0)
	if preferences.S3Encryption.Get(w.s.Preferences) == "" {
		start = 0
	}
	pick.SetIndex(start)
	form.Add(text.T("info.encryption"), pick)
	key = w.newKeyPick(form, items[0].At.Bucket, func() { e.update() })
	key.show(byKMS(start))
	w.register("encrypt.kind", pick)
	e = &editSheet{title: titled(items, text.T("edits.encrypt_one", plainName(items[0])), text.N("edits.encrypt_many", len(items), len(items))), form: form, first: pick, role: kit.Default, ok: text.T("edits.encrypt_ok")}
	e.says = w.rewriteLines
	e.done = func() {
		enc := storage.Encryption{Type: kinds[pick.Index()]}
		if byKMS(pick.Index()) {
			enc.KeyID = key.key()
		}
		w.VM.Change(items, storage.Edit{Encryption: &enc})
	}
	e.show(w, items)
}
