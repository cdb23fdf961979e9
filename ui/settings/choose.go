package settings

// ShowPreference shows the list of everything with one preference chosen.
func (w *Window) ShowPreference(name string) {
	w.ShowPage("advanced")
	w.list.Select("advanced")
	w.all.search.SetText("")
	w.all.list.Select(w.all.table.keys[name])
	w.all.chosen()
}
