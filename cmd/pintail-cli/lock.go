package main

import (
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/internal/units"
	"pintail/storage"
)

// lockFlags are a wanted lock as it is written.
type lockFlags struct {
	Mode, Until, Hold string
	None, Bypass      bool
}

// edit reads the flags; now is when a span begins.
func (f lockFlags) edit(now time.Time) (*storage.LockEdit, error) {
	l := &storage.LockEdit{}
	mode := strings.ToUpper(f.Mode)
	switch {
	case f.None && (f.Mode != "" || f.Until != ""):
		return nil, usagef("--no-retention takes the retention away; it has no --mode and no --until")
	case (f.Mode == "") != (f.Until == ""):
		return nil, usagef("a retention needs both --mode and --until")
	case f.Mode != "" && mode != storage.RetentionGovernance && mode != storage.RetentionCompliance:
		return nil, usagef("--mode %s: choose governance or compliance", f.Mode)
	case !slices.Contains([]string{"", "on", "off"}, f.Hold):
		return nil, usagef("--hold %s: choose on or off", f.Hold)
	case f.Mode == "" && f.Hold == "" && !f.None:
		return nil, usagef("lock needs --mode with --until, --no-retention or --hold")
	case f.Bypass && f.Mode == "" && !f.None:
		return nil, usagef("--bypass-governance goes with --until or --no-retention")
	case f.None:
		l.Retention = &storage.Retention{Bypass: f.Bypass}
	case f.Mode != "":
		end, err := lockEnd(f.Until, now)
		if err != nil {
			return nil, err
		}
		l.Retention = &storage.Retention{Mode: mode, Until: end, Bypass: f.Bypass}
	}
	if f.Hold != "" {
		on := f.Hold == "on"
		l.Hold = &on
	}
	return l, nil
}

// lockEnd is a date, or a span from now on.
func lockEnd(s string, now time.Time) (time.Time, error) {
	end, err := units.ParseTime(s, time.Local)
	if d, derr := units.ParseDuration(s); err != nil && derr == nil {
		end, err = now.Add(d).Truncate(time.Second), nil
	}
	switch {
	case err != nil:
		return end, usagef("--until: %v; or a span like 30d", err)
	case !end.After(now):
		return end, usagef("--until %s: a retention ends in the future", s)
	}
	return end.UTC(), nil
}

func lockCommand(a *app) *cobra.Command {
	var f lockFlags
	c := editCommand(a, &cobra.Command{Use: "lock [-r] ADDR [--mode governance|compliance --until TIME] [--no-retention] [--hold on|off]", Short: text.T("edit.lock"), Args: exactly(1),
		Example: "  pintail-cli lock --hold on s3://bucket/contract.pdf\n  pintail-cli lock -r --mode governance --until 2033-01-01 s3://bucket/books/\n  pintail-cli lock --no-retention --bypass-governance s3://bucket/a.txt"},
		func(_ []string, e *storage.Edit) (err error) {
			e.Lock, err = f.edit(a.sys.Now())
			return err
		})
	c.Flags().StringVar(&f.Mode, "mode", "", "`governance|compliance`: a retention that some may set aside, or nobody")
	c.Flags().StringVar(&f.Until, "until", "", "the `TIME` the retention ends: 2033-01-01, 2033-01-01T12:00:00Z, or a span like 30d")
	c.Flags().BoolVar(&f.None, "no-retention", false, "take the retention away; one in governance needs --bypass-governance, one in compliance stays")
	c.Flags().StringVar(&f.Hold, "hold", "", "legal hold `on|off`")
	c.Flags().BoolVar(&f.Bypass, "bypass-governance", false, "set a retention in governance aside, which needs s3:BypassGovernanceRetention")
	return c
}
