-- A code that a provider gave for an attempt, so that showing it again asks nobody, and until when it works.
ALTER TABLE payments ADD COLUMN code TEXT NOT NULL DEFAULT '';
ALTER TABLE payments ADD COLUMN code_until DATETIME NULL;
-- Each gateway is asked by itself about what is due there.
CREATE INDEX payments_method_due ON payments (method, next_query_at);
