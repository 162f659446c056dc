package web_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"dashop/store"
	"dashop/store/account"
	"dashop/store/job"
	"dashop/web"
	"dashop/web/webtest"
)

// addJob makes a job in a state.
func addJob(s *webtest.Shop, key string, status job.Status, words string) (id int64) {
	s.T.Helper()
	s.Exec(`INSERT INTO jobs (kind, job_key, payload, status, attempts, run_at, created_at, last_error) VALUES ('mobile_changed', ?, 'secret 13912345678', ?, 10, ?, ?, ?)`,
		key, status, s.Clock.Now().Add(time.Minute), s.Clock.Now(), words)
	return s.Int("SELECT id FROM jobs WHERE job_key = ?", key)
}

// A node whose clock is wrong says that it is not ready, and why; its pages are there all the same.
func TestReadyTellsOfTrouble(t *testing.T) {
	s := webtest.Start(t, webtest.Config{})
	trouble := errors.New("the clock of this node is 1h0m0s off the database's")
	deps := s.Deps
	deps.Store = store.New(store.Config{DB: s.DB, Clock: s.Clock.Now, Log: deps.Log, Trouble: func() error { return trouble }})
	app, err := web.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) (int, string) {
		t.Helper()
		answer, err := app.Test(httptest.NewRequest(http.MethodGet, path, nil), -1)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		text, _ := io.ReadAll(answer.Body)
		return answer.StatusCode, string(text)
	}
	if status, text := get("/readyz"); status != http.StatusServiceUnavailable || text != trouble.Error()+"\n" {
		t.Errorf("in trouble: %d %s", status, text)
	}
	if status, _ := get("/healthz"); status != http.StatusOK {
		t.Errorf("in trouble it is not healthy: %d", status)
	}
	trouble = nil
	if status, text := get("/readyz"); status != http.StatusOK {
		t.Errorf("afterwards: %d %s", status, text)
	}
}

// The merchant's people hear on their first page that work has died, see why, and retry it or give it up; a second click does no harm.
func TestJobsPage(t *testing.T) {
	webtest.Each(t, func(t *testing.T, s *webtest.Shop) {
		s.User("clerk", account.Staff)
		b := s.Login("clerk")
		if p := b.Get("/admin"); strings.Contains(p.Body, "后台任务失败了") || p.Find(`a[href="/admin/jobs"]`).Length() != 1 {
			t.Error("the first page tells of dead jobs where there are none, or the menu does not lead to them")
		}
		if p := b.Get("/admin/jobs"); !strings.Contains(p.Body, "没有失败的任务") {
			t.Error("an empty list does not say so")
		}
		one, two := addJob(s, "7-1", job.StatusDead, "provider refused"), addJob(s, "7-2", job.StatusDead, "provider is away")
		addJob(s, "7-3", job.StatusReady, "")
		addJob(s, "7-4", job.StatusRunning, "")
		if p := b.Get("/admin"); !strings.Contains(p.Body, "有 2 项后台任务失败了") {
			t.Error("the first page says nothing of two dead jobs")
		}
		p := b.Get("/admin/jobs")
		row := p.Find(`tr[data-job="` + itoa(one) + `"]`)
		if text := row.Text(); p.Find("tr[data-job]").Length() != 2 || !strings.Contains(text, "通知原手机号") ||
			!strings.Contains(text, "provider refused") || strings.Contains(p.Body, "13912345678") {
			t.Errorf("the list of the dead: %s", p.Find("tr[data-job]").Text())
		}
		for state, key := range map[string]string{"waiting": "7-3", "running": "7-4"} {
			list := b.Get("/admin/jobs?state=" + state)
			if text := list.Find("tr[data-job]").Text(); !strings.Contains(text, key) || strings.Contains(text, "7-1") ||
				list.Find("tbody button").Length() != 0 {
				t.Errorf("%s: %s", state, text)
			}
		}
		b.Get("/admin/jobs")
		if p = b.Press(`tr[data-job="` + itoa(one) + `"] form[action$="/retry"] button`); p.Status != http.StatusOK ||
			!strings.Contains(p.Body, "任务已重新排队") || p.Find("tr[data-job]").Length() != 1 {
			t.Errorf("retry: %d %s", p.Status, brief(p))
		}
		for range 2 {
			b.Post("/admin/jobs/"+itoa(one)+"/retry", nil)
			b.Post("/admin/jobs/"+itoa(one)+"/give-up", nil) // it waits again
		}
		if n := s.Int("SELECT COUNT(*) FROM jobs WHERE id = ? AND status = ? AND run_at <= ?", one, job.StatusReady,
			s.Clock.Now()); n != 1 {
			t.Error("the job does not wait to be run again")
		}
		b.Get("/admin/jobs")
		if p = b.Press(`tr[data-job="` + itoa(two) + `"] form[action$="/give-up"] button`); !strings.Contains(p.Body, "任务已放弃") ||
			!strings.Contains(p.Body, "没有失败的任务") {
			t.Errorf("give up: %s", brief(p))
		}
		if n := s.Int("SELECT COUNT(*) FROM audit_log WHERE action IN ('job.retry', 'job.give_up') AND actor_id = (SELECT id FROM users WHERE username = 'clerk')"); n != 2 {
			t.Errorf("%d decisions are written down", n)
		}
		for _, path := range []string{"/admin/jobs?state=x", "/admin/jobs?after=x", "/admin/jobs?state=waiting&after=1-x"} {
			if p, err := b.Send(http.MethodGet, path, nil); err != nil || p.Status != http.StatusNotFound {
				t.Errorf("%s: %d, %v", path, p.Status, err)
			}
		}
		if p, err := b.Send(http.MethodPost, "/admin/jobs/x/retry", nil); err != nil || p.Status != http.StatusNotFound {
			t.Errorf("a job of no number: %d, %v", p.Status, err)
		}
	})
}
