package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"

	"dashop/store/db"
	"dashop/store/fault"
	"dashop/store/storetest"
)

// wantOutage sees that err is 503 with Retry-After.
func wantOutage(t *testing.T, what string, err error) {
	t.Helper()
	if !fault.Is(err, fault.Unavailable) || fault.Of(err).RetryAfter <= 0 {
		t.Errorf("%s: %v", what, err)
	}
}

// What a server says when it cannot serve is an outage wherever it is said; at COMMIT the outcome may be unknown.
func TestServerErrorsThatAreOutages(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	run := func(at string, code uint16, message string) error {
		ctx := db.InjectFaults(context.Background(), func(s string) error {
			if strings.HasPrefix(s, at) {
				return &mysql.MySQLError{Number: code, Message: message}
			}
			return nil
		})
		return d.Tx(ctx, func(tx *db.Tx) error { return put(ctx, tx, "a") })
	}
	for _, code := range []uint16{1021, 1037, 1040, 1041, 1047, 1053, 1114, 1180, 1203, 1226, 1290, 1792, 1836, 1927, 2006, 2013} {
		wantOutage(t, fmt.Sprint(code), run("INSERT", code, ""))
	}
	wantOutage(t, "full disk", run("INSERT", 1030, `Got error 28 "No space left on device" from storage engine InnoDB`))
	for _, code := range []uint16{1030, 1064, 1146, 1364, 1406, 1452} {
		if err := run("INSERT", code, "Got error 1 from storage engine"); err == nil || fault.Is(err, fault.Unavailable) {
			t.Errorf("%d: %v", code, err)
		}
	}
	if got := names(t, d); got != "" {
		t.Errorf("wrote %s", got)
	}
}

// A conflict that does not end is tried for about four seconds, not for ever, and no longer than the context.
func TestRetriesLastAsLongAsARequestCanWait(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	run := func(ctx context.Context, until time.Duration) (runs int, took time.Duration, err error) {
		start := time.Now()
		ctx = db.InjectFaults(ctx, func(s string) error {
			if s == "COMMIT" && time.Since(start) < until {
				return &mysql.MySQLError{Number: 1213}
			}
			return nil
		})
		err = d.Tx(ctx, func(*db.Tx) error { runs++; return nil })
		return runs, time.Since(start), err
	}
	t.Run("ends well", func(t *testing.T) {
		t.Parallel()
		if runs, took, err := run(context.Background(), 2500*time.Millisecond); err != nil || runs < 10 {
			t.Errorf("%v after %d runs in %v", err, runs, took)
		}
	})
	t.Run("does not end", func(t *testing.T) {
		t.Parallel()
		_, took, err := run(context.Background(), time.Hour)
		wantOutage(t, "a conflict that does not end", err)
		if took < 3*time.Second || took > 8*time.Second {
			t.Errorf("it took %v", took)
		}
	})
	t.Run("context", func(t *testing.T) {
		t.Parallel()
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		if _, took, err := run(ctx, time.Hour); !errors.Is(err, context.DeadlineExceeded) || took > 2*time.Second {
			t.Errorf("%v after %v", err, took)
		}
	})
}

// A context that ends before COMMIT is an ordinary end: nothing was sent, so nothing is unknown.
func TestContextEndsBeforeCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		for _, when := range []string{"work", "before the commit", "COMMIT"} {
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			ctx = db.InjectFaults(ctx, func(s string) error {
				if s == when {
					cancel()
				}
				return nil
			})
			err := d.Tx(ctx, func(tx *db.Tx) error {
				if when == "before the commit" {
					tx.BeforeCommit("x", func() error { cancel(); return nil })
				}
				err := put(ctx, tx, "a")
				if when == "work" {
					cancel()
				}
				return err
			})
			if !errors.Is(err, context.Canceled) || fault.Is(err, fault.Unknown) || fault.Is(err, fault.Unavailable) {
				t.Errorf("%s: %v", when, err)
			}
			if got := names(t, d); got != "" {
				t.Errorf("%s: wrote %s", when, got)
			}
		}
	})
}

// A full disk: reads go on, writes are refused as an outage, nothing is spoilt, and all is well when there is space again.
func TestFullDisk(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	write, _ := d.Pools()
	var pages int
	if err := write.Get(&pages, "PRAGMA page_count"); err != nil {
		t.Fatal(err)
	}
	full := func(most int) {
		if _, err := write.Exec(fmt.Sprintf("PRAGMA max_page_count = %d", most)); err != nil {
			t.Fatal(err)
		}
	}
	big := func(name string) error {
		_, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, ?)", name, strings.Repeat("x", 100_000))
		return err
	}
	for range 3 {
		full(pages)
		wantOutage(t, "a write to a full disk", big("big"))
		if got := names(t, d); got != "" {
			t.Errorf("wrote %s", got)
		}
		wantOutage(t, "ready with a full disk", d.Ping(ctx))
	}
	full(1 << 30)
	if err := big("fits"); err != nil {
		t.Errorf("with space again: %v", err)
	}
	d.ForgetRefusal()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("ready with space again: %v", err)
	}
	var check string
	if err := d.Get(ctx, &check, "PRAGMA integrity_check"); err != nil || check != "ok" || names(t, d) != "fits" {
		t.Errorf("%s, %v, %s", check, err, names(t, d))
	}
}

// A file that is only to be read.
func TestReadOnlyFile(t *testing.T) {
	d := storetest.Open(t, storetest.Config(t, db.SQLite))
	ctx := context.Background()
	write, _ := d.Pools()
	if _, err := write.Exec("PRAGMA query_only = 1"); err != nil {
		t.Fatal(err)
	}
	_, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('a', '1')")
	wantOutage(t, "a write", err)
	wantOutage(t, "ready", d.Ping(ctx))
	if got := names(t, d); got != "" {
		t.Errorf("wrote %s", got)
	}
}

// Another program that does not end its transaction makes the database busy, which is an outage as well.
func TestBusyFile(t *testing.T) {
	t.Parallel()
	c := storetest.Config(t, db.SQLite)
	d, other, third := storetest.Open(t, c), storetest.Open(t, c), storetest.Open(t, c)
	ctx := context.Background()
	prepared := make(chan error, 1)
	begun := false
	err := other.Tx(ctx, func(tx *db.Tx) error { // it has only read so far, but keeps the others out all the same
		var n int
		if err := tx.Get(ctx, &n, "SELECT COUNT(*) FROM settings"); err != nil {
			return err
		}
		if !begun { // a program that starts waits longer, since the other may be filling the shop
			begun = true
			go func() { prepared <- third.Alone(context.Background(), func(context.Context) error { return nil }) }()
		}
		ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
		defer cancel()
		_, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('a', '1')")
		wantOutage(t, "a write meanwhile", err)
		return put(ctx, tx, "b")
	})
	if err != nil || names(t, d) != "b" {
		t.Errorf("%v, wrote %s", err, names(t, d))
	}
	if _, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES ('a', '1')"); err != nil {
		t.Errorf("afterwards: %v", err)
	}
	if err := <-prepared; err != nil {
		t.Errorf("a program that started meanwhile: %v", err)
	}
}

// A server that is only to be read, and one that has ended.
func TestServerIsOnlyToBeReadAndGone(t *testing.T) {
	t.Parallel()
	p := storetest.NewPrivate(t)
	d := storetest.Open(t, p.Config(t))
	ctx := context.Background()
	insert := func(name string) error {
		_, err := d.Exec(ctx, "INSERT INTO settings (name, value) VALUES (?, '1')", name)
		return err
	}
	set := func(query string) {
		t.Helper()
		if _, err := p.Root.Exec(query); err != nil {
			t.Fatal(err)
		}
	}
	if err := d.Ping(ctx); err != nil {
		t.Fatal(err)
	}
	set("SET GLOBAL read_only = 1") // found without any write
	if err := d.Ping(ctx); err == nil {
		t.Error("ready, though only to be read")
	}
	wantOutage(t, "a write to a database that is only to be read", insert("a"))
	if got := names(t, d); got != "" {
		t.Errorf("wrote %s", got)
	}
	set("SET GLOBAL read_only = 0")
	if err := insert("b"); err != nil {
		t.Error(err)
	}
	d.ForgetRefusal()
	if err := d.Ping(ctx); err != nil {
		t.Errorf("ready again: %v", err)
	}
	set("SET GLOBAL max_connections = 10")
	_, read := d.Pools()
	read.SetMaxIdleConns(0)
	var held []interface{ Close() error }
	for {
		conn, err := p.Root.Conn(ctx)
		if err != nil {
			break
		}
		held = append(held, conn)
	}
	wantOutage(t, "too many connections", insert("c"))
	for _, conn := range held {
		_ = conn.Close()
	}
	p.Stop()
	var n int
	wantOutage(t, "a read without a server", d.Get(ctx, &n, "SELECT COUNT(*) FROM settings"))
	wantOutage(t, "a write without a server", insert("d"))
	if err := d.Ping(ctx); err == nil {
		t.Error("ready without a server")
	}
}

// A DSN may say what is the operator's; all else is refused by name.
func TestParametersOfTheDSN(t *testing.T) {
	for params, refused := range map[string]string{
		"":                                   "",
		"?":                                  "",
		"?tls=true&wsrep_sync_wait=1":        "",
		"?parseTime=true&charset=utf8mb4":    "",
		"?parseTime=false":                   "parseTime",
		"?charset=latin1":                    "charset",
		"?sql_mode=''":                       "sql_mode",
		"?wsrep_sync_wait=1&time_zone='x'":   "time_zone",
		"?innodb_lock_wait_timeout=50":       "innodb_lock_wait_timeout",
		"?transaction_isolation=x":           "transaction_isolation",
		"?foreign_key_checks=0":              "foreign_key_checks",
		"?readTimeout=0":                     "readTimeout",
		"?timeout=1h":                        "timeout",
		"?allowAllFiles=true":                "allowAllFiles",
		"?multiStatements=true":              "multiStatements",
		"?checkConnLiveness=false&tls=false": "checkConnLiveness",
	} {
		_, err := db.Open(context.Background(), db.Config{Driver: db.MySQL, DSN: "u:p?/a@tcp(127.0.0.1:1)/name" + params})
		if refused == "" && db.CheckDSN("u:p?/a@tcp(127.0.0.1:1)/name"+params) != nil {
			t.Errorf("%s: %v", params, err)
		}
		if refused != "" && (err == nil || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%s: %v, should name %s", params, err, refused)
		}
	}
}

// The safeguards of each database, as a connection has them.
func TestSafeguardsOfConnections(t *testing.T) {
	storetest.Each(t, func(t *testing.T, d *db.DB, _ *storetest.Clock) {
		write, read := d.Pools()
		for query, want := range map[string]map[string]string{
			db.SQLite: {"PRAGMA synchronous": "2", "PRAGMA journal_mode": "wal", "PRAGMA foreign_keys": "1", "PRAGMA busy_timeout": "5000"},
			db.MySQL: {"SELECT @@session.innodb_lock_wait_timeout": "5", "SELECT @@session.time_zone": "+00:00",
				"SELECT @@session.tx_isolation": "READ-COMMITTED", "SELECT @@session.sql_mode LIKE '%STRICT_TRANS_TABLES%'": "1"},
		}[d.Driver()] {
			var got string
			if err := write.Get(&got, query); err != nil || got != want {
				t.Errorf("%s: %q, %v, want %s", query, got, err, want)
			}
		}
		if d.Driver() == db.SQLite {
			if _, err := read.Exec("DELETE FROM settings"); err == nil {
				t.Error("a connection for reading writes")
			}
		}
	})
}

// A server that takes connections and says nothing is given up by the driver's own time-outs, where no context helps.
func TestTimeoutsWithoutAContext(t *testing.T) {
	t.Parallel()
	w, d, _ := wired(t)
	w.Judge(on(storetest.Mute, "SELECT SLEEP"))
	ended := make(chan error, 1)
	start := time.Now()
	go func() { _, err := d.Exec(context.Background(), "SELECT SLEEP(0)"); ended <- err }()
	select {
	case err := <-ended:
		wantOutage(t, "no answer", err)
		if took := time.Since(start); took < 5*time.Second {
			t.Errorf("given up after %v", took)
		}
	case <-time.After(25 * time.Second):
		t.Error("still waiting")
	}
}
