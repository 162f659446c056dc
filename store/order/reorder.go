package order

import (
	"context"

	"dashop/store/cart"
	"dashop/store/fault"
)

// Reorder puts the items of an order into the cart again and names those that could not be.
func (s *Service) Reorder(ctx context.Context, userID int64, no string) (left []string, err error) {
	o, err := s.Order(ctx, userID, no)
	if err != nil {
		return nil, err
	}
	for _, it := range o.Items {
		switch err := s.cart.Add(ctx, cart.UserOwner(userID), it.SKUID, it.Count); {
		case fault.Refused(err), fault.Is(err, fault.NotFound):
			left = append(left, it.Name)
		case err != nil:
			return left, err
		}
	}
	return left, nil
}
