package account

// CommonRank and IsCommon are looked at by tests.
var (
	CommonRank = commonRank
	IsCommon   = isCommon
)

// BusyHasher makes all work of hashing wait until free is called.
func (s *Service) BusyHasher() (free func()) {
	for range cap(s.hasher.slots) {
		s.hasher.slots <- struct{}{}
	}
	return func() {
		for range cap(s.hasher.slots) {
			<-s.hasher.slots
		}
	}
}
