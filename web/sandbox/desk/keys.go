package desk

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"dashop/store/payment/alipay"
)

// Files in the folder of a sandbox. The shop reads the first four and sandbox.ini; the other private keys are the sandbox's own.
const (
	AppPrivateFile      = "app-private.pem"
	AlipayPublicFile    = "alipay-public.pem"
	MerchantPrivateFile = "wx-merchant-private.pem"
	PlatformPublicFile  = "wx-platform-public.pem"
	IniFile             = "sandbox.ini"
	AlipayPrivateFile   = "alipay-private.pem"
	PlatformPrivateFile = "wx-platform-private.pem"
)

// Keys are all key pairs of both sides. The shop has App and Merchant; the companies have Alipay and Platform, which is WeChat Pay's.
type Keys struct {
	App, Alipay, Merchant, Platform *rsa.PrivateKey
}

// loadKeys reads the keys in dir and makes those that are missing.
func loadKeys(dir string) (Keys, error) {
	var k Keys
	if dir == "" {
		return k, errors.New("sandbox: a folder for the keys is needed")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return k, fmt.Errorf("sandbox: %w", err)
	}
	files := []struct {
		name string
		key  **rsa.PrivateKey
	}{{AppPrivateFile, &k.App}, {AlipayPrivateFile, &k.Alipay}, {MerchantPrivateFile, &k.Merchant}, {PlatformPrivateFile, &k.Platform}}
	errs := make([]error, len(files))
	var wg sync.WaitGroup // making a key takes a good part of a second
	for i, f := range files {
		wg.Go(func() { *f.key, errs[i] = loadKey(filepath.Join(dir, f.name)) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return k, err
	}
	return k, errors.Join(
		writePublic(filepath.Join(dir, AlipayPublicFile), &k.Alipay.PublicKey),
		writePublic(filepath.Join(dir, PlatformPublicFile), &k.Platform.PublicKey),
	)
}

func loadKey(path string) (*rsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		key, err := alipay.ParsePrivateKey(text)
		if err != nil {
			return nil, fmt.Errorf("sandbox: %s: %w", path, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	return key, writeFile(path, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600)
}

// writePublic writes the public half, unless the file says the same already.
func writePublic(path string, key *rsa.PublicKey) error {
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, text) {
		return nil
	}
	return writeFile(path, text, 0o644)
}

// writeFile replaces a file in one step, so that no reader ever sees half of it.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	defer os.Remove(f.Name()) // gone already when all went well
	_, err = f.Write(data)
	if err = errors.Join(err, f.Chmod(mode), f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("sandbox: write %s: %w", path, err)
	}
	return nil
}

// secret derives a lasting secret of n hex digits from the sandbox's own key, so that none need be kept in a file of its own.
func (k Keys) secret(name string, n int) string {
	sum := sha256.Sum256(append([]byte(name+":"), k.Alipay.D.Bytes()...))
	return hex.EncodeToString(sum[:])[:n]
}

// Serial names a public key, as a certificate's serial number would.
func Serial(key *rsa.PublicKey) string {
	sum := sha256.Sum256(x509.MarshalPKCS1PublicKey(key))
	return strings.ToUpper(hex.EncodeToString(sum[:20]))
}
