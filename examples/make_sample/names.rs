//! Made-up names and addresses, put together from lists. The county (示例旗) does not exist; the divisions of the
//! addresses do, because the rules compare them with the official codes.

use std::collections::BTreeSet;

use crate::rng::Rng;

/// Divisions used for registered addresses: code, city, county or district.
pub const DIVISIONS: [(&str, &str, &str); 10] = [
    ("150102", "呼和浩特市", "新城区"),
    ("150103", "呼和浩特市", "回民区"),
    ("150104", "呼和浩特市", "玉泉区"),
    ("150105", "呼和浩特市", "赛罕区"),
    ("150121", "呼和浩特市", "土默特左旗"),
    ("150122", "呼和浩特市", "托克托县"),
    ("150125", "呼和浩特市", "武川县"),
    ("150202", "包头市", "东河区"),
    ("150221", "包头市", "土默特右旗"),
    ("150428", "赤峰市", "喀喇沁旗"),
];

const SHOP: [&str; 20] = [
    "瑞", "丰", "恒", "泰", "盛", "源", "宏", "达", "穗", "牧", "腾", "润", "禾", "晟", "昌", "隆", "顺", "康", "裕",
    "兴",
];
const TRADE: [&str; 20] = [
    "农牧业开发",
    "乳业",
    "粮油贸易",
    "建筑工程",
    "商贸",
    "物流",
    "绒毛制品",
    "马铃薯种植",
    "饲料",
    "煤炭运销",
    "化工",
    "机械设备",
    "新能源",
    "房地产开发",
    "酒业",
    "肉业",
    "种业",
    "水利工程",
    "矿业",
    "旅游开发",
];
const SURNAME: [&str; 24] = [
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢",
];
const GIVEN: [&str; 24] = [
    "文", "明", "志", "强", "建", "军", "丽", "娟", "海", "燕", "秀", "英", "晓", "宇", "浩", "然", "涵", "思", "远",
    "静", "磊", "敏", "洁", "涛",
];
const MONGOLIAN: [&str; 10] =
    ["乌兰", "巴特尔", "苏日娜", "娜仁", "其木格", "格日勒", "萨仁", "朝鲁", "宝音", "那日苏"];
const STREET: [&str; 8] = ["样板路", "示范街", "范例大街", "演示路", "模板巷", "例题街", "样本路", "样例大街"];

/// Names given so far: no two organisations share one unless it is planted.
#[derive(Default)]
pub struct Register(BTreeSet<String>);

impl Register {
    /// A new company or cooperative, by its full name.
    ///
    /// The third character of the shop follows from the others like a check digit, so that no two names differ in one
    /// character only.
    pub fn company(&mut self, rng: &mut Rng) -> String {
        self.fresh(|| {
            let form = match rng.below(20) {
                0..=10 => "有限责任公司",
                11..=16 => "有限公司",
                17 | 18 => "股份有限公司",
                _ => {
                    let (one, two) = (rng.below(SHOP.len()), rng.below(SHOP.len()));
                    return format!("示例旗{}养殖农民专业合作社", shop(one, two, 0));
                }
            };
            let (one, two, trade) = (rng.below(SHOP.len()), rng.below(SHOP.len()), rng.below(TRADE.len()));
            format!("示例旗{}{}{form}", shop(one, two, trade), TRADE[trade])
        })
    }

    /// A new public institution.
    pub fn institution(&mut self, rng: &mut Rng) -> String {
        self.fresh(|| {
            format!("示例旗第{}{}", rng.pick(&["一", "二", "三", "四", "五", "六"]), rng.pick(&["中学", "人民医院"]))
        })
    }

    /// A firm's name is new if no other form of company has it either: a fault may change the form.
    fn fresh(&mut self, mut draw: impl FnMut() -> String) -> String {
        loop {
            let name = draw();
            let stem = ["股份有限公司", "有限责任公司", "有限公司"].iter().find_map(|form| name.strip_suffix(form));
            if self.0.insert(stem.unwrap_or(&name).to_owned()) {
                return name;
            }
        }
    }
}

/// All factors have inverses modulo the number of characters.
fn shop(one: usize, two: usize, trade: usize) -> String {
    format!("{}{}{}", SHOP[one], SHOP[two], SHOP[(one + 3 * two + 7 * trade) % SHOP.len()])
}

/// A person: mostly surname and given name, some names without surname and some in two parts.
pub fn person(rng: &mut Rng) -> String {
    match rng.below(40) {
        0..=2 => rng.pick(&MONGOLIAN).to_owned(),
        3 => format!("{}·{}", rng.pick(&MONGOLIAN), rng.pick(&MONGOLIAN)),
        _ => plain_person(rng),
    }
}

/// A person with surname and a given name of two characters.
pub fn plain_person(rng: &mut Rng) -> String {
    format!("{}{}{}", rng.pick(&SURNAME), rng.pick(&GIVEN), rng.pick(&GIVEN))
}

pub fn address(rng: &mut Rng, division: (&str, &str, &str)) -> String {
    format!("内蒙古自治区{}{}{}{}号", division.1, division.2, rng.pick(&STREET), rng.between(1, 299))
}

/// An address in another province, in none of the divisions used here.
pub fn foreign_address(rng: &mut Rng) -> String {
    format!("河北省张家口市怀来县{}{}号", rng.pick(&STREET), rng.between(1, 299))
}
