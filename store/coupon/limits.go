package coupon

import (
	"strconv"
	"time"

	"dashop/store/limit"
)

// codeRule bounds how often a user tries codes, so that nobody finds one by guessing.
var codeRule = limit.Rule{Max: 20, Window: time.Hour}

func codeLimit(userID int64) limit.Name {
	return limit.NewName("coupon:code", strconv.FormatInt(userID, 10))
}
