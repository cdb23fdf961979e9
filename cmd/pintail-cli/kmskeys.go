package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"pintail/internal/text"
	"pintail/storage"
)

// listKeysInstead makes a command list the KMS keys for its one address where list is set.
func listKeysInstead(a *app, c *cobra.Command, list *bool) {
	change, args := c.RunE, c.Args
	c.Args = func(cmd *cobra.Command, given []string) error {
		if *list {
			return exactly(1)(cmd, given)
		}
		return args(cmd, given)
	}
	c.RunE = func(cmd *cobra.Command, given []string) error {
		if !*list {
			return change(cmd, given)
		}
		addr, err := remoteAddress(given[0])
		if err != nil {
			return err
		}
		return runKeys(cmd.Context(), a, addr)
	}
}

// keyForm is a KMS key in JSON.
type keyForm struct {
	ID      string   `json:"id"`
	ARN     string   `json:"arn"`
	Aliases []string `json:"aliases,omitempty"`
}

func runKeys(ctx context.Context, a *app, addr address) error {
	c, err := a.connect(ctx, addr)
	if err != nil {
		return err
	}
	var keys []storage.KMSKey
	if err := again(ctx, a, func() (err error) { keys, err = c.Session.KMSKeys(ctx, addr.Bucket); return err }); err != nil {
		return err
	}
	if len(keys) == 0 {
		a.note(text.T("kms.none_listed"))
	}
	for _, k := range keys {
		if a.opts.json() {
			a.out.object(keyForm{k.ID, k.ARN, k.Aliases})
			continue
		}
		a.out.line("%-36s  %s", escape(k.ID), escape(strings.Join(k.Aliases, " ")))
	}
	return a.out.flush()
}
