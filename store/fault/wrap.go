package fault

import "fmt"

// Wrap says in *err, if there is one, what was being done. It is for a deferred call at the head of an exported function of the
// store, so that the log tells which one failed; a fault inside stays what it is to Of, Is and HasCode.
func Wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("%s: %w", fmt.Sprintf(format, args...), *err)
	}
}
