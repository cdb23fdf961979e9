package browser

import (
	"context"

	"pintail/internal/text"
	"pintail/storage"
	"pintail/ui/kit"
	"pintail/ui/tasks"
)

// publicEdit lets everybody read objects, or takes all from everybody; all other grants stay.
func publicEdit(public bool) storage.Edit {
	everyone := storage.Grantee{URI: storage.GroupEveryone}
	if public {
		return storage.Edit{ACL: &storage.ACLEdit{Grant: []storage.Grant{{Grantee: everyone, Permission: storage.GrantRead}}}}
	}
	return storage.Edit{ACL: &storage.ACLEdit{Revoke: []storage.Grant{{Grantee: everyone, Permission: storage.GrantFullControl},
		{Grantee: storage.Grantee{URI: storage.GroupAuthenticated}, Permission: storage.GrantFullControl}}}}
}

// obstacle is what makes an access list the wrong means.
type obstacle struct {
	words string
	stops bool // the change cannot be made, or would do nothing
}

// publicObstacle looks at what else decides who gets in: ownership and the block of public access, or a policy that lets in anyway.
func publicObstacle(f storage.AccessFacts, public bool) obstacle {
	off := f.Ownership == "BucketOwnerEnforced"
	byPolicy := false
	for _, a := range f.Judge() {
		if a.Who == storage.Anyone && a.Action == "s3:GetObject" && a.Verdict == storage.AccessYes && len(a.Reasons) > 0 {
			byPolicy = a.Reasons[0] == storage.ByPolicy
		}
	}
	switch {
	case off && !public && !byPolicy:
		return obstacle{text.T("edits.lists_off_private"), true}
	case off && !byPolicy:
		return obstacle{text.T("edits.lists_off"), true}
	case byPolicy && public:
		return obstacle{text.T("edits.policy_public"), off}
	case byPolicy:
		return obstacle{text.T("edits.policy_stays"), off}
	case public && f.Block != nil && (f.Block.BlockPublicAcls || f.Block.IgnorePublicAcls):
		return obstacle{text.T("edits.blocked"), true}
	}
	return obstacle{}
}

// askPublic says plainly what letting everybody in, or out, does, before it is done.
func (w *Window) askPublic(items []Item, public bool) {
	if len(items) == 0 {
		return
	}
	var found obstacle
	e := &editSheet{title: titled(items, text.T("edits.private_one", plainName(items[0])), text.N("edits.private_many", len(items), len(items))), role: kit.Default, ok: text.T("edits.private_ok")}
	if public {
		e = &editSheet{title: titled(items, text.T("edits.public_one", plainName(items[0])), text.N("edits.public_many", len(items), len(items))), role: kit.Danger, ok: text.T("edits.public_ok")}
	}
	e.fine = func() bool { return !found.stops }
	e.says = func(p DeletePlan) []editLine {
		var out []editLine
		if p.Folders+p.Buckets > 0 {
			out = append(out, said(w.counted(p)))
		}
		if public {
			out = append(out, warned(text.N("edits.public_what", int(p.Objects))))
		} else {
			out = append(out, said(text.N("edits.private_what", int(p.Objects))))
		}
		if p.Folders+p.Buckets > 0 {
			out = append(out, remarked(text.T("edits.now_only")))
		}
		if found.words != "" {
			out = append(out, warned(found.words))
		}
		return out
	}
	e.done = func() { w.VM.Change(items, publicEdit(public)) }
	e.show(w, items)
	s, at := w.VM.Connection().Session, items[0].At
	if items[0].Folder {
		at.Key = "" // what its bucket says of all objects
	}
	tasks.Run(w.tasks, func(ctx context.Context) (storage.AccessFacts, error) { return s.EffectiveAccess(ctx, at) },
		func(f storage.AccessFacts, err error) {
			if err == nil { // what may not be looked at shows when the change is made
				found = publicObstacle(f, public)
				e.update()
			}
		})
}
