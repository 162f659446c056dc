package catalog

// KeysQuery is the query that reads n products of a category in an order, from the beginning or from somewhere in the middle.
func KeysQuery(c Category, sort Sort, middle bool, n int) (string, []any) {
	var from *key
	if middle {
		k, _ := parseAfter(sort, pack(string(sort), 1000, 1))
		from = k
	}
	in := inCategory(c)
	if c.ID == 0 {
		in = wholeShop
	}
	return keysQuery(in, sort, from, n, 0)
}

// LaunchedOf is the condition that finds some ids that are launched.
const LaunchedOf = launchedOf
