//! Short forms of division names: 内蒙古 for 内蒙古自治区, 广西 for 广西壮族自治区, 新城 for 新城区.

/// Words a name ends with to say what kind of division it is, longest first.
const KINDS: [&str; 15] = [
    "特别行政区",
    "各族自治县",
    "自治区",
    "自治州",
    "自治县",
    "自治旗",
    "地区",
    "矿区",
    "林区",
    "省",
    "市",
    "县",
    "区",
    "旗",
    "盟",
];

/// Peoples in the names of autonomous divisions, longest first where one ends with another.
const PEOPLES: [&str; 57] = [
    "柯尔克孜族",
    "达斡尔族",
    "蒙古族",
    "哈萨克族",
    "塔吉克族",
    "维吾尔族",
    "土家族",
    "布依族",
    "傈僳族",
    "哈尼族",
    "拉祜族",
    "布朗族",
    "景颇族",
    "纳西族",
    "仡佬族",
    "仫佬族",
    "毛南族",
    "朝鲜族",
    "撒拉族",
    "保安族",
    "东乡族",
    "裕固族",
    "独龙族",
    "普米族",
    "鄂温克族",
    "锡伯族",
    "俄罗斯族",
    "柯尔克孜",
    "哈萨克",
    "塔吉克",
    "维吾尔",
    "蒙古",
    "锡伯",
    "壮族",
    "回族",
    "满族",
    "苗族",
    "侗族",
    "水族",
    "瑶族",
    "黎族",
    "彝族",
    "傣族",
    "白族",
    "藏族",
    "羌族",
    "土族",
    "畲族",
    "佤族",
    "怒族",
    "京族",
    "高山族",
    "阿昌族",
    "德昂族",
    "基诺族",
    "门巴族",
    "珞巴族",
];

/// The short form of a division's name; nothing if fewer than two characters would be left. The name itself if it
/// ends with no kind.
pub(super) fn short(name: &str) -> Option<&str> {
    let bare = KINDS.iter().find_map(|kind| name.strip_suffix(kind)).unwrap_or(name);
    let bare = if name.contains("自治") { without_peoples(bare) } else { bare };
    long_enough(bare).then_some(bare)
}

fn without_peoples(name: &str) -> &str {
    let mut bare = name;
    while let Some(rest) = PEOPLES.iter().find_map(|people| bare.strip_suffix(people)).filter(|rest| long_enough(rest))
    {
        bare = rest;
    }
    // 东乡族自治县, 鄂温克族自治旗: the people is the name.
    bare.strip_suffix('族').filter(|rest| long_enough(rest)).unwrap_or(bare)
}

fn long_enough(text: &str) -> bool {
    text.chars().nth(1).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms() {
        let pairs = [
            ("内蒙古自治区", Some("内蒙古")),
            ("广西壮族自治区", Some("广西")),
            ("新疆维吾尔自治区", Some("新疆")),
            ("宁夏回族自治区", Some("宁夏")),
            ("西藏自治区", Some("西藏")),
            ("香港特别行政区", Some("香港")),
            ("黑龙江省", Some("黑龙江")),
            ("北京市", Some("北京")),
            ("杭州市", Some("杭州")),
            ("呼和浩特市", Some("呼和浩特")),
            ("锡林郭勒盟", Some("锡林郭勒")),
            ("新城区", Some("新城")),
            ("郊区", None),
            ("矿区", None),
            ("旗县", None),
            ("通县", None),
            ("莫力达瓦达斡尔族自治旗", Some("莫力达瓦")),
            ("鄂温克族自治旗", Some("鄂温克")),
            ("鄂伦春自治旗", Some("鄂伦春")),
            ("东乡族自治县", Some("东乡")),
            ("积石山保安族东乡族撒拉族自治县", Some("积石山")),
            ("隆林各族自治县", Some("隆林")),
            ("博尔塔拉蒙古自治州", Some("博尔塔拉")),
            ("延边朝鲜族自治州", Some("延边")),
            ("克孜勒苏柯尔克孜自治州", Some("克孜勒苏")),
            ("井冈山", Some("井冈山")),
            ("邯郸地区", Some("邯郸")),
            ("忻州地区", Some("忻州")),
            ("白云矿区", Some("白云")),
            ("土默特左旗", Some("土默特左")),
        ];
        for (name, expected) in pairs {
            assert_eq!(short(name), expected, "{name}");
        }
    }
}
