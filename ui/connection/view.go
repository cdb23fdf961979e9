package connection

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"pintail/internal/text"
	"pintail/keychain"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/look"
)

// Fields draws a [Form]: which rows are shown follows the profile and the choices.
type Fields struct {
	Object  fyne.CanvasObject
	Changed func() // after each change of the form

	f        *Form
	form     *kit.Form
	rows     map[Field]*kit.FormRow
	url      *kit.Label
	more     *kit.Button
	tools    *fyne.Container // beside more
	below    *fyne.Container // for what belongs to the window
	open     bool
	filling  bool
	inServer bool           // the endpoint is what the server field has
	visited  map[Field]bool // errors are shown only where a person has been

	profile, login, aws, addressing  *kit.Select
	nickname, server, port, endpoint *kit.Entry
	key, secret, path, region, notes *kit.Entry
	role, mfa, folder, web           *kit.Entry
	colour                           *kit.Select
	save                             *kit.Check
	adv                              advancedFields
	regionRow                        *kit.Select
	regionPick                       fyne.CanvasObject // a narrow place for regionRow: its choice goes to the field
	register                         func(string, fyne.CanvasObject)
	choose                           func(done func(paths []string)) // asks for a local file; nil: there is no button for it
}

// NewFields returns the rows of f. register names each control for the window harness as "connection.<field>". choose lets the person choose
// a local file; it may be nil.
func NewFields(f *Form, register func(string, fyne.CanvasObject), choose func(func([]string))) *Fields {
	v := &Fields{f: f, choose: choose, form: kit.NewForm(), rows: map[Field]*kit.FormRow{}, visited: map[Field]bool{}, register: register, Changed: func() {}}
	v.build()
	v.url = kit.NewLabel("", kit.LabelStyle{Color: look.ColorSecondary, Cut: kit.CutMiddle})
	v.form.Add(text.T("connection.url"), v.url)
	register("connection.url", v.url)
	v.more = kit.NewButton(text.T("connection.more"), kit.Plain, v.toggleMore)
	register("connection.more", v.more)
	least := newSpace(430, 1)
	v.tools, v.below = container.New(layout.NewCustomPaddedHBoxLayout(8), v.more, v.adv.fold), container.NewVBox()
	v.Object = container.New(layout.NewCustomPaddedVBoxLayout(0), least, v.form,
		container.New(layout.NewCustomPaddedLayout(12, 0, 0, 0), v.tools), v.below)
	v.open = f.Endpoint != "" || f.Region != "" || f.bookmark && (f.Path != "" || f.Folder != "")
	v.adv.open = f.usesAdvanced()
	v.pull()
	return v
}

func (v *Fields) build() {
	f := v.f
	titles := make([]string, len(f.Profiles))
	for i, p := range f.Profiles {
		titles[i] = p.Title()
	}
	v.profile = kit.NewSelect(titles, func(i int) { f.Choose(i); v.pull() })
	v.nickname = v.entry(FieldNickname, &f.Nickname)
	v.server = v.entry(FieldServer, nil)
	v.server.OnChanged = v.typedServer
	v.server.OnBlur = func() {
		v.visited[FieldServer] = true
		v.open = v.open || f.Endpoint != ""
		v.pull() // what was taken apart goes to its fields
	}
	v.port = v.entry(FieldPort, &f.Port)
	v.endpoint = v.entry(FieldEndpoint, &f.Endpoint)
	v.endpoint.SetPlaceHolder(text.T("connection.endpoint_hint"))
	v.region = v.entry(FieldRegion, &f.Region)
	v.region.SetPlaceHolder(text.T("connection.region_hint"))
	v.key = v.entry(FieldKey, &f.KeyID)
	v.secret = kit.NewPasswordEntry()
	v.secret.OnChanged = func(s string) {
		f.Secret = s
		v.changed()
	}
	v.secret.SetPlaceHolder(text.T("connection.secret_hint"))
	v.save = kit.NewCheck(saveTitle(false), func(on bool) { f.Save = on; v.changed() })
	v.path = v.entry(FieldPath, &f.Path)
	v.path.SetPlaceHolder(text.T("connection.path_hint"))
	v.web = v.entry(FieldWebURL, &f.WebURL)
	v.web.SetPlaceHolder(text.T("connection.web_url_hint"))
	v.notes = v.entry(FieldNotes, &f.Notes)
	v.folder = v.entry(FieldFolder, &f.Folder)
	v.folder.SetPlaceHolder(text.T("connection.folder_hint"))
	v.colour = kit.NewSelect(colourTitles(), func(i int) { f.Colour = i; v.changed() })
	v.login = kit.NewSelect(loginTitles(), func(i int) { f.ChooseLogin(Login(i)); v.pull() })
	v.role = v.entry(FieldRole, &f.RoleARN)
	v.role.SetPlaceHolder(text.T("connection.role_hint"))
	v.mfa = v.entry(FieldMFA, &f.MFASerial)
	v.mfa.SetPlaceHolder(text.T("connection.mfa_hint"))
	names := make([]string, len(f.AWSProfiles))
	for i, p := range f.AWSProfiles {
		names[i] = awsTitle(p)
	}
	v.aws = kit.NewSelect(names, func(i int) { f.ChooseAWS(i); v.pull() })
	v.aws.SetHint(text.T("connection.no_aws_profiles"))
	v.addressing = kit.NewSelect(addressingTitles(), func(i int) {
		f.Addressing = storage.Addressing(i)
		f.Touch(FieldAddressing)
		v.changed()
	})
	v.regionRow = kit.NewSelect(nil, func(i int) { v.region.SetText(f.Regions()[i]) })
	v.buildAdvanced()
	v.layout()
}

// typedServer takes the server field's text apart but leaves it as it is while the person types.
func (v *Fields) typedServer(s string) {
	f := v.f
	if v.filling {
		return
	}
	if v.inServer {
		f.Endpoint = ""
	}
	f.SetServer(s)
	v.inServer = f.Endpoint != ""
	v.visited[FieldServer] = true
	v.filling = true
	v.port.SetText(f.Port)
	v.filling = false
	v.changed()
}

func (v *Fields) layout() {
	v.regionPick = fixed(v.regionRow, 40)
	region := container.NewBorder(nil, nil, nil, v.regionPick, v.region)
	for _, r := range []struct {
		field Field
		label string
		o     fyne.CanvasObject
		id    fyne.CanvasObject
	}{
		{FieldNickname, text.T("connection.nickname"), v.nickname, nil},
		{FieldProfile, text.T("connection.profile"), v.profile, nil},
		{FieldServer, text.T("connection.server"), v.server, nil},
		{FieldPort, text.T("connection.port"), fixed(v.port, 80), v.port},
		{FieldLogin, text.T("connection.login_kind"), v.login, nil},
		{FieldAWSProfile, text.T("connection.aws_profile"), v.aws, nil},
		{FieldKey, text.T("connection.key"), v.key, nil},
		{FieldSecret, text.T("connection.secret"), v.secret, nil},
		{"save", "", v.save, nil},
		{FieldRole, text.T("connection.role"), v.role, nil},
		{FieldMFA, text.T("connection.mfa"), v.mfa, nil},
		{FieldPath, text.T("connection.path"), v.path, nil},
		{FieldEndpoint, text.T("connection.endpoint"), v.endpoint, nil},
		{FieldRegion, text.T("connection.region"), region, v.region},
		{FieldWebURL, text.T("connection.web_url"), v.web, nil},
		{FieldFolder, text.T("connection.folder"), v.folder, nil},
		{FieldNotes, text.T("connection.notes"), v.notes, nil},
	} {
		v.rows[r.field] = v.form.Add(r.label, r.o)
		o := r.id
		if o == nil {
			o = r.o
		}
		v.register("connection."+string(r.field), o)
	}
	v.advancedRows()
}

// entry is a field whose text goes to target at each change.
func (v *Fields) entry(field Field, target *string) *kit.Entry {
	e := kit.NewEntry()
	e.OnChanged = func(s string) {
		if v.filling || target == nil {
			return
		}
		*target = s
		v.f.Touch(field)
		v.visited[field] = true
		if field == FieldEndpoint {
			v.show()
		}
		v.changed()
	}
	e.OnBlur = func() {
		if !v.visited[field] {
			v.visited[field] = true
			v.check()
		}
	}
	return e
}

// pull shows what the form has.
func (v *Fields) pull() {
	f := v.f
	v.filling = true
	for e, s := range map[*kit.Entry]string{v.nickname: f.Nickname, v.server: f.Server, v.port: f.Port, v.endpoint: f.Endpoint,
		v.region: f.Region, v.key: f.KeyID, v.role: f.RoleARN, v.mfa: f.MFASerial, v.path: f.Path, v.web: f.WebURL, v.notes: f.Notes, v.folder: f.Folder} {
		if e.Text != s {
			e.SetText(s)
		}
	}
	v.pullAdvanced()
	v.filling, v.inServer = false, false
	v.profile.SetIndex(f.Profile)
	v.login.SetIndex(int(f.Login))
	v.addressing.SetIndex(int(f.Addressing))
	v.colour.SetIndex(f.Colour)
	for i, p := range f.AWSProfiles {
		if p.Name == f.AWSProfile {
			v.aws.SetIndex(i)
		}
	}
	v.save.SetChecked(f.Save)
	v.regionRow.SetOptions(regionTitles(f.Current()))
	v.show()
	v.changed()
}

// show hides the rows that the profile has no use for.
func (v *Fields) show() {
	f := v.f
	extra := map[Field]bool{FieldEndpoint: true, FieldRegion: true, FieldPath: !f.bookmark, FieldWebURL: true, FieldNotes: true, FieldFolder: true}
	for field, row := range v.rows {
		on := f.Shown(field)
		if field == "save" {
			on = f.Shown(FieldSecret) && f.canSave()
		}
		row.SetVisible(on && (v.open || !extra[field]) && (v.adv.open || !isAdvanced(field)))
	}
	if len(f.Regions()) == 0 {
		v.regionPick.Hide()
	} else {
		v.regionPick.Show()
	}
	v.rows[FieldKey].SetLabel(f.keyLabel())
	v.rows[FieldSecret].SetLabel(f.secretLabel())
	for field, e := range map[Field]*kit.Entry{FieldServer: v.server, FieldPort: v.port} {
		if f.Editable(field) {
			e.Enable()
		} else {
			e.Disable()
		}
	}
	v.more.SetText(text.T("connection.more"))
	if v.open {
		v.more.SetText(text.T("connection.less"))
	}
	v.adv.title()
	v.resize()
}

func (v *Fields) resize() {
	if v.Object != nil {
		v.Object.Refresh()
		if c := fyne.CurrentApp().Driver().CanvasForObject(v.Object); c != nil && c.Content() != nil {
			c.Content().Refresh()
		}
	}
}

func (v *Fields) toggleMore() {
	v.open = !v.open
	v.show()
	v.changed()
}

func (v *Fields) changed() {
	v.check()
	v.Changed()
}

// check shows the errors of visited fields and the address.
func (v *Fields) check() {
	errs := v.f.Errors()
	for field, row := range v.rows {
		s := ""
		if v.visited[field] {
			s = errs[field]
		}
		row.SetError(s)
	}
	if !v.f.canSave() && errs[FieldSecret] == "" {
		v.rows[FieldSecret].SetHint(text.T("connection.not_saved"))
	}
	v.rows[FieldRegion].SetHint(v.f.Current().RegionName(strings.TrimSpace(v.f.Region)))
	if p, ok := v.f.aws(); ok && errs[FieldAWSProfile] == "" {
		v.rows[FieldAWSProfile].SetHint(awsHint(p))
	}
	if v.url == nil {
		return
	}
	p := v.f.Preview()
	if p == "" {
		p = "–"
	}
	v.url.SetText(p)
}

// StoredIn says where a saved secret goes.
func (v *Fields) StoredIn(kind keychain.StoreKind) {
	v.f.Store = kind
	v.save.Text = saveTitle(kind == keychain.FileStore)
	v.save.Refresh()
	v.show()
	v.changed()
}

// First is where the keyboard begins.
func (v *Fields) First() fyne.Focusable {
	switch {
	case v.f.bookmark:
		return v.nickname
	case v.f.Editable(FieldServer) && v.f.Server == "":
		return v.server
	case v.f.Login == LoginKey:
		return v.key
	}
	return v.profile
}

// fixed gives an object a width of its own instead of the whole row.
func fixed(o fyne.CanvasObject, width float32) fyne.CanvasObject {
	return container.New(&leftLayout{width}, o)
}

type leftLayout struct{ width float32 }

func (l *leftLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	objects[0].Resize(fyne.NewSize(l.width, s.Height))
}

func (l *leftLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, objects[0].MinSize().Height)
}

func newSpace(w, h float32) fyne.CanvasObject {
	return container.New(&spaceLayout{fyne.NewSize(w, h)})
}

type spaceLayout struct{ size fyne.Size }

func (l *spaceLayout) Layout([]fyne.CanvasObject, fyne.Size) {}
func (l *spaceLayout) MinSize([]fyne.CanvasObject) fyne.Size { return l.size }
