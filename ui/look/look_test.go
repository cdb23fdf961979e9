package look_test

import (
	"image"
	"io/fs"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"

	"pintail/assets/icons"
	"pintail/ui/look"
)

func TestTheme_TextsAreReadable(t *testing.T) {
	test.NewTempApp(t)
	for mode, name := range map[look.Mode]string{look.Light: "light", look.Dark: "dark"} {
		th := look.New(look.Options{Mode: mode})
		for _, p := range look.Pairs() {
			if c := look.Contrast(th.Color(p.Text, 0), th.Color(p.On, 0)); c < 4.5 {
				t.Errorf("%s: %s on %s has contrast %.2f, want 4.5", name, p.Text, p.On, c)
			}
		}
		for _, on := range []fyne.ThemeColorName{look.ColorBody, look.ColorBar, look.ColorSidebar, theme.ColorNameMenuBackground} {
			for _, mark := range []fyne.ThemeColorName{look.ColorInk, look.ColorRing, look.ColorDrop} { // WCAG 1.4.11
				if c := look.Contrast(th.Color(mark, 0), th.Color(on, 0)); c < 3 {
					t.Errorf("%s: %s on %s has contrast %.2f, want 3", name, mark, on, c)
				}
			}
		}
	}
}

func TestTheme_FollowsTheDesktopUnlessTold(t *testing.T) {
	test.NewTempApp(t)
	for _, c := range []struct {
		mode    look.Mode
		variant fyne.ThemeVariant
		dark    bool
	}{
		{look.System, theme.VariantDark, true}, {look.System, theme.VariantLight, false},
		{look.Light, theme.VariantDark, false}, {look.Dark, theme.VariantLight, true},
	} {
		th := look.New(look.Options{Mode: c.mode})
		bright := look.Contrast(th.Color(look.ColorBody, c.variant), th.Color(look.ColorTooltipText, c.variant)) // white in light
		if th.IsDark(c.variant) != c.dark {
			t.Errorf("mode %v with variant %v: dark %v (%v)", c.mode, c.variant, th.IsDark(c.variant), bright)
		}
	}
}

// TestTheme_BarsAreTheGroundOfAWindow: windows leave their bars unpainted, which filling by software would do twice.
func TestTheme_BarsAreTheGroundOfAWindow(t *testing.T) {
	test.NewTempApp(t)
	for _, m := range []look.Mode{look.Light, look.Dark} {
		th := look.New(look.Options{Mode: m})
		if bar, ground := th.Color(look.ColorBar, 0), th.Color(theme.ColorNameBackground, 0); bar != ground {
			t.Errorf("mode %v: %v on %v", m, bar, ground)
		}
	}
}

func TestTheme_AnswersEveryNameOfTheToolkit(t *testing.T) {
	test.NewTempApp(t)
	th := look.New(look.Options{Mode: look.Dark})
	for _, n := range []fyne.ThemeSizeName{theme.SizeNameText, theme.SizeNamePadding, theme.SizeNameScrollBar, theme.SizeNameInputBorder,
		theme.SizeNameDialogRadius, look.SizeRow, look.SizeHeader, look.SizeToolIcon, look.SizeField, look.SizeBarThin, look.SizeStatus, look.SizeIcon} {
		if th.Size(n) <= 0 {
			t.Errorf("size %s is %v", n, th.Size(n))
		}
	}
	big := look.New(look.Options{TextSize: 25})
	if big.Size(look.SizeRow) != 44 || big.Size(theme.SizeNameText) != 25 {
		t.Errorf("twice the text gives rows of %v", big.Size(look.SizeRow))
	}
}

func TestIcons_AllAreDrawnAndRecoloured(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Light}))
	files, err := fs.Glob(icons.Files, "*.svg")
	if err != nil || len(files) < 60 {
		t.Fatalf("%d icons, %v", len(files), err)
	}
	for _, f := range files {
		name := strings.TrimSuffix(f, ".svg")
		if ink(look.Image(name, look.ColorInk, 32)) < 20 {
			t.Errorf("%s is empty", name)
		}
		red := string(look.IconIn(name, theme.ColorNameError).Content())
		if strings.Contains(red, icons.KeyColor) {
			t.Errorf("%s keeps the key colour", name)
		}
		if line := !strings.HasPrefix(name, "kind-") && name != "pintail"; line != strings.Contains(red, "#B3261E") {
			t.Errorf("%s: recoloured %v, is a line icon %v", name, !line, line)
		}
	}
	if look.HasIcon("no-such-icon") || !look.HasIcon("upload") {
		t.Error("HasIcon is wrong")
	}
}

func TestAppIcon_IsTheDuckInItsOwnColours(t *testing.T) {
	a := test.NewTempApp(t)
	a.Settings().SetTheme(look.New(look.Options{Mode: look.Dark}))
	own, err := icons.Files.ReadFile("pintail.svg")
	if err != nil || string(look.AppIcon().Content()) != string(own) {
		t.Errorf("the program's icon is not its file as it is: %v", err)
	}
	for _, px := range []int{16, 32, 256} {
		if n := ink(look.Image("pintail", look.ColorInk, px)); n < px*px*8/10 || n == px*px {
			t.Errorf("at %d pixels %d are filled, want a rounded square", px, n)
		}
	}
}

// ink counts the pixels that are not empty.
func ink(img image.Image) int {
	n := 0
	for y := img.Bounds().Min.Y; y < img.Bounds().Max.Y; y++ {
		for x := img.Bounds().Min.X; x < img.Bounds().Max.X; x++ {
			if _, _, _, a := img.At(x, y).RGBA(); a > 0x4000 {
				n++
			}
		}
	}
	return n
}

func TestFileIcon_GoesByTheEnding(t *testing.T) {
	for name, want := range map[string]string{"a.PNG": "kind-image", "b.tar.gz": "kind-archive", "c": "kind-file", ".bashrc": "kind-file",
		"d.parquet": "kind-data", "e.go": "kind-code", "f.verylongending": "kind-file", "g.": "kind-file"} {
		if got := look.FileIcon(name); got != want || !look.HasIcon(got) {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
