package outlinebench_test

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"pintail/ui/look"
	"pintail/ui/outline/outlinebench"
)

// BenchmarkScroll is one frame of the script on the software canvas: update and painting together.
//
//	CGO_ENABLED=0 go test ./ui/outline/outlinebench -bench . -benchtime 600x
func BenchmarkScroll(b *testing.B) {
	for _, name := range []string{"outline", "list", "tree"} {
		for _, paint := range []bool{false, true} {
			label := name + "/update"
			if paint {
				label = name + "/painted"
			}
			b.Run(label, func(b *testing.B) {
				a := test.NewTempApp(b)
				a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
				s, err := outlinebench.NewSubject(name, 1_000_000)
				if err != nil {
					b.Fatal(err)
				}
				defer s.Close()
				w := test.NewTempWindow(b, s.Object())
				w.SetPadded(false)
				w.Resize(fyne.NewSize(1000, 650))
				i := 0
				for b.Loop() {
					s.Step(i % outlinebench.Frames)
					if paint {
						w.Canvas().Capture()
					}
					i++
				}
			})
		}
	}
}

func TestSubject_ScrollsToTheEnd(t *testing.T) {
	for _, name := range []string{"outline", "list", "tree"} {
		t.Run(name, func(t *testing.T) {
			a := test.NewTempApp(t)
			a.Settings().SetTheme(look.New(look.Options{}))
			s, err := outlinebench.NewSubject(name, 5000)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			w := test.NewTempWindow(t, s.Object())
			w.Resize(fyne.NewSize(1000, 650))
			before := w.Canvas().Capture()
			s.Step(outlinebench.Frames - 1)
			after := w.Canvas().Capture()
			same := true
			for y := 60; y < 600 && same; y++ {
				for x := range 300 {
					if before.At(x, y) != after.At(x, y) {
						same = false
						break
					}
				}
			}
			if same {
				t.Error("the picture did not change")
			}
		})
	}
	if _, err := outlinebench.NewSubject("none", 1); err == nil {
		t.Error("an unknown widget is no error")
	}
}
