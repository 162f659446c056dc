package account

// What tests look at.
var (
	IsCommon   = isCommon
	HashParams = hashParams
)

// DummyHash is what a password is compared with where there is no user.
const DummyHash = dummyHash

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
