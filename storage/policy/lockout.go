package policy

// Self is who would put the policy in place, as far as it is known; the zero value is somebody of whom nothing is known, whom
// only statements about everybody are sure to hit.
type Self struct {
	Account, ARN string
	Secure       bool // the connection uses TLS
}

// LockOut is a statement that takes from oneself the right to change or to delete the policy.
type LockOut struct {
	Statement Statement
	Actions   []string // s3:PutBucketPolicy, s3:DeleteBucketPolicy
	Certain   bool     // else it depends on its conditions
}

// LockOuts finds the statements that deny the one who puts p on a bucket to change or delete it again. Whoever owns an account at
// Amazon can still delete the policy as its root user; on other servers often nobody can.
func (p Policy) LockOuts(bucket string, self Self) []LockOut {
	var found []LockOut
	for i := range p.Statements {
		s := &p.Statements[i]
		if s.Allow {
			continue
		}
		l := LockOut{Statement: *s, Certain: true}
		for _, action := range []string{"s3:PutBucketPolicy", "s3:DeleteBucketPolicy"} {
			m := s.matches(Request{Account: self.Account, ARN: self.ARN, Action: action, Resource: bucket,
				Context: map[string][]string{"aws:securetransport": {boolText(self.Secure)}}}, p.Version == "2012-10-17")
			if m == no {
				continue
			}
			l.Actions = append(l.Actions, action)
			l.Certain = l.Certain && m == yes
		}
		if len(l.Actions) > 0 {
			found = append(found, l)
		}
	}
	return found
}
