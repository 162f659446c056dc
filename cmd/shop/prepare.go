package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/term"

	"dashop/store/account"
	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/media"
	"dashop/store/payment/alipay"
	"dashop/store/search"
)

func openDB(ctx context.Context, c *Config) (*db.DB, error) {
	return db.Open(ctx, db.Config{Driver: c.Driver, DSN: c.DSN})
}

// migrate runs the missing migrations: shop migrate.
func migrate(ctx context.Context, c *Config, out io.Writer) error {
	d, err := openDB(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	p := progress{out: out, live: isTerminal(out)}
	err = search.New(d, db.SystemClock).Ensure(ctx, p.show)
	p.end()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "The tables are up to date.")
	return nil
}

// loadDemo fills an empty shop: shop demo.
func loadDemo(ctx context.Context, c *Config, out io.Writer) error {
	if c.Production() {
		return errors.New("the demo shop does not go into production")
	}
	d, err := openDB(ctx, c)
	if err != nil {
		return err
	}
	defer d.Close()
	pictures, err := media.Open(c.MediaDir)
	if err != nil {
		return err
	}
	defer pictures.Close()
	return prepareDemo(ctx, d, pictures, out)
}

// prepareDemo migrates the database and adds what is missing of the demo shop and its accounts.
func prepareDemo(ctx context.Context, d *db.DB, pictures *media.Store, out io.Writer) error {
	if err := d.Migrate(ctx); err != nil {
		return err
	}
	p := progress{out: out, live: isTerminal(out)}
	loaded, err := demo.Load(ctx, d, pictures, db.SystemClock(), p.show)
	p.end()
	if err != nil {
		return err
	}
	if loaded {
		fmt.Fprintln(out, "The demo shop is loaded.")
	}
	if err := search.New(d, db.SystemClock).Ensure(ctx, nil); err != nil { // for a database from before there was a search index
		return err
	}
	if err := account.New(d, db.SystemClock, account.Options{}).EnsureDemoAccounts(ctx); err != nil {
		return err
	}
	if err := demo.Promote(ctx, d, db.SystemClock()); err != nil {
		return err
	}
	return demo.GiveShopper(ctx, d, account.DemoShopper, db.SystemClock())
}

// progress writes one line per stage; on a terminal it updates the line.
type progress struct {
	out  io.Writer
	live bool
	what string
	open bool
}

func (p *progress) show(what string, done, total int) {
	if !p.live {
		if what != p.what {
			fmt.Fprintf(p.out, "Preparing the shop: %s (%d)\n", what, total)
		}
		p.what = what
		return
	}
	if p.open && what != p.what {
		fmt.Fprintln(p.out)
	}
	p.what, p.open = what, true
	fmt.Fprintf(p.out, "\rPreparing the shop: %s %d/%d", what, done, total)
}

func (p *progress) end() {
	if p.open {
		fmt.Fprintln(p.out)
	}
}

func isTerminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// ensureSessionKeys creates keys for a shop in development and stores them with its data, so that sessions survive a restart.
func ensureSessionKeys(c *Config) error {
	if len(c.SessionKeys) > 0 {
		return nil
	}
	file := filepath.Join(c.DataDir(), "session.key")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		var b [32]byte
		_, _ = rand.Read(b[:]) // never fails
		text = []byte(hex.EncodeToString(b[:]) + "\n")
		if err := os.MkdirAll(c.DataDir(), 0o755); err != nil {
			return err
		}
		err = os.WriteFile(file, text, 0o600)
	}
	if err != nil {
		return fmt.Errorf("session key: %w", err)
	}
	if err := setKeys(c, strings.TrimSpace(string(text))); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// refuseDemoAccounts stops a shop in production whose demo accounts still have their public password.
func refuseDemoAccounts(ctx context.Context, accounts *account.Service) error {
	open, err := accounts.DemoAccounts(ctx)
	if err != nil {
		return fmt.Errorf("look for demo accounts (has the database been migrated? see: shop migrate): %w", err)
	}
	if len(open) > 0 {
		return fmt.Errorf("the demo accounts %s still open with the demo password; delete or disable them, or change their passwords",
			strings.Join(open, ", "))
	}
	return nil
}

// alipayConfig reads the keys that [alipay] names.
func alipayConfig(c *Config) (alipay.Config, error) {
	cfg := alipay.Config{GatewayURL: c.Alipay.GatewayURL, AppID: c.Alipay.AppID, SellerID: c.Alipay.SellerID}
	text, err := os.ReadFile(c.Alipay.AppPrivateKeyFile)
	if err == nil {
		cfg.AppPrivateKey, err = alipay.ParsePrivateKey(text)
	}
	if err != nil {
		return cfg, fmt.Errorf("[alipay] app_private_key_file: %w", err)
	}
	text, err = os.ReadFile(c.Alipay.AlipayPublicKeyFile)
	if err == nil {
		cfg.AlipayPublicKey, err = alipay.ParsePublicKey(text)
	}
	if err != nil {
		return cfg, fmt.Errorf("[alipay] alipay_public_key_file: %w", err)
	}
	return cfg, alipay.Check(cfg, sandboxKeys(c)...)
}

// sandboxKeys are the keys of a sandbox that ran here before, if any: they must never be used with the real Alipay.
func sandboxKeys(c *Config) []*rsa.PublicKey {
	var keys []*rsa.PublicKey
	if text, err := os.ReadFile(filepath.Join(sandboxDir(c), "app-private.pem")); err == nil {
		if key, err := alipay.ParsePrivateKey(text); err == nil {
			keys = append(keys, &key.PublicKey)
		}
	}
	if text, err := os.ReadFile(filepath.Join(sandboxDir(c), "alipay-public.pem")); err == nil {
		if key, err := alipay.ParsePublicKey(text); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

func sandboxDir(c *Config) string { return filepath.Join(c.DataDir(), "sandbox") }
