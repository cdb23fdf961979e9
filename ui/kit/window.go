package kit

import (
	"context"

	"fyne.io/fyne/v2"
)

type windowKey struct{}

// WithWindow says for which window something is done, so that what it asks can be asked there.
func WithWindow(ctx context.Context, w fyne.Window) context.Context {
	return context.WithValue(ctx, windowKey{}, w)
}

// WindowOf is the window for which something is done; nil if nobody has said.
func WindowOf(ctx context.Context) fyne.Window {
	w, _ := ctx.Value(windowKey{}).(fyne.Window)
	return w
}
