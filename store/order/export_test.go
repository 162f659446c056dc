package order

import (
	"context"

	"dashop/store/db"
)

// Plan is a plan, for tests of what happens between it and its writing.
type Plan struct{ plan }

// Plan makes a plan as Place does.
func (s *Service) Plan(ctx context.Context, in Placing) (Plan, error) {
	p, err := s.plan(ctx, in)
	return Plan{p}, err
}

// No is the number of the order to be.
func (p Plan) No() string { return p.no }

// Write writes a plan within tx.
func (s *Service) Write(ctx context.Context, tx *db.Tx, p Plan) error {
	return s.write(ctx, tx, p.plan)
}
