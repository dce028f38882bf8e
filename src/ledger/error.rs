//! What can go wrong with a ledger, said in both languages with what to do. Nothing here knows how it came to it.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use rusqlite::ErrorCode;

use super::{Holder, Refusal};
use crate::text::Text;

/// Something went wrong with a ledger.
#[derive(Debug)]
pub struct LedgerError {
    /// The ledger's file.
    pub path: PathBuf,
    /// What went wrong.
    pub fault: Fault,
}

/// What went wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// There is no such file.
    Missing,
    /// The file, or its folder, cannot be opened or made.
    CannotOpen(String),
    /// The file is something else than a ledger.
    NotALedger,
    /// A newer program wrote it: the version of its layout, and the newest this program knows.
    Newer {
        /// Version of the file.
        file: i64,
        /// Newest version known here.
        known: i64,
    },
    /// It belongs to another institution.
    OtherInstitution {
        /// Code and name of the institution it belongs to.
        owner: String,
    },
    /// Another run is going on; who holds the lock, if that could be read.
    Running(Option<Holder>),
    /// Another program keeps writing to it.
    Busy,
    /// The file or its folder is write-protected.
    ReadOnly,
    /// The disk is full.
    Full,
    /// The system refused to read or write: a limit, a lost network place, a failing disk.
    Unwritable(String),
    /// The file is damaged.
    Damaged(String),
    /// The place for a copy is taken.
    Taken(PathBuf),
    /// What was to be said about a finding was not taken; nothing was changed.
    Refused(Refusal),
    /// Anything else.
    Other(String),
}

impl LedgerError {
    pub(super) fn new(path: &Path, fault: Fault) -> Self {
        Self { path: path.to_owned(), fault }
    }

    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub(super) fn storage(path: &Path, error: rusqlite::Error) -> Self {
        let fault = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Fault::Full,
            Some(ErrorCode::SystemIoFailure) => Fault::Unwritable(error.to_string()),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => Fault::ReadOnly,
            Some(ErrorCode::CannotOpen) => Fault::CannotOpen(error.to_string()),
            Some(ErrorCode::NotADatabase) => Fault::NotALedger,
            Some(ErrorCode::DatabaseCorrupt) => Fault::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::Busy,
            _ => Fault::Other(error.to_string()),
        };
        Self::new(path, fault)
    }

    pub(super) fn file(path: &Path, error: &std::io::Error) -> Self {
        use std::io::ErrorKind;
        let fault = match error.kind() {
            ErrorKind::StorageFull => Fault::Full,
            ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => Fault::ReadOnly,
            _ => Fault::CannotOpen(error.to_string()),
        };
        Self::new(path, fault)
    }

    /// What went wrong and what to do, in both languages.
    pub fn text(&self) -> Text {
        let path = self.path.display();
        let text = |zh: String, en: String| Text::new(format!("台账 {path}：{zh}"), format!("ledger {path}: {en}"));
        match &self.fault {
            Fault::Missing => text(
                "文件不存在；请先运行一次作业，或检查 --ledger".into(),
                "there is no such file; run a job first, or check --ledger".into(),
            ),
            Fault::CannotOpen(reason) => text(
                format!("打不开（{reason}）；请检查文件夹是否存在、是否有权限"),
                format!("cannot be opened ({reason}); check that its folder exists and may be used"),
            ),
            Fault::NotALedger => text(
                "不是台账文件；请检查 --ledger，该文件未作改动".into(),
                "is not a ledger; check --ledger; the file was left as it is".into(),
            ),
            Fault::Newer { file, known } => text(
                format!("由更新版本的程序写成（格式 {file}，本程序最高 {known}）；请升级程序，台账未作改动"),
                format!(
                    "was written by a newer program (layout {file}, this one knows up to {known}); update the program; \
                     the ledger was left as it is"
                ),
            ),
            Fault::OtherInstitution { owner } => text(
                format!("属于另一机构（{owner}）；一个机构一个台账，请用 --ledger 指定本机构的台账"),
                format!("belongs to another institution ({owner}); name this institution's own with --ledger"),
            ),
            Fault::Running(Some(holder)) => text(
                format!(
                    "另一次运行正在使用（主机 {}，进程 {}，自 {} 起）；请等它结束再运行",
                    holder.host, holder.pid, holder.since
                ),
                format!(
                    "another run is using it (host {}, process {}, since {}); wait until it has ended",
                    holder.host, holder.pid, holder.since
                ),
            ),
            Fault::Running(None) => text(
                "另一次运行正在使用；请等它结束再运行".into(),
                "another run is using it; wait until it has ended".into(),
            ),
            Fault::Busy => text(
                "一直被其他程序占用；请关闭正在打开它的程序后再试，未作改动".into(),
                "is kept busy by another program; close what has it open and try again; nothing was changed".into(),
            ),
            Fault::ReadOnly => text(
                "文件或所在文件夹只读，不能写入；请取消只读或检查权限，未作改动".into(),
                "the file or its folder is read-only; allow writing or check permissions; nothing was changed".into(),
            ),
            Fault::Full => text(
                "磁盘空间不足；请清理磁盘后再运行，台账保持原样".into(),
                "the disk is full; free some space and run again; the ledger is as it was".into(),
            ),
            Fault::Unwritable(reason) => text(
                format!("读写失败（{reason}）；请检查磁盘空间、配额和网络位置后重新运行，未作改动"),
                format!(
                    "cannot be read or written ({reason}); check free space, quotas and the network place and run again; \
                     nothing was changed"
                ),
            ),
            Fault::Damaged(reason) => text(
                format!("文件已损坏（{reason}）；请用最近的备份恢复"),
                format!("the file is damaged ({reason}); restore the latest backup"),
            ),
            Fault::Taken(place) => text(
                format!("备份位置 {} 已有文件；请换一个文件名", place.display()),
                format!("there is a file at {} already; name another for the backup", place.display()),
            ),
            Fault::Refused(refusal) => refusal.text(),
            Fault::Other(reason) => text(reason.clone(), reason.clone()),
        }
    }
}

impl Refusal {
    /// Why, in both languages.
    pub fn text(&self) -> Text {
        match self {
            Refusal::Unknown(fingerprint) => Text::new(
                format!("台账中没有编号为 {fingerprint} 的问题（或该期没有）；编号见 findings.csv 的 fingerprint 列"),
                format!(
                    "the ledger has no finding {fingerprint}, or not in that period; see column fingerprint of findings.csv"
                ),
            ),
            Refusal::Ambiguous(fingerprint) => Text::new(
                format!("编号以 {fingerprint} 开头的问题不止一个；请多写几位，或指定规则包"),
                format!("several findings begin with {fingerprint}; give more of it, or name the pack"),
            ),
            Refusal::Resolved(fingerprint) => Text::new(
                format!("问题 {fingerprint} 已消除，无需处理"),
                format!("finding {fingerprint} is resolved; there is nothing to say about it"),
            ),
            Refusal::Mandatory(rule) => Text::new(
                format!("规则 {rule} 为必须遵守的规则，不能豁免；请更正数据"),
                format!("rule {rule} is mandatory and cannot be waived; correct the data"),
            ),
            Refusal::Blank => {
                Text::new("说明（理由）和经办人不能为空", "the text and the name of the person must not be blank")
            }
            Refusal::Past(day) => Text::new(
                format!("豁免期限 {day} 已过；请写今天或以后的日期"),
                format!("{day} is past; give today or a later day"),
            ),
            Refusal::NotRun(period) => Text::new(
                format!("{period} 还没有用这个台账运行过，请先 baosong run"),
                format!("{period} has not been run with this ledger; use baosong run first"),
            ),
            Refusal::NoUnit(code) => Text::new(
                format!("台账中没有代码为 {code} 的社部，请核对名册"),
                format!("the ledger has no unit {code}; check the roster"),
            ),
            Refusal::NotWaived(fingerprint) => Text::new(
                format!("问题 {fingerprint} 没有生效的豁免"),
                format!("finding {fingerprint} has no waiver to withdraw"),
            ),
            Refusal::NoDecision(number) => Text::new(
                format!("没有生效的第 {number} 号分级调整；编号见 baosong ledger overrides"),
                format!("no decision {number} about a tier is in force; baosong ledger overrides lists them"),
            ),
            Refusal::Decided(number, since, until) => Text::new(
                format!(
                    "第 {number} 号调整已对同一客户作出决定（{since} 至 {until}）；请先用 baosong ledger unoverride {number} 撤销，或改生效日期"
                ),
                format!(
                    "decision {number} is about the same customer ({since} to {until}); withdraw it with baosong ledger \
                     unoverride {number}, or give another first day"
                ),
            ),
            Refusal::Backwards(since, until) => Text::new(
                format!("生效日期 {since} 晚于有效期 {until}"),
                format!("the first day, {since}, lies after the last, {until}"),
            ),
        }
    }
}

impl fmt::Display for LedgerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.text();
        write!(f, "{} / {}", text.zh, text.en)
    }
}

impl std::error::Error for LedgerError {}
