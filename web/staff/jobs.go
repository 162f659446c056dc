package staff

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"dashop/store/fault"
	"dashop/store/job"
	"dashop/views/staff"
	"dashop/views/ui"
	"dashop/web/form"
	"dashop/web/respond"
	"dashop/web/session"
)

// Jobs lists the work behind the pages: GET /admin/jobs.
func (p Pages) Jobs(c *fiber.Ctx) error {
	status, ok := staff.JobState(c.Query("state"))
	if !ok {
		return fault.Missing()
	}
	list, err := p.Store.Jobs.List(c.UserContext(), status, c.Query("after"))
	if err != nil {
		return err
	}
	counts, err := p.Store.Jobs.Counts(c.UserContext())
	if err != nil {
		return err
	}
	page := staff.JobsPage{Status: status, List: list, Counts: counts}
	return respond.Page(c, func(v ui.View) templ.Component { return staff.Jobs(v, page) }, "jobs")
}

// RetryJob has a job that failed for good begin anew: POST /admin/jobs/{id}/retry.
func (p Pages) RetryJob(c *fiber.Ctx) error {
	return p.decideJob(c, "任务已重新排队", p.Store.Jobs.Retry)
}

// GiveUpJob removes a job that failed for good: POST /admin/jobs/{id}/give-up.
func (p Pages) GiveUpJob(c *fiber.Ctx) error {
	return p.decideJob(c, "任务已放弃", p.Store.Jobs.GiveUp)
}

// decideJob does something to a job and leads back to the list. A second click is told that there is nothing more to do.
func (p Pages) decideJob(c *fiber.Ctx, done string, decide func(ctx context.Context, staffID, id int64) (bool, error)) error {
	id, err := form.PathID(c, "id")
	if err != nil {
		return err
	}
	s := session.Of(c)
	did, err := decide(c.UserContext(), s.UserID(), id)
	if err != nil {
		return err
	}
	if did {
		s.Flash("ok", done)
	} else {
		s.Flash("info", "这项任务已经处理过了")
	}
	return respond.SeeOther(c, staff.JobsHref(job.StatusDead, ""))
}
