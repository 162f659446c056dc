package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// stage is what a run has started and made.
type stage struct {
	options
	folder string // removed at the end
	shops  []*shop
	bare   *server
	goods  *goods
}

// shop is one program under measure, on data of its own.
type shop struct {
	*server
	who      string // shop or against
	program  string
	data     *data
	books    *books
	shoppers []*shopper // as many as are needed at once
}

// The names of the sides that are shops, and of the one that is not.
const (
	isShop    = "shop"
	isAgainst = "against"
	isBare    = "bare"
)

// openStage makes the data and starts the shops.
func openStage(ctx context.Context, o options) (s *stage, err error) {
	s = &stage{options: o}
	if s.folder, err = os.MkdirTemp(o.dir, "dashop-bench-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if s.options.shop == "" {
		s.options.shop = filepath.Join(s.folder, "dashop")
		if out, err := exec.CommandContext(ctx, "go", "build", "-o", s.options.shop, "dashop/cmd/shop").CombinedOutput(); err != nil {
			return s, fmt.Errorf("build the shop: %w\n%s", err, out)
		}
	}
	for _, one := range []*shop{{who: isShop, program: s.options.shop}, {who: isAgainst, program: o.against}} {
		if one.program == "" {
			continue
		}
		if one.program, err = filepath.Abs(one.program); err != nil {
			return s, err
		}
		s.shops = append(s.shops, one)
	}
	m := maker{options: o, folder: s.folder, program: s.shops[len(s.shops)-1].program} // the older one: what it makes both can open
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.make(ctx); err != nil {
		return s, err
	}
	for _, one := range s.shops {
		if err := s.open(ctx, &m, one); err != nil {
			return s, fmt.Errorf("%s: %w", one.who, err)
		}
	}
	return s, nil
}

// open gives a shop its data and starts it.
func (s *stage) open(ctx context.Context, m *maker, one *shop) (err error) {
	if one.data, err = m.copy(ctx, one.who); err != nil {
		return err
	}
	if one.books, err = openBooks(ctx, one.data); err != nil {
		return err
	}
	if s.goods == nil {
		if s.goods, err = readGoods(ctx, one.books.db); err != nil {
			return err
		}
	}
	if err := one.books.addShoppers(ctx, mostShoppers); err != nil {
		return fmt.Errorf("make shoppers: %w", err)
	}
	if err := one.books.fillStock(ctx, s.goods.skus); err != nil {
		return fmt.Errorf("fill the stock: %w", err)
	}
	if err := one.books.begin(ctx); err != nil {
		return err
	}
	if one.server, err = startShop(ctx, one.program, one.data); err != nil {
		return err
	}
	one.server.database, err = one.data.process()
	return err
}

// startShop starts a shop on its data.
func startShop(ctx context.Context, program string, d *data) (*server, error) {
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(d.folder, "log"))
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	cmd := d.command(program)
	cmd.Stderr = log
	cmd.Env = append(cmd.Env, "SHOP_SERVER_ADDR="+ports[0], "SHOP_SERVER_PRIVATE_ADDR="+ports[1], "SHOP_SANDBOX_ADDR="+ports[2],
		"SHOP_SHOP_PAY_TIMEOUT=24h") // no order times out in a run
	s, err := start(ctx, cmd)
	if err != nil {
		text, _ := os.ReadFile(log.Name())
		return nil, fmt.Errorf("start the shop: %w\n%s", err, text)
	}
	s.addr = ports[0]
	return s, nil
}

// startBare starts the bare server with a recorded answer for each line that it has a part in.
func (s *stage) startBare(ctx context.Context, lines []*line) (err error) {
	answers := map[string]answer{}
	for _, l := range lines { // lines of orders have none
		if l.side(isBare) != nil {
			answers[barePath(l.name)] = l.sample
		}
	}
	if len(answers) > 0 {
		s.bare, err = startBare(ctx, s.folder, answers)
	}
	return err
}

// close ends the servers and removes what was made.
func (s *stage) close() error {
	if s.bare != nil {
		s.bare.stop()
	}
	var wrong []error
	for _, one := range s.shops {
		if one.server != nil {
			one.server.stop()
		}
		if one.books != nil {
			wrong = append(wrong, one.books.db.Close())
		}
		if one.data != nil {
			wrong = append(wrong, one.data.remove())
		}
	}
	return errors.Join(append(wrong, os.RemoveAll(s.folder))...)
}

// withShoppers logs in as many shoppers of each shop as are needed at once.
func (s *stage) withShoppers(ctx context.Context, n int) error {
	for _, one := range s.shops {
		for i := len(one.shoppers); i < n; i++ {
			who := &shopper{id: one.books.shoppers[i]}
			if err := who.login(one.server, shopperName(i)); err != nil {
				return fmt.Errorf("%s: log in %s: %w", one.who, shopperName(i), err)
			}
			one.shoppers = append(one.shoppers, who)
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// eachShop makes the sides of a line: the first shop first and last, as its own control.
func (s *stage) eachShop(make func(*shop) *side) []*side {
	var sides []*side
	for _, one := range s.shops {
		sides = append(sides, make(one))
	}
	return append(sides, make(s.shops[0]))
}

// longer is a turn of a line that needs more time than a page.
func (s *stage) longer(times int) time.Duration { return time.Duration(times) * s.turn }

// shopPairs compares the shop with the one that it is measured against, if there is one.
func (s *stage) shopPairs() []pair {
	if s.against == "" {
		return nil
	}
	return []pair{{isShop, isAgainst}}
}
