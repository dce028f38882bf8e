//! Residence permits for residents of Hong Kong, Macau and Taiwan (港澳台居民居住证): built like resident identity
//! numbers (GB 11643-1999), with 810000, 820000 or 830000 for the area code.

use chrono::NaiveDate;

use super::{Component, Failure, Sex, birth_date, checksum::mod_11_2, number};

/// What the number says about its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidencePermit {
    /// Where the holder comes from.
    pub origin: Origin,
    /// Birth date.
    pub birth: NaiveDate,
    /// Sex.
    pub sex: Sex,
}

/// Where the holder of a permit comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// 香港.
    HongKong,
    /// 澳门.
    Macau,
    /// 台湾.
    Taiwan,
}

/// Checks a number of 18 characters.
///
/// # Errors
/// Length, characters, check character, another area code, an impossible birth date or one after `data_date`.
pub fn check(value: &str, data_date: NaiveDate) -> Result<ResidencePermit, Failure> {
    let bytes = value.as_bytes();
    if bytes.len() != 18 {
        return Err(Failure::Length);
    }
    let (body, last) = bytes.split_at(17);
    let check = mod_11_2(body).ok_or(Failure::Format)?;
    if !matches!(last, [b'0'..=b'9' | b'X']) {
        return Err(Failure::Format);
    }
    if last != [check] {
        return Err(Failure::Checksum);
    }
    let origin = match &body[..6] {
        b"810000" => Origin::HongKong,
        b"820000" => Origin::Macau,
        b"830000" => Origin::Taiwan,
        _ => return Err(Failure::Component(Component::Area)),
    };
    let year = number(&body[6..10]).ok_or(Failure::Format)?;
    let month_day = number(&body[10..14]).ok_or(Failure::Format)?;
    let birth = birth_date(year, month_day, data_date)?;
    Ok(ResidencePermit { origin, birth, sex: Sex::of_sequence(body[16]) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_kind() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        let now = day("2026-10-31");
        let permit = check("810000199005200012", now).expect("valid");
        assert_eq!((permit.origin, permit.birth, permit.sex), (Origin::HongKong, day("1990-05-20"), Sex::Male));
        assert_eq!(check("820000199005200014", now).map(|permit| permit.origin), Ok(Origin::Macau));
        assert_eq!(check("830000199005200016", now).map(|permit| permit.origin), Ok(Origin::Taiwan));
        assert_eq!(check("81000019900520001", now), Err(Failure::Length));
        assert_eq!(check("81000019900520001A", now), Err(Failure::Format));
        assert_eq!(check("810000199005200013", now), Err(Failure::Checksum));
        assert_eq!(check("150102198503051238", now), Err(Failure::Component(Component::Area)));
        assert_eq!(check("810000199005200012", day("1990-05-19")), Err(Failure::Component(Component::BirthDate)));
    }
}
