package main

import (
	"runtime"

	"github.com/spf13/cobra"

	"pintail/internal/text"
)

func versionCommand(a *app) *cobra.Command {
	return &cobra.Command{Use: "version", Short: text.T("cli.version.short"), Args: exactly(0), RunE: func(*cobra.Command, []string) error {
		if a.opts.json() {
			a.out.object(map[string]string{"version": version, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
		} else {
			a.out.line("%s %s (%s, %s/%s)", program, version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
		}
		return a.out.flush()
	}}
}
