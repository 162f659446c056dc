package locale

// The words of the pages through which people come in.
var _ = add(map[string]string{
	// Registering
	"注册":    "Sign up",
	"正在注册…": "Signing up…",
	"一分钟就好，购物车里的商品会一起带过来。": "It takes a minute, and what is in your cart comes along.",
	"第一单，从喜欢的开始":           "Begin with something you like",
	"订单、地址和购物车，换一台设备也都在。":  "Your orders, addresses and cart are there on any device.",
	"用户名": "User name",
	"5 到 20 个字母、数字或下划线": "5 to 20 letters, digits or underscores",
	"8 到 64 位，任何字符都可以":  "8 to 64 characters of any kind",
	"再输一次密码":            "Password once more",
	"显示密码":              "Show the password",
	"我已阅读并同意":           "I have read and agree to the",
	"和":                 "and the",
	"服务条款":              "Terms of service",
	"隐私政策":              "Privacy policy",
	"这个名字可以用":           "This name is free",
	"用来登录和接收验证码":        "To log in with, and for codes",
	"这个手机号可以注册":         "This number can sign up",
	"已有账号？":             "Have an account?",
	"还没有账号？":            "No account yet?",

	// Proof
	"图形验证码":       "Characters in the picture",
	"图形验证码，可以改为听": "Characters to type; they can be listened to instead",
	"换一张":         "Another picture",
	"听验证码":        "Listen",
	"短信验证码":       "Code from the text message",
	"原手机号的验证码":    "Code sent to the old number",
	"新手机号的验证码":    "Code sent to the new number",
	"获取验证码":       "Send code",
	"发送中…":        "Sending…",
	"秒后重发":        "s to resend",
	"验证码已发送到 %s，5 分钟内有效": "A code is on its way to %s; it holds for 5 minutes",

	// Logging in
	"在这台设备上保持登录 %d 天": "Stay logged in on this device for %d days",
	"其他方式登录":          "Or log in with",
	"支付宝":             "Alipay",

	// A forgotten password
	"忘记密码": "Forgot password",
	"别着急":  "Don't worry",
	"收一条短信，重新设一个密码就好。":        "A text message, a new password, and you are back.",
	"填写注册时的手机号，我们发一条短信验证码给您。": "Give the mobile number of your account; we send it a code.",
	"下一步":      "Next",
	"已经收到验证码？": "Have a code already?",
	"重设密码":     "Set a new password",
	"差一步就好":    "One more step",
	"设好以后，其他设备上的登录都会退出。":         "Afterwards all devices are logged out.",
	"如果 %s 注册过，验证码已经发出，5 分钟内有效。": "If %s has an account, a code is on its way; it holds for 5 minutes.",
	"填写收到的短信验证码和新密码。":            "Give the code from the text message and a new password.",
	"重新获取":  "Get another",
	"保存新密码": "Save new password",
	"密码已经改好，请用新密码登录": "The password is changed; please log in with it",

	// The first login by a provider
	"绑定账号":        "Link an account",
	"最后一步":        "Last step",
	"以后用它一点就能登录。": "From now on one tap logs you in.",
	"绑定并登录":       "Link and log in",
	"手机号已经注册过的，填原来的密码就绑定到那个账号；没有注册过的，就用这个手机号和密码建一个新账号。": "If the number has an account, its password links the two; if not, a new account is made with this number and password.",
	"绑定好了，以后可以用它登录": "It is linked; you can log in with it from now on",
})
