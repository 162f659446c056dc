package promo

// Digest is digest, for quotes that Price cannot give yet.
var Digest = digest
