package job

import "time"

// DueQuery is the query by which a lane of these kinds finds its next job.
func DueQuery(kinds []string, now time.Time) (string, []any) {
	return dueQuery(len(kinds)), dueArgs(kinds, now)
}

// FarQuery is the query that finds what waits longer than these kinds ever wait.
func FarQuery(kinds []string, after time.Time) (string, []any) {
	return farQuery(len(kinds)), dueArgs(kinds, after)
}

// Harmless is what is kept of the words of an error.
var Harmless = harmless

// ListQuery is the query of a page of a list.
var ListQuery = listQuery
