//! Code lists the other way round: from the name a cell holds to the code.

use std::collections::HashMap;

use crate::{ingest::characters::cleaned, pack::CodeList};

/// The names of a code list, for cells that hold the name instead of the code.
#[derive(Debug)]
pub struct CodeNames<'p> {
    list: &'p CodeList,
    by_name: HashMap<String, &'p str>,
    /// Some name is written in ASCII and could be taken for a code.
    pub ascii_names: bool,
}

impl<'p> CodeNames<'p> {
    /// Names that belong to one code only.
    pub fn new(list: &'p CodeList) -> Self {
        let mut by_name: HashMap<String, &'p str> = HashMap::new();
        let mut shared = Vec::new();
        for (code, entry) in &list.codes {
            let name = cleaned(&entry.name).text;
            if !name.is_empty() && by_name.insert(name.clone(), code).is_some() {
                shared.push(name);
            }
        }
        for name in shared {
            by_name.remove(&name);
        }
        let ascii_names = by_name.keys().any(|name| name.is_ascii());
        Self { list, by_name, ascii_names }
    }

    /// The code is in the list.
    pub fn has(&self, code: &str) -> bool {
        self.list.codes.contains_key(code)
    }

    /// The code of a name, or of code and name together such as `1-正常`.
    pub fn code_of(&self, text: &str) -> Option<&'p str> {
        if let Some(code) = self.by_name.get(text) {
            return Some(code);
        }
        let name_at = text.find(|c: char| !c.is_ascii_alphanumeric())?;
        let (code, rest) = text.split_at_checked(name_at)?;
        let (code, _) = self.list.codes.get_key_value(code)?;
        let name = rest.trim_start_matches(['-', ':', '.', '、', '|', '_', '—', '/']);
        (self.by_name.get(name) == Some(&code.as_str())).then_some(code.as_str())
    }

    /// The code is in the list once zeros are put before it.
    pub fn lost_zeros(&self, digits: &str) -> bool {
        !self.has(digits) && (1..=3).any(|zeros| self.has(&format!("{}{digits}", "0".repeat(zeros))))
    }
}

/// How each code is written with its name in one cell, such as `1-正常`: the text, or the code alone where the text
/// would not be read as the code. In the order of the codes.
pub fn code_entries(list: &CodeList) -> Vec<(&str, String)> {
    let names = CodeNames::new(list);
    let entry = |(code, entry): (&'_ String, &crate::pack::Code)| {
        let both = format!("{code}-{}", entry.name);
        if names.code_of(&cleaned(&both).text) == Some(code.as_str()) { both } else { code.clone() }
    };
    list.codes.iter().map(|(code, named)| (code.as_str(), entry((code, named)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::Code;

    #[test]
    fn a_code_stands_with_its_name_where_that_is_read_back() {
        let entries = [("1", "正常"), ("1.1", "带点"), ("2", "同名"), ("3", "同名"), ("4", ""), ("A5", "持股5%，以上")];
        let codes = entries.map(|(code, name)| (code.to_owned(), Code { name: name.to_owned(), ..Code::default() }));
        let list = CodeList { codes: codes.into_iter().collect() };
        let written: Vec<_> = code_entries(&list).into_iter().map(|(_, text)| text).collect();
        assert_eq!(written, ["1-正常", "1.1", "2", "3", "4", "A5-持股5%，以上"]);
    }
}
