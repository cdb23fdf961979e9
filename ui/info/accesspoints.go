package info

import (
	"context"
	"fmt"

	"pintail/internal/text"
	"pintail/storage"
)

// loadPoints asks for the access points of a bucket.
func (vm *ViewModel) loadPoints(at storage.Location) {
	s := vm.subject.Session
	ask(vm, &vm.points, func(ctx context.Context) ([]storage.AccessPoint, error) { return s.AccessPoints(ctx, at.Bucket) })
}

// PointFacts are the access points of a bucket: under each name its alias and its ARN, and from where it can be reached.
func (vm *ViewModel) PointFacts() Section {
	s := Section{Title: text.T("points.title")}
	only := func(f Fact) Section {
		f.ID, f.Label = "points", text.T("points.all")
		s.Facts = []Fact{f}
		return s
	}
	switch p := vm.points; {
	case p.state == idle || p.state == loading:
		return only(Fact{Busy: true})
	case p.state == failed:
		return only(Fact{Reason: Reason(p.err)})
	case len(p.value) == 0:
		return only(Fact{Value: text.T("stat.none")})
	}
	for i, p := range vm.points.value {
		origin := text.T("points.internet")
		if p.VPC != "" {
			origin = text.T("points.vpc", p.VPC)
		}
		s.Facts = append(s.Facts, Fact{ID: fmt.Sprintf("point.%d", i), Label: p.Name, Value: or(p.Alias, "–"), Note: origin, Copy: p.Alias != ""},
			Fact{ID: fmt.Sprintf("point.%d.arn", i), Label: "ARN", Value: p.ARN, Copy: true})
	}
	return s
}
