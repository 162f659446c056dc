package main

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"dashop/store/storetest"
)

func TestMain(m *testing.M) {
	if file := os.Getenv(asBare); file != "" {
		exit(serveBare(file))
		return
	}
	storetest.Main(m)
}

// A short run measures every page, as a stranger and logged in, and ends what it started.
func TestShortRun(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), options{rounds: 1, turn: 30 * time.Millisecond, clients: 2, gzip: "both"}, &out)
	if err != nil && !errors.Is(err, errVoid) { // so short a run may well be void
		t.Fatalf("%v\n%s", err, out.String())
	}
	for _, page := range []string{"home", "category", "product", "search"} {
		for _, who := range []string{"stranger", "logged in"} {
			for _, how := range []string{"gzip", "plain"} {
				if !strings.Contains(out.String(), page+", "+who+", "+how+" ") {
					t.Errorf("no line for %s, %s, %s:\n%s", page, who, how, out.String())
				}
			}
		}
	}
}

// A wrong answer fails the run.
func TestWrongAnswersAreNoticed(t *testing.T) {
	c := &cell{page: "home", path: "/", who: "stranger", answer: answer{Body: []byte("right")}}
	bare, err := startBare(t.Context(), t.TempDir(), []*cell{c})
	if err != nil {
		t.Fatal(err)
	}
	defer bare.stop()
	o := options{turn: 20 * time.Millisecond, clients: 2}
	if one, err := measure(t.Context(), bare, c, o); err != nil || one.requests == 0 {
		t.Fatalf("%+v, %v", one, err)
	}
	c.answer.Body = []byte("wrong")
	if _, err := measure(t.Context(), bare, c, o); err == nil {
		t.Error("another body was taken for the recorded one")
	}
}

func TestFigures(t *testing.T) {
	if m, least, most := spread([]float64{5, 1, 3, 2}); m != 2.5 || least != 1 || most != 5 {
		t.Errorf("spread: %v %v %v", m, least, most)
	}
	quiet, restless := &cell{}, &cell{}
	for i := range 5 {
		quiet.bare.cpu, quiet.again.cpu = append(quiet.bare.cpu, 40+float64(i)), append(quiet.again.cpu, 44+float64(i))
		restless.bare.cpu, restless.again.cpu = append(restless.bare.cpu, 40), append(restless.again.cpu, 50)
	}
	if quiet.void() || !restless.void() {
		t.Error("a line is void from 15 % on")
	}
}
