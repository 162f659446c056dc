package main

import (
	"context"
	"net/http"
	"net/http/pprof"
	"time"

	"github.com/VictoriaMetrics/metrics"
	"github.com/jmoiron/sqlx"
)

// privatePages are for operators: metrics for Prometheus, and profiles of the running program.
func (s *shop) privatePages() http.Handler {
	write, read := s.db.Pools()
	s.meterPool("write", write)
	if read != write {
		s.meterPool("read", read)
		s.meterWriter()
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", s.showMetrics)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func (s *shop) meterPool(name string, pool *sqlx.DB) {
	label := `{pool="` + name + `"}`
	s.metrics.NewGauge("shop_db_connections_in_use"+label, func() float64 { return float64(pool.Stats().InUse) })
	s.metrics.NewGauge("shop_db_connections_max"+label, func() float64 { return float64(pool.Stats().MaxOpenConnections) })
	s.metrics.NewGauge("shop_db_wait_seconds_total"+label, func() float64 { return pool.Stats().WaitDuration.Seconds() })
}

// meterWriter shows how busy the one that writes on SQLite is: functions by commits is how many share a wait for the disk.
func (s *shop) meterWriter() {
	s.metrics.NewGauge("shop_db_writer_waiting", func() float64 { waiting, _, _ := s.db.WriterStats(); return float64(waiting) })
	s.metrics.NewGauge("shop_db_writer_functions_total", func() float64 { _, n, _ := s.db.WriterStats(); return float64(n) })
	s.metrics.NewGauge("shop_db_writer_commits_total", func() float64 { _, _, n := s.db.WriterStats(); return float64(n) })
}

// showMetrics answers in the text form of Prometheus. Without a database the metrics of jobs are left out.
func (s *shop) showMetrics(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	s.metrics.WritePrometheus(w)
	if due, dead, err := s.store.Jobs.Backlog(ctx); err == nil {
		metrics.WriteGaugeUint64(w, "shop_jobs_due", uint64(due))
		metrics.WriteGaugeUint64(w, "shop_jobs_dead", uint64(dead))
	}
	metrics.WriteProcessMetrics(w)
}
