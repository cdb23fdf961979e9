package outline

// Tick is one step of the clock that runs during a drag.
func (o *Outline) Tick() { o.tick() }
