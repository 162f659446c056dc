package captcha

import (
	"bytes"
	"embed"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
)

// voice has a recording of each digit in each language, and a beep: WAV files of one channel with 8000 samples a second, a byte each.
//
//go:embed voice
var voice embed.FS

const (
	rate     = 8000 // samples a second
	silence  = 128  // the sample of no sound
	wavBegin = 44   // bytes of a WAV file before its samples
)

// Sound reads digits aloud as a WAV, in Chinese ("zh") or English ("en"), between beeps and over the murmur of other digits.
func Sound(digits, lang string) ([]byte, error) {
	head, beep, err := samples("beep")
	if err != nil {
		return nil, err
	}
	var all [10][]byte
	for i := range all {
		if _, all[i], err = samples(fmt.Sprintf("%s/%d", lang, i)); err != nil {
			return nil, err
		}
	}
	pause := bytes.Repeat([]byte{silence}, rate/5)
	body := slices.Concat(beep, pause, beep, pause, beep)
	spoken, err := speak(digits, all)
	if err != nil {
		return nil, err
	}
	body = append(append(body, spoken...), atSpeed(beep, 1.4)...)

	odd := len(body) % 2 // a part of a WAV ends at an even byte
	head = binary.LittleEndian.AppendUint32(head[:wavBegin-4], uint32(len(body)))
	binary.LittleEndian.PutUint32(head[4:], uint32(wavBegin-8+len(body)+odd))
	return append(append(head, body...), make([]byte, odd)...), nil
}

// samples reads a recording.
func samples(name string) (head, body []byte, err error) {
	b, err := voice.ReadFile("voice/" + name + ".wav")
	if err != nil {
		return nil, nil, fmt.Errorf("captcha: %w", err)
	}
	n := binary.LittleEndian.Uint32(b[wavBegin-4:])
	return b[:wavBegin], b[wavBegin : wavBegin+n], nil
}

// speak says the digits with pauses of one to two seconds, over a murmur.
func speak(digits string, all [10][]byte) ([]byte, error) {
	var said [][]byte
	longest := 0
	for _, sound := range all {
		longest = max(longest, len(sound))
	}
	starts, length := []int{}, among(rate, 2*rate)
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return nil, fmt.Errorf("captcha: %q are not digits", digits)
		}
		sound := atSpeed(all[digits[i]-'0'], within(0.95, 1.1))
		setLevel(sound, within(0.85, 1.2)*1.5)
		said, starts = append(said, sound), append(starts, length)
		length += len(sound) + among(rate, 2*rate)
	}
	out := murmur(length+longest, all)
	for i, sound := range said {
		mix(out[starts[i]:], sound)
	}
	return out, nil
}

// murmur is a faint noise with digits read backwards.
func murmur(length int, all [10][]byte) []byte {
	out := make([]byte, length)
	for i := range out {
		out[i] = silence - 2 + byte(rand.IntN(4))
	}
	for range length / (rate / 10) {
		sound := slices.Clone(all[rand.IntN(len(all))])
		slices.Reverse(sound)
		setLevel(sound, within(0.04, 0.08))
		mix(out[rand.IntN(length-len(sound)):], sound)
	}
	return out
}

// mix lays a sound over another that is at least as long.
func mix(under, sound []byte) {
	for i, v := range sound {
		a, b := int(v), int(under[i])
		if a < silence && b < silence {
			under[i] = byte(a * b / silence)
		} else {
			under[i] = byte(min(255, 2*(a+b)-a*b/silence-2*silence))
		}
	}
}

// setLevel makes a sound louder or softer.
func setLevel(sound []byte, level float64) {
	for i, v := range sound {
		sound[i] = byte(max(0, min(255, silence+(float64(v)-silence)*level)))
	}
}

// atSpeed stretches a sound by a factor, which also changes its pitch.
func atSpeed(sound []byte, factor float64) []byte {
	out := make([]byte, int(float64(len(sound))*factor))
	for i := range out {
		out[i] = sound[min(len(sound)-1, int(float64(i)/factor))]
	}
	return out
}
