//! Which rows under the headings are no records: totals, notes, signature lines, repeated headings, column numbers.
//!
//! Looks at one row at a time. Whatever is doubtful is a record.

use super::{
    SkippedKind,
    cell::Cell,
    characters::{is_blank, is_hanzi},
    layout::LayoutColumn,
    typing::shown,
};

const TOTALS: [&str; 7] = ["合计", "小计", "总计", "共计", "本页合计", "本页小计", "累计"];
const NOTES: [&str; 27] = [
    "备注",
    "说明",
    "填表",
    "填报",
    "制表",
    "复核",
    "审核",
    "单位负责人",
    "负责人",
    "经办",
    "联系人",
    "联系电话",
    "报送人",
    "报送单位",
    "报送日期",
    "主管",
    "统计",
    "编制",
    "审批",
    "签字",
    "签章",
    "盖章",
    "单位盖章",
    "单位(盖章)",
    "单位（盖章",
    "以上",
    "数据来源",
];

/// Whether the first text of a row could begin a total or note; most rows end here.
pub fn may_be_skipped(text: &str) -> bool {
    let first = text.chars().find(|c| !is_blank(*c));
    matches!(
        first,
        Some(
            '合' | '小'
                | '总'
                | '共'
                | '本'
                | '累'
                | '注'
                | '备'
                | '说'
                | '填'
                | '制'
                | '复'
                | '审'
                | '单'
                | '负'
                | '经'
                | '联'
                | '报'
                | '主'
                | '统'
                | '编'
                | '签'
                | '盖'
                | '以'
                | '数'
                | '*'
                | '※'
        )
    )
}

/// The kind of a row whose first text could begin a total or note. `cells` are its cells that are not blank, `is_key`
/// tells the columns of the key.
pub fn total_or_note(
    cells: &[(u32, Cell<'_>)],
    headed_columns: usize,
    is_key: impl Fn(u32) -> bool,
) -> Option<SkippedKind> {
    let first = cells.iter().find_map(|(_, cell)| if let Cell::Text(text) = cell { Some(*text) } else { None })?;
    let squeezed = squeezed(first);
    let key_is = |allowed: &dyn Fn(&str) -> bool| {
        cells.iter().filter(|(column, _)| is_key(*column)).all(|(_, cell)| match cell {
            Cell::Text(text) => allowed(text),
            _ => false,
        })
    };
    if is_total(&squeezed) && key_is(&|text| is_total(&self::squeezed(text))) {
        return Some(SkippedKind::Total);
    }
    let few = cells.len() <= 8 && cells.len() * 2 <= headed_columns + 2;
    let texts_only = cells.iter().all(|(_, cell)| matches!(cell, Cell::Text(_)));
    if is_note(&squeezed) && few && texts_only && key_is(&|text| text == first) {
        return Some(SkippedKind::Note);
    }
    None
}

/// A total's word, alone or before a figure, a sign or what is counted; `总计商贸有限公司` is a name.
fn is_total(text: &str) -> bool {
    TOTALS.iter().filter_map(|word| text.strip_prefix(word)).any(|rest| {
        !rest.starts_with(is_hanzi)
            || ["数", "金额", "户数", "笔数", "行"].contains(&rest.trim_end_matches([':', '：']))
    })
}

fn is_note(text: &str) -> bool {
    let text = text.trim_start_matches(['*', '※']);
    if let Some(rest) = text.strip_prefix('注') {
        return rest.starts_with([':', '：', '、', '.', '(', '（']) || rest.starts_with(|c: char| c.is_ascii_digit());
    }
    NOTES.iter().any(|word| text.starts_with(word))
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|c| !is_blank(*c)).take(20).collect()
}

/// The row repeats the headings: at least two cells, and four of five, show the heading of their column.
pub fn repeats_heading(cells: &[(u32, Cell<'_>)], columns: &[LayoutColumn]) -> bool {
    let same = |(column, cell): &&(u32, Cell<'_>)| {
        let Cell::Text(text) = cell else { return false };
        columns.iter().any(|head| head.index == *column && head.parts.iter().any(|part| part.trim() == text.trim()))
    };
    let equal = cells.iter().filter(same).count();
    equal >= 2 && equal * 5 >= cells.len() * 4
}

/// The row numbers the columns: 1, 2, 3, … from left to right, perhaps after the word 栏次.
pub fn numbers_columns(cells: &[(u32, Cell<'_>)]) -> bool {
    let mut cells = cells.iter().map(|(_, cell)| shown(*cell)).peekable();
    cells.next_if(|text| matches!(squeezed(text).as_str(), "栏次" | "栏目" | "列次" | "列号"));
    let mut count = 0_u32;
    for text in cells {
        count += 1;
        let digits = text.trim().trim_matches(['(', ')', '（', '）']);
        if digits.parse() != Ok(count) {
            return false;
        }
    }
    count >= 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(cells: &[(u32, Cell<'_>)]) -> Option<SkippedKind> {
        let first = cells.iter().find_map(|(_, cell)| if let Cell::Text(text) = cell { Some(*text) } else { None });
        first.filter(|text| may_be_skipped(text)).and_then(|_| total_or_note(cells, 10, |column| column == 1))
    }

    #[test]
    fn totals_with_blank_or_merged_keys() {
        for text in ["合计", "合 计", "小计：", "本页合计", "总　计", "累计", "合计3户", "合计金额："]
        {
            assert_eq!(kind(&[(0, Cell::Text(text)), (4, Cell::Number(1.0))]), Some(SkippedKind::Total), "{text}");
            assert_eq!(kind(&[(1, Cell::Text(text)), (4, Cell::Number(1.0))]), Some(SkippedKind::Total), "{text}");
        }
        assert_eq!(kind(&[(0, Cell::Text("合计")), (1, Cell::Text("DK-001")), (4, Cell::Number(1.0))]), None);
        assert_eq!(kind(&[(0, Cell::Text("合计")), (1, Cell::Number(3.0))]), None);
        assert_eq!(kind(&[(1, Cell::Text("DK-001")), (2, Cell::Text("总计商贸有限公司"))]), None);
        assert_eq!(kind(&[(2, Cell::Text("总计商贸有限公司")), (4, Cell::Number(1.0))]), None);
    }

    #[test]
    fn notes_and_signature_lines() {
        for text in ["注：余额含利息", "备 注：无", "填表人：甲", "单位负责人：", "※说明", "注1：", "审核："]
        {
            assert_eq!(kind(&[(0, Cell::Text(text))]), Some(SkippedKind::Note), "{text}");
        }
        assert_eq!(kind(&[(1, Cell::Text("制表：甲")), (5, Cell::Text("复核：乙"))]), Some(SkippedKind::Note));
        // A key value, a number, or many cells make it a record.
        assert_eq!(kind(&[(0, Cell::Text("备注")), (1, Cell::Text("DK-001"))]), None);
        assert_eq!(kind(&[(0, Cell::Text("备注")), (4, Cell::Number(1.0))]), None);
        assert_eq!(kind(&[(0, Cell::Text("注册资本"))]), None);
    }

    /// The quick look lets every word through to the close one.
    #[test]
    fn every_word_passes_the_quick_look() {
        for word in TOTALS.iter().chain(&NOTES).chain(&["注"]) {
            assert!(may_be_skipped(word), "{word}");
        }
    }

    #[test]
    fn column_numbers() {
        let numbers = [(0, Cell::Number(1.0)), (1, Cell::Text("(2)")), (2, Cell::Text("3"))];
        assert!(numbers_columns(&numbers));
        assert!(numbers_columns(&[[(0, Cell::Text("栏 次"))].as_slice(), &numbers].concat()));
        assert!(!numbers_columns(&[(0, Cell::Number(1.0)), (1, Cell::Number(2.0))]));
        assert!(!numbers_columns(&[(0, Cell::Number(1.0)), (1, Cell::Text("DK-1")), (2, Cell::Number(3.0))]));
    }
}
