//! Every cadence of every shipped pack, on the day something is due and on the day after: days counted by hand.

use std::{collections::BTreeSet, path::Path};

use crate::{
    cadence::sheet,
    desk::{program, project},
    shipped::job,
};

/// A cadence with one customer who has to be seen.
struct Case {
    pack: &'static str,
    period: &'static str,
    cadence: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// The last day in time.
    due: &'static str,
    /// The day after.
    late: &'static str,
}

const CASES: &[Case] = &[
    // Called in the week that ended on Sunday 15 November: the next ends on the 22nd.
    Case {
        pack: "abc-archive",
        period: "2026-11",
        cadence: "a-call",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,A,王,2026-01-05"),
            ("客户联络记录", "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,电话,其他人员,2026-11-15"),
        ],
        due: "2026-11-22",
        late: "2026-11-23",
    },
    // Two months from the last of December end on the last of February; a director is no top leader.
    Case {
        pack: "abc-archive",
        period: "2024-02",
        cadence: "a-visit",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,A,王,2023-01-05"),
            (
                "客户联络记录",
                "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,拜访,高层领导,2023-12-31\n2,K1,拜访,营销总监,2024-02-15\n3,K1,电话,高层领导,2024-02-15",
            ),
        ],
        due: "2024-02-29",
        late: "2024-03-01",
    },
    Case {
        pack: "abc-archive",
        period: "2026-11",
        cadence: "b-call",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,B,王,2026-11-10"),
            ("客户联络记录", "记录编号,档案编号,联络方式,对方职级,日期\n1,K9,电话,其他人员,2026-11-15"),
        ],
        // Opened on a Tuesday, never called: that week counts.
        due: "2026-11-15",
        late: "2026-11-16",
    },
    Case {
        pack: "abc-archive",
        period: "2026-11",
        cadence: "b-visit",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,B,王,2026-01-05"),
            (
                "客户联络记录",
                "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,拜访,营销总监,2026-08-31\n2,K1,拜访,营销部门经理,2026-10-31",
            ),
        ],
        due: "2026-11-30",
        late: "2026-12-01",
    },
    Case {
        pack: "abc-archive",
        period: "2026-11",
        cadence: "c-call",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,C,王,2026-01-05"),
            ("客户联络记录", "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,电话,其他人员,2026-11-10"),
        ],
        due: "2026-11-24",
        late: "2026-11-25",
    },
    Case {
        pack: "abc-archive",
        period: "2026-11",
        cadence: "c-visit",
        files: &[
            ("客户档案表", "档案编号,客户名称,类别,负责人,建档日期\nK1,甲公司,C,王,2026-01-05"),
            (
                "客户联络记录",
                "记录编号,档案编号,联络方式,对方职级,日期\n1,K1,拜访,营销部门经理,2026-07-31\n2,K1,拜访,其他人员,2026-09-30",
            ),
        ],
        due: "2026-11-30",
        late: "2026-12-01",
    },
    // 5,000 is A and 799.99 would be C: who is seen by the sales manager only was not seen by the director.
    Case {
        pack: "property-sales",
        period: "2026-11",
        cadence: "diamond-contact",
        files: &[
            ("客户信息", "客户编号,客户姓名,接待销售人员,来电来访日期,累计购买金额(万元)\nK1,甲,王,2026-01-05,5000.00"),
            (
                "客户回访记录",
                "回访编号,客户编号,回访人,回访人岗位,回访日期\n1,K1,李,营销部长,2026-08-31\n2,K1,张,销售经理,2026-10-31",
            ),
        ],
        due: "2026-11-30",
        late: "2026-12-01",
    },
    Case {
        pack: "property-sales",
        period: "2026-11",
        cadence: "platinum-contact",
        files: &[
            ("客户信息", "客户编号,客户姓名,接待销售人员,来电来访日期,累计购买金额(万元)\nK1,甲,王,2026-01-05,800.00"),
            ("客户回访记录", "回访编号,客户编号,回访人,回访人岗位,回访日期\n1,K1,张,销售经理,2026-08-30"),
        ],
        due: "2026-11-30",
        late: "2026-12-01",
    },
    Case {
        pack: "trade-credit",
        period: "2024Q1",
        cadence: "file-verification",
        files: &[(
            "客户一览表",
            "客户编号,客户名称,客户界定,业务员工号,登记日期,最近核实日期\nK1,甲公司,已采购,Y1,2023-01-05,2023-11-30",
        )],
        due: "2024-02-29",
        late: "2024-03-01",
    },
    // Visited on the last day of the second quarter; a telephone call is no visit.
    Case {
        pack: "trade-credit",
        period: "2026Q3",
        cadence: "quarterly-visit",
        files: &[
            (
                "客户一览表",
                "客户编号,客户名称,客户界定,业务员工号,登记日期,最近核实日期\nK1,甲公司,已采购,Y1,2026-01-05,2026-09-01",
            ),
            (
                "客户联系与拜访记录",
                "记录编号,客户编号,业务员工号,联系方式,日期\n1,K1,Y1,拜访,2026-06-30\n2,K1,Y1,公司手机,2026-09-01",
            ),
        ],
        due: "2026-09-30",
        late: "2026-10-01",
    },
    Case {
        pack: "retail-dictionary",
        period: "2024Q1",
        cadence: "static-review",
        files: &[(
            "零售客户基础信息",
            "客户代码,店铺名称,客户经理,客户状态,静态信息核查日期\nR1,店一,石,正常,2023-08-31",
        )],
        due: "2024-02-29",
        late: "2024-03-01",
    },
    // Adjusted on the first day of the second quarter: the third is open until its last.
    Case {
        pack: "retail-dictionary",
        period: "2026Q3",
        cadence: "quarterly-adjustment",
        files: &[("零售客户基础信息", "客户代码,店铺名称,客户经理,客户状态,季度调整日期\nR1,店一,石,正常,2026-04-01")],
        due: "2026-09-30",
        late: "2026-10-01",
    },
    Case {
        pack: "retail-dictionary",
        period: "2026Q3",
        cadence: "class-review",
        files: &[("零售客户基础信息", "客户代码,店铺名称,客户经理,客户状态,等级调整日期\nR1,店一,石,正常,2026-06-30")],
        due: "2026-09-30",
        late: "2026-10-01",
    },
    Case {
        pack: "retail-dictionary",
        period: "2025Q1",
        cadence: "licence-review",
        files: &[("零售客户基础信息", "客户代码,店铺名称,专管员,客户状态,年审日期\nR1,店一,石,正常,2024-02-29")],
        due: "2025-02-28",
        late: "2025-03-01",
    },
    // Thursday 30 April; 1 to 5 May are off.
    Case {
        pack: "customer-regulation",
        period: "2026-05",
        cadence: "card-after-contract",
        files: &[("客户档案", "客户编号,客户名称,客户分类,负责人工号,签订合同日期\nK1,甲公司,重点客户,Z1,2026-04-30")],
        due: "2026-05-07",
        late: "2026-05-08",
    },
    Case {
        pack: "customer-regulation",
        period: "2024-02",
        cadence: "first-revisit",
        files: &[("温馨卡", "温馨卡编号,客户姓名,接待人,首次到访日期,首次跟踪回访日期\n1,甲,王,2024-02-26,2024-02-28")],
        due: "2024-03-02",
        late: "2024-03-03",
    },
    Case {
        pack: "customer-regulation",
        period: "2026-12",
        cadence: "yearly-survey",
        files: &[
            ("客户档案", "客户编号,客户名称,客户分类,负责人工号,建档日期\nK1,甲公司,一般客户,Z1,2025-01-05"),
            ("满意度调查", "调查编号,客户编号,调查日期\n1,K1,2025-12-31"),
        ],
        due: "2026-12-31",
        late: "2027-01-01",
    },
    Case {
        pack: "customer-regulation",
        period: "2026-10",
        cadence: "file-revision",
        files: &[(
            "客户档案",
            "客户编号,客户名称,客户分类,负责人工号,最近修订核查日期\nK1,甲公司,潜在客户,Z1,2026-08-31",
        )],
        due: "2026-10-31",
        late: "2026-11-01",
    },
];

/// Overdue and due soon, by the cadence's counts, on a day.
fn counts(job: &Path, cadence: &str, as_of: &str) -> (u64, u64) {
    let mut command = program(&["cadence", "--as-of", as_of, "--json", "--out"]);
    let output = command.arg(job.join("out")).arg(job).output().expect("started");
    let said = String::from_utf8_lossy(&output.stderr);
    let json: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{cadence}: {said}"));
    let line = json["cadences"].as_array().expect("a list").iter().find(|line| line["cadence"] == cadence);
    let line = line.unwrap_or_else(|| panic!("no {cadence} in {json}"));
    let count = |key: &str| line[key].as_u64().expect("a count");
    (count("overdue"), count("due_soon"))
}

#[test]
fn every_cadence_is_overdue_on_the_day_after_it_was_due() {
    for case in CASES {
        let folder = tempfile::tempdir().expect("a folder");
        let job = job(folder.path(), case.pack, case.period, case.files, "");
        let name = format!("{} {}", case.pack, case.cadence);
        assert_eq!(counts(&job, case.cadence, case.due), (0, 1), "{name} on {}", case.due);
        assert_eq!(counts(&job, case.cadence, case.late), (1, 0), "{name} on {}", case.late);
        let list = sheet(&job.join("out").join(&case.late[..7]).join("cadence/联络提醒.xlsx"), "到期清单");
        let line = list.iter().find(|row| row[0] == "已逾期" && row[6] == case.due);
        let line = line.unwrap_or_else(|| panic!("{name}: nothing overdue since {} in {list:?}", case.due));
        assert_eq!(line[7], "1", "{name}: a day");
    }
}

#[test]
fn no_shipped_cadence_is_left_out() {
    let tried: BTreeSet<_> = CASES.iter().map(|case| format!("{} {}", case.pack, case.cadence)).collect();
    let mut shipped = BTreeSet::new();
    for entry in std::fs::read_dir(project("rules")).expect("the packs").flatten() {
        let Ok(text) = std::fs::read_to_string(entry.path().join("cadence.toml")) else { continue };
        let pack = entry.file_name().to_string_lossy().into_owned();
        let ids = text.lines().filter_map(|line| line.strip_prefix("id ")?.split('"').nth(1));
        shipped.extend(ids.map(|id| format!("{pack} {id}")));
    }
    assert_eq!(tried, shipped);
}
