-- +goose Up
-- Each kind of work finds its next job by one step into an index, however many jobs wait.
CREATE INDEX jobs_kind_due ON jobs (status, kind, run_at);
