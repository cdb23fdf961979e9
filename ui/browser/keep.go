package browser

import (
	"context"
	"errors"

	"pintail/internal/connect"
	"pintail/internal/text"
	"pintail/keychain"
	"pintail/ui/tasks"
)

// keep stores a typed secret for good if that was asked for. Where the keychain does not take it the connection goes on with the secret
// in memory, and one remark says so.
func (vm *ViewModel) keep(c *connect.Connection) {
	tasks.Run(vm.Tasks, func(ctx context.Context) (struct{}, error) { return struct{}{}, c.Accepted(ctx) }, func(_ struct{}, err error) {
		switch {
		case err == nil, errors.Is(err, context.Canceled):
		case errors.Is(err, keychain.ErrUnavailable) && !errors.Is(err, keychain.ErrFileLocked):
			vm.Face.Notice(text.T("connect.not_kept"))
		default:
			vm.Face.Notice(text.T("connect.not_kept_because", reason(err)))
		}
	})
}
