package search

// LookQuery is the query that a search for terms runs, from the beginning or from somewhere in the middle.
func LookQuery(terms []string, middle bool, size int) (string, []any) {
	var hashes []int64
	for _, t := range terms {
		hashes = append(hashes, hash(t))
	}
	from := posting{place: -1}
	if middle {
		from = posting{place: 300, spu: 1}
	}
	return lookQuery(hashes, from, size)
}
