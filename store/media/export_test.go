package media

// Decoding has a place for each picture that may be decoded at once.
var Decoding = decoding

// UseHostLibrary is the encoder's switch between the host's C library and its sandbox.
var UseHostLibrary = &useHostLibrary

// Encode writes a picture as uploads are written.
var Encode = encode
