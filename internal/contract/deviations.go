package contract

// Difference is one thing that a server does otherwise than the S3 documentation says.
type Difference struct {
	Server string // "versitygw", "rgw", "minio", "moto"
	Case   string // name of a [Case]
	Match  string // what the case's failure must contain
	Does   string // what the server does, for people
	Page   string // the page that says what is right
}

// Deviation returns the deviation of a server in a case.
func Deviation(server, name string) (Difference, bool) {
	for _, d := range deviations() {
		if d.Server == server && d.Case == name {
			return d, true
		}
	}
	return Difference{}, false
}

func deviations() []Difference { return nil }
