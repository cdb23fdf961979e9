package look

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
)

// Colour names of our own; the theme answers them beside those of the toolkit.
const (
	ColorBody         fyne.ThemeColorName = "pintailBody"         // lists and text areas
	ColorAlternate    fyne.ThemeColorName = "pintailAlternate"    // every second row of a list
	ColorSecondary    fyne.ThemeColorName = "pintailSecondary"    // text of less weight
	ColorSelected     fyne.ThemeColorName = "pintailSelected"     // selected rows, list focused
	ColorSelectedText fyne.ThemeColorName = "pintailSelectedText" // text and icons on it
	ColorSelectedIdle fyne.ThemeColorName = "pintailSelectedIdle" // selected rows, list not focused
	ColorRowHover     fyne.ThemeColorName = "pintailRowHover"     // row under the pointer
	ColorDrop         fyne.ThemeColorName = "pintailDrop"         // frame of a drop target
	ColorDropFill     fyne.ThemeColorName = "pintailDropFill"     // inside of a drop target
	ColorSidebar      fyne.ThemeColorName = "pintailSidebar"      // side lists
	ColorBar          fyne.ThemeColorName = "pintailBar"          // tool bar, status bar, activity strip; equal to the window's own ground, so no window paints that first
	ColorHairline     fyne.ThemeColorName = "pintailHairline"     // edges of panes
	ColorRing         fyne.ThemeColorName = "pintailRing"         // focus ring
	ColorTrack        fyne.ThemeColorName = "pintailTrack"        // empty part of a progress bar
	ColorInk          fyne.ThemeColorName = "pintailInk"          // line icons
	ColorAccentButton fyne.ThemeColorName = "pintailAccentButton" // the default button
	ColorOnAccent     fyne.ThemeColorName = "pintailOnAccent"     // text on it
	ColorBadge        fyne.ThemeColorName = "pintailBadge"        // counters on buttons
	ColorTooltip      fyne.ThemeColorName = "pintailTooltip"      // floating labels
	ColorTooltipText  fyne.ThemeColorName = "pintailTooltipText"
)

type palette map[fyne.ThemeColorName]color.NRGBA

func rgb(v uint32) color.NRGBA { return rgba(v, 255) }

func rgba(v uint32, a uint8) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: a}
}

func lightPalette() palette {
	return palette{
		theme.ColorNameBackground: rgb(0xF3F4F6), theme.ColorNameForeground: rgb(0x1B2130),
		theme.ColorNamePrimary: rgb(0x0A5FD0), theme.ColorNameForegroundOnPrimary: rgb(0xFFFFFF),
		theme.ColorNameHyperlink: rgb(0x0A5FD0), theme.ColorNameHeaderBackground: rgb(0xF8F9FB),
		theme.ColorNameSeparator: rgb(0xD8DCE3), theme.ColorNameButton: rgb(0xFFFFFF),
		theme.ColorNameDisabledButton: rgb(0xECEEF2), theme.ColorNameDisabled: rgb(0x8A93A2),
		theme.ColorNameInputBackground: rgb(0xFFFFFF), theme.ColorNameInputBorder: rgb(0xB6BDC9),
		theme.ColorNameMenuBackground: rgb(0xFFFFFF), theme.ColorNameOverlayBackground: rgb(0xF8F9FB),
		theme.ColorNamePlaceHolder: rgb(0x69717F), theme.ColorNameHover: rgba(0x101828, 20),
		theme.ColorNamePressed: rgba(0x101828, 40), theme.ColorNameFocus: rgba(0x0A5FD0, 46),
		theme.ColorNameSelection: rgba(0x0A5FD0, 70), theme.ColorNameShadow: rgba(0x101828, 46),
		theme.ColorNameScrollBar: rgba(0x5A6473, 150), theme.ColorNameScrollBarBackground: rgba(0, 0),
		theme.ColorNameError: rgb(0xB3261E), theme.ColorNameForegroundOnError: rgb(0xFFFFFF),
		theme.ColorNameSuccess: rgb(0x1B7038), theme.ColorNameForegroundOnSuccess: rgb(0xFFFFFF),
		theme.ColorNameWarning: rgb(0x8A5300), theme.ColorNameForegroundOnWarning: rgb(0xFFFFFF),
		theme.ColorNameInnerWindowBorder: rgb(0xD8DCE3), theme.ColorNameInnerWindowBorderInactive: rgb(0xE6E9EE),
		ColorBody: rgb(0xFFFFFF), ColorAlternate: rgb(0xF4F6FA), ColorSecondary: rgb(0x596273),
		ColorSelected: rgb(0x0A5FD0), ColorSelectedText: rgb(0xFFFFFF), ColorSelectedIdle: rgb(0xD8DEE8),
		ColorRowHover: rgb(0xE9EFF8), ColorDrop: rgb(0x0A5FD0), ColorDropFill: rgb(0xD9E8FC),
		ColorSidebar: rgb(0xE9ECF1), ColorBar: rgb(0xF3F4F6), ColorHairline: rgb(0xCDD2DA), ColorRing: rgb(0x2F7FE6),
		ColorTrack: rgb(0xD5DAE2), ColorInk: rgb(0x394253), ColorAccentButton: rgb(0x0A5FD0), ColorOnAccent: rgb(0xFFFFFF),
		ColorBadge: rgb(0xC4321F), ColorTooltip: rgb(0x2A3140), ColorTooltipText: rgb(0xFFFFFF),
	}
}

func darkPalette() palette {
	return palette{
		theme.ColorNameBackground: rgb(0x25272C), theme.ColorNameForeground: rgb(0xE8EAEE),
		theme.ColorNamePrimary: rgb(0x6FA8FF), theme.ColorNameForegroundOnPrimary: rgb(0x0B1424),
		theme.ColorNameHyperlink: rgb(0x7FB2FF), theme.ColorNameHeaderBackground: rgb(0x2A2D33),
		theme.ColorNameSeparator: rgb(0x3A3E46), theme.ColorNameButton: rgb(0x383C44),
		theme.ColorNameDisabledButton: rgb(0x2C2F35), theme.ColorNameDisabled: rgb(0x757D8A),
		theme.ColorNameInputBackground: rgb(0x1B1D21), theme.ColorNameInputBorder: rgb(0x59606C),
		theme.ColorNameMenuBackground: rgb(0x2E3138), theme.ColorNameOverlayBackground: rgb(0x2A2D33),
		theme.ColorNamePlaceHolder: rgb(0x979FAC), theme.ColorNameHover: rgba(0xFFFFFF, 20),
		theme.ColorNamePressed: rgba(0xFFFFFF, 38), theme.ColorNameFocus: rgba(0x6FA8FF, 60),
		theme.ColorNameSelection: rgba(0x6FA8FF, 90), theme.ColorNameShadow: rgba(0x000000, 110),
		theme.ColorNameScrollBar: rgba(0xAAB2BF, 130), theme.ColorNameScrollBarBackground: rgba(0, 0),
		theme.ColorNameError: rgb(0xFF9087), theme.ColorNameForegroundOnError: rgb(0x2B0704),
		theme.ColorNameSuccess: rgb(0x6FD58E), theme.ColorNameForegroundOnSuccess: rgb(0x05230F),
		theme.ColorNameWarning: rgb(0xF2BC57), theme.ColorNameForegroundOnWarning: rgb(0x2A1B00),
		theme.ColorNameInnerWindowBorder: rgb(0x3A3E46), theme.ColorNameInnerWindowBorderInactive: rgb(0x303339),
		ColorBody: rgb(0x1B1D21), ColorAlternate: rgb(0x202328), ColorSecondary: rgb(0xA9B0BC),
		ColorSelected: rgb(0x245CBC), ColorSelectedText: rgb(0xFFFFFF), ColorSelectedIdle: rgb(0x3C414B),
		ColorRowHover: rgb(0x282D36), ColorDrop: rgb(0x6FA8FF), ColorDropFill: rgb(0x22344F),
		ColorSidebar: rgb(0x202226), ColorBar: rgb(0x25272C), ColorHairline: rgb(0x3A3E46), ColorRing: rgb(0x6FA8FF),
		ColorTrack: rgb(0x434853), ColorInk: rgb(0xCDD2DB), ColorAccentButton: rgb(0x2A66CC), ColorOnAccent: rgb(0xFFFFFF),
		ColorBadge: rgb(0xC93C2A), ColorTooltip: rgb(0xE4E7EC), ColorTooltipText: rgb(0x1B2130),
	}
}

// Pair is a colour of text and a colour it is shown on; the tests hold each pair to a contrast of 4.5 to 1.
type Pair struct{ Text, On fyne.ThemeColorName }

// Pairs lists every combination of text and background that the windows use. Disabled texts are left out on purpose.
func Pairs() []Pair {
	fg, sec, hold := theme.ColorNameForeground, ColorSecondary, theme.ColorNamePlaceHolder
	var out []Pair
	for _, on := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameHeaderBackground, theme.ColorNameButton,
		theme.ColorNameInputBackground, theme.ColorNameMenuBackground, theme.ColorNameOverlayBackground, ColorBody,
		ColorAlternate, ColorSelectedIdle, ColorRowHover, ColorDropFill, ColorSidebar, ColorBar} {
		out = append(out, Pair{fg, on}, Pair{sec, on})
	}
	for _, on := range []fyne.ThemeColorName{theme.ColorNameBackground, theme.ColorNameMenuBackground, ColorBody, ColorAlternate, ColorBar} {
		out = append(out, Pair{theme.ColorNameError, on}, Pair{theme.ColorNameWarning, on}, Pair{theme.ColorNameSuccess, on},
			Pair{theme.ColorNameHyperlink, on}, Pair{theme.ColorNamePrimary, on})
	}
	return append(out,
		Pair{hold, theme.ColorNameInputBackground}, Pair{ColorSelectedText, ColorSelected}, Pair{ColorOnAccent, ColorAccentButton},
		Pair{ColorOnAccent, ColorBadge}, Pair{ColorTooltipText, ColorTooltip},
		Pair{theme.ColorNameForegroundOnPrimary, theme.ColorNamePrimary}, Pair{theme.ColorNameForegroundOnError, theme.ColorNameError},
		Pair{theme.ColorNameForegroundOnSuccess, theme.ColorNameSuccess}, Pair{theme.ColorNameForegroundOnWarning, theme.ColorNameWarning})
}
