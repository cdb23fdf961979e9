package connection

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/report"
	"pintail/ui/tasks"
)

// Try tests a connection as [connect.Try] does. It is called off the window's thread.
type Try func(ctx context.Context, spec connect.Spec, each func(connect.Step)) bool

const (
	trialIcon  = 16
	trialTitle = 92  // width of the steps' names
	trialText  = 340 // width of what came of them
)

// trial is the button that tests the connection and what came of each step. It belongs to the window's thread.
type trial struct {
	widget.BaseWidget
	button *kit.Button
	box    *fyne.Container
	steps  map[connect.StepID]connect.Step
	try    Try
	tasks  *tasks.Group
	window func() fyne.Window
	fit    func() // the height has changed
	cancel context.CancelFunc
}

// newTrial returns a trial that asks what it must in a window. spec says what is tested now.
func newTrial(try Try, g *tasks.Group, window func() fyne.Window, spec func() connect.Spec, fit func()) *trial {
	t := &trial{try: try, tasks: g, window: window, fit: fit, box: container.New(layout.NewCustomPaddedVBoxLayout(5))}
	t.button = kit.NewButton(text.T("connection.try"), kit.Plain, func() {
		if t.cancel != nil {
			t.stop()
			return
		}
		t.start(spec())
	})
	t.ExtendBaseWidget(t)
	t.Hide()
	return t
}

// CreateRenderer is called by the toolkit.
func (t *trial) CreateRenderer() fyne.WidgetRenderer {
	return widget.NewSimpleRenderer(container.New(layout.NewCustomPaddedLayout(12, 0, 0, 0),
		container.New(layout.NewCustomPaddedVBoxLayout(10), kit.NewHairline(), t.box)))
}

// UIText is what the steps say, for the test socket.
func (t *trial) UIText() string {
	var lines []string
	for _, id := range connect.Steps() {
		s := t.steps[id]
		what, advice := stepWords(s)
		lines = append(lines, strings.TrimSpace(stepTitle(id)+" "+stepIcon(s.State)+" "+what+" "+advice))
	}
	return strings.Join(lines, "\n")
}

func (t *trial) start(spec connect.Spec) {
	ctx, cancel := context.WithCancel(kit.WithWindow(t.tasks.Context(), t.window()))
	t.cancel = cancel
	t.steps = map[connect.StepID]connect.Step{}
	t.button.SetText(text.T("connection.try_stop"))
	t.Show()
	t.draw()
	tasks.RunIn(t.tasks, ctx, func(ctx context.Context) (bool, error) {
		return t.try(ctx, spec, func(s connect.Step) {
			t.tasks.Post(func() {
				if ctx.Err() == nil {
					t.steps[s.ID] = s
					t.draw()
				}
			})
		}), nil
	}, func(bool, error) {
		if ctx.Err() == nil {
			t.ended()
		}
	})
}

// ended brings the button back.
func (t *trial) ended() {
	t.cancel()
	t.cancel = nil
	t.button.SetText(text.T("connection.try"))
}

// stop ends the test; what it has found stays.
func (t *trial) stop() {
	if t.cancel == nil {
		return
	}
	t.ended()
	for id, s := range t.steps {
		if s.State == connect.StepRunning {
			t.steps[id] = connect.Step{ID: id, State: connect.StepSkipped, Detail: text.T("connection.try_stopped")}
		}
	}
	t.draw()
}

// forget takes the results away: they are of another connection than the one that the fields name now.
func (t *trial) forget() {
	if !t.Visible() {
		return
	}
	t.stop()
	t.Hide()
	t.fit()
}

func (t *trial) draw() {
	t.box.Objects = nil
	for _, id := range connect.Steps() {
		t.box.Add(stepRow(id, t.steps[id]))
	}
	t.box.Refresh()
	t.fit()
}

func stepRow(id connect.StepID, s connect.Step) fyne.CanvasObject {
	ink := map[connect.StepState]fyne.ThemeColorName{connect.StepPassed: theme.ColorNameSuccess, connect.StepWarned: theme.ColorNameWarning,
		connect.StepFailed: theme.ColorNameError, connect.StepRunning: theme.ColorNamePrimary}[s.State]
	name := kit.LabelStyle{}
	if ink == "" {
		ink, name.Color = look.ColorSecondary, look.ColorSecondary
	}
	img := canvas.NewImageFromResource(look.IconIn(stepIcon(s.State), ink))
	img.FillMode = canvas.ImageFillContain
	img.SetMinSize(fyne.NewSquareSize(trialIcon))
	what, advice := stepWords(s)
	words := container.New(layout.NewCustomPaddedVBoxLayout(1))
	if what != "" || advice == "" {
		style := kit.LabelStyle{Color: look.ColorSecondary}
		if s.State == connect.StepFailed {
			style.Color = theme.ColorNameError
		}
		words.Add(report.Paragraph(what, trialText, style))
	}
	if advice != "" {
		words.Add(report.Paragraph(advice, trialText, kit.LabelStyle{}))
	}
	head := container.New(layout.NewCustomPaddedHBoxLayout(8), container.NewVBox(img),
		container.New(&topLayout{trialTitle}, kit.NewLabel(stepTitle(id), name)))
	return container.NewBorder(nil, nil, head, nil, words)
}

// topLayout keeps its one object at the top, with a width of its own.
type topLayout struct{ width float32 }

func (l *topLayout) Layout(o []fyne.CanvasObject, _ fyne.Size) {
	o[0].Resize(fyne.NewSize(l.width, o[0].MinSize().Height))
}

func (l *topLayout) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width, o[0].MinSize().Height)
}

func stepIcon(s connect.StepState) string {
	switch s {
	case connect.StepRunning:
		return "waiting"
	case connect.StepPassed:
		return "done"
	case connect.StepWarned:
		return "warning"
	case connect.StepFailed:
		return "failed"
	case connect.StepSkipped:
		return "minus"
	}
	return "dot"
}

// stepWords are what a step found and what to do about it.
func stepWords(s connect.Step) (what, advice string) {
	if s.Detail != "" || s.Err == nil {
		return s.Detail, s.Advice
	}
	e := explain.Error(s.Err)
	return e.Sentence, e.Advice
}

func stepTitle(id connect.StepID) string {
	switch id {
	case connect.StepSettings:
		return text.T("connection.step_settings")
	case connect.StepName:
		return text.T("connection.step_name")
	case connect.StepReach:
		return text.T("connection.step_reach")
	case connect.StepTLS:
		return text.T("connection.step_tls")
	case connect.StepClock:
		return text.T("connection.step_clock")
	case connect.StepCredentials:
		return text.T("connection.step_credentials")
	case connect.StepSignature:
		return text.T("connection.step_signature")
	}
	return text.T("connection.step_list")
}
