package search

import "testing"

// What it costs to take a product's words apart.
func BenchmarkTerms(b *testing.B) {
	words := wordsOf([fields]string{fieldName: "澄音 H9 头戴降噪耳机", fieldNameEN: "Chengyin H9 Noise-Cancelling Headphones", fieldBrand: "澄音造",
		fieldBrandEN:   "Chengyin",
		fieldCategory2: "影音设备", fieldCategory2EN: "Audio", fieldCategory3: "耳机", fieldCategory3EN: "Headphones",
		fieldCaption: "地铁里也能听清鼓刷扫过镲片"})
	for b.Loop() {
		termsOf(words)
	}
}
