package db_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"sync"
	"testing"
	"time"

	"dashop/store/db"
	"dashop/store/storetest"
)

// asWriter names the database for a process that writes until it is killed.
const asWriter = "DASHOP_TEST_WRITER"

// killedWriters is how many callers such a process has.
const killedWriters = 64

// writeUntilKilled has many callers move money, each move with a row that says so, and tells its parent of each that is done.
func writeUntilKilled(file string) {
	ctx := context.Background()
	d, err := db.Open(ctx, db.Config{Driver: db.SQLite, DSN: file})
	if err != nil {
		panic(err)
	}
	var group sync.WaitGroup
	for caller := range killedWriters {
		group.Go(func() {
			for {
				var id int64
				err := d.Tx(ctx, func(tx *db.Tx) (err error) {
					for _, s := range []string{"UPDATE purses SET money = money - 1 WHERE id = ?", "UPDATE purses SET money = money + 1 WHERE id = 3 - ?"} {
						if _, err = tx.Exec(ctx, s, 1+caller%2); err != nil {
							return err
						}
					}
					if id%7 == 3 { // some fail, and undo themselves alone
						id = 0
						return io.ErrUnexpectedEOF
					}
					id, err = tx.Insert(ctx, "INSERT INTO moves (caller, process) VALUES (?, ?)", caller, os.Getpid())
					return err
				})
				if err == nil {
					fmt.Println(id, caller)
				}
			}
		})
	}
	group.Wait()
}

// A process is killed thirty times while many callers share each COMMIT. Everything of which somebody was told is there, once; of
// what nobody was told, at most what each caller was about to hear; nothing is half done and the file is sound.
func TestKilledUnderGroupedLoad(t *testing.T) {
	c := storetest.Config(t, db.SQLite)
	d := storetest.Open(t, c)
	storetest.Exec(t, d, "CREATE TABLE purses (id INTEGER PRIMARY KEY, money INT NOT NULL)")
	storetest.Exec(t, d, "CREATE TABLE moves (id INTEGER PRIMARY KEY AUTOINCREMENT, caller INT NOT NULL, process INT NOT NULL)")
	storetest.Exec(t, d, "INSERT INTO purses (id, money) VALUES (1, 1000000), (2, 1000000)")
	random := rand.New(rand.NewPCG(3, 4))
	ctx, all := context.Background(), 0
	for round := range 30 {
		writer := exec.Command(os.Args[0])
		writer.Env, writer.Stderr = append(os.Environ(), asWriter+"="+c.DSN), os.Stderr
		out, err := writer.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := writer.Start(); err != nil {
			t.Fatal(err)
		}
		told := map[int64]int{}
		lines := bufio.NewScanner(out)
		for lines.Scan() { // until it is dead
			var id int64
			var caller int
			if n, _ := fmt.Sscan(lines.Text(), &id, &caller); n == 2 {
				if _, twice := told[id]; twice {
					t.Errorf("told twice of move %d", id)
				}
				told[id] = caller
			}
			if len(told) == 200 {
				time.AfterFunc(time.Duration(random.IntN(30_000))*time.Microsecond, func() { _ = writer.Process.Kill() })
			}
		}
		_ = writer.Wait()
		all += len(told)
		var there []struct {
			ID     int64 `db:"id"`
			Caller int   `db:"caller"`
		}
		if err := d.Select(ctx, &there, "SELECT id, caller FROM moves WHERE process = ? ORDER BY id", writer.Process.Pid); err != nil {
			t.Fatal(err)
		}
		untold := map[int]int{}
		for _, m := range there {
			if caller, ok := told[m.ID]; ok && caller == m.Caller {
				delete(told, m.ID)
			} else {
				untold[m.Caller]++
			}
		}
		if len(told) > 0 {
			t.Errorf("round %d: told of %d moves that are not there", round, len(told))
		}
		for caller, n := range untold {
			if n > 1 {
				t.Errorf("round %d: caller %d has %d moves that it was not told of", round, caller, n)
			}
		}
		var sum int
		var verdict string
		if err := d.Get(ctx, &sum, "SELECT SUM(money) FROM purses"); err != nil || sum != 2_000_000 {
			t.Errorf("round %d: sum %d, %v", round, sum, err)
		}
		if err := d.Get(ctx, &verdict, "PRAGMA integrity_check"); err != nil || verdict != "ok" {
			t.Errorf("round %d: %s, %v", round, verdict, err)
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("killed 30 times; %d moves were told", all)
}
