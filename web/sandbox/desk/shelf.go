package desk

import "slices"

// Shelf is a map that keeps at most limit things, the newest ones. It is not safe for many goroutines.
type Shelf[T any] struct {
	limit int
	items map[string]T
	order []string // oldest first
}

// NewShelf makes a shelf for at most limit things.
func NewShelf[T any](limit int) Shelf[T] {
	return Shelf[T]{limit: limit, items: map[string]T{}}
}

// Get finds a thing by its key.
func (s *Shelf[T]) Get(key string) (T, bool) {
	item, ok := s.items[key]
	return item, ok
}

// Put adds or replaces; a thing keeps its place in the order.
func (s *Shelf[T]) Put(key string, item T) {
	if _, ok := s.items[key]; !ok {
		s.order = append(s.order, key)
	}
	s.items[key] = item
	for len(s.order) > s.limit {
		delete(s.items, s.order[0])
		s.order = s.order[1:]
	}
}

// Len is how many things there are.
func (s *Shelf[T]) Len() int { return len(s.order) }

// Newest lists at most n things, newest first.
func (s *Shelf[T]) Newest(n int) []T {
	list := make([]T, 0, min(n, len(s.order)))
	for _, key := range slices.Backward(s.order) {
		if len(list) == n {
			break
		}
		list = append(list, s.items[key])
	}
	return list
}

// Find gives the first thing that fits, in no order.
func (s *Shelf[T]) Find(fits func(T) bool) (T, bool) {
	for _, item := range s.items {
		if fits(item) {
			return item, true
		}
	}
	var none T
	return none, false
}
