package info

// word is what has to be typed before something is changed or taken away, "" for nothing.
func (p *Pane) word() string {
	if p.o.Word == nil {
		return ""
	}
	return p.o.Word()
}
