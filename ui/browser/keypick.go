package browser

import (
	"context"
	"strings"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/info"
	"pintail/ui/kit"
	"pintail/ui/tasks"
)

// keyPick is the rows of a form that choose a key of KMS: from the list of the bucket's region, as Info has it, or typed where the
// keys cannot be listed or another is wanted.
type keyPick struct {
	list              []storage.KMSKey
	listed, shown     bool
	pick              *kit.Select
	entry             *kit.Entry
	pickRow, entryRow *kit.FormRow
}

// newKeyPick adds the rows; changed is called when others of them are shown.
func (w *Window) newKeyPick(form *kit.Form, bucket string, changed func()) *keyPick {
	k := &keyPick{entry: kit.NewEntry()}
	k.pick = kit.NewSelect(nil, func(int) { k.show(k.shown); changed() })
	k.entry.SetPlaceHolder(text.T("info.kms_key_hint"))
	k.pickRow = form.Add(text.T("info.kms_key"), k.pick)
	k.entryRow = form.Add(text.T("info.kms_key"), k.entry)
	w.register("encrypt.keys", k.pick)
	w.register("encrypt.key", k.entry)
	s := w.VM.Connection().Session
	tasks.Run(w.tasks, func(ctx context.Context) ([]storage.KMSKey, error) { return s.KMSKeys(ctx, bucket) },
		func(list []storage.KMSKey, err error) {
			if err != nil || strings.TrimSpace(k.entry.Text) != "" {
				return // it is typed: there is no list, or somebody has begun
			}
			k.list, k.listed = list, true
			k.pick.SetOptions(info.KeyChoices(list))
			k.pick.SetIndex(0)
			k.show(k.shown)
			changed()
		})
	return k
}

// show shows the rows for a key, or none.
func (k *keyPick) show(on bool) {
	k.shown = on
	_, typed := info.ChosenKey(k.list, k.pick.Index())
	k.pickRow.SetVisible(on && k.listed)
	k.entryRow.SetVisible(on && (!k.listed || typed))
}

// key is what is sent; "" is the default of the service.
func (k *keyPick) key() string {
	key, typed := info.ChosenKey(k.list, k.pick.Index())
	if !k.listed || typed {
		return strings.TrimSpace(k.entry.Text)
	}
	return key
}
