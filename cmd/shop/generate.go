package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/media"
)

// mostSKUs bounds the size of the generated shop.
const mostSKUs = 5_000_000

// generate creates a large shop in an empty database: shop demo --skus N.
func generate(ctx context.Context, c *Config, skus int64, out io.Writer) error {
	if c.Production() {
		return errors.New("a made-up shop does not go into production")
	}
	if skus < 1 || skus > mostSKUs {
		return fmt.Errorf("--skus: 1 to %d", mostSKUs)
	}
	d, err := openDB(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	pictures, err := media.Open(c.MediaDir)
	if err != nil {
		return err
	}
	defer pictures.Close()
	p := progress{out: out, live: isTerminal(out)}
	err = demo.Generate(ctx, d, int(skus), db.SystemClock(), p.show)
	if err == nil {
		err = demo.PutPictures(ctx, pictures, p.show)
	}
	p.end()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "A shop with about %d SKUs is made.\n", skus)
	return account.New(d, db.SystemClock, account.Options{}).EnsureDemoAccounts(ctx)
}
