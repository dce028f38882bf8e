//! Resident identity numbers: 18 characters of GB 11643-1999, and the 15 digits in use before.
//!
//! Six digits of area code, birth date, three digits of sequence (odd: male), check character by ISO 7064 MOD 11-2.
//! The area code counts as good if any year knows it: cards were first issued in the 1980s with the codes of that day,
//! so a code younger or older than the holder is no fault. Numbers with 81, 82 or 83 belong to `residence_permit`.

use chrono::NaiveDate;

use super::{Component, Failure, Sex, area, birth_date, checksum::mod_11_2, number};

/// What the number says about its holder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ResidentId {
    /// Area code of the first registration.
    pub area: u32,
    /// Birth date.
    pub birth: NaiveDate,
    /// Sex.
    pub sex: Sex,
}

impl ResidentId {
    /// Whether the area code was in use in the year of birth. Information only: see the top of this file.
    pub fn area_in_use_at_birth(&self) -> bool {
        area::valid_on(self.area, self.birth)
    }
}

/// Checks a number of 18 or 15 characters.
///
/// # Errors
/// Length, characters, check character, an area code no year knows, an impossible birth date or one after `data_date`.
pub fn check(value: &str, data_date: NaiveDate) -> Result<ResidentId, Failure> {
    let bytes = value.as_bytes();
    let (year, month_day, sequence) = match bytes.len() {
        18 => {
            let (body, last) = bytes.split_at(17);
            let check = mod_11_2(body).ok_or(Failure::Format)?;
            if !matches!(last, [b'0'..=b'9' | b'X']) {
                return Err(Failure::Format);
            }
            if last != [check] {
                return Err(Failure::Checksum);
            }
            (number(&bytes[6..10]), number(&bytes[10..14]), bytes[16])
        }
        15 if number(&bytes[..8]).is_some() && number(&bytes[8..]).is_some() => {
            (number(&bytes[6..8]).map(|year| 1900 + year), number(&bytes[8..12]), bytes[14])
        }
        15 => return Err(Failure::Format),
        _ => return Err(Failure::Length),
    };
    let area = number(&bytes[..6])
        .filter(|code| (110_000..800_000).contains(code) && area::known(*code))
        .ok_or(Failure::Component(Component::Area))?;
    let birth = birth_date(year.ok_or(Failure::Format)?, month_day.ok_or(Failure::Format)?, data_date)?;
    Ok(ResidentId { area, birth, sex: Sex::of_sequence(sequence) })
}

/// The 18 characters of a number that may have 15: the century 19 is put in and the check character appended
/// (GB 11643-1999). Text of another form gives nothing; nothing else is checked.
pub fn to_18(value: &str) -> Option<String> {
    let bytes = value.as_bytes();
    if bytes.len() == 18 {
        return Some(value.to_owned());
    }
    if bytes.len() != 15 {
        return None;
    }
    let mut long = String::with_capacity(18);
    long.push_str(value.get(..6)?);
    long.push_str("19");
    long.push_str(value.get(6..)?);
    let check = mod_11_2(long.as_bytes())?;
    long.push(char::from(check));
    Some(long)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn parts() {
        let id = check("11010519491231002X", day("2026-10-31")).expect("the standard's own example");
        assert_eq!((id.area, id.birth, id.sex), (110_105, day("1949-12-31"), Sex::Female));
        let id = check("150102850305123", day("2026-10-31")).expect("15 digits");
        assert_eq!((id.area, id.birth, id.sex), (150_102, day("1985-03-05"), Sex::Male));
    }

    #[test]
    fn short_numbers_become_long() {
        assert_eq!(to_18("150102850305123").as_deref(), Some("150102198503051238"));
        assert_eq!(to_18("130503670401001").as_deref(), Some("130503196704010016"));
        assert_eq!(to_18("15010285030512X"), None);
        assert_eq!(to_18("一二三四五"), None);
    }

    #[test]
    fn each_failure_has_its_kind() {
        let failure = |value| check(value, day("2026-10-31")).expect_err(value);
        assert_eq!(failure("1101051949123100"), Failure::Length);
        assert_eq!(failure("11010519491231002x"), Failure::Format);
        assert_eq!(failure("1X010519491231002X"), Failure::Format);
        assert_eq!(failure("15010285030512X"), Failure::Format);
        assert_eq!(failure("一二三四五六"), Failure::Format);
        assert_eq!(failure("110105194912310021"), Failure::Checksum);
        assert_eq!(failure("150102198502311237"), Failure::Component(Component::BirthDate));
        assert_eq!(failure("150102209903051238"), Failure::Component(Component::BirthDate));
        assert_eq!(failure("990102198503051234"), Failure::Component(Component::Area));
        assert_eq!(failure("810000199005200012"), Failure::Component(Component::Area));
    }

    #[test]
    fn birth_on_the_data_date_is_possible() {
        assert!(check("150102198503051238", day("1985-03-05")).is_ok());
        assert!(check("150102198503051238", day("1985-03-04")).is_err());
    }

    #[test]
    fn area_outside_its_years_is_no_failure() {
        // 东胜市 had this code from 1983 to 2000 only.
        let id = check("152701196408172567", day("2026-10-31")).expect("valid");
        assert!(!id.area_in_use_at_birth());
    }
}
