package media

// Decoding has a place for each picture that may be decoded at once.
var Decoding = decoding
