// Command pintail-cli is the command line of Pintail: the same connections, bookmarks, preferences and transfer engine as the
// window, without any window-system code. It must never take a secret as an argument, print one, or report what is not proved.
// Start reading at run.go, then root.go (the list of commands); a file for each command or family.
package main

import (
	"context"
	"fmt"
	"os"
)

func main() {
	sys, err := realSystem()
	if err != nil {
		fmt.Fprintln(os.Stderr, program+":", err)
		os.Exit(1)
	}
	ctx, stop := interruptible(context.Background(), sys.Stderr, os.Exit)
	status := run(ctx, sys, os.Args[1:])
	stop()
	os.Exit(status)
}
