package connection

import (
	"context"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"pintail/internal/prompt"
	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/ui/kit"
	"pintail/ui/outline"
	"pintail/ui/outline/model"
)

// collision is a file whose target exists, on which a transfer waits.
type collision struct {
	key model.Key
	q   prompt.Existing
	off bool // not ticked: the next answer is not for it
	got chan answer[prompt.ExistingAnswer]
}

// collisions are the files that wait for an answer, as the rows of an outline. They belong to the window's thread.
type collisions struct {
	list []*collision
	next model.Key
	base func() units.Base
}

func (c *collisions) Len() int            { return len(c.list) }
func (c *collisions) Key(i int) model.Key { return c.list[i].key }
func (c *collisions) Toggle(int, bool)    {}
func (c *collisions) Parent(int) int      { return -1 }
func (c *collisions) Sort(string, bool)   {}
func (c *collisions) find(k model.Key) int {
	return slices.IndexFunc(c.list, func(x *collision) bool { return x.key == k })
}
func (c *collisions) ticked(x *collision) bool { return !x.off }

// Index is the row of k.
func (c *collisions) Index(k model.Key) (int, bool) {
	i := c.find(k)
	return i, i >= 0
}

// Find is the first row from place from on whose name begins with prefix.
func (c *collisions) Find(prefix string, from int) int {
	for k := range c.list {
		i := (from + k) % len(c.list)
		if strings.HasPrefix(strings.ToLower(lastName(c.list[i].q.Target.Name)), strings.ToLower(prefix)) {
			return i
		}
	}
	return -1
}

// Row fills in row i.
func (c *collisions) Row(i int, into *model.Row) {
	x := c.list[i]
	*into = model.Row{Key: x.key, Cells: into.Cells[:0], Wanted: into.Wanted, Icon: "box-on", Dimmed: x.off}
	if x.off {
		into.Icon = "box-off"
	}
	now := time.Now()
	for col, words := range []string{lastName(x.q.Target.Name), units.FormatBytes(x.q.Source.Size, c.base()), units.FormatDate(x.q.Source.Modified, now),
		units.FormatBytes(x.q.Target.Size, c.base()), units.FormatDate(x.q.Target.Modified, now), x.q.Target.Name} {
		into.SetCell(col, words)
	}
}

// lastName is the end of a path or an address.
func lastName(s string) string {
	s = strings.TrimRight(s, `/\`)
	return s[strings.LastIndexAny(s, `/\`)+1:]
}

func existingColumns() []outline.Column {
	return []outline.Column{
		{ID: "name", Title: text.T("connection.existing_file"), Width: 190, Min: 80, Flex: true, Fixed: true},
		{ID: "newsize", Title: text.T("connection.existing_new_size"), Width: 76, Min: 40, Align: model.Trailing},
		{ID: "newdate", Title: text.T("connection.existing_new_date"), Width: 112, Min: 40},
		{ID: "oldsize", Title: text.T("connection.existing_old_size"), Width: 86, Min: 40, Align: model.Trailing},
		{ID: "olddate", Title: text.T("connection.existing_old_date"), Width: 112, Min: 40},
		{ID: "target", Title: text.T("connection.existing_target"), Width: 150, Min: 40},
	}
}

// ManyAtOnce says that [Prompter.Existing] may be called by many goroutines at a time: the files are shown together.
func (p *Prompter) ManyAtOnce() bool { return true }

// Existing asks what to do with a target that is there already. All files that wait at a time stand in one question.
func (p *Prompter) Existing(ctx context.Context, q prompt.Existing) (prompt.ExistingAnswer, error) {
	x := &collision{q: q, got: make(chan answer[prompt.ExistingAnswer], 1)}
	p.post(func() { p.addCollision(ctx, x) })
	select {
	case <-ctx.Done():
		p.post(func() { p.dropCollisions(func(o *collision) bool { return o == x }) })
		return prompt.ExistingAnswer{}, ctx.Err()
	case a := <-x.got:
		return a.value, a.err
	}
}

// addCollision shows one more file, in the question that is open or in a new one.
func (p *Prompter) addCollision(ctx context.Context, x *collision) {
	if ctx.Err() != nil {
		return
	}
	c := &p.waiting
	c.next++
	x.key = c.next
	c.list = append(c.list, x)
	if p.existingShown != nil {
		p.existingShown.changed()
		return
	}
	if p.existingAsked {
		return
	}
	p.existingAsked = true
	go p.askExisting(context.WithoutCancel(ctx)) // ends with the answer to the last file, or when none waits any more
}

// askExisting waits for its turn and shows the question until no file waits.
func (p *Prompter) askExisting(ctx context.Context) {
	closed, _ := ask(ctx, p, answer[bool]{value: true}, func(in fyne.Window, done func(bool, error)) onScreen {
		return p.existing(in, func() {
			p.existingShown, p.existingAsked = nil, false
			done(false, nil)
		})
	})
	if closed { // its window, with the question in it
		p.post(func() {
			p.existingShown, p.existingAsked = nil, false
			p.answerAll(prompt.ExistingAnswer{Action: prompt.Cancel, All: true}, func(*collision) bool { return true })
		})
	}
}

// answerAll gives an answer to the files that ok chooses.
func (p *Prompter) answerAll(a prompt.ExistingAnswer, ok func(*collision) bool) {
	p.dropCollisions(func(x *collision) bool {
		if ok(x) {
			x.got <- answer[prompt.ExistingAnswer]{value: a}
			return true
		}
		return false
	})
}

func (p *Prompter) dropCollisions(which func(*collision) bool) {
	p.waiting.list = slices.DeleteFunc(p.waiting.list, which)
	if p.existingShown != nil {
		p.existingShown.changed()
	}
}

// existingView is the question on screen.
type existingView struct {
	p    *Prompter
	list *outline.Outline
	ok   *kit.Button
	all  *kit.Check
	keep *kit.Check
	row  *kit.FormRow // of keep
	done func()
}

func (p *Prompter) existing(in fyne.Window, done func()) onScreen {
	actions := []prompt.Action{prompt.Overwrite, prompt.Skip, prompt.Compare, prompt.Resume, prompt.Rename, prompt.RenameExisting}
	var titles []string
	for _, a := range actions {
		titles = append(titles, actionTitle(a))
	}
	pick := kit.NewSelect(titles, nil)
	pick.SetIndex(0)
	v := &existingView{p: p, done: done, all: kit.NewCheck(text.T("connection.existing_all"), nil)}
	v.ok = kit.NewButton(text.T("connection.existing_go"), kit.Default, func() { v.apply(actions[pick.Index()]) })
	no := kit.NewButton(text.T("connection.existing_cancel"), kit.Cancel, func() {
		p.answerAll(prompt.ExistingAnswer{Action: prompt.Cancel, All: true}, func(*collision) bool { return true })
	})
	v.keep = kit.NewCheck(text.T("connection.existing_remember"), func(on bool) {
		if on { // those that follow in this transfer are of the same connection
			v.all.SetChecked(true)
		}
	})
	v.all.OnChanged = func(on bool) {
		if !on {
			v.keep.SetChecked(false)
		}
		v.changed()
	}
	v.list = outline.New(&p.waiting, existingColumns(), outline.Options{})
	v.list.OnSpace = func() { v.flip(slices.Collect(v.list.Selection().All())) }
	v.list.OnIcon = func(k outline.Key) { v.flip([]model.Key{k}) }
	v.list.OnOpen = func(k outline.Key) { v.flip([]model.Key{k}) }
	v.list.CanStart = func(outline.Key) bool { return false }
	f := kit.NewForm()
	f.Add(text.T("connection.existing_action"), pick)
	f.Add("", v.all)
	v.row = f.Add("", v.keep)
	for id, o := range map[string]fyne.CanvasObject{"existing.action": pick, "existing.all": v.all, "existing.remember": v.keep, "existing.list": v.list, "dialog.ok": v.ok, "dialog.cancel": no} {
		p.register(id, o)
	}
	rows := container.New(layout.NewGridWrapLayout(fyne.NewSize(760, 190)), v.list)
	body := container.New(layout.NewCustomPaddedVBoxLayout(12),
		head("copy", theme.ColorNameWarning, text.T("connection.existing_title"), text.T("connection.existing_text")), rows, f)
	p.existingShown = v
	s := p.show(in, text.T("connection.existing_window"), body, pick, no, v.ok)
	v.changed()
	return s
}

// apply answers what is ticked, or with "for all" everything that is and will be asked.
func (v *existingView) apply(a prompt.Action) {
	if v.all.Checked {
		v.remember(a)
		v.p.answerAll(prompt.ExistingAnswer{Action: a, All: true}, func(*collision) bool { return true })
		return
	}
	v.p.answerAll(prompt.ExistingAnswer{Action: a}, v.p.waiting.ticked)
	for _, x := range v.p.waiting.list {
		x.off = false // what is left is what the next answer is for
	}
	v.changed()
}

// remember keeps an action for the connections of the files that wait, if that was chosen.
func (v *existingView) remember(a prompt.Action) {
	if !v.keep.Checked {
		return
	}
	seen := map[[2]string]bool{}
	for _, x := range v.p.waiting.list {
		if at := [2]string{x.q.Connection, x.q.Kind}; !seen[at] && v.p.canRemember(x) {
			seen[at] = true
			v.p.keep(x.q.Connection, x.q.Kind, a)
		}
	}
}

// canRemember tells whether what is chosen for a file can be remembered for its connection.
func (p *Prompter) canRemember(x *collision) bool {
	return p.canKeep != nil && p.canKeep(x.q.Connection, x.q.Kind)
}

// flip ticks files, or if all of them are ticked does not.
func (v *existingView) flip(keys []model.Key) {
	off := true
	for _, k := range keys {
		if i := v.p.waiting.find(k); i >= 0 && v.p.waiting.list[i].off {
			off = false
		}
	}
	for _, k := range keys {
		if i := v.p.waiting.find(k); i >= 0 {
			v.p.waiting.list[i].off = off
		}
	}
	v.changed()
}

// changed draws the files that wait; without any the question ends.
func (v *existingView) changed() {
	if v.p.waiting.Len() == 0 {
		v.done()
		return
	}
	v.list.Changed(true)
	can := slices.ContainsFunc(v.p.waiting.list, v.p.canRemember)
	if v.keep.Enable(); !can {
		v.keep.Disable()
		v.row.SetHint(text.T("connection.existing_no_bookmark"))
	} else {
		v.row.SetHint("")
	}
	v.ok.SetEnabled(v.all.Checked || slices.ContainsFunc(v.p.waiting.list, v.p.waiting.ticked))
}
