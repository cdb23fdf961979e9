package transfer

import "context"

// SetSingleCopy makes copies go in parts from a smaller size on.
func (q *Queue) SetSingleCopy(above, part int64) { q.singleCopy, q.copyPart = above, part }

// Spans that tests wait out.
const (
	LateAfter = lateAfter
	MeterSpan = (meterSteps + 1) * meterStep
)

// StoredParts is how many parts of a transfer the journal has.
func (q *Queue) StoredParts(id ID) (n int) {
	if err := q.j.r.QueryRowContext(context.Background(), "SELECT count(*) FROM parts WHERE transfer = ?", id).Scan(&n); err != nil {
		return -1
	}
	return n
}

// SetLimitsNow lets so many requests of each class through.
func SetLimitsNow(q *Queue, n int) {
	q.pool.mu.Lock()
	defer q.pool.mu.Unlock()
	for c := range q.pool.control {
		q.pool.change(class(c), func(x *controller) { x.limit = min(n, x.most) })
	}
}
