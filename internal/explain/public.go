package explain

import (
	"strings"

	"pintail/internal/text"
	"pintail/storage"
)

// Access is one line on what some public can do: "Anyone can download it: yes, by the bucket's policy".
func Access(a storage.Access) string {
	return text.T("access.line", question(a), AccessVerdict(a))
}

// AccessVerdict is what is answered and why: "yes, by the bucket's policy".
func AccessVerdict(a storage.Access) string {
	verdict := ""
	switch a.Verdict {
	case storage.AccessYes:
		verdict = text.T("access.yes")
	case storage.AccessDepends:
		verdict = text.T("access.depends")
	case storage.AccessSome:
		verdict = text.T("access.some", strings.Join(a.Parts, ", "))
	case storage.AccessUnread:
		verdict = text.T("access.unread")
	default:
		verdict = text.T("access.no")
	}
	why := ""
	for i, r := range a.Reasons {
		if i > 0 {
			why += "; "
		}
		why += reason(r)
	}
	return text.T("access.because", verdict, why)
}

// question is what is asked about.
func question(a storage.Access) string {
	who := text.T("access.anyone")
	if a.Who == storage.Members {
		who = text.T("access.members")
	}
	switch a.Action {
	case "s3:ListBucket":
		return text.T("access.list", who)
	case "s3:PutObject":
		return text.T("access.upload", who)
	case "s3:DeleteObject":
		return text.T("access.delete", who)
	case "s3:GetObjectAcl", "s3:GetBucketAcl":
		return text.T("access.readList", who)
	case "s3:PutObjectAcl", "s3:PutBucketAcl":
		return text.T("access.changeList", who)
	}
	return text.T("access.download", who)
}

func reason(r storage.Reason) string {
	switch r {
	case storage.ByPolicy:
		return text.T("access.by.policy")
	case storage.ByCondition:
		return text.T("access.by.condition")
	case storage.ByList:
		return text.T("access.by.acl")
	case storage.ByBucketList:
		return text.T("access.by.bucketACL")
	case storage.DeniedByPolicy:
		return text.T("access.not.denied")
	case storage.MaybeDenied:
		return text.T("access.not.maybeDenied")
	case storage.ListsOff:
		return text.T("access.not.aclsOff")
	case storage.BlockedLists:
		return text.T("access.not.blockedACLs")
	case storage.BlockedPolicy:
		return text.T("access.not.blockedPolicy")
	case storage.PolicyUnread:
		return text.T("access.unread.policy")
	case storage.ListUnread:
		return text.T("access.unread.acl")
	case storage.BlockUnread:
		return text.T("access.unread.block")
	}
	return text.T("access.not.granted")
}
