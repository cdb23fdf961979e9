package contract

import "slices"

// Difference is one thing that a server does otherwise than the S3 documentation says. Right is always the documentation,
// at the page of the case; what AWS itself does otherwise than its documentation cannot be shown here.
type Difference struct {
	Server string // "versitygw", "rgw", "minio" or "moto"
	Case   string // name of a [Case]
	Match  string // what the case's failure contains, so that another failure is not excused
	Does   string // what the server does, for people
}

// Deviation returns how a server differs in a case. The embedded server may not differ in any.
func Deviation(server, name string) (Difference, bool) {
	for _, d := range Deviations(server) {
		if d.Case == name {
			return d, true
		}
	}
	return Difference{}, false
}

// Deviations is the table of one server, sorted by case: what it cannot do, or does otherwise.
func Deviations(server string) []Difference {
	all := slices.Concat(versitygwRows(), rgwRows(), minioRows(), motoRows())
	return slices.DeleteFunc(all, func(d Difference) bool { return d.Server != server })
}

// Page is where the documentation says what is right.
func (d Difference) Page() string {
	for _, c := range Cases() {
		if c.Name == d.Case {
			return c.Page
		}
	}
	return ""
}
