package transfer

// SetSingleCopy makes copies go in parts from a smaller size on.
func (q *Queue) SetSingleCopy(above, part int64) { q.singleCopy, q.copyPart = above, part }
