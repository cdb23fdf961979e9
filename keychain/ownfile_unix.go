//go:build unix

package keychain

import (
	"errors"
	"fmt"
	"os"
	"syscall"
)

// ownFile refuses a file that somebody else than its user or the system's administrator may write.
func ownFile(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && st.Uid != 0 && int(st.Uid) != os.Geteuid() {
		return fmt.Errorf("%s belongs to another user", path)
	}
	if info.Mode().Perm()&0o002 != 0 {
		return fmt.Errorf("%s may be written by everybody", path)
	}
	if !info.Mode().IsRegular() {
		return errors.New(path + " is not a file")
	}
	return nil
}
