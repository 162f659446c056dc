package search_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"dashop/store/db"
	"dashop/store/demo"
	"dashop/store/search"
	"dashop/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var ctx = context.Background()

// eachDemo runs a test on the demo shop in each database.
func eachDemo(t *testing.T, test func(t *testing.T, s *search.Service, d *db.DB, clock *storetest.Clock)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, d *db.DB, clock *storetest.Clock) {
		if _, err := demo.Load(ctx, d, nil, clock.Now(), nil); err != nil {
			t.Fatal(err)
		}
		test(t, search.New(d, clock.Now), d, clock)
	})
}

// golden is what shoppers of the demo shop expect to find, best first. Where more is found than what anybody would look
// for, only the beginning is written down.
type golden struct {
	q      string
	want   []int64
	begins bool // there may be more behind these
	near   bool // nothing has all the words
}

const (
	begins = true
	near   = true
)

func all(q string, want ...int64) golden   { return golden{q: q, want: want} }
func first(q string, want ...int64) golden { return golden{q: q, want: want, begins: begins} }
func close(q string, want ...int64) golden {
	return golden{q: q, want: want, begins: begins, near: near}
}

var goldens = []golden{
	// Chinese: the name first, then caption, brand and category, then descriptions; of equals the one sold more.
	first("耳机", 1005, 1006),
	all("降噪耳机", 1005),
	all("澄音", 1005, 1007),
	all("澄音造 耳机", 1005),
	first("蓝牙音箱", 1007),
	all("移动电源", 1003),
	all("氮化镓", 1004),
	all("机械键盘", 1019),
	all("打印机", 1021),
	first("麦克风", 1009),
	first("电视", 1047),
	all("投影仪", 1048),
	first("手机", 1001, 1002),
	all("云梯 手机", 1001, 1002),
	all("手机 云梯 nova", 1001), // in any order
	first("咖啡", 1051, 1094),
	all("绿茶", 1092),
	first("巧克力", 1087, 1084),
	first("草莓", 1065),
	first("樱桃", 1067),
	all("大樱桃", 1067),
	all("月饼", 1085),
	first("礼盒", 1085, 1063),
	first("蜂蜜", 1095),
	first("牛奶", 1096),
	first("玫瑰", 1071, 1196),
	all("小说", 1176, 1175),
	first("月亮", 1177),
	all("登山靴", 1110),
	all("跑鞋", 1107),
	all("牛仔裤", 1103),
	all("大衣", 1104),
	all("红酒杯", 1060),
	all("茶壶 胭脂", 1049),
	first("帐篷", 1143),
	first("露营", 1034),
	first("沙发", 1029),
	first("雨伞", 1127),
	all("乒乓球", 1141),
	all("吉他", 1169),
	first("电子琴", 1171),
	// One character: names, brands and categories.
	first("茶", 1049, 1092, 1093),
	first("伞", 1127),
	all("狗", 1204, 1205),
	first("猫", 1204, 1202, 1203, 1206, 1205, 1109), // first the goods of 橘猫工坊, by name or brand
	first("刀", 1133),
	// Pinyin, whole and by initials.
	all("erji", 1005, 1006),
	all("ej", 1005, 1006),
	first("shouji", 1001, 1002),
	all("lanyayinxiang", 1007),
	all("lyyx", 1007),
	all("jixiejianpan", 1019),
	all("jxjp", 1019),
	first("qiaokeli", 1087, 1084),
	first("qkl", 1087, 1084),
	all("yuebing", 1085),
	all("paoxie", 1107),
	all("yusan", 1127),
	all("jita", 1169),
	all("dayinji", 1021),
	all("kafei", 1051, 1094),
	first("cha", 1049, 1092, 1093),
	first("shafa", 1029),
	all("yunti shouji", 1001, 1002),
	close("lanyayinxi", 1007), // while the last syllable is being typed
	first("lanyayinx", 1007),
	// Latin letters, models, English.
	all("Chengyin H9", 1005),
	all("chengyin", 1005, 1007),
	all("h9", 1005),
	all("H9耳机", 1005),
	all("Ｈ９ 耳机", 1005), // full width
	all("nova 7", 1001),
	all("nova7", 1001),
	all("creator 16", 1017),
	first("14", 1016),
	first("4k", 1012),
	all("20000mAh", 1003),
	all("20000", 1003),
	first("65w", 1004),
	first("M1", 1010),
	all("46件套", 1042),
	first("t恤", 1101),
	all("72%", 1087),
	all("wine glass", 1060),
	all("noise-cancelling", 1005),
	first("green tea", 1092),
	first("headphones", 1005, 1006),
	first("headph", 1005, 1006), // while it is being typed
	first("phone", 1001, 1002),
	all("printer", 1021),
	first("sofa", 1029),
	first("tv", 1047),
	// Mixed.
	all("chengyin 耳机", 1005),
	all("充电器 65w", 1004),
	all("云梯 lite", 1002),
	first("烟熏 bacon", 1083),
	// Nothing has all of it: what is read the same, is one letter away, or shares most.
	close("耳几", 1005, 1006),
	close("蓝呀音箱", 1007),
	close("红就杯", 1060),
	close("头带耳机", 1005),
	close("机械建盘", 1019),
	close("降噪蓝牙耳机", 1005),
	close("儿童手表", 1014),
	close("云南咖啡", 1094),
	close("erjii", 1005, 1006),
	close("qiaokelli", 1087),
	close("choclate", 1087),
	close("keybord", 1019),
	close("headfones", 1005, 1006),
	close("5号足球", 1137),
	close("猫粮", 1204, 1202, 1203),
	close("zzzzqq"),
	close("洗碗机器人zzz"),
	all("%"),
	all("《》"),
}

func TestGoldenSearches(t *testing.T) {
	if len(goldens) < 60 {
		t.Fatalf("only %d searches", len(goldens))
	}
	ranked := map[string][]int64{}
	eachDemo(t, func(t *testing.T, s *search.Service, _ *db.DB, _ *storetest.Clock) {
		for _, g := range goldens {
			q, err := search.Parse(g.q)
			if err != nil {
				t.Fatal(g.q, err)
			}
			found, err := s.Find(ctx, q, nil, 50)
			if err != nil {
				t.Fatal(g.q, err)
			}
			var ids []int64
			for _, h := range found.Hits {
				ids = append(ids, h.SPUID)
			}
			got := ids
			if g.begins && len(g.want) > 0 {
				got = ids[:min(len(g.want), len(ids))]
			}
			if diff := cmp.Diff(g.want, got); diff != "" && !(g.begins && len(g.want) == 0) {
				t.Errorf("%q finds %v (-want +got):\n%s", g.q, ids, diff)
			}
			if found.Near != g.near && len(ids) > 0 {
				t.Errorf("%q: near %v", g.q, found.Near)
			}
			if other, known := ranked[g.q]; known && !cmp.Equal(other, ids) {
				t.Errorf("%q: %v on one database, %v on the other", g.q, other, ids)
			}
			ranked[g.q] = ids
		}
	})
}
