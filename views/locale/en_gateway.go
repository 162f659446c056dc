package locale

// The words of the sandbox's phone and of its logins.
var _ = add(map[string]string{
	// Phone
	"沙箱手机": "Sandbox phone",
	"短信":   "Short messages",
	"手机号":  "Mobile number",
	"验证码":  "Verification code",
	"换号提醒": "Number changed",
	"商城发出的短信都到这里，不会发给任何真实的手机。只保留最近 %d 条。": "Every message of the shop arrives here and none goes to a real phone. The last %d are kept.",
	"空：任何号码":        "empty: any",
	"只看这个号码":        "Only this number",
	"看全部":           "Show all",
	"页面每 %s 秒自动刷新。": "This page reloads every %s seconds.",
	"页面已停止自动刷新。":    "This page no longer reloads by itself.",
	"停止刷新":          "Stop reloading",
	"恢复刷新":          "Reload again",
	"还没有短信。在商城点“获取验证码”，短信几秒后就到。":     "No messages yet. Ask for a code in the shop; it arrives within seconds.",
	"商城发出的验证码和通知不会离开这台机器，都显示在沙箱手机上。": "Codes and notices of the shop do not leave this machine; all of them show on the sandbox phone.",
	"打开沙箱手机": "Open the sandbox phone",

	// Logins
	"模拟支付宝登录":   "Pretends to be Alipay's login",
	"模拟 QQ 登录":  "Pretends to be QQ's login",
	"用沙箱身份登录%s": "Log in to %s as a sandbox person",
	"商城只会得到这个人的编号和昵称。同一个昵称总是同一个人。": "The shop learns this person's number and nickname only. The same nickname is always the same person.",
	"你是谁":        "Who are you?",
	"或者是另一个人，昵称": "Or somebody else, by nickname",
	"填了昵称，就以它为准；最多 32 个字": "If filled in, it counts; at most 32 characters",
	"昵称最多 32 个字":          "A nickname has at most 32 characters",
	"授权并登录":               "Agree and log in",
	"授权码无效":               "The code is not valid",
	"无效的访问令牌":             "The token is not valid",
	"授权类型无效":              "The kind of grant is not valid",
	"授权范围无效":              "The scope is not valid",
	"回调地址无效":              "The address to go back to is not valid",

	// Faults
	"支付宝登录接口":  "Alipay login",
	"QQ 登录接口":  "QQ login",
	"拒绝，重试也没用": "Refused for good",
})
