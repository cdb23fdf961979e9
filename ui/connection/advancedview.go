package connection

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"pintail/internal/text"
	"pintail/ui/kit"
)

// advancedFields is the folded part of the window.
type advancedFields struct {
	fold                 *kit.Button
	open                 bool
	buckets              *kit.Entry
	proxyURL, bypass     *kit.Entry
	ca, cert, certKey    *kit.Entry
	signature, proxy     *kit.Select
	readOnly, production *kit.Check
	existing             *kit.Check
}

// title says what the button does.
func (a *advancedFields) title() {
	if a.open {
		a.fold.SetText(text.T("advanced.close"))
	} else {
		a.fold.SetText(text.T("advanced.open"))
	}
}

func (v *Fields) buildAdvanced() {
	f, a := v.f, &v.adv
	a.fold = kit.NewButton(text.T("advanced.open"), kit.Plain, func() {
		a.open = !a.open
		v.show()
		v.changed()
	})
	v.register("connection.advanced", a.fold)
	hint := func(e *kit.Entry, words string) *kit.Entry {
		e.SetPlaceHolder(words)
		return e
	}
	a.buckets = hint(v.entry(FieldBuckets, &f.Buckets), text.T("advanced.buckets_hint"))
	a.proxyURL = hint(v.entry(FieldProxyURL, &f.Proxy), text.T("advanced.proxy_hint"))
	a.bypass = hint(v.entry(FieldBypass, &f.Bypass), text.T("advanced.bypass_hint"))
	a.ca = hint(v.entry(FieldCA, &f.CABundle), text.T("advanced.ca_hint"))
	a.cert = hint(v.entry(FieldCert, &f.ClientCert), text.T("advanced.cert_hint"))
	a.certKey = hint(v.entry(FieldCertKey, &f.ClientKey), text.T("advanced.certkey_hint"))
	a.signature = kit.NewSelect(signatureTitles(), func(i int) { f.Advanced.Signature = i; v.changed() })
	a.proxy = kit.NewSelect(proxyTitles(), func(i int) {
		f.ProxyKind = ProxyKind(i)
		v.show()
		v.changed()
	})
	a.readOnly = kit.NewCheck(text.T("advanced.readonly"), func(on bool) { f.ReadOnly = on; v.changed() })
	a.production = kit.NewCheck(text.T("advanced.production"), func(on bool) { f.Production = on; v.changed() })
	a.existing = kit.NewCheck(text.T("connection.existing_kept", f.remembered()), func(on bool) { f.Existing = on; v.changed() })
}

// advancedRows adds the rows of the folded part. A file's field has a button beside it where files can be chosen.
func (v *Fields) advancedRows() {
	a := &v.adv
	for _, r := range []struct {
		field Field
		label string
		o     fyne.CanvasObject
	}{
		{FieldBuckets, text.T("advanced.buckets"), a.buckets},
		{FieldAddressing, text.T("connection.addressing"), v.addressing},
		{FieldSignature, text.T("advanced.signature"), a.signature},
		{FieldProxy, text.T("advanced.proxy"), a.proxy},
		{FieldProxyURL, text.T("advanced.proxy_url"), a.proxyURL},
		{FieldBypass, text.T("advanced.bypass"), a.bypass},
		{FieldCA, text.T("advanced.ca"), v.file(FieldCA, a.ca)},
		{FieldCert, text.T("advanced.cert"), v.file(FieldCert, a.cert)},
		{FieldCertKey, text.T("advanced.certkey"), v.file(FieldCertKey, a.certKey)},
		{FieldColour, text.T("connection.colour"), v.colour},
		{FieldReadOnly, "", a.readOnly},
		{FieldProduction, "", a.production},
		{FieldExisting, text.T("connection.existing_files"), a.existing},
	} {
		v.rows[r.field] = v.form.Add(r.label, r.o)
		id := r.o
		switch r.field {
		case FieldCA:
			id = a.ca
		case FieldCert:
			id = a.cert
		case FieldCertKey:
			id = a.certKey
		}
		v.register("connection."+string(r.field), id)
	}
}

// file is a field for a path with a button that asks for it.
func (v *Fields) file(field Field, e *kit.Entry) fyne.CanvasObject {
	if v.choose == nil {
		return e
	}
	b := kit.NewButton(text.T("advanced.choose"), kit.Plain, func() {
		v.choose(func(paths []string) {
			if len(paths) > 0 {
				e.SetText(paths[0])
			}
		})
	})
	v.register("connection."+string(field)+".choose", b)
	return container.NewBorder(nil, nil, nil, b, e)
}

// pullAdvanced shows what the form has.
func (v *Fields) pullAdvanced() {
	f, a := v.f, &v.adv
	for e, s := range map[*kit.Entry]string{a.buckets: f.Buckets, a.proxyURL: f.Proxy, a.bypass: f.Bypass, a.ca: f.CABundle, a.cert: f.ClientCert, a.certKey: f.ClientKey} {
		if e.Text != s {
			e.SetText(s)
		}
	}
	a.signature.SetIndex(f.Advanced.Signature)
	a.proxy.SetIndex(int(f.ProxyKind))
	a.readOnly.SetChecked(f.ReadOnly)
	a.production.SetChecked(f.Production)
	a.existing.SetChecked(f.Existing)
}
