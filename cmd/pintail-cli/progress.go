package main

import (
	"context"
	"slices"
	"time"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
)

// progressEvery is how often the progress line is redrawn at most.
const progressEvery = 100 * time.Millisecond

// showProgress draws the progress line until the returned function is called. It pulls snapshots; the engine is not slowed.
func (a *app) showProgress(ctx context.Context, q *transfer.Queue, ids []transfer.ID) (stop func()) {
	if a.opts.NoProgress || a.opts.json() || !a.console.fancy {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		tick := time.NewTicker(progressEvery)
		defer tick.Stop()
		known := map[transfer.ID]transfer.Transfer{}
		var rev uint64
		for {
			var changed []transfer.Transfer
			rev, changed, _ = q.Snapshot(rev)
			for _, t := range changed {
				if slices.Contains(ids, t.ID) {
					known[t.ID] = t
				}
			}
			if len(known) > 0 {
				a.console.setStatus(progressLine(known, a.sizes()))
			}
			select {
			case <-tick.C:
			case <-ctx.Done():
				return
			}
		}
	}()
	return func() {
		cancel()
		<-stopped
		a.console.setStatus("")
	}
}

// progressLine is "12 of 40 files, 3.1 GB of 9.8 GB, 82 MB/s, 1 min left".
func progressLine(all map[transfer.ID]transfer.Transfer, base units.Base) string {
	var sum transfer.Transfer
	sum.Planned, sum.Left = true, -1
	waiting := ""
	for _, t := range all {
		sum.Files += t.Files
		sum.FilesDone += t.FilesDone + t.Skipped + t.Failed + t.Unknown
		sum.Bytes += t.Bytes
		sum.BytesDone += t.BytesDone
		sum.Rate += t.Rate
		sum.Left = max(sum.Left, t.Left)
		sum.Planned = sum.Planned && (t.Planned || t.State.Ended())
		if t.State == transfer.Waiting {
			waiting = orElse(t.Message, text.T("cli.progress.waiting"))
		}
	}
	if waiting != "" {
		return waiting
	}
	done, files := units.FormatCount(sum.FilesDone), units.FormatCount(sum.Files)
	bytesDone, bytes := units.FormatBytes(sum.BytesDone, base), units.FormatBytes(sum.Bytes, base)
	line := ""
	switch {
	case sum.Files == 0:
		return text.T("cli.progress.looking")
	case !sum.Planned:
		line = text.T("cli.progress.planning", done, files, bytesDone, bytes)
	case sum.Bytes == 0:
		line = text.N("cli.progress.files", int(sum.Files), done, files)
	default:
		line = text.N("cli.progress", int(sum.Files), done, files, bytesDone, bytes)
	}
	if sum.Bytes > 0 {
		line += ", " + units.FormatRate(sum.Rate, base)
	}
	if left := units.FormatLeft(sum.Left); left != "" && sum.Planned && sum.Left >= time.Second {
		line += ", " + left
	}
	return line
}
