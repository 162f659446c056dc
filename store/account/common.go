package account

import (
	"strings"
	"sync"

	"github.com/trustelem/zxcvbn/frequency"
)

// commonRank is how many of the commonest passwords of the world are refused.
const commonRank = 10000

// chineseCommon are passwords often met in China that the list of the world does not have.
var chineseCommon = []string{
	"woaini1314", "woaini520", "woaini521", "woaini123", "woaini5201314", "5201314520", "5201314a", "a5201314", "wo5201314",
	"aini1314", "iloveyou1314", "520520520", "52013145201314", "1314520520", "13145200", "zhang123", "wang1234", "li123456",
	"qq123456", "qq5201314", "q123456789", "a123456789", "a12345678", "aa123456", "aa123456789", "abc123456", "abc12345678",
	"asd123456", "qwe123456", "zxc123456", "w123456789", "123456789a", "123456789q", "12345678a", "1qaz2wsx3edc", "88888888",
	"888888888", "66666666", "11223344", "147258369", "1472583690", "159357456", "123123123", "12344321", "00000000", "wodemima",
	"mima1234", "woshishui", "tiantian", "xiaoming123", "admin123", "admin888", "password123", "dada1234",
}

var commonPasswords = sync.OnceValue(func() map[string]bool {
	ranked := frequency.FrequencyLists["passwords"]
	set := make(map[string]bool, commonRank+len(chineseCommon))
	for _, p := range ranked[:min(commonRank, len(ranked))] {
		set[p] = true
	}
	for _, p := range chineseCommon {
		set[p] = true
	}
	return set
})

// isCommon says whether a password is among the first that anybody would try.
func isCommon(password string) bool { return commonPasswords()[strings.ToLower(password)] }
