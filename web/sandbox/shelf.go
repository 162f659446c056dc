package sandbox

import "slices"

// shelf is a map that keeps at most limit things, the newest ones.
type shelf[T any] struct {
	limit int
	items map[string]T
	order []string // oldest first
}

func newShelf[T any](limit int) shelf[T] {
	return shelf[T]{limit: limit, items: map[string]T{}}
}

func (s *shelf[T]) get(key string) (T, bool) {
	item, ok := s.items[key]
	return item, ok
}

// put adds or replaces; a thing keeps its place in the order.
func (s *shelf[T]) put(key string, item T) {
	if _, ok := s.items[key]; !ok {
		s.order = append(s.order, key)
	}
	s.items[key] = item
	for len(s.order) > s.limit {
		delete(s.items, s.order[0])
		s.order = s.order[1:]
	}
}

// newest lists at most n things, newest first.
func (s *shelf[T]) newest(n int) []T {
	list := make([]T, 0, min(n, len(s.order)))
	for _, key := range slices.Backward(s.order) {
		if len(list) == n {
			break
		}
		list = append(list, s.items[key])
	}
	return list
}
