//! Made-up identifiers with right check digits. Knows nothing of who bears them.
//!
//! Numbers that look like fillers (four equal or four rising digits in a row) are never drawn: they are planted on
//! purpose elsewhere.

use chrono::{Datelike, NaiveDate};

use crate::rng::Rng;

/// Division codes with the years they were in use (GB/T 2260), as the rules have them.
const DIVISIONS: &str = include_str!("../../rules/common/data/area_codes.csv");

/// Letters and digits of the unified social credit code (GB 32100-2015).
const CREDIT_ALPHABET: &[u8] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Resident identity number (GB 11643-1999), check by ISO 7064 MOD 11-2. The last digit of `order` is odd for men.
pub fn resident_id(area: &str, birth: NaiveDate, order: i64) -> String {
    let body = format!("{area}{:04}{:02}{:02}{order:03}", birth.year(), birth.month(), birth.day());
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let check = b"10X98765432"[(sum % 11) as usize];
    body + &char::from(check).to_string()
}

/// Organisation code (GB 11714-1997) of an eight-character body, with its check character and no hyphen.
fn org_code(body: &str) -> String {
    let weights = [3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.chars().zip(weights).map(|(c, weight)| c.to_digit(36).expect("0-9 or A-Z") * weight).sum();
    let check = match 11 - sum % 11 {
        10 => "X".to_owned(),
        11 => "0".to_owned(),
        digit => digit.to_string(),
    };
    format!("{body}{check}")
}

/// Unified social credit code (GB 32100-2015): `kind` is its first two characters, `org` a nine-character organisation
/// code.
pub fn credit_code(kind: &str, area: &str, org: &str) -> String {
    let body = format!("{kind}{area}{org}");
    let (mut sum, mut weight) = (0, 1);
    for byte in body.bytes() {
        let value = CREDIT_ALPHABET.iter().position(|&letter| letter == byte).expect("a letter of the alphabet");
        sum += value * weight;
        weight = weight * 3 % 31;
    }
    let check = CREDIT_ALPHABET[(31 - sum % 31) % 31];
    body + &char::from(check).to_string()
}

/// Business registration number of 15 digits (GS 15-2006), check by ISO 7064 MOD 11,10.
fn registration(body: &str) -> String {
    let mut product = 10;
    for byte in body.bytes() {
        let sum = (product + u32::from(byte - b'0')) % 10;
        product = if sum == 0 { 10 } else { sum } * 2 % 11;
    }
    format!("{body}{}", (11 - product) % 10)
}

/// Loan card number (中征码) of 16 characters.
fn loan_card_of(body: &str) -> String {
    let weights = [1, 3, 5, 7, 11, 2, 13, 1, 1, 17, 19, 97, 23, 29];
    let sum: u32 = body.chars().zip(weights).map(|(c, weight)| c.to_digit(36).expect("0-9 or A-Z") * weight).sum();
    format!("{body}{:02}", sum % 97 + 1)
}

/// Four equal or four rising digits in a row, as in a number typed in to fill the cell.
fn looks_like_filler(number: &str) -> bool {
    number.as_bytes().windows(4).any(|four| {
        let equal = four.windows(2).all(|two| two[0] == two[1]);
        let rising = four.windows(2).all(|two| two[0] + 1 == two[1]);
        equal || rising
    })
}

/// Draws until the number does not look like a filler.
fn drawn(mut draw: impl FnMut() -> String) -> String {
    loop {
        let number = draw();
        if !looks_like_filler(&number) {
            return number;
        }
    }
}

/// A new organisation code without hyphen. It begins with `MA`, so no number made of it can pass for a personal one.
pub fn draw_org_code(rng: &mut Rng) -> String {
    drawn(|| {
        let tail: String = (0..4).map(|_| char::from(CREDIT_ALPHABET[rng.below(CREDIT_ALPHABET.len())])).collect();
        let series = rng.pick(&["MA0", "MA1"]);
        let letter = rng.pick(&["N", "Q", "P", "K", "H", "T"]);
        org_code(&format!("{series}{letter}{tail}"))
    })
}

/// A new credit code of an organisation registered in `area`.
pub fn draw_credit_code(rng: &mut Rng, kind: &str, area: &str) -> String {
    drawn(|| credit_code(kind, area, &draw_org_code(rng)))
}

/// A new registration number. Digits 9 and 10 are no month, so it is no old resident number either.
pub fn draw_registration(rng: &mut Rng, area: &str) -> String {
    drawn(|| registration(&format!("{area}{}{}{}", rng.digits(2), rng.between(13, 99), rng.digits(4))))
}

pub fn draw_loan_card(rng: &mut Rng, area: &str) -> String {
    drawn(|| loan_card_of(&format!("{area}{}", rng.digits(8))))
}

/// A new resident number of someone between 22 and 65 years old in 2026, born when the division had its code.
pub fn draw_resident_id(rng: &mut Rng, area: &str, male: bool) -> String {
    drawn(|| {
        let mut born =
            || NaiveDate::from_ymd_opt(1961, 1, 1).expect("a day") + chrono::Days::new(rng.below(15_500) as u64);
        let mut birth = born();
        while !in_use(area, birth.year()) {
            birth = born();
        }
        let order = rng.between(1, 499) * 2 - i64::from(male);
        resident_id(area, birth, order)
    })
}

/// Whether the division code was in use in the year.
fn in_use(area: &str, year: i32) -> bool {
    DIVISIONS.lines().filter_map(|line| line.strip_prefix(area)).any(|line| {
        let years: Vec<Option<i32>> = line.split(',').skip(2).map(|year| year.trim().parse().ok()).collect();
        matches!(years[..], [from, until] if from.is_none_or(|from| from <= year) && until.is_none_or(|until| year <= until))
    })
}

pub fn draw_mobile(rng: &mut Rng) -> String {
    drawn(|| format!("199{}", rng.digits(8)))
}

/// The same number with another last character: the check fails.
pub fn spoiled(number: &str) -> String {
    let mut text: Vec<char> = number.chars().collect();
    if let Some(last) = text.last_mut() {
        *last = if *last == '0' { '1' } else { '0' };
    }
    text.into_iter().collect()
}
