package explain

import (
	"errors"

	"pintail/internal/syncjobs"
	"pintail/internal/text"
	"pintail/transfer"
)

func syncRows() []row {
	return []row{
		{"plan-changed", ExitFailed, own(transfer.ErrPlanChanged), func(s subject) words {
			return words{text.T("explain.planChanged.title"), s.name, text.T("explain.planChanged.advice")}
		}},
		{"plan-lost", ExitFailed, own(transfer.ErrPlanLost), func(subject) words {
			return words{text.T("explain.planLost.title"), text.T("explain.planLost.sentence"), text.T("explain.planLost.advice")}
		}},
		{"sync-conflict", ExitFailed, own(transfer.ErrConflict), func(subject) words {
			return words{text.T("explain.conflict.title"), text.T("explain.conflict.sentence"), text.T("explain.conflict.advice")}
		}},
		{"listing-order", ExitFailed, own(transfer.ErrOrder), func(s subject) words {
			return words{text.T("explain.order.title"), s.name, text.T("explain.order.advice")}
		}},
		{"deletion-held", ExitPartly, own(transfer.ErrHeld), func(subject) words {
			return words{text.T("explain.held.title"), text.T("explain.held.sentence"), text.T("explain.held.advice")}
		}},
		{"empty-source", ExitPartly, own(transfer.ErrEmptySource), func(subject) words {
			return words{text.T("explain.emptySource.title"), text.T("explain.emptySource.sentence"), text.T("explain.emptySource.advice")}
		}},
		{"too-many-deletions", ExitFailed, own(transfer.ErrTooManyDeletes), func(s subject) words {
			return words{text.T("explain.tooMany.title"), s.name, ""}
		}},
		{"not-agreed", ExitFailed, own(transfer.ErrNotAgreed), func(subject) words {
			return words{text.T("explain.notAgreed.title"), text.T("explain.notAgreed.sentence"), ""}
		}},
		{"nothing-to-do", ExitDone, own(transfer.ErrNothingToDo), func(subject) words {
			return words{text.T("explain.nothing.title"), text.T("explain.nothing.title"), ""}
		}},
		{"no-sync-job", ExitNotFound, own(syncjobs.ErrNotFound), func(s subject) words {
			return words{text.T("explain.noJob.title"), s.name, text.T("explain.noJob.advice")}
		}},
		{"sync-job-name", ExitUsage, own(syncjobs.ErrName), func(s subject) words {
			return words{text.T("explain.jobName.title"), s.name, ""}
		}},
		{"sync-jobs", ExitFailed, own(syncjobs.ErrFile), func(s subject) words {
			return words{text.T("explain.jobFile.title"), s.name, text.T("explain.jobFile.advice")}
		}},
	}
}

// held is why deletions are held back, nil if that is not said.
func held(err error) error {
	both, ok := err.(interface{ Unwrap() []error })
	if !ok || !errors.Is(err, transfer.ErrHeld) {
		return nil
	}
	for _, e := range both.Unwrap() {
		if !errors.Is(e, transfer.ErrHeld) {
			return e
		}
	}
	return nil
}

// Planned says why something is in the plan of a sync, or why it cannot be done.
func Planned(e transfer.SyncEntry) string {
	if e.Why == transfer.WhyError && e.Err != nil {
		return Error(e.Err).Sentence
	}
	return e.Reason()
}
