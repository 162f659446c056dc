package desk

import (
	"path/filepath"
	"testing"
)

// thing is what the journal of this test holds.
type thing struct {
	Name  string
	Count int
}

func TestJournalIsBounded(t *testing.T) {
	path := filepath.Join(t.TempDir(), "things.jsonl")
	name := func(x thing) string { return x.Name }
	things := NewShelf[thing](3)
	j, err := OpenJournal(path, &things, name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5000 {
		x := thing{[]string{"A", "B", "C", "D", "E"}[i%5], i}
		things.Put(x.Name, x)
		if err := j.Add(x); err != nil {
			t.Fatal(err)
		}
	}
	if things.Len() != 3 || len(things.items) != 3 || j.lines > 1100 {
		t.Errorf("%d things, %d lines", things.Len(), j.lines)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	again := NewShelf[thing](3)
	if j, err = OpenJournal(path, &again, name); err != nil || again.Len() != 3 || j.lines != 3 {
		t.Errorf("%d things, %v", again.Len(), err)
	}
	if last, ok := again.Get("E"); !ok || last.Count != 4999 {
		t.Errorf("the last line of a thing counts: %+v", last)
	}
	j.Close()
}
