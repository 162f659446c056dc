package account

import (
	"context"
	"fmt"

	"dashop/store/db"
	"dashop/store/fault"
)

// DemoPassword is the password of each demo account.
const DemoPassword = "dashop-demo"

// DemoShopper is the demo account that buys.
const DemoShopper = "xiaoming"

// demoAccounts are the users of the demo shop, in the order in which they are listed.
var demoAccounts = []NewUser{
	{Username: DemoShopper, Nickname: "小明", Mobile: "13800135621", Avatar: "images/avatars/fox.webp", Role: Shopper},
	{Username: "owner", Nickname: "店主", Role: Owner},
	{Username: "staff", Nickname: "店员", Role: Staff},
	{Username: "teacher", Nickname: "老师", Role: Publisher},
}

var demoAddresses = []AddressInput{
	{Receiver: "张小明", Mobile: "13800135621", ProvinceID: 110000, CityID: 110100, DistrictID: 110108, Place: "中关村南大街 18 号 B 座 12 层",
		Title: "公司", PostalCode: "100081"},
	{Receiver: "张小明", Mobile: "13800135621", ProvinceID: 110000, CityID: 110100, DistrictID: 110101, Place: "景山前街 4 号院 2 单元 301 室",
		Title: "家", Default: true},
}

// EnsureDemoAccounts creates the demo accounts that are missing, and two addresses for a new demo shopper if the areas are loaded. It
// leaves existing accounts unchanged.
func (s *Service) EnsureDemoAccounts(ctx context.Context) error {
	there, err := s.demoAccountsThere(ctx)
	if err != nil || len(there) == len(demoAccounts) {
		return err
	}
	return s.db.Alone(ctx, s.makeDemoAccounts)
}

func (s *Service) makeDemoAccounts(ctx context.Context) error {
	there, err := s.demoAccountsThere(ctx)
	if err != nil {
		return err
	}
	for _, in := range demoAccounts {
		if _, ok := there[in.Username]; ok {
			continue
		}
		in.Password = DemoPassword
		u, err := s.CreateUser(ctx, in)
		if err != nil {
			return fmt.Errorf("make demo account %s: %w", in.Username, err)
		}
		if u.Role == Shopper {
			if err := s.addDemoAddresses(ctx, u.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) addDemoAddresses(ctx context.Context, userID int64) error {
	for _, in := range demoAddresses {
		if _, err := s.AddAddress(ctx, userID, in); err != nil && !fault.Is(err, fault.Invalid) {
			return fmt.Errorf("add demo address: %w", err)
		}
	}
	return nil
}

// DemoAccounts are the user names that can log in with the demo password; a shop in production must have none.
func (s *Service) DemoAccounts(ctx context.Context) ([]string, error) {
	there, err := s.demoAccountsThere(ctx)
	if err != nil {
		return nil, err
	}
	var open []string
	for _, in := range demoAccounts {
		u, ok := there[in.Username]
		if !ok || u.Disabled {
			continue
		}
		if ok, _, err := s.hasher.matches(ctx, DemoPassword, u.Hash); err != nil {
			return nil, err
		} else if ok {
			open = append(open, in.Username)
		}
	}
	return open, nil
}

func (s *Service) demoAccountsThere(ctx context.Context) (map[string]userWithHash, error) {
	names := make([]string, len(demoAccounts))
	for i, in := range demoAccounts {
		names[i] = in.Username
	}
	q, args := db.In("SELECT "+userColumns+", password_hash FROM users WHERE username IN (?)", names)
	var users []userWithHash
	if err := s.db.Select(ctx, &users, q, args...); err != nil {
		return nil, err
	}
	there := make(map[string]userWithHash, len(users))
	for _, u := range users {
		there[u.Username] = u
	}
	return there, nil
}
