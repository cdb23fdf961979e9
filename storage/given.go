package storage

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// What a new object is given in the very request that writes it, so that it is at no time without.

// maxGrantBytes is what a list may take in headers. A longer one is set by a request of its own.
const maxGrantBytes = 6 << 10

// grantHeaders are the x-amz-grant-… headers of a list; nil for a permission that nobody has. WRITE means nothing for an object.
func grantHeaders(grants []Grant) (full, read, readACP, writeACP *string) {
	by := map[string][]string{}
	size := 0
	for _, g := range grants {
		w := g.Grantee
		v := `id="` + w.ID + `"`
		switch {
		case w.URI != "":
			v = `uri="` + w.URI + `"`
		case w.ID == "" && w.Email != "":
			v = `emailAddress="` + w.Email + `"`
		}
		by[g.Permission] = append(by[g.Permission], v)
		size += len(v) + 2
	}
	if size > maxGrantBytes {
		return nil, nil, nil, nil
	}
	header := func(permission string) *string { return optional(strings.Join(by[permission], ", ")) }
	return header("FULL_CONTROL"), header("READ"), header("READ_ACP"), header("WRITE_ACP")
}

// lockHeaders are the x-amz-object-lock-… headers of a lock.
func lockHeaders(l Lock) (types.ObjectLockMode, *time.Time, types.ObjectLockLegalHoldStatus) {
	var mode types.ObjectLockMode
	var until *time.Time
	var hold types.ObjectLockLegalHoldStatus
	if l.Mode != "" && !l.Until.IsZero() {
		mode, until = types.ObjectLockMode(l.Mode), aws.Time(l.Until)
	}
	if l.Hold {
		hold = types.ObjectLockLegalHoldStatusOn
	}
	return mode, until, hold
}

func bucketKey(e Encryption) *bool {
	if !e.BucketKey {
		return nil
	}
	return aws.Bool(true)
}

// serverSide is what a request says of e; a key of the customer's goes by headers of its own.
func serverSide(e Encryption) types.ServerSideEncryption {
	if e.Type == EncryptionCustomer {
		return ""
	}
	return types.ServerSideEncryption(e.Type)
}

func kmsKey(e Encryption) *string {
	if e.Type == EncryptionCustomer {
		return nil
	}
	return optional(e.KeyID)
}
