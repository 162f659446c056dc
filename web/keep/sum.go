package keep

// shift is how the CRC-32 of some bytes changes when so many others follow them: the power of x by which it is multiplied. As the sum is
// linear, the sum of A and B together is that of A, shifted by B's length, xor that of B: a piece that is packed need not be read again.
type shift uint32

// polynomial is IEEE's, as gzip has it, its bits reversed: the highest bit is x to the power of 0.
const polynomial = 0xedb88320

// powers are x to the power of 8, 16, 32 and so on: shifts by 1, 2, 4 … bytes.
var powers = func() (list [32]shift) {
	list[0] = 1 << (31 - 8)
	for i := 1; i < len(list); i++ {
		list[i] = shift(list[i-1].of(uint32(list[i-1])))
	}
	return list
}()

// shiftBy makes the shift by n bytes.
func shiftBy(n int) shift {
	by := shift(1 << 31)
	for i := 0; n > 0; i, n = i+1, n>>1 {
		if n&1 == 1 {
			by = shift(powers[i].of(uint32(by)))
		}
	}
	return by
}

// of multiplies two polynomials, modulo the one of the sum.
func (s shift) of(sum uint32) (product uint32) {
	for bit := shift(1 << 31); bit != 0; bit >>= 1 {
		if s&bit != 0 {
			product ^= sum
		}
		sum = sum>>1 ^ polynomial&-(sum&1)
	}
	return product
}
