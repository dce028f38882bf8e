//! The schemas of `tiers.toml` and `cadence.toml`.

use serde_json::{Value, json};

use super::{both_languages, count, date, document, flag, object, source, text, texts, word};

fn number(description: &str) -> Value {
    json!({ "type": ["number", "string"], "description": format!("{description}: a number, or \"$param\"") })
}

/// The parameters a file may hold of its own.
fn param() -> Value {
    let param = json!({
        "name": { "type": "string", "pattern": "^[a-z][a-z0-9_]*$", "description": "used as $name" },
        "value": { "type": ["number", "string", "boolean"], "description": "digits are kept as written" },
        "unit": text("unit or meaning"),
        "size_class": text("holds if the parameter size_class has this value"),
        "from": date("first day in force"),
        "until": date("last day in force"),
        "source": source(),
    });
    json!({ "type": "array", "items": object(&param, &["name", "value", "source"]) })
}

pub(super) fn tiers() -> Value {
    let way = json!({
        "when": text("true for a record of this tier, SQL; all others without it"),
        "reason": both_languages("why, with {placeholders}"),
    });
    let tier = json!({
        "id": text("name of the tier"),
        "title": both_languages("title"),
        "way": { "type": "array", "items": object(&way, &["reason"]), "description": "the first that is true decides" },
        "points": number("lowest score"),
        "share": number("share in per cent, by rank"),
        "reason": both_languages("why, where a score decides"),
        "keep": { "type": ["number", "string"], "description": "who is in it stays while this holds: SQL, or a bound of the score or rank" },
    });
    let band = json!({ "when": text("SQL"), "points": count("points from 0 to 100") });
    let factor = json!({
        "id": text("name"),
        "title": both_languages("title"),
        "weight": number("weight in per cent"),
        "bands": { "type": "array", "items": object(&band, &["when", "points"]), "description": "the first that is true counts" },
    });
    let score = json!({
        "by": text("a number, SQL"),
        "factor": { "type": "array", "items": object(&factor, &["id", "title", "weight", "bands"]) },
    });
    let cut = json!({
        "rounding": word(&["largest-remainder", "up", "down"], "what becomes of fractions"),
        "ties": word(&["up", "down"], "where records of equal score at a border go"),
        "within": texts("each combination of these fields is ranked on its own"),
    });
    let scheme = json!({
        "id": text("name"),
        "title": both_languages("title"),
        "on": text("dataset"),
        "key": texts("fields that name a customer; the dataset's key if absent"),
        "name": text("field with the customer's name"),
        "manager": text("field with the person who looks after the customer"),
        "amount": text("amount field of the migration"),
        "figures": texts("fields shown beside the tier"),
        "when": text("records that are classed, SQL"),
        "score": object(&score, &[]),
        "cut": object(&cut, &[]),
        "stay_down": count("quarters before a customer may go down"),
        "stay_up": count("quarters before a customer may go up"),
        "tier": { "type": "array", "items": object(&tier, &["id", "title"]), "description": "highest first" },
        "source": source(),
        "examples": { "type": "array", "items": { "type": "object" }, "description": "records with the tier they come into as `expect`" },
    });
    let items = object(&scheme, &["id", "title", "on", "tier", "source", "examples"]);
    let properties = json!({ "scheme": { "type": "array", "items": items }, "param": param() });
    document("baosong tiers.toml", &properties, &["scheme"])
}

pub(super) fn cadences() -> Value {
    let after = json!({
        "event": text("date field"),
        "from": text("not before, such as 3 days"),
        "until": text("not after, such as 5 days"),
        "within": text("the same as until, such as 2 working days"),
    });
    let log = json!({
        "dataset": text("dataset of the log"),
        "key": texts("its fields with the key of the record"),
        "date": text("its date field"),
        "when": text("entries that count, SQL"),
        "level": text("those of them that reached the level of person asked for, SQL"),
    });
    let tier = json!({ "scheme": text("scheme of tiers.toml"), "in": texts("tiers") });
    let cadence = json!({
        "id": text("name"),
        "title": both_languages("what is to be done"),
        "on": text("dataset"),
        "key": texts("fields that name a record; the dataset's key if absent"),
        "name": text("field with the name shown"),
        "owner": text("field with the person it falls to"),
        "role": both_languages("the role it falls to"),
        "when": text("records it is about, SQL"),
        "tier": object(&tier, &["scheme", "in"]),
        "every": text("so long after it was last done, such as 3 months"),
        "per": word(&["week", "month", "quarter", "half-year", "year"], "once in each"),
        "after": object(&after, &["event"]),
        "workday": flag("a due day that is no working day moves to the next"),
        "since": text("date field from which it counts"),
        "done": text("date field that tells it was done"),
        "log": object(&log, &["dataset", "key", "date"]),
        "source": source(),
    });
    let items = object(&cadence, &["id", "title", "on", "source"]);
    let properties = json!({ "cadence": { "type": "array", "items": items }, "param": param() });
    document("baosong cadence.toml", &properties, &["cadence"])
}
