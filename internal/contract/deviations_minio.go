package contract

func minioRows() []Difference { return nil }
