package transfer

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"pintail/internal/localfs"
)

// ErrJournal says that the record of all transfers cannot be read or written. Without it nothing can be resumed, so nothing is begun
// or gone on with. What is wrong shows by [ErrJournalNewer], [ErrJournalDamaged], [ErrJournalBusy], localfs.ErrNoSpace or fs.ErrPermission.
var ErrJournal = errors.New("the journal of transfers")

// ErrJournalNewer says that a later version of the program made the journal. It was not touched.
var ErrJournalNewer = errors.New("the journal was made by a newer version of Pintail")

// ErrJournalDamaged says that the journal's file is not a journal, or not any more. It was not touched.
var ErrJournalDamaged = errors.New("the journal is damaged")

// ErrJournalBusy says that another process has kept the journal from being read or written for longer than any change takes: one that
// was stopped in the middle, or a program that is not ours.
var ErrJournalBusy = errors.New("another program holds the journal")

// journalMeanings are the errors of SQLite that mean something to a person.
var journalMeanings = map[int]error{
	sqlite3.SQLITE_FULL: localfs.ErrNoSpace, sqlite3.SQLITE_READONLY: fs.ErrPermission, sqlite3.SQLITE_PERM: fs.ErrPermission,
	sqlite3.SQLITE_CANTOPEN: fs.ErrPermission, sqlite3.SQLITE_AUTH: fs.ErrPermission, sqlite3.SQLITE_CORRUPT: ErrJournalDamaged,
	sqlite3.SQLITE_NOTADB: ErrJournalDamaged, sqlite3.SQLITE_IOERR: syscall.EIO, sqlite3.SQLITE_BUSY: ErrJournalBusy,
}

// journalError gives what went wrong with the journal its meaning.
func journalError(err error) error {
	if err == nil || errors.Is(err, ErrJournal) {
		return err
	}
	var e *sqlite.Error
	if errors.As(err, &e) {
		if m := journalMeanings[e.Code()&0xff]; m != nil { // the higher bits say where
			return fmt.Errorf("%w: %w: %w", ErrJournal, m, err)
		}
	}
	return fmt.Errorf("%w: %w", ErrJournal, err)
}

func isBusy(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}
