//! A small rule pack for the tests of this module.

use std::collections::BTreeMap;

use crate::{
    finding::Severity,
    pack::{AmountUnit, Code, CodeList, Dataset, Field, FieldKind, RulePack},
    text::{Mask, Text},
};

/// A field that is not required.
pub fn field(id: &str, headings: &[&str], kind: FieldKind) -> Field {
    Field {
        id: id.into(),
        headings: headings.iter().map(|&text| text.to_owned()).collect(),
        title_en: id.into(),
        kind,
        required: None,
        max_length: None,
        codes: None,
        unit: None,
        scale: 2,
        width: None,
        mask: Mask::None,
        source: None,
    }
}

fn required(field: Field) -> Field {
    Field { required: Some(Severity::Error), ..field }
}

fn dataset(id: &str, sheets: &[&str], key: &[u16], fields: Vec<Field>) -> Dataset {
    Dataset {
        id: id.into(),
        prefix: id.to_uppercase(),
        title: Text::new(sheets.first().copied().unwrap_or(id), id),
        sheets: sheets.iter().map(|&text| text.to_owned()).collect(),
        required: false,
        roster: id == "units",
        fields,
        key: key.to_vec(),
    }
}

/// Loans, guarantees and a roster; code list `status`.
pub fn pack() -> RulePack {
    let wan = |field: Field| Field { unit: Some(AmountUnit::WanYuan), scale: 6, ..field };
    let loans = dataset(
        "loans",
        &["贷款明细", "贷款"],
        &[1],
        vec![
            required(Field { width: Some(6), ..field("unit_code", &["社部代码"], FieldKind::Code) }),
            required(field("contract_no", &["合同号", "贷款合同号"], FieldKind::Identifier)),
            required(field("customer_name", &["客户名称"], FieldKind::Name)),
            required(wan(field("amount", &["贷款金额(万元)", "贷款金额"], FieldKind::Amount))),
            field("rate", &["年利率(%)", "年利率"], FieldKind::Decimal),
            field("days", &["逾期天数"], FieldKind::Integer),
            field("due", &["到期日期"], FieldKind::Date),
            Field { codes: Some("status".into()), ..field("status", &["贷款状态"], FieldKind::Code) },
            field("purpose", &["贷款用途"], FieldKind::Text),
        ],
    );
    let guarantees = dataset(
        "guarantees",
        &["担保情况"],
        &[0],
        vec![
            required(field("guarantee_no", &["担保合同号"], FieldKind::Identifier)),
            required(field("guarantor_name", &["担保人名称"], FieldKind::Name)),
            field("doc_type", &["担保人证件类型"], FieldKind::Code),
            required(wan(field("guaranteed", &["担保金额(万元)"], FieldKind::Amount))),
        ],
    );
    let units = dataset(
        "units",
        &["社部名册"],
        &[0],
        vec![
            required(field("unit_code", &["社部代码"], FieldKind::Code)),
            required(field("unit_name", &["社部名称"], FieldKind::Name)),
        ],
    );
    let code = |name: &str| Code { name: name.into(), ..Code::default() };
    let status = CodeList {
        codes: [("1", "正常"), ("2", "逾期"), ("03", "已结清")].map(|(id, name)| (id.to_owned(), code(name))).into(),
    };
    RulePack {
        id: "test".into(),
        edition: "1".into(),
        without_deadlines: false,
        title: Text::default(),
        datasets: vec![loans, guarantees, units],
        completeness: Vec::new(),
        rules: Vec::new(),
        tiers: Vec::new(),
        cadences: Vec::new(),
        params: BTreeMap::new(),
        codes: BTreeMap::from([("status".to_owned(), status)]),
        clauses: Vec::new(),
        retired: Vec::new(),
        hash: String::new(),
    }
}
