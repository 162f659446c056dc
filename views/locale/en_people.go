package locale

var _ = add(map[string]string{
	// Registering.
	"用户名是 5 到 20 个字母、数字或下划线": "A user name has 5 to 20 letters, digits or _",
	"用户名不能全是数字":              "A user name may not be all digits",
	"这个密码太常见，很容易被猜到，请换一个":    "This password is so common that it is easily guessed; please choose another",
	"密码不能和用户名或手机号一样":         "The password may not be the user name or the mobile number",
	"两次填写的密码不一样":             "The two passwords differ",
	"请先阅读并同意服务条款和隐私政策":       "Please read and accept the terms of service and the privacy policy",

	// Captchas and codes.
	"图形验证码不对或已过期，请看新的一张": "The digits are wrong or too old; please look at the new picture",
	"本店还没有开通短信，请联系客服":    "This shop has no text messages yet; please contact the shop",
	"短信验证码不对或已过期":        "The code is wrong or too old",
	"请填写短信里的 6 位验证码":     "Please give the code of 6 digits from the message",
	"试的次数太多了，请重新获取验证码":   "Too many tries; please ask for a new code",
	"请从页面上的按钮获取验证码":      "Please ask for a code with the button on the page",
	"请先登录":                      "Please log in first",
	"您还没有绑定手机号":                 "You have no mobile number yet",
	"这就是您现在的手机号":                "This is the number you have now",
	"验证码刚刚发过，请 %d 秒后再试":         "A code was sent just now; please try again in %d seconds",
	"这个手机号的验证码发得太多了，请 %d 小时后再试": "Too many codes for this number; please try again in %d hours",
	"今天发出的验证码太多了，请 %d 小时后再试":    "Too many codes were sent today; please try again in %d hours",
	"操作太频繁，请 %d 秒后再试":           "Too often; please try again in %d seconds",
	"操作太频繁，请 %d 分钟后再试":          "Too often; please try again in %d minutes",
	"操作太频繁，请 %d 小时后再试":          "Too often; please try again in %d hours",

	// One's own account.
	"密码不对":          "The password is wrong",
	"请填写密码":         "Please give the password",
	"新密码不能和旧密码一样":   "The new password may not be the old one",
	"昵称要 1 到 %d 个字": "A nickname has 1 to %d characters",
	"没有这个角色":        "There is no such role",
	"这是最后一位店主，请先让别人也成为店主":          "This is the last owner; please make somebody else an owner first",
	"您是最后一位店主，请先让别人也成为店主":          "You are the last owner; please make somebody else an owner first",
	"还有 %d 个订单没有完成，请等收货或取消以后再注销账号": "%d orders are not finished; please receive or cancel them before you delete your account",

	// Logging in by a provider.
	"登录已过期，请重新开始":            "This login is too old; please begin again",
	"登录没有成功，请重新开始":           "The login did not work; please begin again",
	"您取消了登录":                 "You cancelled the login",
	"暂时连不上对方的登录服务，请稍后再试":     "Their login service cannot be reached just now; please try again later",
	"它已经绑定了另一个账号，请先在那个账号里解绑": "It is bound to another account; please unbind it there first",
	"此账号已经绑定了另一个同类账号，请先解绑":   "This account has another one of that kind bound; please unbind it first",
	"这个手机号已有账号，密码不对":         "There is an account with this number, and the password is wrong",
	"这是您唯一的登录方式，请先设置密码":      "This is your only way to log in; please set a password first",
})
