package keep

// Bound is how many bytes kept pages may take.
const Bound = pagesSize
