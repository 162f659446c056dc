package page

import (
	"time"

	"dashop/store/interest"
	"dashop/views/ui"
)

// seenDay is what was looked at on one day.
type seenDay struct {
	name string
	list []interest.Viewed
}

// seenDays groups a history by the days of China's time.
func seenDays(v ui.View, list []interest.Viewed) (days []seenDay) {
	for _, one := range list {
		name := dayName(v, one.At)
		if len(days) == 0 || days[len(days)-1].name != name {
			days = append(days, seenDay{name: name})
		}
		last := &days[len(days)-1]
		last.list = append(last.list, one)
	}
	return days
}

func dayName(v ui.View, at time.Time) string {
	switch day := v.Date(at); day {
	case v.Date(v.Now):
		return v.T("今天")
	case v.Date(v.Now.AddDate(0, 0, -1)):
		return v.T("昨天")
	default:
		return day
	}
}

func unseeHref(spu int64) string { return "/account/history/" + ui.ID(spu) + "/remove" }
