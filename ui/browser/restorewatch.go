package browser

import (
	"context"
	"time"

	"pintail/internal/retry"
	"pintail/storage"
)

// restoreWatch waits until what was asked of the archive can be read.
type restoreWatch struct {
	session *storage.Session
	policy  retry.Policy
	now     func() time.Time
	first   time.Duration // the first pause; each is twice the one before, up to mostPause
}

// wait returns how many of the objects can be read, once none is on its way any more. An object that nobody has asked for, or that is
// gone, is not waited for.
func (w restoreWatch) wait(ctx context.Context, what []storage.Location) (readable int, err error) {
	for pause := w.first; len(what) > 0; pause = min(2*pause, mostPause) {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return readable, ctx.Err()
		}
		list := what
		what = nil
		for _, at := range list {
			var info storage.Info
			err := w.policy.Do(ctx, func() (err error) { info, err = w.session.Stat(ctx, at); return err })
			switch {
			case ctx.Err() != nil:
				return readable, ctx.Err()
			case err != nil:
			case info.Restore.Ongoing:
				what = append(what, at)
			case !info.InArchive(w.now()):
				readable++
			}
		}
	}
	return readable, nil
}
