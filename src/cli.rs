//! The command line: arguments in, exit code out. What a command does stands in `run` and `commands`.

mod ledger;
mod planning;

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand};

pub use ledger::{AddArgs, ExportArgs, ExportFormat, LedgerCommand, ListArgs, ListFilter, Output};
pub use planning::{CalendarArgs, OverrideArgs, ScheduleArgs};

use crate::{commands, job::Period, run, text::Lang};

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Ran; nothing open blocks the submission.
    Clear,
    /// Ran; findings, or units that are missing, block the submission.
    Blocked,
    /// The command line, the job or the pack is wrong.
    BadRequest,
    /// Ran; some input could not be read.
    Unreadable,
    /// Something failed on our side: a full disk, a folder that cannot be written, a fault of the program.
    Failed,
}

impl Exit {
    /// The process exit code.
    pub fn code(self) -> u8 {
        match self {
            Exit::Clear => 0,
            Exit::Blocked => 1,
            Exit::BadRequest => 2,
            Exit::Unreadable => 3,
            Exit::Failed => 4,
        }
    }
}

const AFTER_HELP: &str = "\
月末怎么用 / At month end:
  1. 建一个作业文件夹（baosong init 2026-10）：job.toml、机构名册、每个社部一个子文件夹放报送文件
     Make a job folder (baosong init 2026-10): job.toml, the roster, one folder of files for each unit
  2. baosong run 2026-10/
  3. 把 out/2026-10/errors/ 里的工作簿发给各社部；看 summary/校验汇总.xlsx
     Send the workbooks in errors/ to the units; look at the summary
  4. baosong fix 2026-10/ 交回/*.xlsx --ledger 联社.db      收回填好的工作簿 / take the filled-in workbooks in

例子 / Examples:
  baosong run sample-input/large-credit/2026-10/job.toml
  baosong check 贷款数据.xlsx --pack large-credit      不建作业，先看一眼 / a quick look without a job
  baosong profile 台账.xlsx -o my-rules                剖析未知的表，起草规则包 / look into an unknown table
  baosong rules show LOAN-AMT-001                      一条规则的全部内容 / all about one rule
  baosong rules test --rules my-rules                  用例子验证自己的规则 / prove your own rules

退出码 / Exit codes:
  0 没有阻断报送的问题     nothing open blocks the submission
  1 有问题，阻断报送       findings or missing units block it
  2 命令、作业或规则包有错 the command line, job or pack is wrong
  3 有文件读不出           some input could not be read
  4 程序或磁盘出错         something failed on our side";

/// Checks what branches hand in and prepares the regulator's submission.
#[derive(Debug, Parser)]
#[command(
    name = "baosong",
    version,
    about = "报送：校验社部报送的表格，生成差错工作簿和汇总\nChecks the spreadsheets branches hand in, and writes error workbooks and summaries",
    after_help = AFTER_HELP,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    common: Common,
}

/// Options of all commands.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[derive(Clone, Debug, Args)]
pub struct Common {
    /// 输出文件夹 / Folder for the outputs
    #[arg(long, global = true, value_name = "DIR", default_value = "out")]
    pub out: PathBuf,
    /// 台账文件（SQLite，没有则新建），记住每一期的问题 / Ledger file that remembers findings across periods
    #[arg(long, global = true, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
    /// 语言 / Language of messages and workbooks
    #[arg(long, global = true, value_enum, default_value_t = Lang::Zh)]
    pub lang: Lang,
    /// 线程数，默认全部 / Number of threads; all by default
    #[arg(long, global = true, value_name = "N")]
    pub threads: Option<usize>,
    /// 显示各步用时 / Print how long each stage took
    #[arg(long, global = true)]
    pub timings: bool,
    /// 结果以 JSON 写到标准输出 / The closing table as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// 不显示进度和结果表 / No progress, no closing table
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// 显示更多说明 / Say more
    #[arg(short, long, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 运行作业：读入、校验、写出差错工作簿和汇总 / Run a job: read, check, write workbooks and summary
    Run {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
    },
    /// 建一个作业：作业文件、机构名册、签收记录和各社部的填报工作簿 / Make a job folder with workbooks to be filled in
    Init {
        /// 作业文件夹，如 2026-10 / The job folder, such as 2026-10
        folder: PathBuf,
        #[command(flatten)]
        pack: PackArgs,
    },
    /// 不建作业，直接校验文件 / Check files without a job
    Check {
        /// 要校验的文件 / Files to check
        #[arg(required = true)]
        files: Vec<PathBuf>,
        #[command(flatten)]
        pack: PackArgs,
        /// 最多显示多少条问题 / How many findings to print at most
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// 收回社部填好的差错工作簿，登记更正和说明，重新校验 / Take corrected workbooks in, and check again
    Fix {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
        /// 社部交回的工作簿 / The workbooks that came back
        #[arg(required = true)]
        workbooks: Vec<PathBuf>,
        /// 未被指出问题的单元格的改动也采用 / Take changes of cells that no finding was about, too
        #[arg(long)]
        accept_unflagged: bool,
        /// 谁交回的，默认名册上的报送人员 / Who hands them back; the unit's officer by default
        #[arg(long)]
        who: Option<String>,
    },
    /// 剖析未知的表格：各列是什么、填了多少、有无损坏，并建议规则包 / Look into unknown spreadsheets and suggest a pack
    Profile {
        /// 要剖析的文件 / Files to look into
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// 写出 profile.html 和规则包草稿的文件夹 / Folder for profile.html and a first pack
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
    },
    /// 台账：查看问题，登记说明和豁免 / The ledger: look findings up, explain and waive them
    Ledger {
        #[command(subcommand)]
        command: LedgerCommand,
    },
    /// 本期能不能报送 / Whether the period's submission may go out
    Ready {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
    },
    /// 监管反馈清单：对应到记录和问题，登记漏查的 / The regulator's list: tie it to records and findings, open the missed
    Feedback(FeedbackArgs),
    /// 报送期限：月后第 4、5、7 个工作日 / When data is due: working days 4, 5 and 7 after the period
    Calendar(CalendarArgs),
    /// 报表：只写报表，或检查报表定义 / Reports: write them alone, or prove their definitions
    #[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
    Report {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        #[arg(required = true)]
        job: Option<PathBuf>,
        /// 只写这张报表，可多次给出 / Only this report; may be given several times
        #[arg(long, value_name = "ID")]
        only: Vec<String>,
        #[command(subcommand)]
        command: Option<ReportCommand>,
    },
    /// 存证：把一次运行的输入、输出和台账存成一个文件 / Put a run's inputs, outputs and ledger into one file
    Evidence {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
        /// 写到哪个文件 / The file to write
        #[arg(short, long, value_name = "FILE.zip")]
        output: PathBuf,
        /// 不存输入文件 / Leave the inputs out
        #[arg(long)]
        without_inputs: bool,
    },
    /// 核对存证：重新运行并逐字节比较 / Prove an evidence: run it again and compare byte for byte
    Verify {
        /// 存证文件 / The evidence
        file: PathBuf,
    },
    /// 报表里的一个数是怎么来的 / Where a figure of a report comes from
    Why {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
        /// 报表!工作表!单元格，如 对账表!对账!E7 / REPORT!SHEET!CELL, such as 对账表!对账!E7
        cell: String,
    },
    /// 按季度给客户分级，写出客户分层工作簿 / Calculate the tiers of a quarter's customers
    Tier {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
        /// 季度，如 2026Q3 / The quarter, such as 2026Q3
        #[arg(long)]
        quarter: Period,
        /// 试算：季度未结束时，以该日的数据计算 / A forecast on the data of this day of the quarter
        #[arg(long, value_name = "DATE")]
        as_of: Option<chrono::NaiveDate>,
    },
    /// 客户联络：哪些已逾期、哪些 30 天内到期 / Contacts with customers: overdue, and due in 30 days
    Cadence {
        /// 作业文件，或它所在的文件夹 / The job file, or its folder
        job: PathBuf,
        /// 截至哪一天，默认作业的数据日期 / As of which day; the job's data date by default
        #[arg(long, value_name = "DATE")]
        as_of: Option<chrono::NaiveDate>,
    },
    /// 计划任务：月度校验和季度分层在第几个工作日启动 / What a scheduler is to start, and on which working days
    Schedule(ScheduleArgs),
    /// 查看、检查和验证规则 / Look at rules, lint them, prove them
    Rules {
        #[command(subcommand)]
        command: RulesCommand,
        #[command(flatten)]
        pack: PackArgs,
    },
}

/// Which list the regulator returned, and how it is read.
#[derive(Clone, Debug, Args)]
pub struct FeedbackArgs {
    /// 作业文件，或它所在的文件夹 / The job file, or its folder
    pub job: PathBuf,
    /// 反馈清单：xlsx、xls、ods 或 csv / The list: xlsx, xls, ods or csv
    pub file: PathBuf,
    /// 列名对照文件，TOML 格式 / What its columns are called, TOML
    #[arg(long, value_name = "TOML")]
    pub mapping: Option<PathBuf>,
    /// 谁核实的，清单没有写明时用 / Who did the second check, where the list does not say
    #[arg(long)]
    pub who: Option<String>,
}

/// Which pack, and as of when.
#[derive(Clone, Debug, Args)]
pub struct PackArgs {
    /// 规则包 / Name of the pack
    #[arg(long, global = true, default_value = "large-credit")]
    pub pack: String,
    /// 规则文件夹，代替程序自带的规则 / Folder with packs, instead of those in the program
    #[arg(long, global = true, value_name = "DIR")]
    pub rules: Option<PathBuf>,
    /// 报告期，默认上一个月 / Period; the month before this one by default
    #[arg(long, global = true)]
    pub period: Option<Period>,
}

/// What to do with rules.
#[derive(Clone, Debug, Subcommand)]
pub enum RulesCommand {
    /// 列出规则 / List the rules in force
    List,
    /// 一条规则的全部内容 / Everything about one rule
    Show {
        /// 规则编号 / Id of the rule
        id: String,
    },
    /// 条款对照：每一条由哪些规则、报表或命令落实 / Clauses, and the rules, reports or commands that carry them out
    Clauses {
        /// 写成 Markdown，供说明书用 / As Markdown, for the manual
        #[arg(long)]
        markdown: bool,
    },
    /// 检查规则包，列出全部错误 / Load the pack and report every problem with its place
    Lint,
    /// 规则手册，Excel 格式 / The rule catalogue as a workbook
    Catalogue {
        /// 写到哪个文件 / The file to write
        #[arg(short, long, default_value = "规则手册.xlsx")]
        output: PathBuf,
        /// 某次运行的 manifest.json，用来列出每条规则的命中数 / Manifest of a run, to show how often each rule fired
        #[arg(long, value_name = "MANIFEST")]
        run: Option<PathBuf>,
    },
    /// 写出编辑器用的 JSON Schema / Write JSON Schemas of pack files, for editors
    Schema {
        /// 文件夹 / Folder to write them into
        folder: PathBuf,
    },
    /// 用规则自带的例子验证规则 / Prove the rules by the examples they ship
    Test,
}

/// What to do with the definitions of reports.
#[derive(Clone, Debug, Subcommand)]
pub enum ReportCommand {
    /// 列出报表 / List the reports
    List(ReportArgs),
    /// 检查报表定义，列出全部错误 / Load the definitions and report every problem with its place
    Lint(ReportArgs),
    /// 报表可以查询的表和列 / The tables and columns reports can ask for
    Tables(ReportArgs),
}

/// Which definitions, and for which pack.
#[derive(Clone, Debug, Args)]
pub struct ReportArgs {
    /// The pack.
    #[command(flatten)]
    pub pack: PackArgs,
    /// 报表定义文件夹，补充或代替程序自带的 / Folder with definitions, added to those in the program
    #[arg(long, value_name = "DIR")]
    pub reports: Option<PathBuf>,
}

/// Runs the program.
pub fn main() -> ExitCode {
    let matches = Cli::command().get_matches();
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    if let Some(code) = run::restart(cli.common.threads) {
        return code;
    }
    let common = cli.common;
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| match cli.command {
        Command::Run { job } => run::run(&job, &common),
        Command::Init { folder, pack } => commands::init(&folder, &pack, &common),
        Command::Check { files, pack, limit } => commands::check(&files, &pack, limit, &common),
        Command::Fix { job, workbooks, accept_unflagged, who } => {
            run::fix(&job, &run::Returned { workbooks: &workbooks, accept_unflagged, who: who.as_deref() }, &common)
        }
        Command::Profile { files, output } => commands::profile(&files, output.as_deref(), &common),
        Command::Ledger { command } => commands::ledger(&command, &common),
        Command::Ready { job } => commands::ready(&job, &common),
        Command::Feedback(args) => commands::feedback(&args, &common),
        Command::Calendar(args) => commands::calendar(&args, &common),
        Command::Report { command: Some(command), .. } => commands::report(&command, &common),
        Command::Report { job, only, command: None } => run::reports(&job.unwrap_or_default(), &only, &common),
        Command::Evidence { job, output, without_inputs } => run::evidence(&job, &output, !without_inputs, &common),
        Command::Verify { file } => run::verify(&file, &common),
        Command::Why { job, cell } => commands::why(&job, &cell, &common),
        Command::Tier { job, quarter, as_of } => run::tier(&job, quarter, as_of, &common),
        Command::Cadence { job, as_of } => run::cadence(&job, as_of, &common),
        Command::Schedule(args) => commands::schedule(&args, &common),
        Command::Rules { command, pack } => commands::rules(&command, &pack, &common),
    }));
    let exit = match outcome {
        Ok(Ok(exit)) => exit,
        Ok(Err(error)) => run::report_error(&error),
        // The panic hook has written the message; nothing of the data is in it.
        Err(_) => Exit::Failed,
    };
    ExitCode::from(exit.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_help_text_is_in_both_languages() {
        fn walk(command: &clap::Command) {
            for argument in
                command.get_arguments().filter(|argument| !["help", "version"].contains(&argument.get_id().as_str()))
            {
                let help = argument.get_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains(" / "), "{} {}: {help}", command.get_name(), argument.get_id());
            }
            command.get_subcommands().filter(|command| command.get_name() != "help").for_each(walk);
        }
        walk(&Cli::command());
    }

    #[test]
    fn exit_codes_are_those_of_the_manual() {
        let codes = [Exit::Clear, Exit::Blocked, Exit::BadRequest, Exit::Unreadable, Exit::Failed].map(Exit::code);
        assert_eq!(codes, [0, 1, 2, 3, 4]);
        for code in codes {
            assert!(AFTER_HELP.contains(&format!("\n  {code} ")));
        }
    }
}
