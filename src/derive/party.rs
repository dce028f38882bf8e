//! Who a party is: the document by which two mentions are of the same one.
//!
//! Knows nothing of customers and relations. A name alone never says who a person is.

use chrono::NaiveDate;

use crate::identifier::{filler, normalise, org_code, resident_id, uscc};

/// Document types that are a person's identity number (居民身份证, 临时身份证).
const IDENTITY_TYPES: [&str; 2] = ["2", "8"];
/// Document type of an organisation (组织机构代码).
pub(super) const ORGANISATION_TYPE: &str = "1";
/// Document type "no document" (无证件).
const NO_DOCUMENT: &str = "12";
/// Shorter numbers are shared by chance.
const SHORTEST: usize = 6;

/// A document by which a party is known. Two mentions with equal documents are the same party.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Document {
    /// An organisation code with a good check character, nine characters; of a unified social credit code the
    /// characters 9 to 17, so that both documents of one organisation are equal.
    Organisation(String),
    /// A resident identity number, 18 characters; one of 15 digits is extended.
    Person(String),
    /// Another number, of the declared type.
    Other {
        /// Document type.
        kind: String,
        /// The number, normalised.
        number: String,
    },
}

/// How a mention was matched to a party.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// By document.
    Document,
    /// By the name of an organisation, equal but for its format.
    Name,
}

/// Whether documents of this type are persons' (types 2 to 11).
pub(super) fn of_person(kind: &str) -> bool {
    kind != ORGANISATION_TYPE && kind != NO_DOCUMENT
}

impl Document {
    /// The document a type and number stand for; nothing for blanks, fillers, very short numbers and "no document".
    pub fn of(kind: Option<&str>, number: Option<&str>) -> Option<Self> {
        let number = normalise(number?);
        let kind = kind.unwrap_or_default();
        if kind == NO_DOCUMENT || number.len() < SHORTEST || filler::is_filler(&number) {
            return None;
        }
        let identity = IDENTITY_TYPES.contains(&kind);
        let organisation = kind == ORGANISATION_TYPE || kind.is_empty();
        match number.len() {
            18 if resident_id::check(&number, NaiveDate::MAX).is_ok() && (identity || !uscc::embedded_ok(&number)) => {
                Some(Self::Person(number.into_owned()))
            }
            18 if !identity && uscc::check(&number).is_ok() => {
                uscc::organisation_code(&number).map(|code| Self::Organisation(code.to_owned()))
            }
            15 if identity => resident_id::to_18(&number).map(Self::Person),
            9 if organisation && org_code::check(&number).is_ok() => Some(Self::Organisation(number.into_owned())),
            _ => Some(Self::Other { kind: kind.to_owned(), number: number.into_owned() }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, number: &str) -> Option<Document> {
        Document::of(Some(kind), Some(number))
    }

    #[test]
    fn one_organisation_has_one_document() {
        let code = Some(Document::Organisation("MA0NABCD5".to_owned()));
        assert_eq!(of("1", "91150102MA0NABCD5T"), code);
        assert_eq!(of("1", "MA0NABCD-5"), code);
        assert_eq!(of("1", "ma0nabcd5"), code);
        assert_eq!(Document::of(None, Some("91150102MA0NABCD5T")), code);
    }

    #[test]
    fn one_person_has_one_document() {
        let number = Some(Document::Person("150102198503051238".to_owned()));
        assert_eq!(of("2", "150102850305123"), number);
        assert_eq!(of("2", "150102198503051238"), number);
        // The declared type is wrong, the number is the person's.
        assert_eq!(of("1", "150102198503051238"), number);
    }

    #[test]
    fn fillers_and_short_numbers_say_nothing() {
        for (kind, number) in [("1", "000000000"), ("2", "无"), ("10", "A123"), ("12", "91150102MA0NABCD5T"), ("1", "")]
        {
            assert_eq!(of(kind, number), None, "{kind} {number}");
        }
        assert_eq!(Document::of(Some("1"), None), None);
    }

    #[test]
    fn numbers_that_fail_their_check_are_equal_only_to_themselves() {
        let wrong = of("1", "91150102MA0NABCD5U");
        assert!(matches!(wrong, Some(Document::Other { .. })));
        assert_ne!(wrong, of("1", "MA0NABCD5"));
        assert_ne!(of("10", "E12345678"), of("3", "E12345678"));
    }
}
