//! Does an address name the division of a code?
//!
//! An address is read from its front: province, then city, then county, any of them left out. Names of streets hold
//! names of divisions (北京路), so a division counts only where one can stand, and a short form only if no word for a
//! street or building follows it. Names such as 新城区 exist in several cities: what stands before decides.

use std::sync::OnceLock;

use super::{Area, in_use, names, range, short::short};

/// Words that make a street or a building of the short form before them.
const STREETS: [&str; 26] = [
    "路",
    "街",
    "道",
    "大道",
    "大街",
    "巷",
    "胡同",
    "东路",
    "西路",
    "南路",
    "北路",
    "中路",
    "东街",
    "西街",
    "南街",
    "北街",
    "中街",
    "东大街",
    "西大街",
    "南大街",
    "北大街",
    "广场",
    "大厦",
    "小区",
    "花园",
    "新村",
];

/// Whether `address` names the division of `code`, by any name the code had, in full or short (two hanzi or more).
///
/// True: it names it. False: it names another province, or another city or county of the same province. Nothing: it
/// cannot be told, as when no county is named, or when the code is retired and the address has names of today.
pub fn in_address(code: u32, address: &str) -> Option<bool> {
    let own = names(code);
    let stripped: String;
    let text = if address.contains(char::is_whitespace) {
        stripped = address.split_whitespace().collect();
        stripped.as_str()
    } else {
        address
    };
    let text = text.strip_prefix("中国").or_else(|| text.strip_prefix("中华人民共和国")).unwrap_or(text);
    if own.is_empty() {
        return None;
    }
    let province = code / 10_000 * 10_000;

    let (named_province, rest) = match own_province(province, text) {
        Some(rest) => (true, rest),
        None => match other_province(province, text) {
            Some(other) if moved(code, other) => (true, text),
            Some(_) => return Some(false),
            None => (false, text),
        },
    };
    if code == province {
        return named_province.then_some(true).or_else(|| names_city_elsewhere(province, rest).then_some(false));
    }

    let retired = !in_use(code);
    let city = code / 100 * 100;
    let (place, rest) = city_place(province, city, rest);
    if place == Place::Unnamed && !named_province && names_city_elsewhere(province, rest) && !retired {
        return Some(false);
    }
    // The code of a city: 150100, 152500.
    if code == city {
        return match place {
            Place::Own => Some(true),
            Place::Other if !retired => Some(false),
            _ => contains_own(own, text).then_some(true),
        };
    }

    let rest = rest.strip_prefix("市辖区").unwrap_or(rest);
    if place == Place::Other {
        return if retired { contains_own(own, text).then_some(true) } else { Some(false) };
    }
    if own.iter().any(|area| area.until.is_none() && rest.starts_with(area.name)) {
        return Some(true);
    }
    // A name the code had once may be another county's today.
    if !retired && names_county(province, city, place, rest) {
        return Some(false);
    }
    contains_own(own, text).then_some(true)
}

/// What stands where a city can.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// No city of the province.
    Unnamed,
    /// The city of the code.
    Own,
    /// Another city in use.
    Other,
}

/// The rest of the address after the name of the code's own province.
fn own_province(province: u32, text: &str) -> Option<&str> {
    names(province).iter().find_map(|area| after(area.name, text))
}

/// The code of another province the address begins with.
fn other_province(province: u32, text: &str) -> Option<u32> {
    let others = large().iter().filter(|area| area.code % 10_000 == 0 && area.code != province);
    others.filter(|area| after(area.name, text).is_some()).map(|area| area.code).next()
}

/// Whether the division of a retired code went to the other province: 海南 left 广东 in 1988, 重庆 left 四川 in 1997.
fn moved(code: u32, other: u32) -> bool {
    !in_use(code) && matches!((code / 10_000, other), (44, 460_000) | (51, 500_000))
}

/// The rest after `name`, in full or short, if it stands in front.
fn after<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    text.strip_prefix(name).or_else(|| after_short(name, text))
}

/// The rest after the short form of `name`, if it stands in front and what follows makes no other name of it: a street
/// (北京路) or a smaller division (吉林市 in 吉林省, 通化县 in 通化市).
fn after_short<'a>(name: &str, text: &'a str) -> Option<&'a str> {
    if text.chars().next() != name.chars().next() {
        return None;
    }
    let rest = text.strip_prefix(short(name)?)?;
    if street_follows(rest) || rest.starts_with(['市', '县', '区', '旗']) {
        return None;
    }
    // 延边州 for 延边朝鲜族自治州
    Some(if name.ends_with('州') { rest.strip_prefix('州').unwrap_or(rest) } else { rest })
}

fn street_follows(rest: &str) -> bool {
    STREETS.iter().any(|word| rest.starts_with(word))
}

/// The city named in front, and the rest of the address after it. Full names go before short ones (恩施 is short for a
/// former district and the beginning of 恩施土家族苗族自治州), names of today before those of old.
fn city_place(province: u32, city: u32, text: &str) -> (Place, &str) {
    let today = || large().iter().filter(|area| area.code > province && area.code < province + 10_000);
    let old = || names(city).iter().filter(|area| area.until.is_some());
    let full = |area: &Area| Some((area.code, text.strip_prefix(area.name)?));
    let brief = |area: &Area| Some((area.code, after_short(area.name, text)?));
    let found = today().find_map(full).or_else(|| old().find_map(full));
    match found.or_else(|| today().find_map(brief)).or_else(|| old().find_map(brief)) {
        Some((code, rest)) if code == city => (Place::Own, rest),
        Some((_, rest)) => (Place::Other, rest),
        None => (Place::Unnamed, text),
    }
}

/// The provinces and cities in use.
fn large() -> &'static [Area] {
    static LARGE: OnceLock<Vec<Area>> = OnceLock::new();
    LARGE.get_or_init(|| {
        super::table().iter().filter(|area| area.code % 100 == 0 && area.until.is_none()).copied().collect()
    })
}

/// Whether a city of another province stands in front, in full: short forms are too often names of streets.
fn names_city_elsewhere(province: u32, text: &str) -> bool {
    large().iter().any(|area| area.code / 10_000 != province / 10_000 && text.starts_with(area.name))
}

/// Whether a county in use stands in front, in full; after the name of the city only counties of that city count.
fn names_county(province: u32, city: u32, place: Place, text: &str) -> bool {
    let counties = match place {
        Place::Own => range(city + 1, city + 100),
        _ => range(province + 1, province + 10_000),
    };
    counties.iter().any(|area| area.code % 100 != 0 && area.until.is_none() && text.starts_with(area.name))
}

/// Whether the address has one of the code's names anywhere, in full or short.
fn contains_own(own: &[Area], text: &str) -> bool {
    own.iter().any(|area| {
        text.contains(area.name)
            || short(area.name).is_some_and(|bare| {
                text.match_indices(bare)
                    .any(|(at, _)| text.get(at + bare.len()..).is_some_and(|rest| !street_follows(rest)))
            })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn county_is_named() {
        let pairs = [
            (150_102, "内蒙古自治区呼和浩特市新城区新华东街1号"),
            (150_102, "内蒙古呼和浩特新城兴安北路"),
            (150_102, "呼和浩特市 新城区"),
            (150_102, "中国内蒙古自治区呼和浩特市新城区"),
            (150_102, "新城区新华大街"),
            (150_125, "武川县可可以力更镇"),
            (110_105, "北京市朝阳区建国路"),
            (110_105, "北京市市辖区朝阳区建国路"),
            (150_722, "内蒙古呼伦贝尔市莫力达瓦旗尼尔基镇"),
            (330_782, "浙江省义乌市稠州北路"),
            (330_782, "浙江省金华市义乌市"),
            (650_107, "乌鲁木齐市达坂城区"),
            (441_900, "广东省东莞市南城街道"),
            (150_100, "内蒙古呼和浩特市"),
            (150_000, "内蒙古自治区呼和浩特市新城区"),
            (532_901, "云南省大理市下关镇"),
            (532_901, "云南省大理州大理市下关镇"),
            (632_521, "青海省海南州共和县"),
            (220_204, "吉林市船营区"),
            (419_001, "河南省济源市"),
        ];
        for (code, address) in pairs {
            assert_eq!(in_address(code, address), Some(true), "{code} {address}");
        }
    }

    #[test]
    fn another_division_is_named() {
        let pairs = [
            (150_102, "陕西省西安市新城区西五路"),
            (150_102, "西安市新城区西五路"),
            (150_102, "北京市朝阳区"),
            (150_102, "内蒙古包头市昆都仑区"),
            (150_102, "内蒙古自治区呼和浩特市回民区新城路"),
            (150_102, "呼和浩特市回民区"),
            (150_102, "内蒙古武川县"),
            (330_102, "浙江省义乌市稠州北路"),
            (150_100, "内蒙古包头市"),
            (150_000, "山西省大同市"),
            (150_000, "大同市平城区"),
            (220_502, "吉林省通化县快大茂镇"),
            (632_521, "海南省海口市龙华区"),
        ];
        for (code, address) in pairs {
            assert_eq!(in_address(code, address), Some(false), "{code} {address}");
        }
    }

    #[test]
    fn cannot_be_told() {
        let pairs = [
            (150_102, "内蒙古自治区呼和浩特市兴安北路"),
            (150_102, "内蒙古自治区"),
            (150_102, "北京路12号"),
            (150_102, "呼和浩特市新城路12号"),
            (150_102, ""),
            (990_102, "内蒙古自治区呼和浩特市"),
            (152_701, "内蒙古自治区鄂尔多斯市康巴什区"),
        ];
        for (code, address) in pairs {
            assert_eq!(in_address(code, address), None, "{code} {address}");
        }
    }

    #[test]
    fn retired_codes_go_by_their_names() {
        let pairs = [
            (152_701, "内蒙古伊克昭盟东胜市"),
            (152_701, "内蒙古鄂尔多斯市东胜区"),
            (152_301, "内蒙古通辽市科尔沁区"),
            (150_105, "呼和浩特市郊区巴彦镇"),
            (150_602, "内蒙古伊克昭盟东胜市"),
        ];
        for (code, address) in pairs {
            assert_eq!(in_address(code, address), Some(true), "{code} {address}");
        }
        assert_eq!(in_address(152_701, "山西省大同市"), Some(false));
    }

    /// The full address of every county in use, and of its neighbours in other provinces.
    #[test]
    fn every_county_is_found_in_its_address_and_in_no_other() {
        let name = |code| super::super::name(code).unwrap_or_default();
        let counties: Vec<(u32, String)> = super::super::table()
            .iter()
            .filter(|area| area.until.is_none() && area.code % 100 != 0)
            .map(|area| {
                let (province, city) = (area.code / 10_000 * 10_000, area.code / 100 * 100);
                (area.code, format!("{}{}{}解放路1号", name(province), name(city), area.name))
            })
            .collect();
        assert!(counties.len() > 2800);
        for (code, address) in &counties {
            assert_eq!(in_address(*code, address), Some(true), "{code} {address}");
        }
        for pair in counties.windows(2) {
            let ((code, _), (_, address)) = (&pair[0], &pair[1]);
            assert_eq!(in_address(*code, address), Some(false), "{code} {address}");
        }
    }
}
