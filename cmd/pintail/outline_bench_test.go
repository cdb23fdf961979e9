package main_test

import (
	"fmt"
	"os"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"pintail/ui/look"
	"pintail/ui/outline/outlinebench"
)

// benchEnv makes the test binary scroll lists in a real window instead of running tests; `make bench` sets it. It is a
// test binary because only this folder may open a window, and the program itself should not carry the benchmark.
const benchEnv = "PINTAIL_BENCH_OUTLINE"

func TestMain(m *testing.M) {
	if os.Getenv(benchEnv) == "" {
		os.Exit(m.Run())
	}
	app.SetMetadata(fyne.AppMetadata{ID: "pintail.bench", Migrations: map[string]bool{"fyneDo": true}})
	a := app.New()
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	if _, err := outlinebench.Run(a, outlinebench.Config{}, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
