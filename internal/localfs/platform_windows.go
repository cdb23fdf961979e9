package localfs

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/windows"
)

const (
	openNonblock = 0
	openNoFollow = 0 // os.Root opens reparse points themselves
)

func fileID(f *os.File, _ fs.FileInfo) (string, error) {
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return "", nil // some network volumes have no file numbers
	}
	return fmt.Sprintf("%x:%x%08x", info.VolumeSerialNumber, info.FileIndexHigh, info.FileIndexLow), nil
}

func volumeOf(f *os.File) (volume, error) {
	dir, err := windows.UTF16PtrFromString(filepath.Dir(f.Name()))
	if err != nil {
		return volume{}, fmt.Errorf("free space: %w", err)
	}
	var free uint64
	if err := windows.GetDiskFreeSpaceEx(dir, &free, nil, nil); err != nil {
		return volume{}, fmt.Errorf("free space: %w", err)
	}
	return volume{free: int64(min(free, 1<<62))}, nil
}

func preallocate(f *os.File, size int64) error { return f.Truncate(size) }

// setTime does nothing: a time is set by the file's name.
func setTime(*os.File, time.Time) error { return errors.ErrUnsupported }

// syncDir does nothing: NTFS keeps the order of a rename by itself, and folders cannot be flushed.
func syncDir(*os.File) error { return nil }

func busy(err error) bool {
	return errors.Is(err, windows.ERROR_SHARING_VIOLATION) || errors.Is(err, windows.ERROR_LOCK_VIOLATION) ||
		errors.Is(err, windows.ERROR_ACCESS_DENIED)
}

func noSpace(err error) bool {
	return errors.Is(err, windows.ERROR_DISK_FULL) || errors.Is(err, windows.ERROR_HANDLE_DISK_FULL)
}

func nameTooLong(err error) bool { return errors.Is(err, windows.ERROR_FILENAME_EXCED_RANGE) }

func umask() os.FileMode { return 0 }
