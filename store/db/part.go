package db

import (
	"context"
	"errors"
	"fmt"
)

// Part runs do as a part of the transaction that can fail alone: when do returns an error or panics, what it wrote is undone,
// what it asked for by BeforeCommit and AfterCommit is forgotten, and the transaction may go on without it. Parts may lie
// within each other.
// After a deadlock, a lost connection and the like there is no transaction left to go on with: then Part returns that error
// whatever do made of it, and so does all that follows, up to Tx, which runs the whole again or gives it up.
func (t *Tx) Part(ctx context.Context, do func() error) (err error) {
	t.depth++
	defer func() { t.depth-- }()
	savepoint := fmt.Sprintf("part_%d", t.depth)
	if err := t.command(ctx, "SAVEPOINT "+savepoint); err != nil {
		return fmt.Errorf("begin part: %w", err)
	}
	last, after, statements := len(t.last), len(t.afterCommit), len(t.statements)
	undo := func() error {
		t.last, t.afterCommit, t.statements = t.last[:last], t.afterCommit[:after], t.statements[:statements]
		if t.over != nil {
			return t.over
		}
		err := errors.Join(t.command(ctx, "ROLLBACK TO SAVEPOINT "+savepoint), t.command(ctx, "RELEASE SAVEPOINT "+savepoint))
		if err != nil && t.over == nil {
			t.over = fmt.Errorf("undo part: %w", err) // what the part wrote must not be committed
		}
		return t.over
	}
	done := false
	defer func() {
		if !done { // do panics
			_ = undo() // what went wrong is kept in t.over
		}
	}()
	err = do()
	done = true
	if err != nil || t.over != nil {
		if over := undo(); over != nil {
			return over
		}
		return err
	}
	if err := t.command(ctx, "RELEASE SAVEPOINT "+savepoint); err != nil {
		return errors.Join(fmt.Errorf("end part: %w", err), undo())
	}
	return nil
}

// command runs a statement that steers the transaction.
func (t *Tx) command(ctx context.Context, statement string) error {
	if err := t.before(ctx, statement, nil); err != nil {
		return err
	}
	_, err := t.conn.ExecContext(t.wire(ctx), statement)
	return t.after(err)
}
