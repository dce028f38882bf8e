//! The arguments of the commands about the ledger.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::OverrideArgs;
use crate::job::Period;

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Output {
    /// A table for the terminal.
    #[default]
    Table,
    /// Comma-separated values.
    Csv,
    /// JSON, as with `--json`.
    Json,
}

/// Which findings of the ledger.
#[derive(Clone, Debug, Args)]
pub struct ListFilter {
    /// 社部代码 / Unit code
    #[arg(long)]
    pub unit: Option<String>,
    /// 规则编号，可用 * / Rule id; * stands for any text
    #[arg(long)]
    pub rule: Option<String>,
    /// 报告期 / Period
    #[arg(long)]
    pub period: Option<Period>,
    /// 状态，可多次给出 / Status; may be given several times
    #[arg(long, value_enum)]
    pub status: Vec<crate::ledger::Status>,
    /// 谁发现的 / Who found it
    #[arg(long, value_enum)]
    pub source: Option<crate::ledger::Origin>,
    /// 社部在工作簿里的答复：称已改源系统、称非本社部 / What the unit answered in its workbook
    #[arg(long, value_enum)]
    pub answer: Option<crate::ledger::Declaration>,
    /// 最多多少条 / How many at most
    #[arg(long)]
    pub limit: Option<usize>,
}

/// Which findings of the ledger to list, and how.
#[derive(Clone, Debug, Args)]
pub struct ListArgs {
    /// Which findings.
    #[command(flatten)]
    pub filter: ListFilter,
    /// 输出格式 / Format of the list
    #[arg(long, value_enum, default_value_t = Output::Table)]
    pub output: Output,
}

/// A problem someone found.
#[derive(Clone, Debug, Args)]
pub struct AddArgs {
    /// 报告期 / Period
    #[arg(long)]
    pub period: Period,
    /// 社部代码 / Unit code
    #[arg(long)]
    pub unit: String,
    /// 问题是什么 / What is wrong
    #[arg(long)]
    pub text: String,
    /// 谁发现的 / Who found it
    #[arg(long)]
    pub who: String,
    /// 记录主键，如借据号、客户代码 / Key of the record, such as a loan number
    #[arg(long)]
    pub record: Option<String>,
    /// 数据集，如 loans / Dataset, such as loans
    #[arg(long)]
    pub dataset: Option<String>,
    /// 字段，如 balance / Field, such as balance
    #[arg(long)]
    pub field: Option<String>,
    /// 原值 / The value
    #[arg(long)]
    pub value: Option<String>,
    /// 提示性，可以说明；默认强制性 / A warning, which may be explained; an error by default
    #[arg(long)]
    pub warning: bool,
    /// 规则包 / Name of the pack
    #[arg(long, default_value = "large-credit")]
    pub pack: String,
}

/// A format to export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum ExportFormat {
    /// Comma-separated values.
    Csv,
    /// JSON.
    Json,
    /// A workbook.
    Xlsx,
}

/// What to export, and where to.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    /// 写到哪个文件；导出整个台账为 csv 时是新文件夹 / The file to write; of the whole ledger as csv, a new folder
    pub to: PathBuf,
    /// 整个台账，每张表原样导出 / The whole ledger, every table as it is
    #[arg(long)]
    pub tables: bool,
    /// 格式，默认看文件名 / Format; told by the file's name by default
    #[arg(long, value_enum)]
    pub format: Option<ExportFormat>,
    /// Which findings, if not the whole ledger.
    #[command(flatten)]
    pub list: ListFilter,
}

/// What to do with the ledger.
#[derive(Clone, Debug, Subcommand)]
pub enum LedgerCommand {
    /// 列出问题 / List findings
    List(ListArgs),
    /// 一个问题的来龙去脉 / Everything about one finding
    Show {
        /// 问题标识，或其开头几位 / Its fingerprint, or the beginning of it
        fingerprint: String,
        /// 报告期，默认最近一期 / Period; the last that saw it by default
        #[arg(long)]
        period: Option<Period>,
    },
    /// 登记说明（提示性问题） / Record an explanation
    Explain {
        /// 问题标识，或其开头几位 / Its fingerprint, or the beginning of it
        fingerprint: String,
        /// 说明 / The explanation
        #[arg(long)]
        text: String,
        /// 谁说明的 / Who says so
        #[arg(long)]
        who: String,
        /// 报告期，默认最近一期 / Period; the last that saw it by default
        #[arg(long)]
        period: Option<Period>,
    },
    /// 豁免，到某一天为止，数值变了就失效 / Waive a finding until a day, for the value it has
    Waive {
        /// 问题标识，或其开头几位 / Its fingerprint, or the beginning of it
        fingerprint: String,
        /// 理由 / The reason
        #[arg(long)]
        reason: String,
        /// 谁批准的 / Who allows it
        #[arg(long)]
        who: String,
        /// 最后一天，如 2026-12-31 / The last day, such as 2026-12-31
        #[arg(long)]
        until: chrono::NaiveDate,
        /// 报告期，默认最近一期 / Period; the last that saw it by default
        #[arg(long)]
        period: Option<Period>,
    },
    /// 撤销豁免 / Withdraw the waivers of a finding
    Unwaive {
        /// 问题标识，或其开头几位 / Its fingerprint, or the beginning of it
        fingerprint: String,
        /// 谁撤销的 / Who withdraws it
        #[arg(long)]
        who: String,
        /// 报告期，默认最近一期 / Period; the last that saw it by default
        #[arg(long)]
        period: Option<Period>,
    },
    /// 登记人工发现的问题 / Register a problem someone found
    Add(AddArgs),
    /// 登记二次核实的结果 / Record the result of a second check
    Verify {
        /// 问题标识，或其开头几位 / Its fingerprint, or the beginning of it
        fingerprint: String,
        /// 结果：已更正、核实无误、已撤销、有误未改 / The result
        #[arg(long, value_enum)]
        result: crate::ledger::SecondCheck,
        /// 说明，核实无误时必填 / More about it; needed if it is right as it is
        #[arg(long)]
        text: Option<String>,
        /// 谁核实的 / Who checked
        #[arg(long)]
        who: String,
        /// 报告期，默认最近一期 / Period; the last that saw it by default
        #[arg(long)]
        period: Option<Period>,
    },
    /// 豁免清单：有效、用不上、过期、撤销 / All waivers: used, unused, expired, withdrawn
    Waivers,
    /// 登记一个客户的分级由人决定，到某一天为止 / Record that people decided on a customer's tier, until a day
    Override(OverrideArgs),
    /// 撤销一项分级调整，自今日起 / Withdraw a decision about a tier, from today on
    Unoverride {
        /// 编号，见 ledger overrides / Its number, as ledger overrides lists it
        number: i64,
        /// 谁撤销的 / Who withdraws it
        #[arg(long)]
        who: String,
    },
    /// 人工分级调整清单：生效、尚未生效、过期、撤销 / All decisions about tiers: in force, later, expired, withdrawn
    Overrides,
    /// 各社部的状况 / How the units stand in a period
    Units {
        /// 报告期 / Period
        #[arg(long)]
        period: Period,
        /// 规则包 / Name of the pack
        #[arg(long, default_value = "large-credit")]
        pack: String,
    },
    /// 反复出现的同一错误 / The same error in several periods
    Repeats {
        /// 报告期 / Period
        #[arg(long)]
        period: Period,
        /// 至少几期 / In at least so many periods
        #[arg(long, default_value_t = 2)]
        times: usize,
        /// 规则包 / Name of the pack
        #[arg(long, default_value = "large-credit")]
        pack: String,
    },
    /// 导出问题或整个台账：csv、json、xlsx / Write the findings, or the whole ledger, as csv, json or xlsx
    Export(ExportArgs),
    /// 备份，运行中也可以 / Copy the ledger, also while it is in use
    Backup {
        /// 备份文件 / The file to copy it to
        to: PathBuf,
    },
}
