package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"pintail/ui/look"
	"pintail/ui/outline/outlinebench"
)

// benchEnv makes the test binary scroll lists in a real window instead of running tests; `make bench` sets it, to "1" or
// to the widgets wanted, as "outline,list". It is a test binary because only this folder may open a window, and the
// program itself should not carry the benchmark.
const benchEnv = "PINTAIL_BENCH_OUTLINE"

func TestMain(m *testing.M) {
	which := os.Getenv(benchEnv)
	if which == "" {
		os.Exit(m.Run())
	}
	var cfg outlinebench.Config
	if which != "1" {
		cfg.Subject = strings.Split(which, ",")
	}
	app.SetMetadata(fyne.AppMetadata{ID: "pintail.bench", Migrations: map[string]bool{"fyneDo": true}})
	a := app.New()
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	if _, err := outlinebench.Run(a, cfg, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
