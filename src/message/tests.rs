use super::{fixture::*, *};
use crate::text::Text;

fn rendered(lang: Lang, masked: bool) -> Vec<String> {
    let outcome = outcome();
    let renderer = Renderer::new(&outcome, lang, masked).expect("a renderer");
    outcome.findings.iter().map(|finding| renderer.message(finding)).collect()
}

#[test]
fn messages_show_the_record() {
    let zh = rendered(Lang::Zh, false);
    assert_eq!(zh[0], "150102本期贷款余额1200万元，上期300.5万元");
    assert_eq!(zh[1], "工作表有隐藏行：5");
    assert_eq!(zh[2], "单笔贷款金额为0万元");
    assert_eq!(zh[3], "证件号码150102198503051238校验位不符，与150102197001011234重复");
    // The amount was submitted as 500.00; numbers are stated by their value.
    assert_eq!(zh[4], "贷款余额560万元大于贷款金额500万元");
    assert_eq!(zh[5], "法定代表人证件号码以数值存放，显示为1.50102E+17，15位以后的数字已丢失");
    assert_eq!(rendered(Lang::En, false)[2], "Loan amount is 0 (10,000 yuan)");
}

#[test]
fn numbers_are_stated_in_the_unit_the_message_names() {
    let mut outcome = outcome();
    for (text, value) in [("5000000", "5000000"), ("500万元", "500万元"), ("５００", "５００")] {
        outcome.intake.tables[0].submitted.insert((1, AMOUNT), text.into());
        let renderer = Renderer::new(&outcome, Lang::Zh, false).expect("a renderer");
        assert_eq!(renderer.message(&outcome.findings[4]), "贷款余额560万元大于贷款金额500万元");
        let finding = Finding {
            place: Place::Record { dataset: 0, record: 1, field: Some(AMOUNT) },
            ..outcome.findings[4].clone()
        };
        assert_eq!(renderer.value(&finding).as_deref(), Some(value));
    }
}

#[test]
fn headings_of_sheets_are_as_submitted_and_units_name_the_dataset() {
    let mut outcome = outcome();
    outcome.pack.rules[SHEET_HIDE].message = Text::new("{heading}", "{heading}");
    outcome.pack.rules[CHG_1].message = Text::new("未报送{heading}", "no {heading}");
    let amount = outcome.intake.tables[0].segments[0].columns.iter_mut().find(|column| column.field == Some(AMOUNT));
    amount.expect("the amount").heading = "金额（元）".into();
    let Place::Sheet { field, .. } = &mut outcome.findings[1].place else { panic!("about a sheet") };
    *field = Some(AMOUNT);
    let standard =
        crate::finding::Detail { text: "贷款金额(万元)".into(), en: None, mask: crate::text::Mask::None };
    outcome.findings[1].details.push(("heading".into(), standard));
    let renderer = Renderer::new(&outcome, Lang::Zh, false).expect("a renderer");
    assert_eq!(renderer.message(&outcome.findings[1]), "金额（元）");
    assert_eq!(renderer.location(&outcome.findings[1]).letters().as_deref(), Some("F"));
    assert_eq!(renderer.message(&outcome.findings[0]), "未报送贷款明细");
}

#[test]
fn masked_messages_hide_fields_and_details() {
    let zh = rendered(Lang::Zh, true);
    assert_eq!(zh[3], "证件号码150102********1238校验位不符，与150102********1234重复");
    assert_eq!(zh[5], "法定代表人证件号码以数值存放，显示为1.*******17，15位以后的数字已丢失");
}

#[test]
fn blank_cells_and_unknown_names_show_as_blank() {
    let mut outcome = outcome();
    outcome.pack.rules[AMT_1].message = Text::new("{overdue_days}|{nowhere}", "{overdue_days}");
    outcome.findings[2].place = Place::Record { dataset: 0, record: 2, field: Some(AMOUNT) };
    let say = |lang| {
        let renderer = Renderer::new(&outcome, lang, false).expect("a renderer");
        renderer.message(&outcome.findings[2])
    };
    assert_eq!(say(Lang::Zh), "（空）|（空）");
    assert_eq!(say(Lang::En), "(blank)");
}

#[test]
fn the_heading_of_a_whole_unit_is_the_title_of_the_table() {
    let mut outcome = outcome();
    outcome.pack.rules[CHG_1].message = Text::new("未报送“{heading}”", "{heading} was not handed in");
    let renderer = Renderer::new(&outcome, Lang::Zh, false).expect("a renderer");
    let title = &outcome.pack.datasets[0].title.zh;
    assert_eq!(renderer.message(&outcome.findings[0]), format!("未报送“{title}”"));
}

#[test]
fn places_name_file_sheet_row_and_cell() {
    let outcome = outcome();
    let renderer = Renderer::new(&outcome, Lang::Zh, true).expect("a renderer");
    let location = renderer.location(&outcome.findings[4]);
    // Fields begin in column B: the balance, sixth field, stands in G.
    assert_eq!(location.cell().as_deref(), Some("G5"));
    assert_eq!(location.file, Some("150102-城关社部/贷款数据.xlsx"));
    assert_eq!((location.sheet, location.heading.as_deref()), ("贷款明细", Some("贷款余额(万元)")));
    let sheet = renderer.location(&outcome.findings[1]);
    assert_eq!((sheet.sheet, sheet.row, sheet.cell()), ("贷款明细", None, None));
    assert_eq!(renderer.location(&outcome.findings[0]).file, None);
}

#[test]
fn records_are_named_by_key_or_row() {
    let outcome = outcome();
    let key =
        |lang, at: usize| Renderer::new(&outcome, lang, true).expect("a renderer").record_key(&outcome.findings[at]);
    assert_eq!(key(Lang::Zh, 2).as_deref(), Some("JJ001"));
    assert_eq!(key(Lang::Zh, 7).as_deref(), Some("无主键 第8行"));
    assert_eq!(key(Lang::En, 7).as_deref(), Some("no key, row 8"));
    assert_eq!(key(Lang::Zh, 0), None);
}

#[test]
fn keys_of_several_fields_are_joined_and_masked() {
    let mut outcome = outcome();
    outcome.pack.datasets[0].key = vec![LOAN_NO, DOC_NO];
    let key = |masked, record| {
        let renderer = Renderer::new(&outcome, Lang::Zh, masked).expect("a renderer");
        renderer.cells(0).expect("loans").key_text(record, Lang::Zh, masked)
    };
    assert_eq!(key(false, 1), "JJ002 / 150102198503051238");
    assert_eq!(key(true, 1), "JJ002 / 150102********1238");
    assert_eq!(key(true, 0), "JJ001 / （空）");
}

#[test]
fn fingerprints_keep_across_languages_and_rows_and_tell_equal_keys_apart() {
    let mut outcome = outcome();
    let prints = |outcome: &Outcome, lang, masked| {
        Renderer::new(outcome, lang, masked).expect("a renderer").fingerprints(&outcome.findings)
    };
    let first = prints(&outcome, Lang::Zh, false);
    assert_eq!(first, prints(&outcome, Lang::En, true));
    outcome.intake.tables[0].sheet_rows = vec![14, 15, 17, 18, 19, 2];
    assert_eq!(first, prints(&outcome, Lang::Zh, false));
    outcome.findings[3] = outcome.findings[2].clone();
    let doubled = prints(&outcome, Lang::Zh, false);
    assert_eq!(doubled[2], first[2]);
    assert_ne!(doubled[3], first[2]);
}

#[test]
fn rule_titles_name_the_fields() {
    let outcome = outcome();
    let renderer = Renderer::new(&outcome, Lang::Zh, true).expect("a renderer");
    assert_eq!(renderer.title(AMT_3), "贷款余额〔贷款余额(万元)〕万元大于贷款金额〔贷款金额(万元)〕万元");
    assert_eq!(renderer.title(CELL_DMG), "…以数值存放，显示为…，15位以后的数字已丢失");
}

#[test]
fn sources_are_one_line() {
    let outcome = outcome();
    let text = |rule: usize| source_text(&outcome.pack.rules[rule].source, Lang::Zh);
    assert_eq!(text(AMT_3), "《客户风险信息共享管理办法》第八条第一项［LJX-026］");
    assert_eq!(text(CHG_1), "《客户风险信息共享管理办法》第八条第一项（内部口径）");
}
