package main

import (
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"dashop/store/db"
)

// Those who run the shop read how much it answers and what waits, at an address that shoppers do not reach.
func TestMetrics(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	private := l.Addr().String()
	_ = l.Close()
	dir := t.TempDir()
	d := preparedDemo(t, dir)
	if _, err := d.Exec(t.Context(), "INSERT INTO jobs (kind, job_key, payload, status, run_at, created_at) VALUES ('send_code', 'x', '', 3, ?, ?)", db.SystemClock(), db.SystemClock()); err != nil {
		t.Fatal(err)
	}
	url, _, _ := begin(t, dir, "SHOP_SERVER_PRIVATE_ADDR="+private)
	read := func(address string) (int, string) {
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	for range 3 {
		read(url + "/categories")
	}
	read(url + "/orders/20260101000000000000")
	read(url + "/nowhere/at/all")
	if status, _ := read(url + "/metrics"); status != http.StatusNotFound {
		t.Errorf("shoppers reach the metrics: %d", status)
	}
	status, text := read("http://" + private + "/metrics")
	if status != http.StatusOK {
		t.Fatalf("metrics: %d", status)
	}
	for _, want := range []string{
		`shop_requests_total{method="GET",route="/categories",status="2xx"} 3`,
		`shop_requests_total{method="",route="other",status="4xx"} 2`,
		`shop_request_duration_seconds_count{method="GET",route="/categories"} 3`,
		`shop_db_connections_max{pool="write"} 1`,
		"shop_db_writer_waiting 0",
		"shop_db_writer_functions_total ",
		"shop_db_writer_commits_total ",
		"shop_jobs_dead 1",
		"process_resident_memory_bytes ",
	} {
		if !regexp.MustCompile("(?m)^" + regexp.QuoteMeta(want)).MatchString(text) {
			t.Errorf("no %s", want)
		}
	}
	if strings.Contains(text, "20260101000000000000") || strings.Contains(text, "nowhere") {
		t.Error("addresses make series")
	}
}
