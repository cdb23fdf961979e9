package connection

import (
	"context"

	"fyne.io/fyne/v2"

	"pintail/internal/prompt"
	"pintail/internal/units"
	"pintail/ui/kit"
)

// Prompter answers the core's questions, one at a time, in the window that they are about; files that exist are asked about together. Its methods wait for the person and so
// must not be called on the window's thread.
type Prompter struct {
	app      fyne.App
	post     func(func())
	register func(id string, o fyne.CanvasObject)
	turn     chan struct{} // holds one token: the right to ask
	window   func() fyne.Window
	base     func() units.Base
	open     *question
	after    []func() // to be called when no question is open any more

	canKeep func(ref, kind string) bool // whether an action can be remembered for a connection; nil = never
	keep    func(ref, kind string, a prompt.Action)

	waiting       collisions    // files whose targets exist
	existingShown *existingView // their question
	existingAsked bool          // it is on screen or waits for its turn
}

// question is the one that is being asked.
type question struct {
	in      fyne.Window
	dismiss func()
}

// NewPrompter returns a prompter of app. post runs a function on the window's thread; register may do nothing.
func NewPrompter(app fyne.App, post func(func()), register func(string, fyne.CanvasObject)) *Prompter {
	p := &Prompter{app: app, post: post, register: register, turn: make(chan struct{}, 1), window: func() fyne.Window { return nil },
		base: func() units.Base { return units.Decimal }}
	p.turn <- struct{}{}
	p.waiting.base = func() units.Base { return p.base() }
	return p
}

// Use says which window is asked in when the context tells none, without one a question is a window of its own, and the unit of
// sizes. It is called before the first question.
func (p *Prompter) Use(window func() fyne.Window, base func() units.Base) {
	p.window, p.base = window, base
}

// Remember says for which connections an action for existing files can be remembered, by kind of transfer, and what keeps it. It is
// called before the first question; both functions are called on the windows' thread.
func (p *Prompter) Remember(can func(ref, kind string) bool, keep func(ref, kind string, a prompt.Action)) {
	p.canKeep, p.keep = can, keep
}

// Closed dismisses the question of a window that has closed. It is called on the windows' thread.
func (p *Prompter) Closed(w fyne.Window) {
	if p.open != nil && p.open.in == w {
		p.open.dismiss()
	}
}

// WhenIdle calls f on the windows' thread, now or when no question is open any more. It is called there too.
func (p *Prompter) WhenIdle(f func()) {
	if p.open == nil {
		f()
		return
	}
	p.after = append(p.after, f)
}

// ended says that the question on screen is over.
func (p *Prompter) ended() {
	p.open = nil
	after := p.after
	p.after = nil
	for _, f := range after {
		p.WhenIdle(f)
	}
}

type answer[T any] struct {
	value T
	err   error
}

// onScreen is a question on screen.
type onScreen interface{ Close() }

// ask shows a question and waits for its answer; the end of ctx closes it. show is called on the window's thread.
func ask[T any](ctx context.Context, p *Prompter, dismissed answer[T], show func(in fyne.Window, done func(T, error)) onScreen) (T, error) {
	var none T
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case <-p.turn:
	}
	defer func() { p.turn <- struct{}{} }()
	got := make(chan answer[T], 1)
	p.post(func() {
		if ctx.Err() != nil {
			return
		}
		in := kit.WindowOf(ctx)
		if in == nil {
			in = p.window()
		}
		var d onScreen
		open := true
		done := func(v T, err error) {
			if open {
				open = false
				if d != nil {
					d.Close()
				}
				p.ended()
				got <- answer[T]{v, err}
			}
		}
		p.open = &question{in, func() { done(dismissed.value, dismissed.err) }}
		if d = show(in, done); !open { // it was over before it was on screen
			d.Close()
		}
		context.AfterFunc(ctx, func() { p.post(func() { done(none, ctx.Err()) }) })
	})
	select {
	case <-ctx.Done():
		return none, ctx.Err()
	case a := <-got:
		return a.value, a.err
	}
}

// show puts a question over a window, or where there is none into a window of its own.
func (p *Prompter) show(in fyne.Window, title string, body fyne.CanvasObject, first fyne.Focusable, buttons ...*kit.Button) onScreen {
	if in != nil {
		in.RequestFocus()
		return kit.ShowSheet(in.Canvas(), "", body, first, buttons...)
	}
	d := kit.NewDialog(p.app, title, body, buttons...)
	d.Show(first)
	d.Window.RequestFocus()
	return d
}
