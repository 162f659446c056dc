package staff

import (
	"net/url"

	"dashop/store/job"
	"dashop/views/ui"
)

// JobsPage is one list of the work behind the pages.
type JobsPage struct {
	Status job.Status
	List   job.List
	Counts job.Counts
}

// jobStates are the lists, what needs a person first, each with its word in addresses.
var jobStates = []struct {
	status job.Status
	word   string
}{{job.StatusDead, ""}, {job.StatusRunning, "running"}, {job.StatusReady, "waiting"}}

// JobState is the list that a word in an address stands for.
func JobState(word string) (status job.Status, ok bool) {
	for _, s := range jobStates {
		if s.word == word {
			return s.status, true
		}
	}
	return 0, false
}

// JobsHref is the address of a list. after is a List's, or "".
func JobsHref(status job.Status, after string) string {
	q := url.Values{}
	for _, s := range jobStates {
		if s.status == status && s.word != "" {
			q.Set("state", s.word)
		}
	}
	if after != "" {
		q.Set("after", after)
	}
	if len(q) == 0 {
		return "/admin/jobs"
	}
	return "/admin/jobs?" + q.Encode()
}

func jobHref(id int64, verb string) string { return "/admin/jobs/" + ui.ID(id) + "/" + verb }

func jobStateName(v ui.View, s job.Status) string {
	switch s {
	case job.StatusDead:
		return v.T("失败待处理")
	case job.StatusRunning:
		return v.T("执行中")
	}
	return v.T("等待执行")
}

func (p JobsPage) tabs(v ui.View) []ui.Tab {
	var out []ui.Tab
	for _, s := range jobStates {
		out = append(out, ui.Tab{
			Label: jobStateName(v, s.status), Href: JobsHref(s.status, ""), Count: p.Counts[s.status], Current: s.status == p.Status,
		})
	}
	return out
}

// timeName says what the time of a job in this list is.
func (p JobsPage) timeName(v ui.View) string {
	switch p.Status {
	case job.StatusDead:
		return v.T("失败时间")
	case job.StatusRunning:
		return v.T("最迟结束")
	}
	return v.T("执行时间")
}

// jobName is what a job does, or the name of its kind where this program does not know it.
func jobName(v ui.View, e job.Entry) string {
	if e.Title == "" {
		return e.Kind
	}
	return v.T(e.Title)
}

func (p JobsPage) empty(v ui.View) string {
	switch p.Status {
	case job.StatusDead:
		return v.T("没有失败的任务")
	case job.StatusRunning:
		return v.T("现在没有任务在执行")
	}
	return v.T("没有等待的任务")
}
