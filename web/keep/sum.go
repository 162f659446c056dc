package keep

// shift turns the CRC-32 of some bytes into that of the same bytes followed by so many zeros. As the sum is linear, the sum
// of A and B together is shift(sum of A) xor the sum of B: a packed piece need not be read again for it.
type shift [32]uint32

// polynomial is IEEE's, as gzip has it, its bits reversed.
const polynomial = 0xedb88320

// shiftBy makes the shift for n bytes by squaring that for one bit.
func shiftBy(n int) shift {
	var one shift // a bit: down by one, and the polynomial where the lowest falls out
	one[0] = polynomial
	for i := 1; i < 32; i++ {
		one[i] = 1 << (i - 1)
	}
	var by shift // nothing yet
	for i := range by {
		by[i] = 1 << i
	}
	power := one
	for bits := 8 * n; bits > 0; bits >>= 1 {
		if bits&1 == 1 {
			by = by.then(&power)
		}
		power = power.then(&power)
	}
	return by
}

func (s *shift) of(sum uint32) (out uint32) {
	for i := 0; sum != 0; i, sum = i+1, sum>>1 {
		if sum&1 == 1 {
			out ^= s[i]
		}
	}
	return out
}

// then is one shift after the other.
func (s *shift) then(next *shift) (out shift) {
	for i := range s {
		out[i] = next.of(s[i])
	}
	return out
}
