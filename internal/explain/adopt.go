package explain

import (
	"errors"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/transfer"
)

// adoptReason says why an unfinished upload is not one of a file.
func adoptReason(err error) string {
	var e *transfer.AdoptError
	if !errors.As(err, &e) {
		return err.Error()
	}
	bytes := func(n int64) string { return units.FormatExact(n) }
	switch e.Why {
	case transfer.AdoptNoParts:
		return text.T("adopt.no_parts")
	case transfer.AdoptPartSize:
		return text.T("adopt.part_size", bytes(e.Has), bytes(e.File))
	case transfer.AdoptFileShort:
		return text.T("adopt.file_short", bytes(e.File), e.Part, bytes(e.Has))
	}
	return text.T("adopt.other_part", e.Part, bytes(e.Has), bytes(e.Want))
}
