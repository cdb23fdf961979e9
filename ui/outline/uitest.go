package outline

// UIText is what stands in the middle while there are no rows, for the test socket.
func (o *Outline) UIText() string {
	if o.message == nil || o.model.Len() > 0 {
		return ""
	}
	s := o.message.Title
	if o.message.Text != "" {
		s += "\n" + o.message.Text
	}
	return s
}
