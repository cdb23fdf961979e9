// Package testkit holds what tests of several packages share: the repository's root, seeds, and the leak check.
// It must never be imported by code that ships, and knows nothing of S3.
// Start reading at [CheckLeaks]; real servers, the independent client and the window harness are the folders below.
package testkit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Root is the repository's root: the nearest folder at or above the working directory that holds go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("repository root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", errors.New("repository root: no go.mod above the working directory")
		}
		dir = up
	}
}
