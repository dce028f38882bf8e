//! JSON Schemas of the files of a pack, for editors that complete and check TOML as it is typed.
//!
//! They tell keys, types and allowed words; what only the loader can tell (fields, SQL, examples) is left to `rules lint`.

mod schemes;

use serde_json::{Value, json};

use super::{DerivedCheck, FieldKind, SheetCheck, load::SEVERITIES};
use crate::table::FaultKind;

/// The schemas by file name.
pub fn schemas() -> [(&'static str, Value); 5] {
    [
        ("pack.schema.json", pack()),
        ("params.schema.json", params()),
        ("rules.schema.json", rules()),
        ("tiers.schema.json", schemes::tiers()),
        ("cadence.schema.json", schemes::cadences()),
    ]
}

fn document(title: &str, properties: &Value, required: &[&str]) -> Value {
    let mut schema = object(properties, required);
    if let Some(map) = schema.as_object_mut() {
        map.insert("$schema".to_owned(), "http://json-schema.org/draft-07/schema#".into());
        map.insert("title".to_owned(), title.into());
    }
    schema
}

fn object(properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required, "additionalProperties": false })
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "description": description })
}

fn texts(description: &str) -> Value {
    json!({ "type": "array", "items": { "type": "string" }, "description": description })
}

fn count(description: &str) -> Value {
    json!({ "type": "integer", "minimum": 0, "description": description })
}

fn flag(description: &str) -> Value {
    json!({ "type": "boolean", "description": description })
}

fn date(description: &str) -> Value {
    json!({ "type": "string", "format": "date", "description": description })
}

fn word(words: &[&str], description: &str) -> Value {
    json!({ "enum": words, "description": description })
}

fn severities() -> Vec<&'static str> {
    SEVERITIES.iter().map(|(name, _)| *name).collect()
}

fn both_languages(description: &str) -> Value {
    let mut schema = object(&json!({ "zh": text("Chinese"), "en": text("English") }), &["zh", "en"]);
    if let Some(map) = schema.as_object_mut() {
        map.insert("description".to_owned(), description.into());
    }
    schema
}

fn source() -> Value {
    let properties = json!({
        "doc": text("the document"),
        "article": text("article or clause"),
        "id": text("the regulator's own id, such as LJX-024"),
        "clause": texts("ids in clauses.csv that it carries out, such as T07"),
        "checked": date("when someone last compared it with the document"),
        "assumption": flag("it is in no document: the institution may change it"),
    });
    object(&properties, &["doc"])
}

fn pack() -> Value {
    let kinds: Vec<_> = FieldKind::NAMES.iter().map(|(name, _)| *name).collect();
    let field = json!({
        "id": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "name in SQL" },
        "headings": texts("accepted headings; the first is the standard one"),
        "en": text("English name"),
        "type": word(&kinds, "what the cells hold"),
        "required": word(&severities(), "severity of a blank cell"),
        "max_length": count("longest text, in characters"),
        "codes": text("code list the values must be in"),
        "unit": word(&["元", "万元"], "unit of an amount"),
        "scale": count("decimal places"),
        "width": count("fixed number of characters of a code"),
        "mask": word(&["none", "identifier", "name"], "masking outside the unit's own workbook"),
        "source": source(),
    });
    let dataset = json!({
        "id": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "name in SQL" },
        "prefix": { "type": "string", "pattern": "^[A-Z]{2,5}$", "description": "first part of rule ids" },
        "title": both_languages("title"),
        "sheets": texts("usual names of the sheet"),
        "required": flag("every unit must hand it in"),
        "roster": flag("it is the roster of units"),
        "key": texts("fields that together name a record"),
        "source": source(),
        "fields": { "type": "array", "items": object(&field, &["id", "headings", "en", "type"]) },
    });
    let refers = json!({
        "to": text("the other dataset"),
        "key": texts("fields here"),
        "to_key": texts("fields there; the same if absent"),
    });
    let completeness = json!({
        "title": both_languages("what is measured"),
        "on": text("dataset"),
        "when": text("records that count, SQL"),
        "field": text("filled in a complete record"),
        "refers": object(&refers, &["to", "key"]),
    });
    let properties = json!({
        "edition": text("edition of the pack"),
        "deadlines": { "type": "boolean", "description": "whether units hand in by the 4th and correct by the 5th working day; true by default" },
        "title": both_languages("title"),
        "include": texts("folders whose rules belong to the pack too"),
        "retired": texts("rule ids never to be used again"),
        "dataset": { "type": "array", "items": object(&dataset, &["id", "prefix", "title", "fields"]) },
        "completeness": { "type": "array", "items": object(&completeness, &["title", "on"]) },
    });
    document("baosong pack.toml", &properties, &["edition", "title"])
}

fn params() -> Value {
    let param = json!({
        "name": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "used as $name" },
        "value": { "type": ["number", "string", "boolean"], "description": "digits are kept as written" },
        "unit": text("unit or meaning"),
        "size_class": text("holds if the parameter size_class has this value"),
        "from": date("first day in force"),
        "until": date("last day in force"),
        "source": source(),
    });
    let items = object(&param, &["name", "value", "source"]);
    document("baosong params.toml", &json!({ "param": { "type": "array", "items": items } }), &[])
}

fn rules() -> Value {
    let detectors: Vec<_> =
        FaultKind::ALL.iter().map(|kind| kind.name()).chain(SheetCheck::ALL.iter().map(|check| check.name())).collect();
    let examples =
        |description: &str| json!({ "type": "array", "items": { "type": "object" }, "description": description });
    let refers = json!({
        "to": text("the other dataset"),
        "key": texts("fields here"),
        "to_key": texts("fields there; the same if absent"),
        "to_when": text("which records there count, SQL"),
        "same_unit": flag("only records of the same unit count"),
    });
    let with = json!({ "dataset": text("dataset"), "key": texts("key there"), "field": text("value there") });
    let determines = json!({
        "key": texts("records with equal keys"),
        "field": text("have equal values here"),
        "with": { "type": "array", "items": object(&with, &["dataset", "key", "field"]) },
    });
    let sum = json!({
        "field": text("the figure"),
        "key": texts("key of the record"),
        "of": text("dataset of the parts"),
        "of_field": text("the parts"),
        "of_key": texts("key of the parts; the same if absent"),
        "of_when": text("which parts count, SQL"),
        "tolerance": { "type": "number", "description": "largest difference allowed" },
    });
    let bound = json!({ "type": ["number", "string"], "description": "a number, or \"$param\"" });
    let change = json!({
        "of": { "type": "string", "pattern": "^(count|unchanged|sum\\([a-z][a-z0-9_]*\\))$", "description": "the measure" },
        "absolute": bound,
        "percent": bound,
        "fall": bound,
        "institution": flag("one figure for the institution instead of one for each unit"),
    });
    let derived = DerivedCheck::ALL.map(DerivedCheck::name);
    let rule = json!({
        "id": { "type": "string", "pattern": "^[A-Z]{2,5}-[A-Z]{2,5}-[0-9]{3}$", "description": "dataset, topic, number" },
        "severity": word(&severities(), "error: must be fixed; warning: fixed or explained"),
        "on": text("dataset"),
        "when": text("records it applies to, SQL"),
        "assert": text("true on a good record, SQL"),
        "unique": texts("no two records share these fields"),
        "across_units": flag("records of other units count too"),
        "refers": object(&refers, &["to", "key"]),
        "determines": object(&determines, &["key", "field"]),
        "sum": object(&sum, &["field", "key", "of", "of_field"]),
        "change": object(&change, &["of", "absolute", "percent"]),
        "query": text("SELECT that returns the records at fault in _row"),
        "derived": word(&derived, "what was derived from all records together"),
        "detector": word(&detectors, "what a cell or sheet detector found"),
        "fields": texts("cells to mark; the finding is listed under the first"),
        "amount": text("amount field summed over violating records"),
        "mandatory": flag("cannot be waived"),
        "message": both_languages("what is wrong, with {placeholders}"),
        "fix": both_languages("what to do"),
        "values": { "type": "object", "description": "placeholders for the texts: name = SQL that gives text, such as likely(doc_no)" },
        "source": source(),
        "from": date("first day in force"),
        "until": date("last day in force"),
        "pass": examples("records that satisfy it"),
        "fail": examples("records that violate it"),
        "skip": examples("records it does not apply to"),
    });
    let items = object(&rule, &["id", "severity", "message", "fix", "source"]);
    document("baosong rules", &json!({ "rule": { "type": "array", "items": items } }), &[])
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    /// Keys of `value` that `schema` does not know.
    fn strange(value: &toml::Value, schema: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            toml::Value::Table(table) => {
                let Some(properties) = schema.get("properties") else { return };
                for (key, value) in table {
                    match properties.get(key) {
                        Some(schema) => strange(value, schema, &format!("{path}.{key}"), found),
                        None => found.push(format!("{path}.{key}")),
                    }
                }
                for required in schema["required"].as_array().into_iter().flatten() {
                    if !table.contains_key(required.as_str().unwrap_or_default()) {
                        found.push(format!("{path} lacks {required}"));
                    }
                }
            }
            toml::Value::Array(items) => {
                for item in items {
                    strange(item, &schema["items"], &format!("{path}[]"), found);
                }
            }
            toml::Value::String(text) => {
                let words = schema.get("enum").and_then(Value::as_array);
                if words.is_some_and(|words| !words.contains(&Value::from(text.as_str()))) {
                    found.push(format!("{path} = {text}"));
                }
            }
            _ => {}
        }
    }

    #[test]
    fn every_shipped_file_fits_its_schema() {
        let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
        let mut files = 0;
        for folder in fs::read_dir(rules).expect("the rules folder").flatten() {
            for file in fs::read_dir(folder.path()).into_iter().flatten().flatten() {
                let name = file.file_name().to_string_lossy().into_owned();
                if file.path().extension().is_none_or(|extension| extension != "toml") {
                    continue;
                }
                let wanted = match name.as_str() {
                    "pack.toml" | "params.toml" | "tiers.toml" | "cadence.toml" => {
                        name.replace(".toml", ".schema.json")
                    }
                    _ => "rules.schema.json".to_owned(),
                };
                let (_, schema) = schemas().into_iter().find(|(name, _)| *name == wanted).expect("a schema");
                let text = fs::read_to_string(file.path()).expect("read");
                let value: toml::Table = text.parse().expect("toml");
                let mut found = Vec::new();
                strange(&toml::Value::Table(value), &schema, &name, &mut found);
                assert!(found.is_empty(), "not in the schema: {found:?}");
                files += 1;
            }
        }
        assert!(files > 5, "{files} files looked at");
    }

    #[test]
    fn the_schemas_in_the_repository_are_those_of_the_program() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/schema");
        for (name, schema) in schemas() {
            let text = fs::read_to_string(folder.join(name)).unwrap_or_default();
            let expected = serde_json::to_string_pretty(&schema).expect("json") + "\n";
            assert!(text == expected, "rules/schema/{name} is out of date: run `baosong rules schema rules/schema`");
        }
    }
}
