//! Which kinds of identifier a number can be: every check is tried, so that a declared type can be compared with the
//! number (Article 8(4)).

use chrono::{Datelike, NaiveDate};

use super::{
    bank_card, biz_reg, foreign_residence, foreign_residence::ForeignResidence, institution_credit, lei, loan_card,
    org_code, passport, passport::Passport, phone, phone::Phone, postcode, residence_permit, residence_permit::Origin,
    resident_id, travel_permit, uscc,
};
use crate::text::Text;

/// A kind of identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Resident identity number of 18 characters.
    ResidentId,
    /// Resident identity number of 15 digits.
    ResidentId15,
    /// Residence permit for residents of Hong Kong, Macau and Taiwan.
    ResidencePermit,
    /// Foreigner's permanent residence card since December 2023.
    ForeignResidence,
    /// The same, issued before.
    ForeignResidenceOld,
    /// Travel permit of a Hong Kong or Macau resident.
    TravelPermit,
    /// Travel permit of a Taiwan resident.
    TaiwanPermit,
    /// Chinese passport.
    Passport,
    /// Unified social credit code.
    Uscc,
    /// Organisation code.
    OrgCode,
    /// Business registration number.
    BizReg,
    /// Loan card code.
    LoanCard,
    /// Institution credit code.
    InstitutionCredit,
    /// Legal entity identifier.
    Lei,
    /// Bank card number.
    BankCard,
    /// Mobile telephone number.
    Mobile,
    /// Landline telephone number.
    Landline,
    /// Postcode.
    Postcode,
}

impl Kind {
    /// All kinds, those of persons first.
    pub const ALL: [Kind; 18] = [
        Kind::ResidentId,
        Kind::ResidentId15,
        Kind::ResidencePermit,
        Kind::ForeignResidence,
        Kind::ForeignResidenceOld,
        Kind::TravelPermit,
        Kind::TaiwanPermit,
        Kind::Passport,
        Kind::Uscc,
        Kind::OrgCode,
        Kind::BizReg,
        Kind::LoanCard,
        Kind::InstitutionCredit,
        Kind::Lei,
        Kind::BankCard,
        Kind::Mobile,
        Kind::Landline,
        Kind::Postcode,
    ];

    /// Whether a check character was verified: without one, the form alone was recognised.
    pub fn has_check(self) -> bool {
        matches!(
            self,
            Kind::ResidentId
                | Kind::ResidencePermit
                | Kind::ForeignResidence
                | Kind::Uscc
                | Kind::OrgCode
                | Kind::BizReg
                | Kind::LoanCard
                | Kind::InstitutionCredit
                | Kind::Lei
                | Kind::BankCard
        )
    }

    /// Whether the number names a natural person.
    pub fn of_person(self) -> bool {
        self <= Kind::Passport
    }

    /// The kind's name.
    pub fn text(self) -> Text {
        let (zh, en) = match self {
            Kind::ResidentId => ("居民身份证号码", "resident identity number"),
            Kind::ResidentId15 => ("15位居民身份证号码", "resident identity number of 15 digits"),
            Kind::ResidencePermit => ("港澳台居民居住证号码", "Hong Kong, Macau or Taiwan residence permit number"),
            Kind::ForeignResidence => ("外国人永久居留身份证号码", "foreigner's permanent residence card number"),
            Kind::ForeignResidenceOld => {
                ("旧版外国人永久居留证号码", "foreigner's permanent residence card number, old form")
            }
            Kind::TravelPermit => ("港澳居民来往内地通行证号码", "Hong Kong or Macau travel permit number"),
            Kind::TaiwanPermit => ("台湾居民来往大陆通行证号码", "Taiwan travel permit number"),
            Kind::Passport => ("护照号码", "passport number"),
            Kind::Uscc => ("统一社会信用代码", "unified social credit code"),
            Kind::OrgCode => ("组织机构代码", "organisation code"),
            Kind::BizReg => ("工商注册号", "business registration number"),
            Kind::LoanCard => ("中征码（贷款卡编码）", "loan card code"),
            Kind::InstitutionCredit => ("机构信用代码", "institution credit code"),
            Kind::Lei => ("全球法人识别编码", "legal entity identifier"),
            Kind::BankCard => ("银行卡号", "bank card number"),
            Kind::Mobile => ("手机号码", "mobile telephone number"),
            Kind::Landline => ("固定电话号码", "landline telephone number"),
            Kind::Postcode => ("邮政编码", "postcode"),
        };
        Text::new(zh, en)
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u32);

impl Kinds {
    fn add(&mut self, kind: Kind, found: bool) {
        if found {
            self.0 |= 1 << kind as u32;
        }
    }

    /// Whether the kind is among them.
    pub fn contains(self, kind: Kind) -> bool {
        self.0 & 1 << kind as u32 != 0
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of [`Kind::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL.into_iter().filter(move |kind| self.contains(*kind))
    }

    /// The only kind whose check character fits: strong evidence of what the number is. Nothing if there is none, or
    /// more than one.
    pub fn only_checked(self) -> Option<Kind> {
        let mut checked = self.iter().filter(|kind| kind.has_check());
        let first = checked.next();
        if checked.next().is_none() { first } else { None }
    }
}

/// The kinds whose check the normalised value passes.
pub fn recognise(value: &str, data_date: NaiveDate) -> Kinds {
    let mut kinds = Kinds::default();
    if !(6..=20).contains(&value.len()) || !value.is_ascii() {
        return kinds;
    }
    let resident = resident_id::check(value, data_date).is_ok();
    kinds.add(Kind::ResidentId, resident && value.len() == 18);
    kinds.add(Kind::ResidentId15, resident && value.len() == 15);
    kinds.add(Kind::ResidencePermit, residence_permit::check(value, data_date).is_ok());
    let foreign = foreign_residence::check(value);
    kinds.add(Kind::ForeignResidence, foreign == Ok(ForeignResidence::New));
    kinds.add(Kind::ForeignResidenceOld, foreign == Ok(ForeignResidence::Old));
    let permit = travel_permit::check(value).map(|permit| permit.origin);
    kinds.add(Kind::TravelPermit, matches!(permit, Ok(Origin::HongKong | Origin::Macau)));
    kinds.add(Kind::TaiwanPermit, permit == Ok(Origin::Taiwan));
    kinds.add(Kind::Passport, passport::check(value) == Ok(Passport::Chinese));
    kinds.add(Kind::Uscc, uscc::check(value).is_ok());
    kinds.add(Kind::OrgCode, org_code::check(value).is_ok());
    kinds.add(Kind::BizReg, biz_reg::check(value).is_ok());
    kinds.add(Kind::LoanCard, loan_card::check(value).is_ok());
    kinds.add(Kind::InstitutionCredit, institution_credit::check(value).is_ok());
    kinds.add(Kind::Lei, lei::check(value).is_ok());
    kinds.add(Kind::BankCard, bank_card::check(value).is_ok());
    let phone = phone::check(value);
    kinds.add(Kind::Mobile, phone == Ok(Phone::Mobile));
    kinds.add(Kind::Landline, phone == Ok(Phone::Landline));
    kinds.add(Kind::Postcode, postcode::check(value).is_ok());
    kinds
}

/// Whether the number is one of an organisation's documents: unified social credit code, organisation code or business
/// registration number.
pub fn org_document(value: &str) -> bool {
    uscc::check(value).is_ok() || org_code::check(value).is_ok() || biz_reg::check(value).is_ok()
}

/// Whether the number is one of a person's documents: resident identity number, residence permit, travel permit of a
/// Hong Kong or Macau resident, foreigner's permanent residence card.
///
/// The answer is used as evidence against a declared type, so forms that prove nothing are left out: eight bare digits
/// (a Taiwan travel permit, or an organisation code without its last character), and 15 digits that are a business
/// registration number or would make the holder older than 120.
pub fn personal_document(value: &str, data_date: NaiveDate) -> bool {
    let resident = resident_id::check(value, data_date).is_ok_and(|id| {
        value.len() == 18 || (biz_reg::check(value).is_err() && data_date.year() - id.birth.year() <= 120)
    });
    resident
        || residence_permit::check(value, data_date).is_ok()
        || foreign_residence::check(value).is_ok()
        || travel_permit::check(value).is_ok_and(|permit| permit.origin != Origin::Taiwan)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day() -> NaiveDate {
        "2026-10-31".parse().expect("a date")
    }

    #[test]
    fn all_kinds_stand_in_order() {
        for (index, kind) in Kind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, index);
        }
    }

    #[test]
    fn kinds_of_a_number() {
        let kinds = |value| recognise(value, day()).iter().collect::<Vec<_>>();
        assert_eq!(kinds("11010519491231002X"), [Kind::ResidentId]);
        assert_eq!(kinds("91150102MA0NABCD5T"), [Kind::Uscc]);
        assert_eq!(kinds("810000199005200012"), [Kind::ResidencePermit]);
        assert_eq!(kinds("911840198503050015"), [Kind::ForeignResidence]);
        assert_eq!(kinds("USA110085030501"), [Kind::ForeignResidenceOld]);
        assert_eq!(kinds("G10150102000123451"), [Kind::InstitutionCredit]);
        assert_eq!(kinds("529900T8BM49AURSDO55"), [Kind::Lei]);
        assert_eq!(kinds("6228480012345678903"), [Kind::BankCard]);
        assert_eq!(kinds("D2143569X"), [Kind::OrgCode]);
        assert_eq!(kinds("13947101234"), [Kind::Mobile]);
        assert_eq!(kinds("010010"), [Kind::Postcode]);
        assert_eq!(kinds("H60728194"), [Kind::TravelPermit]);
        assert_eq!(kinds("EA6072819"), [Kind::Passport]);
        assert_eq!(kinds("00000000"), []);
        assert_eq!(kinds("身份证"), []);
    }

    #[test]
    fn only_the_checked_kind_is_evidence() {
        // Eight digits can be a permit or a telephone: neither has a check digit.
        assert_eq!(recognise("60728194", day()).only_checked(), None);
        assert!(recognise("60728194", day()).contains(Kind::TaiwanPermit));
        assert_eq!(recognise("150102198503051238", day()).only_checked(), Some(Kind::ResidentId));
    }

    #[test]
    fn documents() {
        for value in ["91150102MA0NABCD5T", "75346870-8", "150102000123451"] {
            assert!(org_document(value) && !personal_document(value, day()), "{value}");
        }
        for value in ["150102198503051238", "150102850305123", "810000199005200012", "911840198503050015", "H60728194"]
        {
            assert!(personal_document(value, day()) && !org_document(value), "{value}");
        }
        for value in ["60728194", "150102000123455", "00000000-0", ""] {
            assert!(!personal_document(value, day()) && !org_document(value), "{value}");
        }
    }
}
