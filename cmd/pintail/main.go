// Package main is the desktop app: flags, the wiring of core and windows, and the toolkit's loop.
// It must never hold logic of its own: a window belongs to ui, the rest to the core. It is the only importer of fyne/v2/app.
// Start reading at run, then wire.go.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"
	"github.com/go-gl/glfw/v3.4/glfw"

	"pintail/internal/connect"
	"pintail/internal/explain"
	"pintail/internal/paths"
	"pintail/internal/release"
	"pintail/internal/text"
	"pintail/profiles"
	"pintail/storage"
	"pintail/ui"
	"pintail/ui/kit"
	"pintail/ui/look"
	"pintail/ui/uitest"
)

const (
	appID   = "app.pintail.Pintail"
	program = "Pintail"
	version = release.Version
)

// options are what the command line says.
type options struct {
	demo     bool
	demoInfo string // file that gets the embedded server's address and keys
	uiSocket string // where a test may ask for the places of controls
	open     string // s3:// address or bookmark
	version  bool
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("pintail", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.BoolVar(&o.demo, "demo", false, "open the embedded server with sample data")
	f.BoolVar(&o.version, "version", false, "print the version and end")
	f.StringVar(&o.demoInfo, "demo-info", "", "")
	f.StringVar(&o.uiSocket, "ui-socket", "", "")
	f.Usage = func() {
		fmt.Fprintln(stderr, "usage: pintail [--demo] [s3://BUCKET/FOLDER | BOOKMARK]")
	}
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.open = localPath(f.Arg(0))
	return o, nil
}

func main() {
	o, err := parse(os.Args[1:], os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return
	case err != nil:
		os.Exit(explain.ExitUsage)
	case o.version:
		fmt.Println(program, version)
		return
	}
	if err := run(o); err != nil {
		e := explain.Error(err)
		fmt.Fprintln(os.Stderr, strings.TrimSpace("pintail: "+e.Sentence+"\n  "+e.Advice))
		os.Exit(e.Exit)
	}
}

// run shows the windows and returns when the last has closed and everything has ended.
func run(o options) (err error) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dirs, err := paths.Default()
	if err != nil {
		return err
	}
	app.SetMetadata(fyne.AppMetadata{ID: appID, Name: program, Version: version, Migrations: map[string]bool{"fyneDo": true}})
	a := app.NewWithID(appID)
	a.SetIcon(look.AppIcon())
	var reg *uitest.Registry
	if o.uiSocket != "" {
		reg = uitest.NewRegistry()
	}
	c, err := open(ctx, dirs, a, reg)
	if err != nil {
		return errors.Join(err, sayCannotStart(ctx, o, a, reg, err))
	}
	defer func() { err = errors.Join(err, c.close()) }()
	if o.demoInfo != "" {
		if err := c.writeDemoInfo(ctx, o.demoInfo); err != nil {
			return err
		}
	}
	inner, cancel := context.WithCancel(ctx)
	windows := ui.New(inner, c.config())
	server, err := serveTests(inner, o.uiSocket, reg)
	if err != nil {
		cancel()
		return err
	}
	defer reportCrash(dirs)
	a.Lifecycle().SetOnStarted(func() {
		windows.Start(asked(o))
		if isProfile(o.open) {
			windows.InstallProfile(o.open)
		}
	})
	context.AfterFunc(ctx, func() { kit.OnUI(a.Quit) })
	err = loop(a)
	cancel()
	if server != nil {
		err = errors.Join(err, server.Close())
	}
	windows.Wait()
	return err
}

// sayCannotStart shows why until the person quits.
func sayCannotStart(ctx context.Context, o options, a fyne.App, reg *uitest.Registry, why error) error {
	server, err := serveTests(ctx, o.uiSocket, reg)
	if err != nil {
		return err
	}
	a.Lifecycle().SetOnStarted(func() { ui.CannotStart(a, reg, why) })
	context.AfterFunc(ctx, func() { kit.OnUI(a.Quit) })
	err = loop(a)
	if server != nil {
		err = errors.Join(err, server.Close())
	}
	return err
}

// notInitialized is GLFW_NOT_INITIALIZED of the toolkit's library, whose binding does not export it.
const notInitialized glfw.ErrorCode = 0x00010001

// loop is the toolkit's loop. Without a screen the toolkit goes on to the first window and panics there: that is an error here.
func loop(a fyne.App) (err error) {
	defer func() {
		v := recover()
		if e, ok := v.(*glfw.Error); ok && e.Code == notInitialized {
			err = errors.New(text.T("app.no_screen"))
		} else if v != nil {
			panic(v)
		}
	}()
	a.Run()
	return nil
}

func serveTests(ctx context.Context, path string, reg *uitest.Registry) (*uitest.Server, error) {
	if path == "" {
		return nil, nil
	}
	return uitest.Serve(ctx, path, reg, kit.OnUI)
}

// asked is the connection that the command line names; nil for none.
func asked(o options) (*connect.Spec, storage.Location) {
	switch {
	case o.demo:
		return &connect.Spec{Profile: profiles.VendorDemo}, storage.Location{}
	case o.open == "" || isProfile(o.open):
		return nil, storage.Location{}
	}
	if at, err := storage.ParseARN(o.open); err == nil {
		return &connect.Spec{}, at
	}
	if p, ok := strings.CutPrefix(o.open, "s3://"); ok {
		return &connect.Spec{}, storage.ParsePath(p)
	}
	return &connect.Spec{Bookmark: o.open}, storage.Location{}
}

// localPath is the path of a file: address, which file managers hand over; all else is left as it is.
func localPath(arg string) string {
	if u, err := url.Parse(arg); err == nil && u.Scheme == "file" && (u.Host == "" || u.Host == "localhost") {
		return filepath.FromSlash(u.Path)
	}
	return arg
}

// isProfile tells a file of a connection profile, which the file manager opens with this program.
func isProfile(arg string) bool { return strings.HasSuffix(arg, profiles.Ext) }

// reportCrash leaves what is known of a crash in the folder of logs before the program ends by it. Names of files may stand in it,
// secrets print as "***" wherever they are.
func reportCrash(dirs paths.Dirs) {
	v := recover()
	if v == nil {
		return
	}
	report := fmt.Sprintf("%s %s\n%v\n\n%s", program, version, v, debug.Stack())
	if path, err := writeCrash(dirs.Logs, time.Now(), report); err == nil {
		fmt.Fprintln(os.Stderr, "pintail: crashed; the report is", path)
	}
	panic(v)
}
