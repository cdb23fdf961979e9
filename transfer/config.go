package transfer

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"pintail/internal/prompt"
	"pintail/storage"
)

const (
	defaultGiveUp  = 15 * time.Minute
	defaultLease   = 30 * time.Second
	defaultHistory = 500
	defaultDirect  = 256 * mib
)

// Config says how a queue works. Journal and Connect are required.
type Config struct {
	Journal  string                                                          // path of the journal's file; made with its folder if missing
	Connect  func(ctx context.Context, ref string) (*storage.Session, error) // opens a connection by its reference; the queue closes it
	Prompter prompt.Prompter                                                 // answers questions; nil = nobody does
	Limits   Limits
	GiveUp   time.Duration                                    // an item ends after no progress for so long; 0 = 15 minutes
	Lease    time.Duration                                    // how long a silent owner keeps its transfers; 0 = 30 s
	History  int                                              // ended transfers kept; 0 = 500
	Owner    string                                           // what other processes show: "Pintail", "pintail-cli"
	Now      func() time.Time                                 // nil = time.Now
	Sleep    func(ctx context.Context, d time.Duration) error // waits between tries; nil = really
	NoHedge  bool                                             // the last parts of a transfer are never asked for twice
	Direct   int64                                            // downloads of that size or more are written past the page cache; 0 = 256 MiB
	Random   *rand.Rand                                       // of jitter; nil = seeded by the system. Used under a lock
	Logger   *slog.Logger                                     // nil = discards
	Halts    sync.Locker                                      // locked while this process may lock the journal: who locks it may halt the process; nil = nobody does
}

func (c *Config) fillDefaults() {
	if c.GiveUp <= 0 {
		c.GiveUp = defaultGiveUp
	}
	if c.Lease <= 0 {
		c.Lease = defaultLease
	}
	if c.History <= 0 {
		c.History = defaultHistory
	}
	if c.Direct <= 0 {
		c.Direct = defaultDirect
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Sleep == nil {
		c.Sleep = sleep
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	if c.Halts == nil {
		c.Halts = new(sync.Mutex)
	}
}
