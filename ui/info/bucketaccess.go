package info

import (
	"context"

	"pintail/internal/explain"
	"pintail/internal/text"
	"pintail/storage"
)

// loadEffective asks who gets in at the one bucket or object that is selected.
func (vm *ViewModel) loadEffective() {
	it, ok := vm.single()
	if !ok || it.Folder && !it.At.IsBucket() {
		return
	}
	s := vm.subject.Session
	ask(vm, &vm.effective, func(ctx context.Context) (storage.AccessFacts, error) { return s.EffectiveAccess(ctx, it.At) })
}

// EffectiveAccess is who gets in besides the owner and those who are named, and why. Without facts nothing is known yet, or it is
// not about one thing.
func (vm *ViewModel) EffectiveAccess() Section {
	out := Section{Title: text.T("bucketinfo.access")}
	p := vm.effective
	switch p.state {
	case idle, loading:
		return Section{}
	case failed:
		out.Facts = []Fact{{ID: "access", Label: text.T("bucketinfo.can_download"), Reason: Reason(p.err)}}
		return out
	}
	judged := p.value.Judge()
	for i := 0; i+1 < len(judged); i += 2 { // anyone, then those with an account, of each action
		out.Facts = append(out.Facts, Fact{ID: "access." + judged[i].Action, Label: actionLabel(judged[i].Action), Value: accessWords(judged[i], judged[i+1])})
	}
	return out
}

func accessWords(anyone, members storage.Access) string {
	all, some := explain.AccessVerdict(anyone), explain.AccessVerdict(members)
	nothing := func(a storage.Access) bool {
		return a.Verdict == storage.AccessNo && len(a.Reasons) == 1 && a.Reasons[0] == storage.NothingGrantsIt
	}
	switch {
	case nothing(anyone) && nothing(members):
		return text.T("bucketinfo.nobody")
	case all == some:
		return text.T("bucketinfo.all", all)
	case nothing(anyone):
		return text.T("bucketinfo.members", some)
	}
	return text.T("bucketinfo.all", all) + "\n" + text.T("bucketinfo.members", some)
}

func actionLabel(action string) string {
	switch action {
	case "s3:ListBucket":
		return text.T("bucketinfo.can_list")
	case "s3:PutObject":
		return text.T("bucketinfo.can_upload")
	case "s3:DeleteObject":
		return text.T("bucketinfo.can_delete")
	case "s3:GetObjectAcl", "s3:GetBucketAcl":
		return text.T("bucketinfo.can_read_acp")
	case "s3:PutObjectAcl", "s3:PutBucketAcl":
		return text.T("bucketinfo.can_write_acp")
	}
	return text.T("bucketinfo.can_download")
}

// AccountBlock tells whether the account may have a block of its own that is not read here.
func (vm *ViewModel) AccountBlock() bool {
	return vm.effective.state == ready && vm.effective.value.AccountBlock
}
