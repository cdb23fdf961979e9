package transfer

import (
	"sync"
	"time"
)

const (
	meterStep  = 500 * time.Millisecond
	meterSteps = 10
)

// meter is the speed of the last five seconds.
type meter struct {
	now func() time.Time

	mu    sync.Mutex // guards all below
	bytes [meterSteps]int64
	at    int64 // the step of the newest
	first int64 // the step that began it
}

func (m *meter) add(n int64) {
	step := m.now().UnixNano() / int64(meterStep)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(step)
	m.bytes[step%meterSteps] += n
}

// turn empties the steps since the newest. The caller holds mu.
func (m *meter) turn(step int64) {
	if m.first == 0 {
		m.first, m.at = step, step
	}
	for s := max(m.at+1, step-meterSteps+1); s <= step; s++ {
		m.bytes[s%meterSteps] = 0
	}
	m.at = max(m.at, step)
}

// rate is bytes a second.
func (m *meter) rate() float64 {
	step := m.now().UnixNano() / int64(meterStep)
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.first == 0 {
		return 0
	}
	m.turn(step)
	var sum int64
	for _, b := range m.bytes {
		sum += b
	}
	span := min(meterSteps, step-m.first+1)
	return max(0, float64(sum)/(float64(span)*meterStep.Seconds()))
}
