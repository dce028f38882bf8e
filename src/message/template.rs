//! Message templates: texts with `{placeholders}`, taken apart once for each rule.
//!
//! Knows the shape of a template; what a placeholder stands for is decided by the caller.

use crate::pack::Dataset;

/// A message or fix of a rule, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stays.
    Literal(String),
    /// A placeholder.
    Placeholder {
        /// Its name.
        name: String,
        /// The field of the rule's dataset with this name.
        field: Option<u16>,
    },
}

impl Template {
    /// Takes `text` apart; names are looked up in `dataset`. A brace that opens no name stays as it is.
    pub fn parse(text: &str, dataset: Option<&Dataset>) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            let (before, from) = rest.split_at(open);
            literal.push_str(before);
            let name = from.get(1..).and_then(|inside| inside.split_once('}')).map(|(name, _)| name);
            if let Some(name) = name.filter(|name| is_name(name)) {
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                let field = dataset.and_then(|dataset| dataset.field_index(name));
                parts.push(Part::Placeholder { name: name.to_owned(), field });
                rest = from.get(name.len() + 2..).unwrap_or_default();
            } else {
                literal.push('{');
                rest = from.get(1..).unwrap_or_default();
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self { parts }
    }

    /// The text with every placeholder filled by `fill`, which appends to the text.
    pub fn render(&self, mut fill: impl FnMut(&str, Option<u16>, &mut String)) -> String {
        let mut out = String::with_capacity(64);
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Placeholder { name, field } => fill(name, *field, &mut out),
            }
        }
        out
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> String {
        Template::parse(text, None).render(|name, _, out| {
            out.push('<');
            out.push_str(name);
            out.push('>');
        })
    }

    #[test]
    fn placeholders_are_filled() {
        assert_eq!(named("单笔贷款金额为{amount}万元"), "单笔贷款金额为<amount>万元");
        assert_eq!(named("{a}{_unit}"), "<a><_unit>");
        assert_eq!(named("no placeholder"), "no placeholder");
        assert_eq!(named(""), "");
    }

    #[test]
    fn other_braces_stay() {
        assert_eq!(named("{ a } {} {X} {a"), "{ a } {} {X} {a");
        assert_eq!(named("{{a}}"), "{<a>}");
    }
}
