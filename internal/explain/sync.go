package explain

import (
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
		{"deletion-held", ExitPartly, own(transfer.ErrHeld), func(s subject) words {
			return words{text.T("explain.held.title"), s.name, text.T("explain.held.advice")}
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
